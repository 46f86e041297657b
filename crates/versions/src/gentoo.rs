//! Gentoo: `number{.number}[letter]{_suffix[number]}[-rN]`, as the Package Manager Specification (EAPI 8),
//! sections 3.2 and 3.3, has it.
//!
//! Odd about it: of two numbers after the first, if either begins with a zero both are compared as text without
//! their trailing zeros (algorithm 3.3), so `1.01` < `1.1` and `1.0` equals `1.00`, but more numbers are more
//! (`1.0` < `1.0.0`). A suffix without a number has number 0, a missing revision is `r0`. `_p` sorts after the end,
//! the other suffixes before it.
//!
//! Key: numbers, `END`, letter, suffixes, `END`, revision. A number with a leading zero is a marker and its
//! text, below every other number, for its text begins with `0` and theirs does not.

use std::cmp::Ordering;

use crate::encode;

const END: u8 = 0x01;
const FRACTION: u8 = 0x05;
const NO_LETTER: u8 = 0x01;
/// Suffixes in their order; the end lies between the fourth and the last.
const SUFFIXES: [&[u8]; 5] = [b"alpha", b"beta", b"pre", b"rc", b"p"];
const NO_SUFFIX: u8 = 0x05;

struct Parts<'a> {
    numbers: &'a [u8],
    letter: Option<u8>,
    suffixes: &'a [u8],
    revision: &'a [u8],
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let parts = split(version)?;
    for (at, digits) in parts.numbers.split(|byte| *byte == b'.').enumerate() {
        if at > 0 && digits.starts_with(b"0") {
            out.push(FRACTION);
            encode::text(trim_zeros(digits), out);
        } else {
            encode::number(digits, out);
        }
    }
    out.extend([END, parts.letter.unwrap_or(NO_LETTER)]);
    let mut rest = parts.suffixes;
    while let Some((rank, digits)) = suffix(&mut rest) {
        // `_p`, the fifth, makes room for the end.
        out.push(if rank == 4 { NO_SUFFIX + 1 } else { rank + 1 });
        encode::number(digits, out);
    }
    out.push(NO_SUFFIX);
    encode::number(parts.revision, out);
    Some(())
}

/// How `a` stands to `b`: algorithms 3.1 to 3.7 of the specification.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (split(a)?, split(b)?);
    let order = compare_all_numbers(a.numbers, b.numbers)
        .then_with(|| a.letter.cmp(&b.letter))
        .then_with(|| compare_suffixes(a.suffixes, b.suffixes))
        .then_with(|| encode::compare_numbers(a.revision, b.revision));
    Some(order)
}

fn compare_all_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let mut left = a.split(|byte| *byte == b'.');
    let mut right = b.split(|byte| *byte == b'.');
    let mut first = true;
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) if !first && (a.starts_with(b"0") || b.starts_with(b"0")) => {
                trim_zeros(a).cmp(trim_zeros(b))
            }
            (Some(a), Some(b)) => encode::compare_numbers(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
        first = false;
    }
}

fn compare_suffixes(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let order = match (suffix(&mut a), suffix(&mut b)) {
            (None, None) => return Ordering::Equal,
            (Some((a, m)), Some((b, n))) => a.cmp(&b).then_with(|| encode::compare_numbers(m, n)),
            (Some((4, _)), None) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (None, Some((4, _))) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Takes one `_suffix[number]` off `rest`: its rank and its digits.
fn suffix<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    *rest = rest.strip_prefix(b"_")?;
    let word = encode::take(rest, |byte| byte.is_ascii_lowercase());
    let rank = SUFFIXES.iter().position(|name| *name == word)?;
    Some((rank as u8, encode::take_digits(rest)))
}

fn split(version: &str) -> Option<Parts<'_>> {
    let mut rest = version.as_bytes();
    let numbers = encode::take(&mut rest, |byte| byte.is_ascii_digit() || byte == b'.');
    if numbers.split(|byte| *byte == b'.').any(<[u8]>::is_empty) {
        return None;
    }
    let letter = match rest.split_first() {
        Some((letter, tail)) if letter.is_ascii_lowercase() => {
            rest = tail;
            Some(*letter)
        }
        _ => None,
    };
    let start = rest;
    while rest.starts_with(b"_") {
        suffix(&mut rest)?;
    }
    let suffixes = start.split_at(start.len() - rest.len()).0;
    let revision = match rest.strip_prefix(b"-r") {
        Some(digits) if encode::is_number(digits) => digits,
        None if rest.is_empty() => rest,
        _ => return None,
    };
    Some(Parts {
        numbers,
        letter,
        suffixes,
        revision,
    })
}

fn trim_zeros(digits: &[u8]) -> &[u8] {
    let end = digits.iter().rposition(|byte| *byte != b'0');
    digits.split_at(end.map_or(0, |last| last + 1)).0
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn only_patch_levels_sort_after_the_end() {
        let versions = [
            "1.0_alpha",
            "1.0_alpha_p1",
            "1.0_alpha1",
            "1.0_beta",
            "1.0_pre",
            "1.0_rc",
            "1.0",
            "1.0-r1",
            "1.0_p",
            "1.0_p1",
            "1.0a",
            "1.0.0",
            "1.01",
            "1.1",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Gentoo, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn absent_numbers_are_zero() {
        for (a, b) in [
            ("1.0", "1.0-r0"),
            ("1_p", "1_p0"),
            ("1.0", "1.00"),
            ("01", "1"),
        ] {
            assert_eq!(key(Scheme::Gentoo, a), key(Scheme::Gentoo, b), "{a} {b}");
        }
    }
}
