//! Cargo: SemVer 2.0.0 as the registry enforces it.
//!
//! Odd about it: the `semver` crate's `Ord` counts build metadata, Cargo's requirements do not; an advisory's
//! range is a requirement, so it does not count here. The registry holds full triples only; a range boundary may
//! lack numbers, which are zero then.
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
