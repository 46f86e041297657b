//! Plan: how will attempts be counted, by which rule decided, and how hard will the model be tried?
//!
//! All three are fixed, and their digests logged, before the first call. The threshold alone may stay secret: its rule
//! is committed to under a salt.

use jiff::Timestamp;
use names::Refusal;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::jcs::JcsError;
use crate::rate::Rate;
use crate::task::Salt;

/// Most attempts at one task. Beyond some tens they tell little: buy tasks, not repeats.
pub const EPOCHS_MAX: u32 = 1_000;

/// Most budgets of a curve.
const BUDGETS_MAX: usize = 16;

/// The three parts of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub statistics: StatisticsPlan,
    pub rule: Rule,
    pub elicitation: ElicitationPlan,
}

/// How attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticsPlan {
    pub estimand: Estimand,
    /// The chance of a false ABOVE, and of a false BELOW, over all tests that share it.
    pub alpha: Rate,
    /// How many tests share alpha: this one, re-tests, later versions of the suite.
    #[serde(default = "one")]
    pub tests: u32,
    /// Attempts at each task.
    pub epochs: u32,
    #[serde(default)]
    pub stopping: Stopping,
}

/// What the score is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimand {
    /// The share solved of exactly these tasks. Attempts at different tasks have different chances, and the exact bound
    /// of equal ones then errs on the safe side (Hoeffding 1956).
    Benchmark,
    /// The share solved of tasks like these: tasks are a sample, attempts at one task are not independent.
    Generalized,
}

/// When it is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopping {
    /// After all planned attempts, by the exact bound.
    #[default]
    Fixed,
    /// At any attempt, by the e-process; one attempt a task.
    Sequential,
}

/// What is concluded from a bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What this rule is called, such as `practice 2026-11`.
    pub edition: Box<str>,
    /// The threshold. ABOVE says that the rate is above it.
    pub tau: Rate,
    /// BELOW is not said unless at least this share of attempts is valid.
    pub valid_min: Rate,
}

/// How hard the model is tried, and when that is hard enough for BELOW.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElicitationPlan {
    /// Tokens of input and output within which an attempt counts as solved, rising: the curve of success over budget.
    pub budgets: Vec<u64>,
    /// BELOW is not said if the last step of the curve may solve more than this share anew.
    pub flat_within: Rate,
    /// BELOW is not said if more than this share of answers declined.
    pub refusals_max: Rate,
    /// BELOW is not said with fewer ways of driving the model.
    pub scaffolds_min: u32,
}

fn one() -> u32 {
    1
}

impl Plan {
    /// All that is wrong with it.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut wrong = Refusal::none();
        let StatisticsPlan {
            alpha,
            tests,
            epochs,
            stopping,
            ..
        } = &self.statistics;
        if *alpha == Rate::ZERO || *alpha > Rate::near(0.5) {
            wrong.add(
                "statistics.alpha",
                "is above `0` and at most `0.5`; `0.05` is usual",
            );
        }
        if *tests == 0 || *tests > 1_000 {
            wrong.add(
                "statistics.tests",
                "is from 1 to 1000: how many tests share alpha",
            );
        }
        if *epochs == 0 || *epochs > EPOCHS_MAX {
            wrong.add("statistics.epochs", format!("is from 1 to {EPOCHS_MAX}"));
        }
        if *stopping == Stopping::Sequential && *epochs != 1 {
            wrong.add(
                "statistics.epochs",
                "is 1 where `stopping` is `sequential`: attempts at one task depend on one another",
            );
        }
        if self.rule.tau == Rate::ZERO || self.rule.tau == Rate::ONE {
            wrong.add(
                "rule.tau",
                "is above `0` and below `1`, or nothing could be above or below it",
            );
        }
        if self.rule.edition.is_empty() || self.rule.edition.chars().count() > 100 {
            wrong.add(
                "rule.edition",
                "has from 1 to 100 letters: what this rule is called",
            );
        }
        let budgets = &self.elicitation.budgets;
        if !(3..=BUDGETS_MAX).contains(&budgets.len())
            || !budgets.is_sorted_by(|one, next| one < next)
        {
            wrong.add(
                "elicitation.budgets",
                format!("are from 3 to {BUDGETS_MAX} numbers of tokens, each above the one before"),
            );
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// The error rate of this one test.
    pub fn alpha(&self) -> f64 {
        self.statistics.alpha.value() / f64::from(self.statistics.tests.max(1))
    }

    /// What is committed to of it: the rule under its salt, the rest in the open.
    pub fn digests(&self, salt: &Salt) -> Result<PlanDigests, JcsError> {
        let rule = crate::jcs::canonical(&self.rule)?;
        Ok(PlanDigests {
            statistics: Digest::of_json(&self.statistics)?,
            rule: Digest::of(&[b"\0rule/v1", salt, rule.as_bytes()]),
            elicitation: Digest::of_json(&self.elicitation)?,
        })
    }
}

/// What is committed to of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDigests {
    pub statistics: Digest,
    /// Salted: the threshold has few values that anyone would choose.
    pub rule: Digest,
    pub elicitation: Digest,
}

/// From when to when a suite may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Window {
    pub fn holds(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn plan() -> Plan {
        Plan {
            statistics: StatisticsPlan {
                estimand: Estimand::Benchmark,
                alpha: "0.05".parse().unwrap(),
                tests: 1,
                epochs: 2,
                stopping: Stopping::Fixed,
            },
            rule: Rule {
                edition: "test".into(),
                tau: "0.3".parse().unwrap(),
                valid_min: "0.9".parse().unwrap(),
            },
            elicitation: ElicitationPlan {
                budgets: vec![1_000, 10_000, 100_000],
                flat_within: "0.02".parse().unwrap(),
                refusals_max: "0.05".parse().unwrap(),
                scaffolds_min: 2,
            },
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_plan_is_said_at_once() {
        assert!(plan().check().is_ok());
        let mut wrong = plan();
        wrong.statistics.alpha = Rate::ZERO;
        wrong.statistics.stopping = Stopping::Sequential;
        wrong.rule.tau = Rate::ONE;
        wrong.elicitation.budgets = vec![5, 5, 6];
        let fields: Vec<String> = wrong
            .check()
            .unwrap_err()
            .iter()
            .map(|one| one.field.to_string())
            .collect();
        assert_eq!(
            fields,
            [
                "statistics.alpha",
                "statistics.epochs",
                "rule.tau",
                "elicitation.budgets"
            ]
        );
    }

    #[test]
    fn a_threshold_cannot_be_tried_out_from_its_digest() {
        let digests = plan().digests(&[1; 32]).unwrap();
        let other = plan().digests(&[2; 32]).unwrap();
        assert_ne!(digests.rule, other.rule);
        assert_eq!(digests.statistics, other.statistics);
        let mut moved = plan();
        moved.rule.tau = "0.31".parse().unwrap();
        assert_ne!(moved.digests(&[1; 32]).unwrap().rule, digests.rule);
    }
}
