//! Isolation: what stood between a run and everything else, as it was obtained and not as it was hoped for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What was obtained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Isolation {
    /// `user`, `pid`, `mount`, `network`, `ipc`, `uts`, `cgroup`: those of its own.
    pub namespaces: Vec<Box<str>>,
    /// The user that the run is for the kernel outside.
    pub user: u32,
    /// It was started by root, who changed to that user first.
    pub dropped_root: bool,
    /// System calls that are allowed; every other one fails.
    pub system_calls: u32,
    /// The edition of Landlock that stood beside the namespaces.
    pub landlock: Option<u32>,
    pub memory: Option<Bound>,
    pub processes: Option<Bound>,
    /// `release` and `machine` of the kernel that all of this rests on.
    pub kernel: Box<str>,
}

/// Who holds a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// A control group of its own, edition 2.
    CgroupV2,
    /// A control group of its own, edition 1.
    CgroupV1,
    /// `setrlimit`, which the kernel holds for each process or for all of one user.
    Rlimit,
    /// The supervisor looks a hundred times a second and ends the run.
    Watched,
}

impl Bound {
    /// In words, for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Bound::CgroupV2 => "control group v2",
            Bound::CgroupV1 => "control group v1",
            Bound::Rlimit => "resource limit",
            Bound::Watched => "watched",
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A protection that this machine does not give, and what would give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// `user namespaces`, `memory counted`, `landlock`, …
    pub what: Box<str>,
    /// What was tried and how it failed.
    pub why: Box<str>,
    /// What an administrator can do about it.
    pub remedy: Box<str>,
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}; {}", self.what, self.why, self.remedy)
    }
}
