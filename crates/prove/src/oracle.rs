//! Oracle: did this run show what is claimed?

mod judge;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

pub(crate) use judge::{Ruling, ended, judge};
pub(crate) use words::{pattern, signal_name, signal_number};

/// What a run has to do for the claim to be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Oracle {
    /// A sanitizer reports the class of flaw, in the frames that the claim names.
    Sanitizer {
        /// Its word, `heap-buffer-overflow`.
        report: Box<str>,
    },
    /// The program is ended by this signal.
    Signal { signal: i32 },
    /// It ends by itself with this code.
    Exit { code: i32 },
    /// It writes this.
    Output {
        stream: Stream,
        /// This text, or
        contains: Option<Box<str>>,
        /// text that matches this regular expression.
        matches: Option<Box<str>>,
    },
    /// It writes a secret that is made afresh for each run and planted where it may not be read from.
    Secret {
        /// A file with the secret, absolute inside, or
        path: Option<Box<str>>,
        /// a variable of the environment.
        environment: Option<Box<str>>,
    },
    /// It makes or changes a file outside of its work folder.
    Written {
        /// Absolute, inside.
        path: Box<str>,
        /// Text in that file.
        contains: Option<Box<str>>,
    },
    /// It fails, in any way, and the fixed build does not.
    Differential,
}

/// Which of a program's two streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Output,
    Errors,
    #[default]
    Either,
}

/// What a run was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// It showed what is claimed.
    Met,
    /// It showed nothing of the kind.
    NotMet,
    /// It crashed in another way, or elsewhere.
    Other,
    /// It did not run to an end that tells anything.
    NotRun,
}

impl Oracle {
    /// The word that the manifest uses.
    pub fn kind(&self) -> &'static str {
        match self {
            Oracle::Sanitizer { .. } => "sanitizer",
            Oracle::Signal { .. } => "signal",
            Oracle::Exit { .. } => "exit",
            Oracle::Output { .. } => "output",
            Oracle::Secret { .. } => "secret",
            Oracle::Written { .. } => "written",
            Oracle::Differential => "differential",
        }
    }
}
