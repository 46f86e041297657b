//! nginx: three numbers, as VERS (`vers:nginx`) orders them.
//!
//! Odd about it is not the order but the ranges of its advisories: an odd second number is the mainline, an even
//! one a stable branch, and `1.23.0+, 1.22.1+` means "fixed in both". Those are read where VERS ranges are.
//! The key is that of [`semver`](crate::semver).

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
