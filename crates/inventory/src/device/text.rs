//! Bytes to text to records: encodings and quotes of hand-kept lists.

use std::borrow::Cow;

/// Lines a quoted cell may span. Descriptions have paragraphs; a quote still open after this many was a slip (`3.5" disk`).
const QUOTED_LINES_MAX: u32 = 50;

/// The text, from UTF-8, UTF-16 (by its mark or its zeros) or else Windows-1252, which Latin-1 is a part of.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        [0xff, 0xfe, rest @ ..] => Cow::Owned(wide(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(wide(rest, u16::from_be_bytes)),
        _ => match (zeros(bytes), std::str::from_utf8(bytes)) {
            (Some(Half::High), _) => Cow::Owned(wide(bytes, u16::from_le_bytes)),
            (Some(Half::Low), _) => Cow::Owned(wide(bytes, u16::from_be_bytes)),
            (None, Ok(text)) => Cow::Borrowed(text),
            (None, Err(_)) => Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
        },
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|two| unit([two[0], two[1]]));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Which half of each pair of bytes is zero.
enum Half {
    High,
    Low,
}

/// UTF-16 without a mark: nearly every second byte of what people write is zero.
fn zeros(bytes: &[u8]) -> Option<Half> {
    let pairs = bytes.chunks_exact(2).take(200);
    let (mut high, mut low, mut all) = (0, 0, 0);
    for pair in pairs {
        all += 1;
        low += usize::from(pair[0] == 0);
        high += usize::from(pair[1] == 0);
    }
    if all < 8 {
        return None;
    }
    if high * 10 > all * 8 && low * 10 < all {
        return Some(Half::High);
    }
    (low * 10 > all * 8 && high * 10 < all).then_some(Half::Low)
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH.get(usize::from(byte - 0x80)).copied().unwrap_or('?'),
        byte => char::from(byte),
    }
}

/// One row.
pub(super) struct Record {
    /// The line it starts on, from 1.
    pub line: u32,
    pub cells: Vec<String>,
    /// A quote was opened and never closed.
    pub unclosed: bool,
}

/// The rows of `text`; rows that are empty lines are left out.
pub(super) fn records(text: &str, delimiter: char) -> impl Iterator<Item = Record> {
    let mut rest = text;
    let mut line = 1_u32;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let quoted = record(rest, delimiter, true);
            let read = match quoted {
                Some(read) => read,
                None => record(rest, delimiter, false)?,
            };
            let started = line;
            line = line.saturating_add(read.lines);
            let (this, next) = rest
                .split_at_checked(read.bytes.max(1))
                .unwrap_or((rest, ""));
            rest = next;
            if !this.trim().is_empty() {
                return Some(Record {
                    line: started,
                    cells: read.cells,
                    unclosed: read.unclosed,
                });
            }
        }
        None
    })
}

struct Read {
    cells: Vec<String>,
    bytes: usize,
    lines: u32,
    unclosed: bool,
}

/// Reads one row; `None` where quotes are honored and one stays open, or closes inside a word.
fn record(text: &str, delimiter: char, quotes: bool) -> Option<Read> {
    let mut cells = vec![String::new()];
    let mut inside = false;
    let mut lines = 1_u32;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let cell = cells.last_mut()?;
        match c {
            '"' if quotes && inside && chars.next_if(|(_, next)| *next == '"').is_some() => {
                cell.push('"')
            }
            '"' if quotes && inside => {
                // A quote that closes stands before a separator; any other was one too many.
                let after = text.get(at + 1..)?.trim_start_matches(' ');
                let closes = after.is_empty() || after.starts_with([delimiter, '\n', '\r']);
                if !closes {
                    return None;
                }
                inside = false;
            }
            '"' if quotes && cell.trim().is_empty() => {
                cell.clear();
                inside = true;
            }
            '\n' if inside => {
                lines = lines
                    .checked_add(1)
                    .filter(|lines| *lines <= QUOTED_LINES_MAX)?;
                cell.push('\n');
            }
            '\n' => {
                return Some(Read {
                    cells,
                    bytes: at + 1,
                    lines,
                    unclosed: !quotes,
                });
            }
            '\r' if !inside => {
                let bytes = chars
                    .next_if(|(_, next)| *next == '\n')
                    .map_or(at + 1, |(at, _)| at + 1);
                return Some(Read {
                    cells,
                    bytes,
                    lines,
                    unclosed: !quotes,
                });
            }
            c if c == delimiter && !inside => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    (!inside).then_some(Read {
        cells,
        bytes: text.len(),
        lines,
        unclosed: !quotes,
    })
}
