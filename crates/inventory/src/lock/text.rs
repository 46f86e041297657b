//! Texts as lists are written in: their encoding and their lines.

use std::borrow::Cow;

/// Finds the line that a piece of a text begins in.
pub struct Lines<'a> {
    text: &'a str,
    /// Offsets of the first byte of every line but the first.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Lines<'a> {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes())
            .map(|at| at + 1)
            .collect();
        Lines { text, starts }
    }

    /// The line of a byte offset, from 1.
    pub fn at(&self, offset: usize) -> u32 {
        let before = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(before + 1).unwrap_or(0)
    }

    /// The line of a slice of the text, from 1; 0 for a string that was copied out of it.
    pub fn of(&self, part: &str) -> u32 {
        let (from, part) = (self.text.as_ptr() as usize, part.as_ptr() as usize);
        match part.checked_sub(from) {
            Some(offset) if offset <= self.text.len() => self.at(offset),
            _ => 0,
        }
    }
}

/// Lines of a text with their number, from 1.
pub fn numbered(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines())
}

/// Bytes as text: UTF-8, UTF-16 with a byte order mark, or else Latin-1, of which every byte is a character.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return decode(rest);
    }
    match bytes {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [a, b] => unit([*a, *b]),
        _ => 0,
    });
    char::decode_utf16(units)
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The text between the first `open` and the next `close`.
pub fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    Some(rest.split_once(close)?.0)
}

/// A string without the quotes around it, whichever they are.
pub fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
        {
            return inner;
        }
    }
    text
}

/// A version without a leading `v`, where a digit follows it.
pub fn without_v(version: &str) -> &str {
    match version.strip_prefix(['v', 'V']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => version,
    }
}

/// Whether this is a commit's full or abbreviated hash.
pub fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
