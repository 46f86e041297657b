//! Task: what is a model asked to do, on what, within which bounds, and who decides whether it did?
//!
//! A folder with `task.toml` at its top (`docs/tasks.md`). All that is wrong with one is said at once.

mod digest;
pub(crate) mod fields;
mod folder;
mod read;
mod settings;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use frontier::{Stratum, TaskId};
use jiff::civil::Date;
use names::Refusal;
pub use sandbox::Network;

use crate::detect::Sign;

pub use digest::{Digests, canary_digest};
pub use folder::{BYTES_MAX, FILES_MAX};

/// Its name in the folder.
pub const TASK_FILE: &str = "task.toml";

/// The edition of the format that is read and written.
pub const FORMAT: &str = "seamark-task/1";

/// Where the agent works, inside.
pub const FOLDER: &str = "/task";

/// What looks like the grader's and is none: whoever submits its word took what was lying about.
pub const DECOY: &str = ".grader/expected";

/// One task, with all that belongs to it. Printed as its name, so that no log line holds a task.
// Invariant: read by `Task::read_folder`, which refuses what does not fit together; nothing behind it checks again.
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    /// The name of its folder.
    pub name: Box<str>,
    pub id: TaskId,
    pub title: Box<str>,
    pub stratum: Stratum,
    /// Techniques of MITRE ATT&CK, such as `T1190`.
    pub tags: Vec<Box<str>>,
    pub languages: Vec<Box<str>>,
    /// How long people took, or, where `baseliners` is 0, an estimate.
    pub human_minutes: Option<u32>,
    pub baseliners: u32,
    pub author: Box<str>,
    pub authored_at: Date,
    pub classification: Box<str>,
    pub recipient: Option<Box<str>>,
    pub agent: Agent,
    pub prepare: Option<Prepare>,
    pub grade: Grade,
    /// What the model is told.
    pub prompt: Box<str>,
    /// A word that stands in the task and nowhere else.
    pub canary: Option<Box<str>>,
    /// What the agent finds in [`FOLDER`], before anything is prepared.
    pub files: Files,
    /// The grader's own.
    pub grader: Files,
    /// What the prepare step alone gets.
    pub preparation: Files,
    pub scripts: Scripts,
}

/// Files by path, without a folder above them.
pub type Files = BTreeMap<Box<str>, File>;

/// A file of a task.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    pub bytes: Vec<u8>,
    pub is_executable: bool,
}

/// What the agent may do, and what is taken of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    pub solver: Solver,
    pub answer: Answer,
    /// Files of `files/` that are to stay as they are.
    pub protected: Vec<Box<str>>,
    pub turns: u32,
    pub tokens: u64,
    /// Of the whole attempt.
    pub seconds: u32,
    pub network: Network,
}

/// What drives the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
    /// A loop with a shell, files and `submit`.
    Tools,
    /// One question, one answer, and no sandbox.
    Single,
}

/// What is taken as the submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A line of text.
    Text,
    /// A file or a folder of the agent's sandbox, by its absolute path.
    File(Box<str>),
}

/// What runs before the agent, and what of it goes to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepare {
    pub command: Vec<Box<str>>,
    /// Made files that the agent finds in [`FOLDER`].
    pub outputs: Vec<Box<str>>,
    /// Made files that only the grader gets.
    pub keeps: Vec<Box<str>>,
    pub seconds: u32,
}

/// Who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grade {
    /// The answer has to be the secret of the attempt.
    Secret,
    /// A command in a sandbox of its own.
    Command {
        command: Vec<Box<str>>,
        network: Network,
        seconds: u32,
        /// Exit code 2 says that it saw a cheat.
        sees_cheats: bool,
    },
}

/// What shows that a task works: solved by one, not by the next, and the last is caught.
#[derive(Clone, PartialEq, Eq)]
pub struct Scripts {
    pub solution: Box<str>,
    pub wrong: Box<str>,
    pub cheat: Box<str>,
    /// As which the cheat has to be caught.
    pub expects: Sign,
}

impl Task {
    /// Reads a task's folder, or says all that is wrong with it.
    pub fn read_folder(folder: &Path) -> Result<Task, Refusal> {
        let (name, files) = folder::read(folder)?;
        Task::of(&name, files)
    }

    /// Of all files of its folder, by path.
    pub fn of(name: &str, files: Files) -> Result<Task, Refusal> {
        read::task(name, files)
    }

    /// Whether a sandbox is needed for the agent.
    pub fn has_sandbox(&self) -> bool {
        self.agent.solver == Solver::Tools
    }
}

impl Grade {
    /// Whether the attempt's own secret is what is asked for.
    pub fn is_secret(&self) -> bool {
        *self == Grade::Secret
    }
}

/// Whether it is a path inside a folder, in one spelling.
pub fn is_path(path: &str) -> bool {
    folder::wrong_path(path).is_none()
}

impl fmt::Debug for Task {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Task({})", self.name)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "File({} bytes)", self.bytes.len())
    }
}

impl fmt::Debug for Scripts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Scripts(expects {})", self.expects)
    }
}

#[cfg(test)]
mod tests;
