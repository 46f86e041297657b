//! What a fuzzer hands to each parser here: whatever the bytes, nothing panics.

use crate::{clock, cvss};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[("cvss", cvss::fuzz), ("history", clock::fuzz)];
