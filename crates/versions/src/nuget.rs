//! NuGet: SemVer with a fourth number and without regard to case.
//!
//! Source: NuGet's documentation, "Package versioning", and `NuGetVersion`'s default comparison. Odd about it:
//! `1.0` is `1.0.0.0`, leading zeros do not count, labels of a pre-release are compared in lower case. Build
//! metadata does not count.
//!
//! Key: as [`semver`](crate::semver), with four numbers and labels in lower case.

use std::cmp::Ordering;

use crate::semver::{self, Reading};

const READING: Reading = Reading {
    numbers: 4,
    overflow: false,
    unhyphenated: true,
};

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    semver::read(version, READING)?.write(4, true, out);
    Some(())
}

/// How `a` stands to `b`: four numbers, then the labels in lower case.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    Some(semver::read(&a, READING)?.precedence(&semver::read(&b, READING)?))
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn case_and_trailing_zeros_do_not_count() {
        for (a, b) in [
            ("1.0", "1.0.0.0"),
            ("1.0.0-BETA", "1.0.0-beta"),
            ("1.0.01+X", "1.0.1"),
        ] {
            assert_eq!(key(Scheme::NuGet, a), key(Scheme::NuGet, b), "{a} {b}");
        }
        assert!(key(Scheme::NuGet, "1.0.0.1-alpha") > key(Scheme::NuGet, "1.0.0"));
    }
}
