//! Dart pub: SemVer 2.0.0-rc.1, where build metadata counts.
//!
//! Source: `pub_semver`'s `Version.compareTo`. Odd about it: after the pre-release, builds are compared by the
//! same rules, and a version without a build precedes the same version with one (`1.0.0` < `1.0.0+1`).
//! Read as loosely as [`semver`](crate::semver) is, for OSV's sake.
//!
//! Key: that of `semver`, then `END` for no build or the build's identifiers.

use std::cmp::Ordering;

use crate::semver::{self, Reading};

const READING: Reading = Reading {
    numbers: 3,
    overflow: true,
    unhyphenated: true,
};

/// No build: below every identifier.
const NO_BUILD: u8 = 0x00;

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let parts = semver::read(version, READING)?;
    parts.write(3, false, out);
    match parts.build {
        b"" => out.push(NO_BUILD),
        build => semver::write_identifiers(build, false, out),
    }
    Some(())
}

/// How `a` stands to `b`: precedence, then builds.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (semver::read(a, READING)?, semver::read(b, READING)?);
    let builds = || match (a.build, b.build) {
        (b"", b"") => Ordering::Equal,
        (b"", _) => Ordering::Less,
        (_, b"") => Ordering::Greater,
        (a, b) => semver::compare_identifiers(a, b),
    };
    Some(a.precedence(&b).then_with(builds))
}
