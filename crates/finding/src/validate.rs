//! Validate: is what a report says shown, and does it go on because of that?
//!
//! What a re-run shows is a fact about a proof, not about the flaw: *not reproduced* says that this input did not show
//! it here. So nothing is refused for it. Where somebody takes only what is proven, the rest goes the slow way: a person
//! looks at it.

use std::str::FromStr;

use names::Problems;
use serde::Serialize;

/// What the re-runs of a proof showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The claimed flaw, in each run.
    Proven,
    /// Nothing, in any run.
    NotReproduced,
    /// The flaw in some runs and not in others.
    Flaky,
    /// It crashed, and not as was claimed.
    DifferentFlaw,
    /// This machine cannot run it; that says nothing about the flaw.
    CannotRun,
}

/// How far a re-run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Queued,
    Running,
    /// It has an outcome.
    Done,
    /// Somebody, or the withdrawal of its report, ended it before.
    Cancelled,
    /// Each worker that began it stopped before it was done.
    Failed,
}

macro_rules! words {
    ($name:ident, $noun:literal: $($variant:ident $word:literal $shown:literal,)*) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word for stores and programs.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The word for people.
            pub const fn shown(self) -> &'static str {
                match self { $($name::$variant => $shown,)* }
            }
        }

        impl FromStr for $name {
            type Err = Problems;

            fn from_str(text: &str) -> Result<$name, Problems> {
                let found = $name::ALL.iter().find(|one| one.as_str() == text);
                found.copied().ok_or_else(|| {
                    let all: Vec<String> = $name::ALL.iter().map(|one| format!("`{}`", one.as_str())).collect();
                    Problems::one(format!(
                        "{} is no {}; write one of {}", names::problem::quoted(text), $noun, all.join(", ")
                    ))
                })
            }
        }
    };
}

words! { Outcome, "outcome of a validation":
    Proven "proven" "proven",
    NotReproduced "not_reproduced" "not reproduced",
    Flaky "flaky" "flaky",
    DifferentFlaw "different_flaw" "different flaw",
    CannotRun "cannot_run" "cannot run here",
}

words! { State, "state of a validation":
    Queued "queued" "waiting",
    Running "running" "running",
    Done "done" "done",
    Cancelled "cancelled" "cancelled",
    Failed "failed" "failed",
}

impl State {
    /// Whether nothing more comes of it.
    pub const fn is_over(self) -> bool {
        matches!(self, State::Done | State::Cancelled | State::Failed)
    }
}

/// How far the proofs of a report, or of all reports of a finding, have shown the flaw; later is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// There is no proof.
    #[default]
    Nothing,
    /// There is one, and nobody has re-run it.
    Unchecked,
    /// It was re-run, and did not show the flaw, or not each time.
    Unproven,
    /// It is going to be re-run.
    Waiting,
    Proven,
}

/// What is shown by a report that names `proofs` proofs, of which these are the re-runs so far.
pub fn validate(proofs: usize, runs: impl IntoIterator<Item = (State, Option<Outcome>)>) -> Shown {
    let first = match proofs {
        0 => Shown::Nothing,
        _ => Shown::Unchecked,
    };
    let shown = |(state, outcome): (State, Option<Outcome>)| match (state, outcome) {
        (_, Some(Outcome::Proven)) => Shown::Proven,
        (State::Queued | State::Running, _) => Shown::Waiting,
        (_, Some(Outcome::NotReproduced | Outcome::Flaky | Outcome::DifferentFlaw)) => {
            Shown::Unproven
        }
        // That it cannot run here says nothing about it.
        (_, Some(Outcome::CannotRun) | None) => first,
    };
    runs.into_iter().map(shown).fold(first, Shown::max)
}

impl Shown {
    /// Whether the flaw was shown.
    pub fn is_proven(self) -> bool {
        self == Shown::Proven
    }

    /// What is missing, for who handed it over; nothing where it is proven.
    pub fn why_not_proven(self) -> Option<&'static str> {
        match self {
            Shown::Nothing => Some(
                "add a bundle that shows the flaw, as `seamark prove --new` makes one, or an input or a script for a person to look at",
            ),
            Shown::Unchecked => Some(
                "the proof was not re-run: it is no bundle, or cannot run here; a person looks at it, or send a bundle as `seamark prove --new` makes one",
            ),
            Shown::Waiting => Some("the proof is going to be re-run"),
            Shown::Unproven => Some(
                "the proof was re-run and did not show the flaw each time; a person looks at it",
            ),
            Shown::Proven => None,
        }
    }
}

/// Why a report takes the slow way, where this house sends maintainers only what is `required` to be proven.
pub fn slow(shown: Shown, required: bool) -> Option<String> {
    let why = shown.why_not_proven().filter(|_| required)?;
    Some(format!(
        "this house sends maintainers at once only what is proven, and all else when a person has looked at it; {why}"
    ))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// `proofs: state outcome, state outcome` a line.
    fn check(text: &str, wanted: Expect) {
        let line = |line: &str| {
            let (proofs, runs) = line.trim().split_once(':').unwrap();
            let runs = runs.split(',').map(str::trim).filter(|run| !run.is_empty());
            let runs = runs.map(|run| {
                let (state, outcome) = run.split_once(' ').unwrap_or((run, ""));
                let outcome = (!outcome.is_empty()).then(|| outcome.parse().unwrap());
                (state.parse().unwrap(), outcome)
            });
            let shown = validate(proofs.parse().unwrap(), runs);
            let slow = if slow(shown, true).is_some() {
                "slow"
            } else {
                "fast"
            };
            assert_eq!(
                super::slow(shown, false),
                None,
                "nothing is slow where nothing is required"
            );
            format!("{shown:?}, {slow}\n")
        };
        wanted.assert_eq(&text.lines().map(line).collect::<String>());
    }

    #[test]
    fn one_proof_that_works_is_enough_and_one_that_does_not_takes_nothing_away() {
        check(
            "0:
             1:
             1: queued
             1: running
             1: cancelled
             1: failed
             1: done proven
             1: done cannot_run
             1: done not_reproduced
             1: done flaky
             1: done different_flaw
             2: done not_reproduced, done proven
             2: done proven, queued
             2: done flaky, queued
             2: done cannot_run, done flaky",
            expect![[r#"
                Nothing, slow
                Unchecked, slow
                Waiting, slow
                Waiting, slow
                Unchecked, slow
                Unchecked, slow
                Proven, fast
                Unchecked, slow
                Unproven, slow
                Unproven, slow
                Unproven, slow
                Proven, fast
                Proven, fast
                Waiting, slow
                Unproven, slow
            "#]],
        );
    }

    #[test]
    fn a_word_reads_back_as_it_is_written() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(*outcome));
        }
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        let said = "maybe".parse::<Outcome>().unwrap_err().to_string();
        expect!["`maybe` is no outcome of a validation; write one of `proven`, `not_reproduced`, `flaky`, `different_flaw`, `cannot_run`"].assert_eq(&said);
    }
}
