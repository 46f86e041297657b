//! Submission: what was handed in, as data.

use std::fmt;

use crate::task::{File, Files};

/// A text that is submitted: a flag, a place, a paragraph.
pub const ANSWER_BYTES_MAX: usize = 16 << 10;

/// Files that are submitted, all together.
pub const SUBMITTED_BYTES_MAX: usize = 1 << 20;

/// Files of a folder that is submitted: the sources of a small project.
const SUBMITTED_FILES_MAX: usize = 500;

/// What was handed in. Printed by its size alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Submission {
    #[default]
    Nothing,
    /// One line.
    Text(Box<str>),
    File(File),
    /// Files by their paths below the folder that was asked for.
    Folder(Files),
}

impl Submission {
    /// Of a text: line breaks become blanks, and what is around it goes. One that is empty or beyond
    /// [`ANSWER_BYTES_MAX`] is none.
    pub fn of_text(text: &str) -> Submission {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.replace('\0', "") {
            line if line.is_empty() || line.len() > ANSWER_BYTES_MAX => Submission::Nothing,
            line => Submission::Text(line.into()),
        }
    }

    /// Of files by their paths below what was asked for; the one file that was asked for has the empty path. What is
    /// beyond the bounds is none: a part of a submission is another submission.
    pub fn of_files(mut files: Files) -> Submission {
        // The decoy lies in the agent's folder; where all of that is taken, it is not taken with it.
        files.retain(|path, _| !path.starts_with(".grader/"));
        let bytes: usize = files.values().map(|file| file.bytes.len()).sum();
        if bytes > SUBMITTED_BYTES_MAX || files.len() > SUBMITTED_FILES_MAX {
            return Submission::Nothing;
        }
        match files.remove("") {
            Some(file) => Submission::File(file),
            None if files.is_empty() => Submission::Nothing,
            None => {
                files.retain(|path, _| crate::task::is_path(path));
                Submission::Folder(files)
            }
        }
    }

    /// All bytes of it.
    pub fn contents(&self) -> Vec<&[u8]> {
        match self {
            Submission::Nothing => Vec::new(),
            Submission::Text(text) => vec![text.as_bytes()],
            Submission::File(file) => vec![&file.bytes],
            Submission::Folder(files) => files.values().map(|file| file.bytes.as_slice()).collect(),
        }
    }
}

impl fmt::Debug for Submission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Submission::Nothing => out.write_str("Nothing"),
            Submission::Text(text) => write!(out, "Text({} bytes)", text.len()),
            Submission::File(file) => write!(out, "File({} bytes)", file.bytes.len()),
            Submission::Folder(files) => write!(out, "Folder({} files)", files.len()),
        }
    }
}
