//! Time: RFC 3339 to the letter, which is narrower than what parsers take.

use jiff::{Timestamp, civil};

/// A date and time of RFC 3339, with its zone.
pub fn rfc3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = b"0000-00-00T00:00:00";
    let (head, rest) = bytes.split_at_checked(shape.len())?;
    let fits = head.iter().zip(shape).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't'),
        form => byte == form,
    });
    let rest = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            (digits > 0).then(|| fraction.get(digits..))??
        }
        rest => rest,
    };
    let is_zone = match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hours @ .., b':', m, n] => {
            hours.len() == 2 && hours.iter().chain([m, n]).all(u8::is_ascii_digit)
        }
        _ => false,
    };
    (fits && is_zone).then(|| text.parse().ok())?
}

/// A time as RFC 3339 has it, or without its zone: then UTC is meant, as the CVE Record Format says.
pub fn loosely(text: &str) -> Option<Timestamp> {
    rfc3339(text).or_else(|| rfc3339(&format!("{text}Z")))
}

/// A day, `2024-01-31`.
pub fn day(text: &str) -> Option<civil::Date> {
    (text.len() == 10).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rfc_3339_is_a_time() {
        for text in [
            "2024-01-31T12:00:00Z",
            "2024-01-31t12:00:00.123456789z",
            "2024-01-31T12:00:00-05:30",
            "2016-12-31T23:59:60Z",
        ] {
            assert!(rfc3339(text).is_some(), "{text}");
        }
        for text in [
            "2024-01-31",
            "2024-01-31 12:00:00Z",
            "2024-01-31T12:00:00",
            "2024-01-31T12:00Z",
            "2024-02-30T12:00:00Z",
            "2024-01-31T25:00:00Z",
            "2024-01-31T12:00:00.Z",
            "2024-01-31T12:00:00+0530",
            "2024-01-31T12:00:00Z[UTC]",
            "",
        ] {
            assert!(rfc3339(text).is_none(), "{text}");
        }
    }
}
