//! Attempt: one run of a claim, and what it showed.

use serde::{Deserialize, Serialize};

use crate::oracle::Judged;

/// Text that is kept of each of a run's two streams: a sanitizer's report has some 10 KiB, ten of them are 640 KiB.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Changed files that are kept by name: what a person reads through.
pub const CHANGES_MAX: usize = 100;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub judged: Judged,
    /// Why it was judged so, a sentence.
    pub why: Box<str>,
    /// How it ended, in words: `exit code 1`, `signal 11 (SIGSEGV)`, `time over`.
    pub ended: Box<str>,
    /// Plain text without escapes, at most [`TEXT_BYTES_MAX`].
    pub output: Box<str>,
    /// The same of standard error.
    pub errors: Box<str>,
    /// By the clock on the wall.
    pub milliseconds: u64,
    pub memory_bytes: u64,
    /// Files that it made or changed, absolute paths inside, at most [`CHANGES_MAX`].
    pub changed: Vec<Box<str>>,
}

/// One build by recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// `vulnerable`, `fixed`, `patched`, or the version.
    pub of: Box<str>,
    pub succeeded: bool,
    /// How it ended, and what it said last, plain text, at most [`TEXT_BYTES_MAX`].
    pub said: Box<str>,
    pub milliseconds: u64,
    /// What it made: path and SHA-256.
    pub outputs: Vec<(Box<str>, Box<str>)>,
}
