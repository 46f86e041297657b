//! Address: is a text a URI (RFC 3986), an IRI (RFC 3987), an address that a browser can open?

/// A scheme, a colon, and only what RFC 3986 lets stand in a URI.
pub fn is_uri(text: &str) -> bool {
    text.is_ascii() && is_iri(text)
}

/// As [`is_uri`], with letters of any script.
pub fn is_iri(text: &str) -> bool {
    scheme(text).is_some() && is_iri_reference(text)
}

/// An IRI, or the part of one that is relative to another.
pub fn is_iri_reference(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_good = match byte {
            b'%' => {
                let (one, two) = (bytes.next(), bytes.next());
                let is_hex =
                    |digit: Option<u8>| digit.is_some_and(|digit| digit.is_ascii_hexdigit());
                is_hex(one) && is_hex(two)
            }
            b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`' | 0..=b' ' | 0x7f => {
                false
            }
            _ => true,
        };
        if !is_good {
            return false;
        }
    }
    true
}

/// `https` of `https://example.org`, in the case it stands in.
pub fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let mut letters = scheme.bytes();
    let is_good = letters.next()?.is_ascii_alphabetic()
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_good.then_some(scheme)
}

/// Why `text` is no address to open; `None` where it is one.
pub fn web_fault(text: &str) -> Option<&'static str> {
    let scheme = scheme(text).map(str::to_ascii_lowercase);
    let Some(scheme) = scheme else {
        return Some("has no scheme; an address begins with `https://`");
    };
    if !matches!(&*scheme, "http" | "https") {
        return Some("does not begin with `https://` or `http://`");
    }
    let rest = text
        .get(scheme.len() + 1..)
        .and_then(|rest| rest.strip_prefix("//"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match host {
        None => Some("lacks the `//` after its scheme"),
        Some("") => Some("names no host"),
        Some(_) if !is_iri_reference(text) => {
            Some("holds a character that must be percent-encoded, such as a space")
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_no_stray_characters() {
        for text in [
            "https://example.org/a?b=%20#c",
            "pkg:npm/%40a/b@1",
            "urn:uuid:3e67",
            "mailto:a@example.org",
        ] {
            assert!(is_uri(text), "{text}");
        }
        for text in [
            "example.org",
            "https://example.org/a b",
            "https://example.org/%2",
            "1a:b",
            "https://bücher.example/",
        ] {
            assert!(!is_uri(text), "{text}");
        }
        assert!(is_iri("https://bücher.example/"));
        assert!(is_iri_reference("../a#b"));
    }

    #[test]
    fn what_a_browser_cannot_open_is_said_why() {
        for (text, fault) in [
            ("https://example.org", None),
            ("HTTP://example.org/x", None),
            (
                "example.org",
                Some("has no scheme; an address begins with `https://`"),
            ),
            (
                "ftp://example.org",
                Some("does not begin with `https://` or `http://`"),
            ),
            (
                "https:/example.org",
                Some("lacks the `//` after its scheme"),
            ),
            ("https:///x", Some("names no host")),
            (
                "https://example.org/a b",
                Some("holds a character that must be percent-encoded, such as a space"),
            ),
        ] {
            assert_eq!(web_fault(text), fault, "{text}");
        }
    }
}
