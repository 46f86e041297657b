//! Percent-encoding as purls use it (ECMA-427 5.4): letters, digits, `.-_~` and the colon stay bare.

use std::borrow::Cow;
use std::fmt;

/// Why a part cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A `%` that two hexadecimal digits do not follow; it was kept as it stands.
    Stray,
    /// The decoded bytes are not UTF-8.
    NotText,
}

/// Decodes `%41` to `A`, once. A stray `%` is kept, and said.
pub fn decode(text: &str) -> (Cow<'_, str>, Option<Flaw>) {
    if !text.contains('%') {
        return (Cow::Borrowed(text), None);
    }
    let mut flaw = None;
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        match (byte, octet(after)) {
            (b'%', Some((octet, left))) => {
                decoded.push(octet);
                rest = left;
                continue;
            }
            (b'%', None) => flaw = Some(Flaw::Stray),
            _ => {}
        }
        decoded.push(byte);
        rest = after;
    }
    match String::from_utf8(decoded) {
        Ok(decoded) => (Cow::Owned(decoded), flaw),
        Err(_) => (Cow::Borrowed(text), Some(Flaw::NotText)),
    }
}

/// The octet that two hexadecimal digits spell, and what follows them.
fn octet(text: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], rest) = text.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let octet = digit(high)? * 16 + digit(low)?;
    Some((u8::try_from(octet).ok()?, rest))
}

/// Writes `text` encoded.
pub fn write(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => {
                fmt::Write::write_char(out, char::from(byte))?;
            }
            other => write!(out, "%{other:02X}")?,
        }
    }
    Ok(())
}

/// Writes `text` encoded, its slashes bare.
pub fn write_segments(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for (index, segment) in text.split('/').enumerate() {
        if index > 0 {
            out.write_str("/")?;
        }
        write(out, segment)?;
    }
    Ok(())
}
