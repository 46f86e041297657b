//! Semantic Versioning 2.0.0, read as loosely as OSV reads its SEMVER ranges.
//!
//! Odd about it is only the looseness: a leading `v` or `=` does not count, missing numbers are zero (`1` is
//! `1.0.0`), numbers have any length, a pre-release may follow without its hyphen (`1.0.0rc1`), and whatever
//! comes behind a third number is pre-release too, even if it is a fourth: `1.2.3.4` < `1.2.3`. That last is what
//! OSV's own matchers do, and a range is only as true as the reader its author had in mind.
//! Build metadata does not count (section 10).
//!
//! Key: three numbers; then either `RELEASE`, above everything, or the identifiers of the pre-release (section
//! 11.4), a number as it is, a word behind a marker that is above all numbers, and an end that is below both.
//! The readers here serve npm, Cargo, Go, Hex, Pub, NuGet and nginx as well.

use std::cmp::Ordering;

use crate::encode;

const END: u8 = 0x01;
const WORD: u8 = 0xE0;
const RELEASE: u8 = 0xFF;

/// How much a reader forgives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Numbers that count.
    pub numbers: usize,
    /// Whether further numbers are pre-release rather than an error.
    pub overflow: bool,
    /// Whether a pre-release may lack its hyphen and hold any visible character.
    pub unhyphenated: bool,
}

/// A version taken apart. Missing numbers are empty, which is zero.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts<'a> {
    pub numbers: [&'a [u8]; 4],
    /// Without its hyphen; `None` for a release.
    pub pre: Option<&'a [u8]>,
    /// Without its plus.
    pub build: &'a [u8],
}

const LOOSE: Reading = Reading {
    numbers: 3,
    overflow: true,
    unhyphenated: true,
};

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    read(version, LOOSE)?.write(3, false, out);
    Some(())
}

/// How `a` stands to `b`: section 11.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(read(a, LOOSE)?.precedence(&read(b, LOOSE)?))
}

/// Takes `version` apart, or `None` where it is none in this reading.
pub(crate) fn read(version: &str, reading: Reading) -> Option<Parts<'_>> {
    let version = version.strip_prefix(['v', 'V', '=']).unwrap_or(version);
    let mut rest = version.as_bytes();
    let mut parts = Parts::default();
    for (at, number) in parts.numbers.iter_mut().enumerate().take(reading.numbers) {
        let mut tail = rest;
        if at > 0 {
            match rest.strip_prefix(b".") {
                Some(after) => tail = after,
                None => break,
            }
        }
        let digits = encode::take_digits(&mut tail);
        if digits.is_empty() {
            return None;
        }
        *number = digits;
        rest = tail;
    }
    let (pre, build) = match rest.iter().position(|byte| *byte == b'+') {
        Some(plus) => rest.split_at(plus),
        None => (rest, &b""[..]),
    };
    parts.build = build.strip_prefix(b"+").unwrap_or(build);
    parts.pre = pre_release(pre, reading)?;
    Some(parts)
}

/// What stands between the numbers and the build; `None` within where nothing does, without where it may not.
fn pre_release(pre: &[u8], reading: Reading) -> Option<Option<&[u8]>> {
    let visible = pre.iter().all(u8::is_ascii_graphic);
    match pre.split_first() {
        _ if !visible => None,
        None => Some(None),
        // A hyphen with nothing behind it: the loose readers take it for none, the strict ones refuse.
        Some((b'-', [])) => reading.unhyphenated.then_some(None),
        Some((b'-', identifiers)) => {
            (reading.unhyphenated || is_strict(identifiers)).then_some(Some(identifiers))
        }
        Some((b'.', [digit, ..])) if digit.is_ascii_digit() => {
            reading.overflow.then_some(Some(pre))
        }
        Some((b'.', _)) => None,
        Some(_) => reading.unhyphenated.then_some(Some(pre)),
    }
}

/// Section 9: dot-separated, not empty, alphanumeric or hyphen.
fn is_strict(identifiers: &[u8]) -> bool {
    identifiers.split(|byte| *byte == b'.').all(|identifier| {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        !identifier.is_empty() && identifier.iter().all(allowed)
    })
}

impl Parts<'_> {
    /// Writes the first `numbers` numbers and the pre-release, folded to lower case on request.
    pub(crate) fn write(&self, numbers: usize, lower: bool, out: &mut Vec<u8>) {
        for digits in self.numbers.iter().take(numbers) {
            encode::number(digits, out);
        }
        match self.pre {
            None => out.push(RELEASE),
            Some(identifiers) => write_identifiers(identifiers, lower, out),
        }
    }

    /// Sections 11.2 to 11.4.
    pub(crate) fn precedence(&self, other: &Parts<'_>) -> Ordering {
        let numbers = self.numbers.iter().zip(other.numbers.iter());
        numbers
            .map(|(a, b)| encode::compare_numbers(a, b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| match (self.pre, other.pre) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) => compare_identifiers(a, b),
            })
    }
}

/// Writes dot-separated identifiers and their end.
pub(crate) fn write_identifiers(identifiers: &[u8], lower: bool, out: &mut Vec<u8>) {
    for identifier in identifiers.split(|byte| *byte == b'.') {
        if encode::is_number(identifier) {
            encode::number(identifier, out);
            continue;
        }
        out.push(WORD);
        match lower {
            true => encode::text_lower(identifier, out),
            false => encode::text(identifier, out),
        }
    }
    out.push(END);
}

/// Section 11.4: numbers by value and before words, words by their bytes, fewer before more.
pub(crate) fn compare_identifiers(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a.split(|byte| *byte == b'.'), b.split(|byte| *byte == b'.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (encode::is_number(a), encode::is_number(b)) {
                (true, true) => encode::compare_numbers(a, b),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn the_example_of_section_11_ascends() {
        let versions = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.1",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::SemVer, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_v_missing_numbers_and_build_metadata_do_not_count() {
        for (a, b) in [
            ("v1", "1.0.0"),
            ("1.0+x", "1.0.0+y"),
            ("1.0.0rc1", "1.0.0-rc1"),
            ("1.0.0-", "1"),
        ] {
            assert_eq!(key(Scheme::SemVer, a), key(Scheme::SemVer, b), "{a} {b}");
        }
    }

    #[test]
    fn a_fourth_number_is_a_pre_release_to_osv() {
        assert!(key(Scheme::SemVer, "1.2.3.4") < key(Scheme::SemVer, "1.2.3"));
        assert!(key(Scheme::SemVer, "1.2.3.4") < key(Scheme::SemVer, "1.2.3.5"));
        assert_eq!(key(Scheme::Npm, "1.2.3.4"), None);
    }

    #[test]
    fn a_word_is_no_version() {
        for word in ["", "latest", "v", "1..2", "1.x", "1.0.0 beta", "."] {
            assert_eq!(key(Scheme::SemVer, word), None, "{word}");
        }
    }
}
