//! Reason: one piece of evidence, told to a person.

use serde::{Deserialize, Serialize};

/// Evidence for or against two reports being of one flaw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub side: Side,
    /// How much it weighs.
    pub points: u8,
    /// A sentence without its full stop: ``the same five frames at the crash, innermost `png_read_row` ``.
    pub words: Box<str>,
}

/// Which way evidence speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    For,
    Against,
}

impl Reason {
    /// `points` above zero speak for it, below zero against.
    pub fn new(points: i32, words: impl Into<Box<str>>) -> Reason {
        Reason {
            side: if points < 0 { Side::Against } else { Side::For },
            points: u8::try_from(points.unsigned_abs()).unwrap_or(u8::MAX),
            words: words.into(),
        }
    }

    /// What it adds to the sum.
    pub fn signed(&self) -> i32 {
        match self.side {
            Side::For => i32::from(self.points),
            Side::Against => -i32::from(self.points),
        }
    }
}

/// `one frame`, `five frames`, `14 lines`.
pub fn counted(count: usize, noun: &str) -> String {
    let words = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let number = words
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).to_owned());
    format!("{number} {noun}{}", if count == 1 { "" } else { "s" })
}
