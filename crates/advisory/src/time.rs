//! Dates and times as publishers write them.
//!
//! RFC 3339, and what it is bent into: no zone (UTC is meant), a space for the `T`, a date alone.
//! Year 1 is Go's zero time, written where nobody filled one in: it reads as no time at all.

use jiff::{Timestamp, civil};

/// A time; `Err` where there is text that is none, `Ok(None)` for no text and for Go's zero time.
pub(crate) fn timestamp(text: Option<&str>) -> Result<Option<Timestamp>, String> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.starts_with("0001-01-01") {
        return Ok(None);
    }
    read(text)
        .map(Some)
        .ok_or_else(|| format!("`{text}` is no time; `2024-01-31T12:00:00Z` would be"))
}

/// A calendar day, also out of a time.
pub(crate) fn date(text: &str) -> Option<civil::Date> {
    let text = text.trim();
    text.get(..10).unwrap_or(text).parse().ok()
}

fn read(text: &str) -> Option<Timestamp> {
    let zoned = text.parse::<Timestamp>().ok();
    zoned.or_else(|| {
        let plain: civil::DateTime = text.parse().ok()?;
        Some(plain.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_bent() {
        let check = |text: &str, expected: &str| {
            let read = timestamp(Some(text))
                .map(|time| time.map_or("none".to_owned(), |time| time.to_string()));
            assert_eq!(read.unwrap_or_else(|problem| problem), expected);
        };
        check("2024-08-05T02:16:48.365Z", "2024-08-05T02:16:48.365Z");
        check("2023-08-02T16:44:31.644-05:00", "2023-08-02T21:44:31.644Z");
        check("2019-12-05T03:16:50", "2019-12-05T03:16:50Z");
        check("2022-06-13 13:44:26", "2022-06-13T13:44:26Z");
        check("2021-01-08", "2021-01-08T00:00:00Z");
        check("0001-01-01T00:00:00Z", "none");
        check("soon", "`soon` is no time; `2024-01-31T12:00:00Z` would be");
    }
}
