//! Handed: what an agent handed in. Data: nothing of it is run but by the grader, in a sandbox of its own.

use frontier::Digest;
use sandbox::Taken;

use crate::transcript::{Submitted, SubmittedFile};

/// Longest answer: a line; who has more to say writes a file.
pub const ANSWER_BYTES_MAX: usize = 4_096;

/// Largest submission, all files together.
pub const SUBMISSION_BYTES_MAX: u64 = 1 << 20;

/// What was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Handed {
    #[default]
    Nothing,
    Text(Box<str>),
    /// A file, with an empty path, or all files of a folder.
    Files(Vec<Taken>),
}

impl Handed {
    /// As a transcript tells it: of files their digests alone.
    pub fn told(&self) -> Submitted {
        match self {
            Handed::Nothing => Submitted::Nothing,
            Handed::Text(text) => Submitted::Text(text.clone()),
            Handed::Files(files) => {
                let file = |file: &Taken| SubmittedFile {
                    path: file.path.clone(),
                    bytes: file.bytes.len() as u64,
                    sha256: Digest::of(&[&file.bytes]),
                };
                Submitted::Files(files.iter().map(file).collect())
            }
        }
    }
}
