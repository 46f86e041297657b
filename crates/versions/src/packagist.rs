//! Packagist: PHP's `version_compare`, on what Composer passes to it.
//!
//! Odd about it: `-`, `_` and `+` separate as dots do, and so does every place where digits meet anything else.
//! Words are known by their first letters: any other word, then `dev`, `a…`, `b…`, `rc…`, the end, a number,
//! `p…`. Two words of one kind are equal whatever else they say (`1.0-foo` equals `1.0-qux`), and so are all branches
//! (`dev-master` equals `dev-main`; both precede every number). More numbers are more: `1.0` < `1.0.0`. A
//! leading `v` is dropped, as Composer does. Case counts: `RC` and `rc` are known, `BETA` is any other word, though
//! Composer itself would fold it; OSV's ranges are read with `version_compare`.
//!
//! Not a total order: PHP's placeholder `#`, written out, equals every number (`1.2.3.#` equals both `1.2.3` and
//! `1.2.3.1`). Decided: it is the placeholder for the end.
//!
//! Key: a marker for each word, numbers as they are, their first byte between `END` and `PATCH`.

use std::cmp::Ordering;

use crate::encode;

/// Placeholders, then a word that precedes the end: their count follows, the more the nearer to the end.
const PLACEHOLDERS_THEN_EARLY: u8 = 0x06;
const END: u8 = 0x07;
/// Placeholders, then what follows the end: their count follows, inverted.
const PLACEHOLDERS_THEN_LATE: u8 = 0x08;
const PATCH: u8 = 0xE0;

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    admit(version)?;
    // However many placeholders stand at the end, they are the end: written only if something follows.
    let mut placeholders = 0_u16;
    for part in parts(version) {
        let place = place(Some(part));
        if place == END {
            placeholders = placeholders.saturating_add(1);
            continue;
        }
        if placeholders > 0 {
            let (marker, count) = match place < END {
                true => (PLACEHOLDERS_THEN_EARLY, placeholders),
                false => (PLACEHOLDERS_THEN_LATE, u16::MAX - placeholders),
            };
            out.push(marker);
            out.extend_from_slice(&count.to_be_bytes());
            placeholders = 0;
        }
        match encode::is_number(part) {
            true => encode::number(part, out),
            false => out.push(place),
        }
    }
    out.push(END);
    Some(())
}

/// How `a` stands to `b`, part by part.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    admit(a)?;
    admit(b)?;
    let (a, b): (Vec<_>, Vec<_>) = (parts(a).collect(), parts(b).collect());
    let (a, b) = (trim(&a), trim(&b));
    for at in 0..a.len().max(b.len()) {
        let order = match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) if encode::is_number(a) && encode::is_number(b) => {
                encode::compare_numbers(a, b)
            }
            (a, b) => place(a.copied()).cmp(&place(b.copied())),
        };
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(a.len().cmp(&b.len()))
}

fn trim<'a, 'b>(parts: &'b [&'a [u8]]) -> &'b [&'a [u8]] {
    let end = parts.iter().rposition(|part| !part.starts_with(b"#"));
    parts.split_at(end.map_or(0, |last| last + 1)).0
}

/// Where a part stands among parts and the end.
fn place(part: Option<&[u8]>) -> u8 {
    match part {
        None => END,
        Some(part) if encode::is_number(part) => END + 1,
        Some(part) => rank(part),
    }
}

/// A word's kind: PHP looks at its first letters only.
fn rank(word: &[u8]) -> u8 {
    match word {
        [b'd', b'e', b'v', ..] => 2,
        [b'a', ..] => 3,
        [b'b', ..] => 4,
        [b'R', b'C', ..] | [b'r', b'c', ..] => 5,
        [b'#', ..] => END,
        [b'p', ..] => PATCH,
        _ => 1,
    }
}

fn admit(version: &str) -> Option<()> {
    let counts = |byte: u8| byte.is_ascii_alphanumeric();
    let good = version.bytes().all(|byte| byte.is_ascii_graphic()) && version.bytes().any(counts);
    good.then_some(())
}

/// Runs of digits and of anything else, between separators.
fn parts(version: &str) -> impl Iterator<Item = &[u8]> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let mut rest = version.as_bytes();
    std::iter::from_fn(move || {
        encode::take(&mut rest, is_separator);
        let digits = rest.first()?.is_ascii_digit();
        Some(encode::take(&mut rest, |byte| {
            !is_separator(byte) && byte.is_ascii_digit() == digits
        }))
    })
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_' | b'+')
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn words_stand_around_the_end_by_their_first_letters() {
        let versions = [
            "dev-master",
            "1.0-foo",
            "1.0-dev",
            "1.0a1",
            "1.0-beta",
            "1.0-beta.2",
            "1.0RC1",
            "1.0",
            "1.0.0",
            "1.0.1",
            "v1.0pl1",
            "1.1",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Packagist, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }

    #[test]
    fn words_of_one_kind_are_equal() {
        for (a, b) in [
            ("1.0-foo", "1.0+qux"),
            ("1.0pl1", "1.0-patch1"),
            ("V1", "1"),
            ("1.0rc1", "1.0.RC.1"),
        ] {
            assert_eq!(
                key(Scheme::Packagist, a),
                key(Scheme::Packagist, b),
                "{a} {b}"
            );
        }
    }
}
