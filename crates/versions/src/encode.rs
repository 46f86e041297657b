//! Numbers and texts as bytes that sort as they do.
//!
//! A number's first byte lies in `0x10..=0xD0`. Every order in this crate builds on that: a marker below `0x10`
//! sorts before any number and one from `0xE0` after all of them, so "nothing follows", "a word follows" and
//! "a number follows" need no byte of their own. Numbers have any length: versions made of dates, build times
//! and commit counts outgrow every machine integer.
//!
//! | value | bytes |
//! |---|---|
//! | 0 to 175 | `0x10 + value` |
//! | up to 19 digits | `0xC0 + n`, then the value in `n` bytes, big-endian |
//! | longer | `0xD0`, the count of digits in two bytes, the digits |

use std::cmp::Ordering;

/// The largest value that is one byte: `0x10 + 175 = 0xBF`.
const ONE_BYTE_MAX: u64 = 0xBF - 0x10;

/// Decimal digits that always fit in 64 bits.
const SMALL_DIGITS_MAX: usize = 19;

/// Writes the number that `digits` spell; no digits are zero. The caller passes ASCII digits only.
pub(crate) fn number(digits: &[u8], out: &mut Vec<u8>) {
    let digits = strip_zeros(digits);
    if digits.len() <= SMALL_DIGITS_MAX {
        integer(small(digits), out);
    } else {
        // A version is at most 1,024 bytes long, so the count fits in two.
        let count = u16::try_from(digits.len()).unwrap_or(u16::MAX);
        out.push(0xD0);
        out.extend_from_slice(&count.to_be_bytes());
        out.extend_from_slice(digits);
    }
}

/// Writes `value`.
pub(crate) fn integer(value: u64, out: &mut Vec<u8>) {
    if value <= ONE_BYTE_MAX {
        out.push(0x10 + value as u8);
    } else {
        let zeros = value.leading_zeros() as usize / 8;
        out.push(0xC8 - zeros as u8);
        out.extend(value.to_be_bytes().iter().skip(zeros));
    }
}

/// Writes `bytes`, which hold no NUL, so that a prefix sorts before what it begins.
pub(crate) fn text(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(bytes);
    out.push(0);
}

/// As [`text`], in lower case.
pub(crate) fn text_lower(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(bytes.iter().map(u8::to_ascii_lowercase));
    out.push(0);
}

/// Splits off the longest head of `rest` whose bytes all satisfy `keep`.
pub(crate) fn take<'a>(rest: &mut &'a [u8], keep: impl Fn(u8) -> bool) -> &'a [u8] {
    let end = rest.iter().position(|byte| !keep(*byte));
    let (head, tail) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = tail;
    head
}

/// Splits off the digits at the head of `rest`.
pub(crate) fn take_digits<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    take(rest, |byte| byte.is_ascii_digit())
}

/// Whether `bytes` are digits and at least one.
pub(crate) fn is_number(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// Compares two numbers as written, by value.
pub(crate) fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (strip_zeros(a), strip_zeros(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// `digits` without leading zeros; nothing is left of zero.
pub(crate) fn strip_zeros(digits: &[u8]) -> &[u8] {
    let mut rest = digits;
    take(&mut rest, |byte| byte == b'0');
    rest
}

/// Whether the number is zero, however it is written.
pub(crate) fn is_zero(digits: &[u8]) -> bool {
    strip_zeros(digits).is_empty()
}

/// The value of at most [`SMALL_DIGITS_MAX`] digits.
fn small(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |value, digit| {
        value * 10 + u64::from(digit.wrapping_sub(b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_by_value_at_every_boundary() {
        let written = [
            "0",
            "1",
            "9",
            "175",
            "176",
            "255",
            "256",
            "65535",
            "65536",
            "20200101",
            "4294967296",
            "9999999999999999999",
            "10000000000000000000",
            "18446744073709551616",
            "99999999999999999999",
            "100000000000000000000",
        ];
        let keys: Vec<Vec<u8>> = written
            .iter()
            .map(|digits| {
                let mut key = Vec::new();
                number(digits.as_bytes(), &mut key);
                key
            })
            .collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert!(keys.iter().all(|key| (0x10..=0xD0).contains(&key[0])));
    }

    #[test]
    fn leading_zeros_do_not_count() {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        number(b"007", &mut a);
        number(b"7", &mut b);
        assert_eq!(a, b);
    }
}
