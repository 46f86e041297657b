//! `vers:intdot`: dotted numbers of any length.
//!
//! Odd about it: VERS leaves open whether `1.0` is `1.0.0`. As everywhere else where versions are lists, it is
//! less.

use std::cmp::Ordering;

use crate::dotted;

const SEPARATORS: &[u8] = b".";

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    dotted::key_into(version, SEPARATORS, out)
}

/// How `a` stands to `b`.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    dotted::compare(a, b, SEPARATORS)
}
