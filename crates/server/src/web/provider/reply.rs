//! Reply: a file with what a polite client needs to ask for it only once: tag, date, and how long it is true.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// RFC 9110, section 5.6.7: the one form of a date that is written.
const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// A file as it is sent.
#[derive(Clone, Debug)]
pub struct Body {
    kind: &'static str,
    bytes: Bytes,
    /// SHA-256, in hexadecimal digits.
    digest: String,
    modified: Option<Timestamp>,
}

/// For how long a copy is true, and whose copy it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Everyone's, who asks each time whether it is still the last.
    Open,
    /// It never changes.
    Forever,
    /// Nobody's.
    Own,
}

impl Caching {
    /// For what everyone may read, or not.
    pub fn of(is_open: bool) -> Caching {
        match is_open {
            true => Caching::Open,
            false => Caching::Own,
        }
    }

    fn said(self) -> &'static str {
        match self {
            Caching::Open => "public, no-cache",
            Caching::Forever => "public, max-age=31536000, immutable",
            Caching::Own => "no-store",
        }
    }
}

impl Body {
    pub fn new(kind: &'static str, bytes: impl Into<Bytes>) -> Body {
        let bytes = bytes.into();
        Body {
            kind,
            digest: finding::hex(&keys::sha256(&[&bytes])),
            bytes,
            modified: None,
        }
    }

    pub fn json(bytes: impl Into<Bytes>) -> Body {
        Body::new("application/json", bytes)
    }

    /// When it became what it is.
    #[must_use]
    pub fn modified(mut self, at: Option<Timestamp>) -> Body {
        self.modified = at;
        self
    }

    /// It, or only that what the asker holds is still it.
    pub fn reply(self, asked: &HeaderMap, caching: Caching) -> Response {
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        put(header::CACHE_CONTROL, caching.said());
        // Strong, but where it is sent compressed: other bytes then bear the same tag (RFC 9110, section 8.8.1).
        let weak = match is_compressed(asked, caching) {
            true => "W/",
            false => "",
        };
        put(header::ETAG, &format!("{weak}\"{}\"", self.digest));
        if let Some(modified) = self.modified {
            let date = modified.to_zoned(TimeZone::UTC).strftime(DATE).to_string();
            put(header::LAST_MODIFIED, &date);
        }
        if caching != Caching::Own {
            // It is the same for everyone, and a page of another site may read it (CSAF 2.1, requirement 25).
            put(header::VARY, "accept-encoding");
            put(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
            put(
                HeaderName::from_static("cross-origin-resource-policy"),
                "cross-origin",
            );
        }
        if self.is_held(asked) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let kind = [(header::CONTENT_TYPE, self.kind)];
        (kind, headers, self.bytes).into_response()
    }

    /// RFC 9110, section 13.2.2: a tag is asked about first, and a date only where there is no tag.
    fn is_held(&self, asked: &HeaderMap) -> bool {
        let text = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
        if let Some(tags) = text(header::IF_NONE_MATCH) {
            let bare = |tag: &str| {
                tag.trim()
                    .trim_start_matches("W/")
                    .trim_matches('"')
                    .to_owned()
            };
            return tags
                .split(',')
                .any(|tag| tag.trim() == "*" || bare(tag) == self.digest);
        }
        let since = text(header::IF_MODIFIED_SINCE)
            .and_then(|since| DateTime::strptime(DATE, since).ok())
            .and_then(|since| Some(since.to_zoned(TimeZone::UTC).ok()?.timestamp()));
        match (since, self.modified) {
            (Some(since), Some(modified)) => modified.as_second() <= since.as_second(),
            _ => false,
        }
    }
}

/// Whether what is sent will be compressed: the door does so for whoever takes it, and never what is kept by nobody.
fn is_compressed(asked: &HeaderMap, caching: Caching) -> bool {
    let takes = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip") || value.contains('*'));
    takes && caching != Caching::Own
}
