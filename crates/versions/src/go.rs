//! Go modules and the Go toolchain.
//!
//! Module versions are SemVer 2.0.0 (`golang.org/x/mod/semver`): a leading `v`, missing numbers are zero, and
//! `+incompatible` is build metadata, so it does not count. A pseudo-version needs no rule of its own: it is a
//! pre-release of the next patch, and its timestamp sorts.
//!
//! Odd about it: the toolchain and the standard library. `go1.21rc2` is how the toolchain says what the
//! vulnerability database writes as `1.21.0-rc.2`; `go1.20` is `1.20.0`. A tag such as `go1.22.1 X:boringcrypto`
//! counts as `1.22.1`; `devel …` is no version. Toolchains before 1.21 had no `.0`, which makes no difference
//! where missing numbers are zero.
//!
//! The key is that of [`semver`](crate::semver).

use std::cmp::Ordering;

use crate::encode;
use crate::semver::{self, Parts, Reading};

const READING: Reading = Reading {
    numbers: 3,
    overflow: false,
    unhyphenated: false,
};

/// Stages a toolchain passes before its release, as the toolchain writes them.
const STAGES: [&[u8]; 3] = [b"alpha", b"beta", b"rc"];

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let (numbers, stage) = stage(version);
    let Some((word, number)) = stage else {
        semver::read(numbers, READING)?.write(3, false, out);
        return Some(());
    };
    let parts = semver::read(numbers, READING)?;
    let mut pre = Vec::with_capacity(word.len() + number.len() + 1);
    pre.extend_from_slice(word);
    pre.push(b'.');
    pre.extend_from_slice(number);
    Parts {
        pre: Some(&pre),
        ..parts
    }
    .write(3, false, out);
    Some(())
}

/// How `a` stands to `b`: SemVer's precedence of what the vulnerability database would write.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (database_form(a), database_form(b));
    Some(semver::read(&a, READING)?.precedence(&semver::read(&b, READING)?))
}

/// `go1.21rc2` as `1.21-rc.2`; what is no toolchain's as it is.
fn database_form(version: &str) -> String {
    match stage(version) {
        (numbers, None) => numbers.to_string(),
        (numbers, Some((word, number))) => {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            format!("{numbers}-{}.{}", text(word), text(number))
        }
    }
}

/// `rc` and `2` of `1.21rc2`.
type Stage<'a> = (&'a [u8], &'a [u8]);

/// Splits `1.21rc2` into its numbers and its stage.
fn stage(version: &str) -> (&str, Option<Stage<'_>>) {
    let version = match version.strip_prefix("go") {
        // What follows a blank or a hyphen in a toolchain's name says how it was built, not which it is.
        Some(toolchain) => toolchain.split([' ', '-']).next().unwrap_or(toolchain),
        None => version,
    };
    let mut rest = version.as_bytes();
    encode::take(&mut rest, |byte| byte.is_ascii_digit() || byte == b'.');
    let at = version.len() - rest.len();
    let word = encode::take(&mut rest, |byte| byte.is_ascii_lowercase());
    match version.split_at_checked(at) {
        Some((numbers, _)) if STAGES.contains(&word) && encode::is_number(rest) => {
            (numbers, Some((word, rest)))
        }
        _ => (version, None),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn a_toolchain_is_what_the_database_calls_it() {
        for (a, b) in [
            ("go1.21rc2", "1.21.0-rc.2"),
            ("1.9beta2", "v1.9.0-beta.2"),
            ("go1.20", "1.20.0"),
            ("go1.22.1 X:boringcrypto", "1.22.1"),
            ("v2.0.0+incompatible", "2.0.0"),
        ] {
            assert!(key(Scheme::Go, a).is_some(), "{a}");
            assert_eq!(key(Scheme::Go, a), key(Scheme::Go, b), "{a} {b}");
        }
    }

    #[test]
    fn pseudo_versions_sort_by_their_time() {
        let versions = [
            "v0.0.0-20190101000000-ffffffffffff",
            "v0.0.0-20200101000000-000000000000",
            "v0.0.0",
            "v1.2.4-0.20200101000000-000000000000",
            "v1.2.4",
            "1.21.0-0",
            "go1.21rc2",
            "go1.21rc10",
            "go1.21",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Go, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_development_build_is_no_version() {
        assert_eq!(key(Scheme::Go, "devel go1.22-abcdef"), None);
        assert_eq!(key(Scheme::Go, "(devel)"), None);
    }
}
