//! Url: an endpoint's address, and the options behind its question mark.

use std::fmt;
use std::net::IpAddr;

use names::problem::quoted;
use ureq::http::Uri;

use crate::{Api, Problems};

/// An address below which an endpoint serves: `https://host/v1`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    // Invariant: `http` or `https`, with a host, no user, no query, no slash at the end.
    text: Box<str>,
    host: Box<str>,
    plain: bool,
}

/// Longest address: what browsers and proxies take at most.
const URL_BYTES_MAX: usize = 2048;

impl Base {
    /// `text` as an address, and the format where its end names one.
    pub fn read(text: &str) -> Result<(Base, Option<Api>), Problems> {
        let wrong = |why: &str| {
            Problems::one(format!(
                "url {} {why}; an address such as `https://api.openai.com/v1` or `http://127.0.0.1:8000/v1` would be right",
                // What stands before an `@` may be a password.
                quoted(text.rsplit_once('@').map_or(text, |(_, rest)| rest))
            ))
        };
        if text.len() > URL_BYTES_MAX {
            return Err(wrong("is too long"));
        }
        let uri: Uri = text.parse().map_err(|_| wrong("is no address"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri.authority().map(|all| all.as_str()).unwrap_or_default();
        let host = uri.host().unwrap_or_default();
        if !matches!(scheme, "http" | "https") {
            return Err(wrong("begins with neither `https://` nor `http://`"));
        }
        if authority.contains('@') {
            return Err(wrong("holds a user or a password"));
        }
        if host.is_empty() || authority.ends_with(':') {
            return Err(wrong("names no host"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(wrong("goes on behind its path"));
        }
        let path = uri.path().trim_end_matches('/');
        let named = Api::ALL.iter().find(|api| path.ends_with(api.path()));
        let path = named.map_or(path, |api| &path[..path.len() - api.path().len()]);
        let path = if path.is_empty() { "/v1" } else { path };
        let base = Base {
            text: format!("{scheme}://{authority}{path}").into(),
            host: host.trim_matches(['[', ']']).to_ascii_lowercase().into(),
            plain: scheme == "http",
        };
        Ok((base, named.copied()))
    }

    /// Whether everybody on the way could read along.
    pub fn is_plain(&self) -> bool {
        self.plain && !self.is_loopback()
    }

    /// Whether it stays on this machine (RFC 6761, 6.3 for the name).
    pub fn is_loopback(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        &*self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// Without a port, in small letters.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for Base {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// The options of `query`, decoded: `model=a%2Fb&stream=true`.
pub fn options(query: &str) -> Result<Vec<(String, String)>, Problems> {
    let mut problems = Problems::none();
    let mut options = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, "true"));
        match (decoded(name), decoded(value)) {
            (Some(name), Some(value)) => options.push((name, value)),
            _ => problems.add(format!(
                "option {} holds a `%` without two digits behind it, or no UTF-8; write `%` itself as `%25`",
                quoted(name)
            )),
        }
    }
    problems.or(options)
}

/// RFC 3986, 2.1. A `+` stays one: model names hold them.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_the_format_its_end_names() {
        for (text, base, api) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1", None),
            (
                "https://api.anthropic.com/",
                "https://api.anthropic.com/v1",
                None,
            ),
            ("https://h/openai/v2/", "https://h/openai/v2", None),
            (
                "https://h/v1/chat/completions",
                "https://h/v1",
                Some(Api::Chat),
            ),
            (
                "https://h/v1/responses",
                "https://h/v1",
                Some(Api::Responses),
            ),
            ("https://h/messages", "https://h/v1", Some(Api::Messages)),
            ("http://[::1]:80/v1", "http://[::1]:80/v1", None),
        ] {
            let (read, named) = Base::read(text).unwrap();
            assert_eq!((read.to_string().as_str(), named), (base, api), "{text}");
        }
    }

    #[test]
    fn only_this_machine_may_be_spoken_to_in_the_clear() {
        for (text, plain) in [
            ("http://127.0.0.1:8000/v1", false),
            ("http://127.8.8.8/v1", false),
            ("http://[::1]/v1", false),
            ("http://LOCALHOST:1/v1", false),
            ("https://example.com/v1", false),
            ("http://example.com/v1", true),
            ("http://10.0.0.1/v1", true),
            ("http://localhost.example.com/v1", true),
            ("http://127.0.0.1.example.com/v1", true),
        ] {
            assert_eq!(Base::read(text).unwrap().0.is_plain(), plain, "{text}");
        }
    }

    #[test]
    fn an_address_with_a_password_is_refused_without_showing_it() {
        let told = Base::read("https://ada:sk-secret@example.com/v1").unwrap_err();
        assert_eq!(
            told.to_string(),
            "url `example.com/v1` holds a user or a password; an address such as `https://api.openai.com/v1` or `http://127.0.0.1:8000/v1` would be right"
        );
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///v1",
            "https://h:/v1",
            "https://h/v1#x",
            "https://h /v1",
            "file:///etc/passwd",
        ] {
            assert!(Base::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn options_are_decoded_and_a_plus_stays_one() {
        assert_eq!(
            options("model=a%2Fb+c&stream&&seed=7").unwrap(),
            [("model", "a/b+c"), ("stream", "true"), ("seed", "7")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(options("model=%2").is_err());
        assert!(options("model=%zz").is_err());
        assert!(options("model=%ff").is_err());
    }
}
