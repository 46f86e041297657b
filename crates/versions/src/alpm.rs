//! pacman: `[epoch:]version[-release]`, as vercmp(8) orders it.
//!
//! Odd about it: it descends from rpm's order but knows no tilde and no caret; instead letters glued to a number
//! sort *before* its end (`1.0rc1` < `1.0` < `1.0.a`), and a longer separator sorts after a shorter one
//! (`1.0` < `1..0`). Epoch 0 where there is none.
//!
//! Not a total order, twice. vercmp leaves the release out where either side has none, so `1.5` would equal
//! both `1.5-1` and `1.5-2`: decided here that a missing release is `1`, which is where Arch begins to count.
//! And separators at the very end make cycles (`1.1` < `1..a` < `1.` < `1.1`): decided that they do not count;
//! makepkg builds no such version.
//!
//! Key: the epoch; then version and release as segments. A segment begins with how it is joined: letters glued
//! to digits (1), the end (2), digits glued to letters (3), a separator and its length (4).

use std::cmp::Ordering;

use crate::encode;

const GLUED_WORD: u8 = 1;
const END: u8 = 2;
const GLUED_NUMBER: u8 = 3;
const SEPARATED: u8 = 4;
/// Within a segment after a separator: a word, below any number.
const WORD: u8 = 1;

struct Parts<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: &'a [u8],
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let parts = split(version)?;
    encode::number(parts.epoch, out);
    part_into(parts.version, out);
    part_into(parts.release, out);
    Some(())
}

/// How `a` stands to `b`, by vercmp's walk along both strings.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (split(a)?, split(b)?);
    let order = encode::compare_numbers(a.epoch, b.epoch)
        .then_with(|| compare_parts(a.version, b.version))
        .then_with(|| compare_parts(a.release, b.release));
    Some(order)
}

fn part_into(part: &[u8], out: &mut Vec<u8>) {
    let mut rest = part;
    while !rest.is_empty() {
        let gap = encode::take(&mut rest, is_separator).len();
        let digits = encode::take_digits(&mut rest);
        let is_number = !digits.is_empty();
        match (gap, is_number) {
            (0, true) => out.push(GLUED_NUMBER),
            (0, false) => out.push(GLUED_WORD),
            _ => {
                out.push(SEPARATED);
                encode::integer(gap as u64, out);
            }
        }
        if is_number {
            encode::number(digits, out);
        } else {
            out.push(WORD);
            encode::text(encode::take(&mut rest, |b| b.is_ascii_alphabetic()), out);
        }
    }
    out.push(END);
}

fn compare_parts(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a, b);
    while let (Some(_), Some(_)) = (a.first(), b.first()) {
        let left = encode::take(&mut a, is_separator).len();
        let right = encode::take(&mut b, is_separator).len();
        if left != right {
            return left.cmp(&right);
        }
        let (left, right) = (encode::take_digits(&mut a), encode::take_digits(&mut b));
        let order = match (left.is_empty(), right.is_empty()) {
            (false, false) => encode::compare_numbers(left, right),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (true, true) => {
                let left = encode::take(&mut a, |byte| byte.is_ascii_alphabetic());
                left.cmp(encode::take(&mut b, |byte| byte.is_ascii_alphabetic()))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    // What is left of one side wins, unless it is letters.
    match (a.first(), b.first()) {
        (None, None) => Ordering::Equal,
        (Some(first), _) if first.is_ascii_alphabetic() => Ordering::Less,
        (Some(_), _) => Ordering::Greater,
        (None, Some(first)) if first.is_ascii_alphabetic() => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
    }
}

fn split(text: &str) -> Option<Parts<'_>> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
        _ => ("0", text),
    };
    let (version, release) = rest.rsplit_once('-').unwrap_or((rest, "1"));
    let version = trim_end(version.as_bytes());
    (!version.is_empty()).then_some(Parts {
        epoch: epoch.as_bytes(),
        version,
        release: trim_end(release.as_bytes()),
    })
}

/// `part` without the separators at its end.
fn trim_end(part: &[u8]) -> &[u8] {
    let end = part.iter().rposition(|byte| !is_separator(*byte));
    part.split_at(end.map_or(0, |last| last + 1)).0
}

fn is_separator(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn letters_glued_to_a_number_sort_before_its_end() {
        let versions = [
            "1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1",
            "1.0..0", "1:0",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Alpm, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_missing_release_is_the_first() {
        assert_eq!(key(Scheme::Alpm, "1.5"), key(Scheme::Alpm, "0:1.5-1"));
        assert!(key(Scheme::Alpm, "1.5") < key(Scheme::Alpm, "1.5-2"));
    }
}
