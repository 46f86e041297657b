//! What a fuzzer hands to each parser here: whatever the bytes, nothing panics.

use crate::{clock, cvss};

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[("cvss", cvss::fuzz), ("history", clock::fuzz)];
