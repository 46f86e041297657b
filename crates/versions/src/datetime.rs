//! `vers:datetime`: RFC 3339 dates and times, ordered as instants.
//!
//! Odd about it: two strings with different offsets may be one instant, and a fraction of a second has any number
//! of digits. A full date alone means its first instant in UTC, for vendors' patch levels are such dates. A leap
//! second counts as the first instant of the next minute. The unknown offset `-00:00` is UTC.
//!
//! Key: seconds since the year 0 as a number, then the digits of the fraction without trailing zeros.

use std::cmp::Ordering;

use crate::encode;

/// Keeps instants before the year 0 in other offsets positive: the largest offset is under a day.
const DAY_SECONDS: i64 = 86_400;

struct Instant<'a> {
    /// Seconds since one day before the year 0 began.
    seconds: u64,
    /// Digits behind the point, without trailing zeros.
    fraction: &'a [u8],
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let instant = read(version)?;
    encode::integer(instant.seconds, out);
    encode::text(instant.fraction, out);
    Some(())
}

/// How `a` stands to `b`, as instants.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    let order = a.seconds.cmp(&b.seconds);
    Some(order.then_with(|| {
        let digit = |fraction: &[u8], at: usize| fraction.get(at).copied().unwrap_or(b'0');
        (0..a.fraction.len().max(b.fraction.len()))
            .map(|at| digit(a.fraction, at).cmp(&digit(b.fraction, at)))
            .fold(Ordering::Equal, Ordering::then)
    }))
}

fn read(version: &str) -> Option<Instant<'_>> {
    let mut rest = version.as_bytes();
    let days = date(&mut rest)?;
    let (mut seconds, mut fraction, mut offset) = (0, &b""[..], 0);
    if !rest.is_empty() {
        let (separator, tail) = rest.split_first()?;
        if !matches!(separator, b'T' | b't' | b' ') {
            return None;
        }
        rest = tail;
        seconds = clock(&mut rest)?;
        if let Some(tail) = rest.strip_prefix(b".") {
            rest = tail;
            fraction = encode::take_digits(&mut rest);
            if fraction.is_empty() {
                return None;
            }
        }
        offset = zone(rest)?;
    }
    let end = fraction.iter().rposition(|byte| *byte != b'0');
    Some(Instant {
        seconds: u64::try_from(days * DAY_SECONDS + seconds - offset + DAY_SECONDS).ok()?,
        fraction: fraction.split_at(end.map_or(0, |last| last + 1)).0,
    })
}

/// Days since 0000-01-01 of `YYYY-MM-DD`.
fn date(rest: &mut &[u8]) -> Option<i64> {
    let year = field(rest, 4)?;
    *rest = rest.strip_prefix(b"-")?;
    let month = field(rest, 2)?;
    *rest = rest.strip_prefix(b"-")?;
    let day = field(rest, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years before this one and their leap days (the year 0 is one), then the months before this one.
    let before = year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let months = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let months = months.get(usize::try_from(month - 1).ok()?)?;
    Some(before + months + i64::from(leap && month > 2) + day - 1)
}

/// Seconds of `HH:MM:SS`.
fn clock(rest: &mut &[u8]) -> Option<i64> {
    let hour = field(rest, 2)?;
    *rest = rest.strip_prefix(b":")?;
    let minute = field(rest, 2)?;
    *rest = rest.strip_prefix(b":")?;
    let second = field(rest, 2)?;
    let good = hour < 24 && minute < 60 && second <= 60;
    good.then_some(hour * 3600 + minute * 60 + second)
}

/// Seconds east of UTC.
fn zone(rest: &[u8]) -> Option<i64> {
    let (sign, mut rest) = match rest.split_first()? {
        (b'Z' | b'z', []) => return Some(0),
        (b'+', tail) => (1, tail),
        (b'-', tail) => (-1, tail),
        _ => return None,
    };
    let hours = field(&mut rest, 2)?;
    rest = rest.strip_prefix(b":")?;
    let minutes = field(&mut rest, 2)?;
    let good = rest.is_empty() && hours < 24 && minutes < 60;
    good.then_some(sign * (hours * 3600 + minutes * 60))
}

/// Takes exactly `width` digits, at most four.
fn field(rest: &mut &[u8], width: usize) -> Option<i64> {
    let (digits, tail) = rest.split_at_checked(width)?;
    *rest = tail;
    let value = digits.iter().fold(0, |value, digit| {
        value * 10 + i64::from(digit.wrapping_sub(b'0'))
    });
    encode::is_number(digits).then_some(value)
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn instants_are_ordered_whatever_their_offset() {
        let versions = [
            "0000-01-01T00:00:00+23:59",
            "1999-12-31",
            "1999-12-31T23:59:59.999Z",
            "2000-02-29",
            "2000-03-01T00:00:00Z",
            "2024-01-01T00:00:00+02:00",
            "2023-12-31T23:00:00Z",
            "2024-01-01T00:00:00.09Z",
            "2024-01-01T00:00:00.123Z",
            "2024-01-01T00:00:00-05:00",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::DateTime, v)).collect();
        assert!(keys.iter().all(Option::is_some), "{keys:?}");
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        let (a, b) = ("2024-01-01T12:00:00.50+02:00", "2024-01-01T10:00:00.5Z");
        assert_eq!(key(Scheme::DateTime, a), key(Scheme::DateTime, b));
    }

    #[test]
    fn days_that_do_not_exist_are_no_versions() {
        for text in [
            "2023-02-29",
            "2023-13-01",
            "2023-00-10",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:00:00",
        ] {
            assert_eq!(key(Scheme::DateTime, text), None, "{text}");
        }
    }
}
