//! Oracle: did this run show what is claimed?

use serde::{Deserialize, Serialize};

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

/// Bytes that a compiled pattern may take: a megabyte holds any that a person writes, and its matching stays linear.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// Compiles a pattern, or says what is wrong with it.
pub(crate) fn pattern(text: &str) -> Result<regex::Regex, String> {
    let built = regex::RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES_MAX)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "is too large a pattern; write a shorter one".to_owned(),
        error => {
            let text = error.to_string();
            let last = text.lines().next_back().unwrap_or_default();
            format!(
                "is no regular expression: {}",
                last.trim_start_matches("error: ")
            )
        }
    })
}

/// Signals that end a program, by their numbers on Linux (signal(7), those alike on all of its architectures but
/// Alpha, SPARC and MIPS).
const SIGNALS: &[(&str, i32)] = &[
    ("SIGHUP", 1),
    ("SIGINT", 2),
    ("SIGQUIT", 3),
    ("SIGILL", 4),
    ("SIGTRAP", 5),
    ("SIGABRT", 6),
    ("SIGBUS", 7),
    ("SIGFPE", 8),
    ("SIGKILL", 9),
    ("SIGUSR1", 10),
    ("SIGSEGV", 11),
    ("SIGUSR2", 12),
    ("SIGPIPE", 13),
    ("SIGALRM", 14),
    ("SIGTERM", 15),
    ("SIGXCPU", 24),
    ("SIGXFSZ", 25),
    ("SIGSYS", 31),
];

/// The number of a signal.
pub(crate) fn signal_number(name: &str) -> Option<i32> {
    let found = SIGNALS.iter().find(|(known, _)| *known == name);
    found.map(|(_, number)| *number)
}

/// The name of a signal.
pub(crate) fn signal_name(number: i32) -> Option<&'static str> {
    let found = SIGNALS.iter().find(|(_, known)| *known == number);
    found.map(|(name, _)| *name)
}
