//! Hex: Elixir's `Version`, which is SemVer 2.0.0.
//!
//! Odd about it: nothing. Build metadata does not count; missing numbers, which only range boundaries lack, are
//! zero. The key is that of [`semver`](crate::semver).

use std::cmp::Ordering;

use crate::semver::{self, Reading};

const READING: Reading = Reading {
    numbers: 3,
    overflow: false,
    unhyphenated: false,
};

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    semver::read(version, READING)?.write(3, false, out);
    Some(())
}

/// How `a` stands to `b`: section 11 of SemVer.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(semver::read(a, READING)?.precedence(&semver::read(b, READING)?))
}
