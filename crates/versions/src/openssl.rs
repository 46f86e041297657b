//! OpenSSL: `1.0.2zh` up to 1.1.1, SemVer from 3.0.0 on.
//!
//! Odd about it: until 1.1.1 a patch release was a letter behind three numbers, and after `z` came `za`; with no
//! letter comes first. What precedes a release was `-beta3`, `-pre9` or `-alpha17` in both worlds, counted by
//! number (`alpha2` < `alpha17`, which SemVer would turn round).
//!
//! Key: three numbers, the letters, then `RELEASE` or word and number of what precedes it.

use std::cmp::Ordering;

use crate::encode;

const RELEASE: u8 = 0xFF;

struct Parts<'a> {
    numbers: [&'a [u8]; 3],
    letters: &'a [u8],
    /// Word and number: `beta`, `3`.
    pre: Option<(&'a [u8], &'a [u8])>,
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let parts = split(version)?;
    for digits in parts.numbers {
        encode::number(digits, out);
    }
    encode::text(parts.letters, out);
    match parts.pre {
        None => out.push(RELEASE),
        Some((word, digits)) => {
            encode::text(word, out);
            encode::number(digits, out);
        }
    }
    Some(())
}

/// How `a` stands to `b`.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (split(a)?, split(b)?);
    let numbers = a.numbers.iter().zip(b.numbers.iter());
    let numbers = numbers.map(|(a, b)| encode::compare_numbers(a, b));
    let order = numbers.fold(Ordering::Equal, Ordering::then);
    Some(
        order
            .then_with(|| a.letters.cmp(b.letters))
            .then_with(|| match (a.pre, b.pre) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some((a, m)), Some((b, n))) => {
                    a.cmp(b).then_with(|| encode::compare_numbers(m, n))
                }
            }),
    )
}

fn split(version: &str) -> Option<Parts<'_>> {
    let mut rest = version.as_bytes();
    let mut numbers: [&[u8]; 3] = [b"", b"", b""];
    for (at, number) in numbers.iter_mut().enumerate() {
        if at > 0 {
            match rest.strip_prefix(b".") {
                Some(tail) => rest = tail,
                None => break,
            }
        }
        *number = encode::take_digits(&mut rest);
        if number.is_empty() {
            return None;
        }
    }
    let letters = encode::take(&mut rest, |byte| byte.is_ascii_lowercase());
    // Builds say nothing of the order.
    let (rest, _) = rest.split_at(rest.iter().position(|b| *b == b'+').unwrap_or(rest.len()));
    let pre = match rest.strip_prefix(b"-") {
        None if rest.is_empty() => None,
        None => return None,
        Some(mut tail) => {
            let word = encode::take(&mut tail, |byte| byte.is_ascii_lowercase());
            let tail = tail.strip_prefix(b".").unwrap_or(tail);
            let good = !word.is_empty() && tail.iter().all(u8::is_ascii_digit);
            Some(good.then_some((word, tail))?)
        }
    };
    Some(Parts {
        numbers,
        letters,
        pre,
    })
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn letters_come_after_the_release_and_double_after_z() {
        let versions = [
            "0.9.8",
            "1.0.2-beta1",
            "1.0.2",
            "1.0.2a",
            "1.0.2u",
            "1.0.2z",
            "1.0.2za",
            "1.0.2zh",
            "1.1.1-pre9",
            "1.1.1",
            "3.0.0-alpha2",
            "3.0.0-alpha17",
            "3.0.0-beta1",
            "3.0.0",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::OpenSsl, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert_eq!(key(Scheme::OpenSsl, "1.0.2-fips-1"), None);
    }
}
