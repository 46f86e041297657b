//! Manifest: what is claimed, and how does one see it?
//!
//! `proof.toml` at the top of a bundle, edition 1 (`docs/proofs.md`). All that is wrong with one is said at once.

mod fields;
mod oracle;
mod read;
#[cfg(test)]
mod tests;
mod write;

use serde::Serialize;

use crate::oracle::Oracle;

pub(crate) use read::is_path;
pub use write::scaffold;

/// Its name in the bundle.
pub const MANIFEST_FILE: &str = "proof.toml";

/// The edition of the format that is read and written.
pub const FORMAT: &str = "seamark-proof/1";

/// A manifest has at most this many bytes: a history of [`HISTORY_MAX`] versions with a recipe of a kilobyte each,
/// and a half more.
pub const MANIFEST_BYTES_MAX: usize = 384 * 1024;

/// Versions of a history: ten years of monthly releases are 120; a bisection of 256 takes nine.
pub const HISTORY_MAX: usize = 256;

/// The work folder inside, where files of the bundle stand and the program begins.
pub const FOLDER: &str = "/proof";

/// What stands for the input in the command.
pub const INPUT_WORD: &str = "{input}";

/// A claim and how to re-run it.
// Invariant: read by `Manifest::read`, which refuses what does not fit together; nothing behind it checks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    pub title: Box<str>,
    /// The program, from the work folder or by `PATH`, and its arguments; [`INPUT_WORD`] stands for the input.
    pub command: Vec<Box<str>>,
    pub claim: Claim,
    pub target: Target,
    /// Where the flaw is gone.
    pub fixed: Option<Target>,
    /// Versions, the oldest first.
    pub history: Vec<Target>,
    pub input: Input,
    pub oracle: Oracle,
    pub environment: Vec<(Box<str>, Box<str>)>,
    pub limits: Limits,
}

/// What is claimed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// The class of the flaw in a sanitizer's word, `heap-buffer-overflow`; empty where the oracle is another.
    pub class: Box<str>,
    /// The innermost function of the target's own that the crash has to be in.
    pub function: Option<Box<str>>,
    /// The file of that function.
    pub file: Option<Box<str>>,
    /// Functions that the stack has to show, innermost first; others may stand between.
    pub frames: Vec<Box<str>>,
    /// A CWE number.
    pub weakness: Option<u32>,
}

/// One version of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// As its maintainer calls it.
    pub version: Option<Box<str>>,
    pub root: Root,
    /// A folder of the bundle: what is in it stands in the work folder; with a recipe, only while it builds.
    pub source: Option<Box<str>>,
    /// Files and folders of the bundle that stand in the work folder under their own paths, while it builds and runs.
    pub files: Vec<Box<str>>,
    /// Commands that build it, offline, in this order, in the work folder.
    pub build: Vec<Vec<Box<str>>>,
    /// What they make: files that the runs get.
    pub outputs: Vec<Box<str>>,
    /// Commands that pass where the target works, in the work folder as it stands after the build.
    pub tests: Vec<Vec<Box<str>>>,
}

/// What a run sees as `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// Programs and libraries of the machine that runs it, and nothing else of it.
    #[default]
    System,
    /// A tar of the bundle that holds a whole system, plain or compressed.
    Tar(Box<str>),
}

/// What the program is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// A file of the bundle.
    pub file: Box<str>,
    pub given: Given,
}

/// How the program gets its input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    Stdin,
    /// As a word of the command, in place of [`INPUT_WORD`].
    Argument,
    /// As a file at this path of the work folder, which stands in place of [`INPUT_WORD`].
    File(Box<str>),
}

/// The bounds of each run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    pub milliseconds: u64,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
    pub processes: u32,
    pub build_milliseconds: u64,
    /// A loopback of its own, for a client and a server in one run.
    pub has_loopback: bool,
}

impl Default for Limits {
    /// A program under a sanitizer with a small input: ten seconds; a build of a library: five minutes.
    fn default() -> Limits {
        Limits {
            milliseconds: 10_000,
            memory_bytes: 2 << 30,
            disk_bytes: 256 << 20,
            processes: 64,
            build_milliseconds: 300_000,
            has_loopback: false,
        }
    }
}

impl Claim {
    /// In one sentence.
    pub fn words(&self, oracle: &Oracle) -> String {
        let mut words = match oracle {
            Oracle::Sanitizer { report } => format!("a sanitizer reports `{report}`"),
            Oracle::Signal { signal } => format!("signal {signal} ends the program"),
            Oracle::Exit { code } => format!("the program ends with exit code {code}"),
            Oracle::Output {
                contains, matches, ..
            } => match (contains, matches) {
                (Some(text), _) => format!("the program writes `{text}`"),
                (None, pattern) => format!(
                    "the program writes what matches `{}`",
                    pattern.as_deref().unwrap_or_default()
                ),
            },
            Oracle::Secret { .. } => "the program gives away a secret that was planted".to_owned(),
            Oracle::Written { path, .. } => {
                format!("the program writes `{path}`, outside of its work folder")
            }
            Oracle::Differential => "the program fails where its fixed build does not".to_owned(),
        };
        if let Some(function) = &self.function {
            words.push_str(&format!(" in `{function}`"));
        }
        if let Some(file) = &self.file {
            words.push_str(&format!(" of `{file}`"));
        }
        if !self.frames.is_empty() {
            words.push_str(&format!(
                ", called by way of `{}`",
                self.frames.join("`, `")
            ));
        }
        words
    }
}
