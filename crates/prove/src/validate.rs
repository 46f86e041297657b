//! Validate: does it happen, each time, as claimed, and only where it is claimed?
//!
//! Builds the vulnerable target once and runs it several times, then the fixed one; what the runs come to is decided
//! by [`crate::outcome`] alone. Only of what is proven the input is made small, the history looked through and a patch
//! tried. Whoever runs this hands over how something runs, so that the whole is tested without a sandbox.

mod steps;
#[cfg(test)]
mod tests;
mod words;

use sandbox::{Cancel, Failure, Isolation, Run, Transcript};
use serde::{Deserialize, Serialize};

use crate::attempt::{Attempt, Build};
use crate::bisect::Bisected;
use crate::bundle::Bundle;
use crate::estimate::Estimate;
use crate::minimize::Minimized;
use crate::outcome::Outcome;
use crate::patch::PatchCheck;
use crate::triage::Triaged;

pub(crate) use steps::{Halt, Made, Steps, last_line};

/// Validates the claim of `bundle` in the sandbox of this machine. Blocks until it has ended.
///
/// The calling program has to call `sandbox::entered` first in its `main`.
pub fn validate(
    bundle: &Bundle,
    wish: &Wish,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Validation, Stopped> {
    validate_by(bundle, wish, cancel, progress, &mut |run| {
        sandbox::run(run, cancel)
    })
}

/// As [`validate`], with `run` in place of the sandbox.
pub fn validate_by(
    bundle: &Bundle,
    wish: &Wish,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
    run: &mut dyn FnMut(&Run) -> Result<Transcript, Failure>,
) -> Result<Validation, Stopped> {
    let mut steps = Steps::new(bundle, wish, cancel, progress, run);
    let mut validation = steps.begin();
    match steps.all(&mut validation) {
        Ok(()) => {}
        Err(Halt::Cannot(why)) => {
            validation.outcome = Outcome::CannotRun;
            validation.why.extend(why);
        }
        Err(Halt::Stopped(stopped)) => return Err(stopped),
    }
    steps.end(&mut validation);
    words::say(bundle.manifest(), &mut validation);
    Ok(validation)
}

/// What was done to a claim and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    pub outcome: Outcome,
    /// Why it is that outcome, a sentence each; what is missing where it could not run.
    pub why: Vec<Box<str>>,
    /// SHA-256 of the bundle, hexadecimal.
    pub bundle: Box<str>,
    /// What it is called there.
    pub title: Box<str>,
    /// What is claimed, in one sentence.
    pub claim: Box<str>,
    pub builds: Vec<Build>,
    /// Runs of the vulnerable build.
    pub runs: Vec<Attempt>,
    /// Runs of the fixed one, where there is one.
    pub fixed: Vec<Attempt>,
    pub crash: Option<Triaged>,
    pub estimate: Option<Estimate>,
    pub minimized: Option<Minimized>,
    pub bisected: Option<Bisected>,
    pub patch: Option<PatchCheck>,
    /// What it proves, a sentence each.
    pub proves: Vec<Box<str>>,
    /// What it does not, a sentence each.
    pub does_not_prove: Vec<Box<str>>,
    /// What stood between the runs and everything else; none where nothing ran.
    pub isolation: Option<Isolation>,
    /// Which edition of this did it: `seamark 0.1.0`.
    pub tool: Box<str>,
}

/// Runs of one build that may be asked for: what tells one in a hundred from never is not worth an hour.
pub const RUNS_MAX: u32 = 100;

/// What is to be done beyond reading the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Independent runs of each build, 1 to [`RUNS_MAX`].
    pub runs: u32,
    /// What planted secrets and mutations are drawn from: 32 bytes that nobody can guess, made for this validation.
    pub seed: [u8; 32],
    /// Runs that making the input small may take; 0 leaves it as it is.
    pub minimize_runs: u32,
    /// Look through the history, where the bundle has one.
    pub is_bisected: bool,
    /// A unified diff to check against the proof.
    pub patch: Option<Box<str>>,
    /// Variants of the input that a patch is tried with.
    pub variants: u32,
}

impl Wish {
    /// Three runs, and everything that the bundle has.
    pub fn new(seed: [u8; 32]) -> Wish {
        Wish {
            runs: 3,
            seed,
            minimize_runs: 200,
            is_bisected: true,
            patch: None,
            variants: 100,
        }
    }
}

/// What is being done right now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "doing")]
pub enum Progress {
    Building {
        of: Box<str>,
    },
    Running {
        of: Box<str>,
        number: u32,
        total: u32,
    },
    Minimizing {
        runs: u32,
        runs_max: u32,
        bytes: u64,
    },
    Bisecting {
        version: Box<str>,
    },
    Varying {
        number: u32,
        total: u32,
    },
}

impl Progress {
    /// In words, for people.
    pub fn words(&self) -> String {
        match self {
            Progress::Building { of } => format!("building: {of}"),
            Progress::Running { of, number, total } => {
                format!("running: {of}, {number} of {total}")
            }
            Progress::Minimizing {
                runs,
                runs_max,
                bytes,
            } => format!(
                "making the input small: {bytes} bytes after {runs} of at most {runs_max} runs"
            ),
            Progress::Bisecting { version } => format!("looking through the history: {version}"),
            Progress::Varying { number, total } => {
                format!("trying the patch with variants of the input: {number} of {total}")
            }
        }
    }
}

/// Why there is no validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Whoever asked for it does not want it any more.
    Cancelled,
    /// Our fault, or the machine's: it may be tried again. What this machine lacks by nature is no such thing, it is
    /// a validation that came to [`Outcome::CannotRun`].
    Broken(Box<str>),
}
