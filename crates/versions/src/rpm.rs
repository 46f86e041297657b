//! rpm: `[epoch:]version[-release]`, as rpm-version(7) of rpm 4.18 and later orders it.
//!
//! Odd about it: everything that is no ASCII letter, digit, tilde or caret only separates, whatever it is and
//! however much of it, so `1.0`, `1_0` and `1..0` are one version, and so are `1.1.α` and `1.1.β`. A tilde sorts
//! before the end, a caret right after it but before anything else. Letters precede numbers. A missing epoch
//! is 0; a missing release precedes every release, the empty one of `1-` too (rpm itself leaves it out of the
//! comparison, which is no order: `1` would equal both `1-1` and `1-2`). The release begins after the *last* hyphen. Before a colon
//! that follows no digits there is no epoch; the colon only separates.
//!
//! Key: the epoch; then for version and release their segments, each a marker (`~`, `END`, `^`, word) or a
//! number, whose first byte lies above all the markers.

use std::cmp::Ordering;

use crate::encode;

const TILDE: u8 = 1;
const END: u8 = 2;
const CARET: u8 = 3;
const WORD: u8 = 4;

struct Parts<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: Option<&'a [u8]>,
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let parts = split(version);
    encode::number(parts.epoch, out);
    part_into(parts.version, out);
    match parts.release {
        None => out.push(0),
        Some(release) => part_into(release, out),
    }
    Some(())
}

/// How `a` stands to `b`, by rpm's own walk along both strings.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (split(a), split(b));
    let releases = match (a.release, b.release) {
        (Some(a), Some(b)) => compare_parts(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    let order = encode::compare_numbers(a.epoch, b.epoch)
        .then_with(|| compare_parts(a.version, b.version))
        .then(releases);
    Some(order)
}

fn part_into(part: &[u8], out: &mut Vec<u8>) {
    let mut rest = part;
    loop {
        encode::take(&mut rest, is_separator);
        match rest.split_first() {
            None => break out.push(END),
            Some((b'~', tail)) => {
                out.push(TILDE);
                rest = tail;
            }
            Some((b'^', tail)) => {
                out.push(CARET);
                rest = tail;
            }
            Some((first, _)) if first.is_ascii_digit() => {
                encode::number(encode::take_digits(&mut rest), out);
            }
            Some(_) => {
                out.push(WORD);
                encode::text(encode::take(&mut rest, |b| b.is_ascii_alphabetic()), out);
            }
        }
    }
}

fn compare_parts(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        encode::take(&mut a, is_separator);
        encode::take(&mut b, is_separator);
        let (left, right) = (a.first().copied(), b.first().copied());
        if left == Some(b'~') || right == Some(b'~') {
            match (left, right) {
                (Some(b'~'), Some(b'~')) => {}
                (Some(b'~'), _) => return Ordering::Less,
                _ => return Ordering::Greater,
            }
            (a, b) = (a.split_at(1).1, b.split_at(1).1);
            continue;
        }
        if left == Some(b'^') || right == Some(b'^') {
            match (left, right) {
                (Some(b'^'), Some(b'^')) => {}
                (Some(b'^'), None) => return Ordering::Greater,
                (None, _) => return Ordering::Less,
                (Some(b'^'), _) => return Ordering::Less,
                _ => return Ordering::Greater,
            }
            (a, b) = (a.split_at(1).1, b.split_at(1).1);
            continue;
        }
        let (Some(left), Some(right)) = (left, right) else {
            return left.cmp(&right);
        };
        let order = match (left.is_ascii_digit(), right.is_ascii_digit()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (true, true) => {
                encode::compare_numbers(encode::take_digits(&mut a), encode::take_digits(&mut b))
            }
            (false, false) => {
                let left = encode::take(&mut a, |byte| byte.is_ascii_alphabetic());
                left.cmp(encode::take(&mut b, |byte| byte.is_ascii_alphabetic()))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn split(text: &str) -> Parts<'_> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
        _ => ("0", text),
    };
    let (version, release) = match rest.rsplit_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    Parts {
        epoch: epoch.as_bytes(),
        version: version.as_bytes(),
        release: release.map(str::as_bytes),
    }
}

fn is_separator(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^'
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn a_caret_sorts_after_the_end_and_before_the_rest() {
        let versions = [
            "1.0~rc1",
            "1.0~rc1^git1",
            "1.0",
            "1.0^",
            "1.0^git1",
            "1.0.a",
            "1.0.1",
            "1:0",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Rpm, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn whatever_only_separates_does_not_count() {
        for (a, b) in [
            ("1.0", "1_0"),
            ("1.", "1"),
            ("1.1.α", "1.1.β"),
            ("0:1-1", "1-01"),
        ] {
            assert_eq!(key(Scheme::Rpm, a), key(Scheme::Rpm, b), "{a} {b}");
        }
    }

    #[test]
    fn a_missing_release_precedes_every_release() {
        assert!(key(Scheme::Rpm, "1") < key(Scheme::Rpm, "1-~1"));
    }
}
