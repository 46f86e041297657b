//! What is wrong with a text from outside: everything at once, in words for the person who wrote it.

use std::fmt;

/// All that is wrong with one text. Each says what was found and what would have been right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Box<str>>);

/// A problem quotes at most this many characters of the text it is about: enough to find the place,
/// and a message stays on one line of a terminal.
const QUOTED_CHARS_MAX: usize = 60;

impl Problems {
    /// Nothing wrong yet.
    pub fn none() -> Problems {
        Problems::default()
    }

    /// Exactly one thing wrong.
    pub fn one(problem: impl Into<Box<str>>) -> Problems {
        Problems(vec![problem.into()])
    }

    /// Adds what else is wrong.
    pub fn add(&mut self, problem: impl Into<Box<str>>) {
        self.0.push(problem.into());
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: Problems) {
        self.0.extend(others.0);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One message each.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|problem| &**problem)
    }

    /// `value` where nothing is wrong, else what is.
    pub fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str("; ")?;
            }
            out.write_str(problem)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// `text` as a message may show it: shortened, and without characters that would move a terminal's cursor.
pub fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(QUOTED_CHARS_MAX)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(QUOTED_CHARS_MAX).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
