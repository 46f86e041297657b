//! npm: node-semver 7, its loose reading.
//!
//! Odd about it: `v1.2.3` and `=1.2.3` are versions, and a pre-release needs no hyphen. node-semver refuses
//! numbers above 2^53 - 1 and wants all three; a registry's range boundary is often `2` or `2.0`, so missing
//! numbers are zero here, and numbers have any length. A fourth number makes no version.
//! The key is that of [`semver`](crate::semver).

use std::cmp::Ordering;

use crate::semver::{self, Reading};

const READING: Reading = Reading {
    numbers: 3,
    overflow: false,
    unhyphenated: true,
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
