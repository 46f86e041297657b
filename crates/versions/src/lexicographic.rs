//! `vers:lexicographic`: plain byte order of UTF-8.
//!
//! Odd about it: it is code point order, so `é` in one code point and in two are two versions, and `z` < `😀`.
//! Nothing is trimmed or folded. The key is the version.

use std::cmp::Ordering;

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(version.as_bytes());
    Some(())
}

/// How `a` stands to `b`, code point by code point.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(a.chars().cmp(b.chars()))
}
