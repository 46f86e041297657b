//! What do the headers of an answer say? (RFC 9110)

use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, StatusCode, header};

use super::{Setback, Validators};

pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Whether a status is that of a server which is busy, or whose trouble may pass.
pub(super) fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

pub(crate) fn refusal(status: StatusCode, headers: &HeaderMap) -> Setback {
    let reason = format!("server answers {status}");
    match is_passing(status) {
        true => Setback::Passing(reason, retry_after(headers)),
        false => Setback::Final(reason),
    }
}

/// What is asked conditionally (RFC 9110, 13.1).
pub(crate) fn conditions(known: &Validators) -> Vec<(HeaderName, &str)> {
    let both = [
        (header::IF_NONE_MATCH, &known.etag),
        (header::IF_MODIFIED_SINCE, &known.last_modified),
    ];
    both.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect()
}

pub(crate) fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

pub(crate) fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

pub(crate) fn validators(headers: &HeaderMap) -> Validators {
    let owned = |name| text(headers, name).map(str::to_owned);
    Validators {
        etag: owned(header::ETAG),
        last_modified: owned(header::LAST_MODIFIED),
    }
}

/// RFC 9110 section 10.2.3: seconds, or a date, which is read against the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    let then = parser.parse_timestamp(value).ok()?;
    let now = parser.parse_timestamp(text(headers, header::DATE)?).ok()?;
    let seconds = then.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}
