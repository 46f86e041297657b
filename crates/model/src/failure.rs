//! Failure: why there is no answer, in words that say what would have been right.

use std::fmt;

/// No answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub cause: Cause,
    /// Never holds a key, nor characters that would move a terminal's cursor.
    pub message: Box<str>,
    /// What the endpoint answered with, where it answered.
    pub status: Option<u16>,
    /// Attempts after the first.
    pub retries: u32,
    /// Attempts that may have been billed though no answer came.
    pub unanswered: u32,
    /// An estimate for those, in millionths of a dollar. `None` where no price was given.
    pub cost: Option<u64>,
}

/// What kind of thing went wrong: what a harness decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The request is not one the endpoint takes; asked again, it would say the same.
    Request,
    /// The conversation is longer than the model can hold.
    Long,
    /// The key is missing, unknown, not allowed this, or has nothing left to spend.
    Key,
    /// There was too much to do, and after all retries there still was.
    Busy,
    /// No way there, or the line broke, and after all retries it still did.
    Line,
    /// The time was up.
    Deadline,
    /// An answer came and was not in the format, or longer than allowed.
    Answer,
    /// Whoever asked wants no answer any more.
    Cancelled,
}

/// Longest passage of an endpoint's own words in a message: an error of a schema may be pages long, and its first
/// lines name the place.
const WORDS_CHARS_MAX: usize = 400;

impl Failure {
    /// `message` and no more.
    pub fn new(cause: Cause, message: impl Into<Box<str>>) -> Failure {
        Failure {
            cause,
            message: message.into(),
            status: None,
            retries: 0,
            unanswered: 0,
            cost: None,
        }
    }
}

impl Cause {
    /// One word, for records.
    pub fn word(self) -> &'static str {
        match self {
            Cause::Request => "request",
            Cause::Long => "long",
            Cause::Key => "key",
            Cause::Busy => "busy",
            Cause::Line => "line",
            Cause::Deadline => "deadline",
            Cause::Answer => "answer",
            Cause::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// A stranger's words as a message may show them: shortened, on one line, without what would move a cursor.
pub(crate) fn shown(words: &str) -> String {
    let mut shown: String = words
        .trim()
        .chars()
        .take(WORDS_CHARS_MAX)
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            '`' => '\'',
            c if c.is_control() || is_invisible(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    if words.trim().chars().nth(WORDS_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Marks that turn the direction of writing or take no room: what is read would not be what is there.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_words_stay_on_one_line_and_move_no_cursor() {
        assert_eq!(
            shown(" no\nsuch `model`\u{1b}[2J\u{202e} "),
            "no such 'model'\u{fffd}[2J\u{fffd}"
        );
        assert_eq!(
            shown(&"x".repeat(1000)).chars().count(),
            WORDS_CHARS_MAX + 1
        );
    }
}
