//! RubyGems: `Gem::Version`.
//!
//! Odd about it: a version is cut wherever digits meet letters, so `1.0.a10` is `1.0.a.10`; a hyphen means
//! `.pre.`. A word sorts before any number and so before the end, which counts as zeros for ever: `1.a` < `1`, and
//! `1.0` equals `1`. Trailing zeros fall away twice, before the first word and at the end. Words keep their case.
//! `Gem::Version` refuses `1beta`, which old indexes hold; it is read here as it was then.
//!
//! Key: segments. Zeros in a row are counted rather than written, for the end stands for as many as it takes: a run
//! before a word lies below the end and the longer the higher, a run before a number lies above the end and
//! the longer the lower.

use std::cmp::Ordering;

use crate::encode;

const WORD: u8 = 0x02;
const ZEROS_THEN_WORD: u8 = 0x03;
const END: u8 = 0x04;
const ZEROS_THEN_NUMBER: u8 = 0x05;

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    admit(version)?;
    let mut zeros: u16 = 0;
    let mut word_seen = false;
    for segment in segments(version) {
        let number = encode::is_number(segment);
        if number && encode::is_zero(segment) {
            zeros = zeros.saturating_add(1);
            continue;
        }
        if !number && !word_seen {
            // Zeros before the first word fall away.
            zeros = 0;
            word_seen = true;
        }
        if zeros > 0 {
            let (marker, count) = match number {
                true => (ZEROS_THEN_NUMBER, u16::MAX - zeros),
                false => (ZEROS_THEN_WORD, zeros),
            };
            out.push(marker);
            out.extend_from_slice(&count.to_be_bytes());
            zeros = 0;
        }
        if number {
            encode::number(segment, out);
        } else {
            out.push(WORD);
            encode::text(segment, out);
        }
    }
    out.push(END);
    Some(())
}

/// How `a` stands to `b`, segment by segment, the shorter padded with zeros.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (canonical(a)?, canonical(b)?);
    let segment = |list: &[Vec<u8>], at: usize| list.get(at).cloned().unwrap_or(b"0".to_vec());
    for at in 0..a.len().max(b.len()) {
        let (a, b) = (segment(&a, at), segment(&b, at));
        let order = match (encode::is_number(&a), encode::is_number(&b)) {
            (true, true) => encode::compare_numbers(&a, &b),
            (false, false) => a.cmp(&b),
            (a, b) => a.cmp(&b),
        };
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

fn canonical(version: &str) -> Option<Vec<Vec<u8>>> {
    admit(version)?;
    let all: Vec<Vec<u8>> = segments(version).map(<[u8]>::to_vec).collect();
    let first_word = all.iter().position(|segment| !encode::is_number(segment));
    let (numbers, rest) = all.split_at(first_word.unwrap_or(all.len()));
    let trim = |list: &[Vec<u8>]| {
        let is_zero = |segment: &Vec<u8>| encode::is_number(segment) && encode::is_zero(segment);
        let end = list.iter().rposition(|segment| !is_zero(segment));
        list.iter()
            .take(end.map_or(0, |last| last + 1))
            .cloned()
            .collect::<Vec<_>>()
    };
    Some([trim(numbers), trim(rest)].concat())
}

fn admit(version: &str) -> Option<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    let good = version.starts_with(|first: char| first.is_ascii_digit());
    (good && version.bytes().all(allowed)).then_some(())
}

/// Runs of digits and of letters; `pre` for each hyphen.
fn segments(version: &str) -> impl Iterator<Item = &[u8]> {
    let mut rest = version.as_bytes();
    std::iter::from_fn(move || {
        encode::take(&mut rest, |byte| byte == b'.');
        match rest.split_first()? {
            (b'-', tail) => {
                rest = tail;
                Some(&b"pre"[..])
            }
            (first, _) if first.is_ascii_digit() => Some(encode::take_digits(&mut rest)),
            _ => Some(encode::take(&mut rest, |byte| byte.is_ascii_alphabetic())),
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn the_end_counts_as_zeros() {
        let versions = [
            "1.a",
            "1.a.0.b",
            "1.a.0.0.b",
            "1.a.1",
            "1.b1",
            "1",
            "1.0.0.1",
            "1.0.1",
            "1.1.a",
            "1.1",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::RubyGems, v)).collect();
        assert!(keys[1..].is_sorted_by(|a, b| a < b), "{keys:?}");
        for (a, b) in [
            ("1", "1.0.0"),
            ("1.0.a", "1.a"),
            ("1.a10", "1.a.10"),
            ("1.0-rc1", "1.pre.rc.1"),
        ] {
            assert_eq!(
                key(Scheme::RubyGems, a),
                key(Scheme::RubyGems, b),
                "{a} {b}"
            );
        }
    }

    #[test]
    fn zeros_between_words_count_towards_the_end() {
        let mut versions = [
            "1.a",
            "1.a.0.b",
            "1.a.0.0.b",
            "1.a.0.0.1",
            "1.a.0.1",
            "1.a.b",
        ];
        versions.sort_by_key(|version| key(Scheme::RubyGems, version));
        assert_eq!(
            versions,
            [
                "1.a.b",
                "1.a.0.b",
                "1.a.0.0.b",
                "1.a",
                "1.a.0.0.1",
                "1.a.0.1"
            ]
        );
    }
}
