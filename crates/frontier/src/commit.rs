//! Commit: what is fixed before the first call, and what closes a run.
//!
//! A suite is committed to by the root of its leaves and the digests of its plan; a run by what it will use; and when
//! it ended by the root of its samples. Only digests leave the evaluator. What this does not prove: that the tasks are
//! good, that there is no second suite, that the model behind an address is the one that is released.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::jcs::JcsError;
use crate::plan::{PlanDigests, Window};
use crate::task::Stratum;

/// What is said of a suite before anything is run on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteCommitment {
    /// 32 hexadecimal digits; tells nothing of the suite.
    pub suite: Box<str>,
    /// The root over its leaves, which are sorted.
    pub root: Digest,
    /// How many tasks of each stratum.
    pub tasks: BTreeMap<Stratum, u32>,
    pub plan: PlanDigests,
    pub window: Window,
    /// Who read the tasks and the plan, in the words they sign with.
    pub reviewers: Vec<Box<str>>,
}

/// Which model it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ModelHandle {
    /// The weights themselves, by digest.
    Weights { sha256: Digest, name: Box<str> },
    /// A build that only its provider holds, and how it answered fixed questions.
    Build { id: Box<str>, probe: Digest },
    /// A script of the harness; no model at all.
    Scripted { name: Box<str> },
}

/// What is said of a run before its first call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCommitment {
    /// 32 hexadecimal digits.
    pub run: Box<str>,
    pub model: ModelHandle,
    /// The commitment to the suite, by digest.
    pub suite: Digest,
    pub root: Digest,
    pub plan: PlanDigests,
    /// What drives the model: solver, system prompt, tools.
    pub scaffold: Digest,
    /// Digest of the key from which secrets of this run are drawn.
    pub run_key: Digest,
    /// Digest of the seed of everything that is drawn.
    pub seed: Digest,
    /// Tasks times epochs: how many records there will be.
    pub samples: u32,
    pub at: Timestamp,
}

/// What closes a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunClosed {
    /// The run's commitment, by digest.
    pub run: Digest,
    /// The root over its records, in the order of their numbers.
    pub records: Digest,
    pub samples: u32,
    /// The scorecard, by digest.
    pub scorecard: Digest,
    pub at: Timestamp,
}

impl SuiteCommitment {
    pub fn digest(&self) -> Result<Digest, JcsError> {
        Digest::of_json(self)
    }

    /// How many tasks there are.
    pub fn count(&self) -> u32 {
        self.tasks.values().sum()
    }
}

impl RunCommitment {
    pub fn digest(&self) -> Result<Digest, JcsError> {
        Digest::of_json(self)
    }
}

impl RunClosed {
    pub fn digest(&self) -> Result<Digest, JcsError> {
        Digest::of_json(self)
    }
}

/// What is said of a secret of 32 bytes before it is used: its salted kind keeps a key from passing for a seed.
pub fn of_secret(kind: &str, secret: &[u8; 32]) -> Digest {
    Digest::of(&[b"\0", kind.as_bytes(), b"/v1", secret])
}

/// The root over `leaves`, in their order (RFC 9162, section 2.1.1).
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [one] => Digest::of(&[&[0], &one.0]),
        more => {
            // The largest power of two below their number.
            let split = 1 << (more.len() - 1).ilog2();
            let (left, right) = more.split_at(split);
            Digest::of(&[&[1], &root(left).0, &root(right).0])
        }
    }
}

/// The root over leaves that have no order of their own.
pub fn root_of_set(leaves: &[Digest]) -> Digest {
    let mut sorted = leaves.to_vec();
    sorted.sort_unstable();
    root(&sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_that_of_rfc_9162() {
        let leaf = |byte: u8| Digest([byte; 32]);
        let hashed = |byte: u8| Digest::of(&[&[0], &[byte; 32]]);
        let node = |one: Digest, other: Digest| Digest::of(&[&[1], &one.0, &other.0]);
        assert_eq!(
            root(&[]).to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(root(&[leaf(1)]), hashed(1));
        let two = node(hashed(1), hashed(2));
        assert_eq!(root(&[leaf(1), leaf(2), leaf(3)]), node(two, hashed(3)));
        assert_eq!(root_of_set(&[leaf(2), leaf(1)]), two);
    }
}
