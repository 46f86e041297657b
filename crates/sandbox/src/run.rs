//! Run: what is to be started, on what, with what in hand, and within which bounds.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the files that a run is given stand, and where it begins, unless it says otherwise.
pub const FOLDER: &str = "/proof";

/// Something to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub root: Root,
    /// Files that stand there before it begins. The run may change its own view of them.
    pub files: Vec<Given>,
    /// Where it begins, an absolute path inside.
    pub folder: Box<str>,
    /// The program, looked up in `PATH` where it has no `/`, and its arguments.
    pub words: Vec<Box<str>>,
    /// All of its environment besides `PATH`, `HOME` and `LANG`, which it may name as well.
    pub environment: Vec<(Box<str>, Box<str>)>,
    /// What it reads from its standard input.
    pub input: Vec<u8>,
    pub network: Network,
    pub limits: Limits,
    /// Absolute paths inside: files there or below that it made or changed come back with their bytes.
    pub keep: Vec<Box<str>>,
    pub demand: Demand,
}

impl Run {
    /// A run of `words` on this machine's own tools, with nothing in hand.
    pub fn of<W: Into<Box<str>>>(words: impl IntoIterator<Item = W>) -> Run {
        Run {
            root: Root::System,
            files: Vec::new(),
            folder: FOLDER.into(),
            words: words.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            input: Vec::new(),
            network: Network::None,
            limits: Limits::default(),
            keep: Vec::new(),
            demand: Demand::default(),
        }
    }
}

/// What a run sees as `/`, beneath a layer of its own in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// Programs and libraries of this machine (`/usr`, `/lib`, …), read-only, and nothing else of it.
    System,
    /// A folder that holds a whole system, such as an unpacked image.
    Folder(PathBuf),
}

/// A file that stands there before a run begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Absolute, or from [`FOLDER`].
    pub path: Box<str>,
    pub bytes: Vec<u8>,
    pub executable: bool,
}

/// Which network there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// An empty one: not even loopback is up.
    #[default]
    None,
    /// A loopback of its own, so that a client and a server of one run can talk.
    Loopback,
}

/// The bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Of all its processes together, with what they wrote to the layer in memory.
    pub memory_bytes: u64,
    /// Processes and threads at once, its first process included.
    pub processes: u32,
    /// By the clock on the wall.
    pub milliseconds: u64,
    /// Of processor, for each process.
    pub cpu_seconds: u64,
    /// Of the layer in memory, all files together.
    pub disk_bytes: u64,
    /// Of one file.
    pub file_bytes: u64,
    /// Open files of one process.
    pub files: u64,
    /// What is kept of each of standard output and standard error: the first half and the last.
    pub output_bytes: u64,
    /// What is kept of the files it changed, all together.
    pub kept_bytes: u64,
}

impl Default for Limits {
    /// A program under a sanitizer with a small input: 2 GiB, a minute.
    fn default() -> Limits {
        Limits {
            memory_bytes: 2 << 30,
            processes: 128,
            milliseconds: 60_000,
            cpu_seconds: 60,
            disk_bytes: 512 << 20,
            file_bytes: 256 << 20,
            files: 1_024,
            output_bytes: 1 << 20,
            kept_bytes: 64 << 20,
        }
    }
}

/// The least protection under which a run may begin. Namespaces, the allow-list of system calls, the dedicated user,
/// the wall clock and the bounds on files and output are always there or nothing starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Demand {
    /// The kernel counts the memory of all processes together; else they are watched a hundred times a second.
    pub memory_counted: bool,
    /// Landlock stands beside the namespaces.
    pub landlock: bool,
}

impl Default for Demand {
    /// What an ordinary user's machine has: memory may be watched, and Landlock may be missing.
    fn default() -> Demand {
        Demand {
            memory_counted: false,
            landlock: false,
        }
    }
}
