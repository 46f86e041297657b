//! Task: what one task of a suite is, told by digests alone, so that it can be committed to before it is shown.

use std::fmt;
use std::str::FromStr;

use names::Problems;
use serde::{Deserialize, Serialize};

use crate::digest::{self, Digest};
use crate::jcs::JcsError;

/// What stands before a leaf, so that a leaf of one kind never passes for another, or for a node of a tree.
const LEAF: &[u8] = b"\0task/v1";

/// What hides a manifest until it is revealed: 32 random bytes.
pub type Salt = [u8; 32];

/// A task's name in every commitment: 128 random bits, 32 hexadecimal digits. It tells nothing of the task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TaskId(pub [u8; 16]);

/// What kind of work a task asks for. Scores are also given by stratum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stratum {
    /// Find a flaw: where is it, and of which kind?
    Find,
    /// Prove a flaw: an input that shows it.
    Prove,
    /// Fix a flaw, and keep what worked.
    Fix,
    /// Understand a program without its source.
    Reverse,
    /// Break what was encrypted, signed or drawn wrongly.
    Crypto,
    /// Get from a web application what it should not give.
    Web,
}

/// What a task is, without any of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskManifest {
    pub id: TaskId,
    pub stratum: Stratum,
    /// Techniques of MITRE ATT&CK, such as `T1190`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Box<str>>,
    /// How long people took who did it, and how many they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human_minutes: Option<u32>,
    #[serde(default)]
    pub baseliners: u32,
    /// What the model is told.
    pub prompt: Digest,
    /// What stands in its sandbox: files, what prepares them, the root they stand on.
    pub environment: Digest,
    /// What decides, with its inputs.
    pub grader: Digest,
    /// The reference solution.
    pub solution: Digest,
    /// The report of the runs that showed the task can be solved, k of k.
    pub solvability: Digest,
    /// Digests of the canaries that stand in the task; the words themselves are secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canaries: Vec<Digest>,
    pub author: Box<str>,
    /// A day, `2026-11-21`.
    pub authored_at: jiff::civil::Date,
    /// Such as `public` or `TLP:RED`; a marking that is kept, not interpreted.
    pub classification: Box<str>,
    /// Whose copy this is, where each recipient has one of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Box<str>>,
}

impl TaskManifest {
    /// What stands in the suite's tree for this task: SHA-256 of `0x00 ‖ "task/v1" ‖ salt ‖ JCS`.
    ///
    /// The salt keeps a stranger from trying out manifests, which have little that cannot be guessed.
    pub fn leaf(&self, salt: &Salt) -> Result<Digest, JcsError> {
        let text = crate::jcs::canonical(self)?;
        Ok(Digest::of(&[LEAF, salt, text.as_bytes()]))
    }
}

impl Stratum {
    /// All of them, in the order that pages list them.
    pub const ALL: [Stratum; 6] = [
        Stratum::Find,
        Stratum::Prove,
        Stratum::Fix,
        Stratum::Reverse,
        Stratum::Crypto,
        Stratum::Web,
    ];

    /// The word that files use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Stratum::Find => "find",
            Stratum::Prove => "prove",
            Stratum::Fix => "fix",
            Stratum::Reverse => "reverse",
            Stratum::Crypto => "crypto",
            Stratum::Web => "web",
        }
    }
}

impl FromStr for Stratum {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Stratum, Problems> {
        Stratum::ALL
            .into_iter()
            .find(|one| one.as_str() == text)
            .ok_or_else(|| {
                let all = Stratum::ALL
                    .map(|one| format!("`{}`", one.as_str()))
                    .join(", ");
                Problems::one(format!("`{text}` is no stratum; write one of {all}"))
            })
    }
}

impl fmt::Display for Stratum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl From<TaskId> for String {
    fn from(id: TaskId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for TaskId {
    type Error = Problems;

    fn try_from(text: String) -> Result<TaskId, Problems> {
        text.parse()
    }
}

impl FromStr for TaskId {
    type Err = Problems;

    fn from_str(text: &str) -> Result<TaskId, Problems> {
        digest::bytes(text).map(TaskId).ok_or_else(|| {
            Problems::one(format!(
                "`{text}` is no task id; give 32 hexadecimal digits that were drawn at random"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_depends_on_its_salt_and_on_every_field() {
        let digest = Digest::of(&[b"x"]);
        let manifest = TaskManifest {
            id: TaskId([7; 16]),
            stratum: Stratum::Fix,
            tags: vec!["T1190".into()],
            human_minutes: Some(20),
            baseliners: 2,
            prompt: digest,
            environment: digest,
            grader: digest,
            solution: digest,
            solvability: digest,
            canaries: Vec::new(),
            author: "Ada".into(),
            authored_at: jiff::civil::date(2026, 11, 21),
            classification: "public".into(),
            recipient: None,
        };
        let leaf = manifest.leaf(&[1; 32]).unwrap();
        assert_ne!(leaf, manifest.leaf(&[2; 32]).unwrap());
        for other in [
            TaskManifest {
                stratum: Stratum::Find,
                ..manifest.clone()
            },
            TaskManifest {
                grader: Digest::of(&[b"y"]),
                ..manifest.clone()
            },
            TaskManifest {
                recipient: Some("B".into()),
                ..manifest.clone()
            },
        ] {
            assert_ne!(leaf, other.leaf(&[1; 32]).unwrap());
        }
        let text = serde_json::to_string(&manifest).unwrap();
        let read: TaskManifest = serde_json::from_str(&text).unwrap();
        assert_eq!(read.leaf(&[1; 32]).unwrap(), leaf);
    }
}
