//! CRAN: R's `package_version`.
//!
//! Odd about it: a hyphen separates as a dot does (`0.1-4` is `0.1.4`), `0.01` equals `0.1`, and more numbers are
//! more: `0.1.0` < `0.1.0.0`. R wants two numbers at least; a range boundary may be one.

use std::cmp::Ordering;

use crate::dotted;

const SEPARATORS: &[u8] = b".-";

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    dotted::key_into(version, SEPARATORS, out)
}

/// How `a` stands to `b`.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    dotted::compare(a, b, SEPARATORS)
}
