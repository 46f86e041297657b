//! Run: every attempt at every task, each to its record.
//!
//! As many at once as there are connections, each on a thread of its own. What is finished is in the journal before it
//! is counted; a run that was ended by whatever means goes on from there and comes to the same records. A run halts
//! by itself where something left a sandbox, where the endpoint fails again and again, and where its budget is spent;
//! what was in flight is then not recorded, and made again when it goes on.

mod attempt;
mod engine;
mod journal;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use frontier::{Digest, Limit, Outcome, SampleRecord, Validity};
use jiff::Timestamp;
use keys::RunKey;
use model::{Model, Sampling, Usage};
use sandbox::Cancel;
use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::scripted::Scripted;
use crate::task::Task;
use crate::transcript::Transcript;

pub use attempt::salt;
pub(crate) use attempt::{Played, play};
pub use engine::run;
pub use journal::Journal;

/// Attempts at once: threads, and sockets of the endpoint.
pub const CONNECTIONS_MAX: usize = 1_000;

/// Attempts of a run: a million records are 600 MB.
pub const SAMPLES_MAX: u32 = 1_000_000;

/// What is run.
pub struct Order<'a> {
    /// The run's commitment, by digest: a journal belongs to one.
    pub commitment: Digest,
    pub tasks: &'a [Entry<'a>],
    /// Attempts at each task.
    pub epochs: u32,
    pub player: Player<'a>,
    /// What drives the model in place of our own loop, where somebody brings it.
    pub agent: Option<&'a Agent>,
    pub key: &'a RunKey,
    pub sampling: Sampling,
    /// Attempts at once.
    pub connections: usize,
    /// On top of what each task allows.
    pub bounds: Least,
    /// For all attempts together; what is spent, the run halts.
    pub budget: Budget,
    pub journal: &'a Path,
    /// Words that stand in the suite and nowhere else.
    pub canaries: &'a [&'a str],
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// Told of every attempt that begins and of every one that is finished.
    pub progress: &'a (dyn Fn(&Progress) + Sync),
    pub cancel: &'a Cancel,
}

/// A task as it stands in a suite.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub task: &'a Task,
    /// Its leaf.
    pub leaf: Digest,
    /// Its grader, as its manifest names it.
    pub grader: Digest,
}

/// Who plays.
#[derive(Clone, Copy)]
pub enum Player<'a> {
    Model(&'a dyn Model),
    Scripted(Scripted),
}

/// Bounds of an attempt besides those of its task: the lower of the two holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Least {
    pub turns: Option<u32>,
    pub tokens: Option<u64>,
    pub milliseconds: Option<u64>,
    /// In millionths of a dollar.
    pub cost: Option<u64>,
}

/// What a whole run may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    pub tokens: Option<u64>,
    /// In millionths of a dollar.
    pub cost: Option<u64>,
    /// Of this call of [`run`], not of those before it.
    pub milliseconds: Option<u64>,
}

/// One attempt, finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub record: SampleRecord,
    /// The name of its task.
    pub task: Box<str>,
    /// The grader's, or what broke. It may tell of the task.
    pub reason: Box<str>,
    /// By what it was told that it is not valid.
    pub sign: Option<Box<str>>,
    /// In millionths of a dollar.
    pub cost: u64,
    /// How often it began; more than once where the run was ended under it.
    pub begun: u32,
    /// Without the attempt's secrets.
    pub transcript: Transcript,
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub samples: u32,
    /// Finished, by this call and those before it.
    pub finished: u32,
    pub running: u32,
    pub solved: u32,
    pub failed: u32,
    pub contaminated: u32,
    pub cheated: u32,
    pub broken: u32,
    /// Attempts that came to a limit.
    pub limited: u32,
    pub turns: u64,
    pub refusals: u64,
    pub tokens_input: u64,
    pub tokens_output: u64,
    /// In millionths of a dollar, of finished attempts.
    pub cost: u64,
    pub milliseconds: u64,
    /// The name of the task whose attempt was finished last.
    pub last: Option<Box<str>>,
}

/// What came of a run.
pub struct Ran {
    /// Where all samples are.
    pub journal: Journal,
    pub progress: Progress,
    /// Samples that were there already.
    pub resumed: u32,
    /// Why it is not complete; nothing where it is.
    pub halt: Option<Halt>,
}

/// Why a run ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    Cancelled,
    /// Something left the sandbox of this sample, or came in.
    Breach {
        number: u32,
        shown_by: Box<str>,
    },
    /// What it may take is spent.
    Budget(Limit),
    /// The endpoint failed again and again, with these words the last time.
    Endpoint(Box<str>),
    /// The journal cannot be written.
    Journal(Box<str>),
}

/// Why a run did not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// What is asked for cannot be, everything at once.
    Refused(Vec<String>),
    Journal(Box<str>),
}

impl Progress {
    fn count(&mut self, record: &SampleRecord, cost: u64, task: &str) {
        self.finished += 1;
        match (record.validity, record.outcome) {
            (Validity::Valid, Outcome::Solved) => self.solved += 1,
            (Validity::Valid, Outcome::Failed) => self.failed += 1,
            (Validity::Contaminated, _) => self.contaminated += 1,
            (Validity::Cheated, _) => self.cheated += 1,
            (Validity::Broken | Validity::ContainmentBreach, _) => self.broken += 1,
        }
        self.limited += u32::from(record.limit.is_some());
        self.turns += u64::from(record.turns);
        self.refusals += u64::from(record.refusals);
        self.tokens_input = self.tokens_input.saturating_add(record.tokens_input);
        self.tokens_output = self.tokens_output.saturating_add(record.tokens_output);
        self.cost = self.cost.saturating_add(cost);
        self.last = Some(task.into());
    }
}

impl Budget {
    /// What is spent, if something is.
    fn spent(&self, usage: &Usage, cost: u64, milliseconds: u64) -> Option<Limit> {
        let tokens = usage.input.saturating_add(usage.output);
        match () {
            () if self.tokens.is_some_and(|most| tokens >= most) => Some(Limit::Tokens),
            () if self.cost.is_some_and(|most| cost >= most) => Some(Limit::Cost),
            () if self.milliseconds.is_some_and(|most| milliseconds >= most) => Some(Limit::Time),
            () => None,
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Halt::Cancelled => out.write_str("it was ended"),
            Halt::Breach { number, shown_by } => {
                write!(
                    out,
                    "containment was breached by sample {number}: {shown_by}"
                )
            }
            Halt::Budget(limit) => {
                let what = match limit {
                    Limit::Tokens => "tokens",
                    Limit::Cost => "money",
                    Limit::Time => "time",
                    Limit::Turns | Limit::Context => "turns",
                };
                write!(
                    out,
                    "the run has spent all the {what} that it may; give it more and it goes on"
                )
            }
            Halt::Endpoint(why) => {
                write!(
                    out,
                    "the endpoint failed again and again; when it is well the run goes on: {why}"
                )
            }
            Halt::Journal(why) => out.write_str(why),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(all) => out.write_str(&all.join("; ")),
            Failure::Journal(why) => out.write_str(why),
        }
    }
}

impl std::error::Error for Failure {}
