//! Sample: what is kept of one attempt at one task, without a word of either.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::jcs::JcsError;

/// One attempt at one task. It holds no content: whoever was not given the transcript learns nothing of it, and whoever
/// was can show that it is the one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRecord {
    /// Its place in the run, from 0, in the order of tasks and epochs; no number is missing.
    pub number: u32,
    /// The leaf of its task in the suite.
    pub task: Digest,
    /// Which attempt at the task, from 1.
    pub epoch: u32,
    /// Salted digest of everything that was said.
    pub transcript: Digest,
    /// Salted digest of what would have been right.
    pub target: Digest,
    /// What drove the model: solver, system prompt, tools.
    pub scaffold: Digest,
    /// Salted digest of what the network of its sandbox saw.
    pub egress: Digest,
    pub outcome: Outcome,
    pub validity: Validity,
    /// The grader that decided, as the task's manifest names it.
    pub grader: Digest,
    pub tokens_input: u64,
    pub tokens_output: u64,
    /// By the clock on the wall, model and sandbox together.
    pub milliseconds: u64,
    /// Answers of the model.
    pub turns: u32,
    /// Answers in which it declined.
    pub refusals: u32,
    /// What ended it before it ended itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// What the grader said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Solved,
    Failed,
}

/// Whether an attempt counts as what it seems. One that is not valid is kept, shown and counted under each of three
/// treatments; it never vanishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    Valid,
    /// The model knew the task or its answer from elsewhere.
    Contaminated,
    /// The attempt went round the task: at the grader, at a decoy, at what it was told to leave alone.
    Cheated,
    /// Something left the sandbox or came in; the run halts.
    ContainmentBreach,
    /// The harness, the grader or the endpoint broke; nothing is known of the model.
    Broken,
}

/// What may end an attempt before it ends itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    Tokens,
    Turns,
    Time,
    Cost,
    /// Of what one message or all messages may hold.
    Context,
}

impl SampleRecord {
    /// What stands in the run's tree for this attempt: SHA-256 of `0x00 ‖ "sample/v1" ‖ JCS`.
    pub fn leaf(&self) -> Result<Digest, JcsError> {
        let text = crate::jcs::canonical(self)?;
        Ok(Digest::of(&[b"\0sample/v1", text.as_bytes()]))
    }
}
