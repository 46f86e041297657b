//! opam: dpkg's order over the whole string, with neither epoch nor revision.
//!
//! Source: the opam manual, section "Version ordering". Odd about it: a colon and a hyphen are characters like
//! any other, so `1:0` is no epoch, and `1.0-1` is `1.0` with more behind it.
//! The key is one part of a [`deb`](crate::deb) key.

use std::cmp::Ordering;

use crate::deb;

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    deb::is_visible(version.as_bytes()).then(|| deb::part_into(version.as_bytes(), out))
}

/// How `a` stands to `b`.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let visible = deb::is_visible(a.as_bytes()) && deb::is_visible(b.as_bytes());
    visible.then(|| deb::compare_parts(a.as_bytes(), b.as_bytes()))
}
