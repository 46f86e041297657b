//! Contamination: did a model meet a suite before it was measured with it?
//!
//! Two questions are asked, and neither proves that it did not. Does it complete words that were drawn at random and
//! stand where it should never have looked? And is it better where the tasks are public, or older than its training?
//! What is found moves no attempt by itself: an attempt in which the model says what it cannot know is marked
//! `contaminated` in its own record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::scorecard::{Score, Scorecard, Treatment};
use crate::statistics::{Side, beta, bound};
use crate::words::words;

/// What a record calls itself.
pub const FORM: &str = "seamark-contamination/1";

words! {
    /// Where a canary stands.
    Tier "tier of canaries" {
        /// In what is public, with the request to keep what holds it out of training.
        Public "public" "in public material",
        /// In one task each, and nowhere else.
        Task "task" "in one task",
        /// In the copy of one recipient.
        Recipient "recipient" "in a recipient's copy",
        /// Nowhere: whoever completes one guesses, or was told by the question.
        Control "control" "nowhere",
    }
}

words! {
    /// What the canaries say.
    Reading "reading of canaries" {
        /// One that stands nowhere was completed: the question itself gives it away, and nothing is shown.
        Void "void" "nothing is shown: a word that stands nowhere was completed too",
        /// One that stands somewhere was completed: that was met.
        Met "met" "the model met this suite",
        /// None was completed. That is no proof of the opposite.
        NotMet "not-met" "no word was completed, which does not prove that none was met",
    }
}

/// What came of the canaries of one tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub tier: Tier,
    /// Whose copies, in the tier of recipients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Box<str>>,
    pub asked: u32,
    /// Of these, how many were completed.
    pub completed: u32,
    /// Of these, how many were not answered: the line broke, or the model declined.
    pub unanswered: u32,
}

/// How much better a model is at some tasks than at others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Which ones: `public tasks and sealed ones`.
    pub between: Box<str>,
    /// Share solved of the first less share solved of the second, in millionths.
    pub difference: i64,
    /// Bounds of it. Each leaves out the truth at most twice as often as a bound of one scorecard does.
    pub lower: i64,
    pub upper: i64,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContaminationRecord {
    pub form: Box<str>,
    /// The suite's id and version; scores of two versions are never compared.
    pub suite: Box<str>,
    pub version: Box<str>,
    pub model: Box<str>,
    pub at: Timestamp,
    pub canaries: Vec<Asked>,
    /// Canaries that were not asked about, since too little of them is drawn at random.
    pub unfit: u32,
    /// By chance as many are completed with a probability of at most 2 to the power of minus this; nothing where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_chance_bits: Option<u32>,
    /// With 95 %, the question gives away no more than this share of what stands nowhere.
    pub control_upper: crate::Rate,
    pub reading: Reading,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// What one that never met a canary completes it by: `2^-bits` at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    pub bits: u32,
}

/// Reads what came of the canaries. `chance` is that of the canary which is guessed most easily.
pub fn reading(canaries: &[Asked], chance: Chance) -> (Reading, Option<u32>, crate::Rate) {
    let (mut planted, mut control) = ((0, 0), (0, 0));
    for one in canaries {
        let of = match one.tier {
            Tier::Control => &mut control,
            Tier::Public | Tier::Task | Tier::Recipient => &mut planted,
        };
        *of = (of.0 + one.completed, of.1 + one.asked - one.unanswered);
    }
    let upper = match control {
        (_, 0) => crate::Rate::ONE,
        (k, n) => crate::Rate::up(bound(Side::Upper, f64::from(k), f64::from(n), 0.05)),
    };
    let reading = match (planted.0, control.0) {
        (_, 1..) => Reading::Void,
        (0, 0) => Reading::NotMet,
        (1.., 0) => Reading::Met,
    };
    (reading, by_chance(planted, chance), upper)
}

/// The exact binomial tail, P(at least k of n), as bits rounded down.
fn by_chance((k, n): (u32, u32), chance: Chance) -> Option<u32> {
    if k == 0 {
        return None;
    }
    let p = (-f64::from(chance.bits)).exp2();
    let tail = beta::below(p, f64::from(k), f64::from(n - k) + 1.0);
    // So unlikely that no number stands for it.
    let bits = if tail > 0.0 { -tail.log2() } else { 1_074.0 };
    Some(bits.max(0.0) as u32)
}

/// How much better a model was in one scorecard than in the other: `between` says of which tasks they are.
pub fn gap(between: &str, one: &Scorecard, other: &Scorecard) -> Option<Gap> {
    let of = |card: &Scorecard, treatment| -> Option<Score> {
        let mut scores = card.scores.iter();
        scores.find(|score| score.treatment == treatment).cloned()
    };
    let fails = [one, other].map(|card| of(card, Treatment::InvalidFails));
    let solves = [one, other].map(|card| of(card, Treatment::InvalidSolves));
    let ([Some(one), Some(other)], [Some(one_most), Some(other_most)]) = (fails, solves) else {
        return None;
    };
    let less = |one: crate::Rate, other: crate::Rate| {
        i64::from(one.millionths()) - i64::from(other.millionths())
    };
    Some(Gap {
        between: between.into(),
        difference: less(one.estimate, other.estimate),
        lower: less(one.lower, other_most.upper),
        upper: less(one_most.upper, other.lower),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tier: Tier, completed: u32, asked: u32) -> Asked {
        Asked {
            tier,
            recipient: None,
            asked,
            completed,
            unanswered: 0,
        }
    }

    #[test]
    fn one_word_that_cannot_be_guessed_says_it_and_one_that_stands_nowhere_voids_all() {
        let chance = Chance { bits: 32 };
        for (planted, control, wanted, bits) in [
            (0, 0, Reading::NotMet, None),
            // 24 tries at one of 2^32: 2^-32 × 24 is 2^-27.4.
            (1, 0, Reading::Met, Some(27)),
            // Two of 24: 276 pairs at 2^-64 are 2^-55.9.
            (2, 0, Reading::Met, Some(55)),
            (0, 1, Reading::Void, None),
            (5, 1, Reading::Void, None),
        ] {
            let all = [
                asked(Tier::Task, planted, 24),
                asked(Tier::Control, control, 60),
            ];
            let (reading, said, _) = reading(&all, chance);
            assert_eq!(reading, wanted, "{planted} and {control}");
            if wanted == Reading::Met {
                assert_eq!(said, bits);
            }
        }
    }

    #[test]
    fn what_was_not_answered_is_no_try() {
        let mut control = asked(Tier::Control, 0, 60);
        let (_, _, all) = reading(std::slice::from_ref(&control), Chance { bits: 32 });
        // 1 − 0.05^(1/60), by Clopper and Pearson.
        assert_eq!(all.to_string(), "0.048703");
        control.unanswered = 60;
        let (_, _, none) = reading(&[control], Chance { bits: 32 });
        assert_eq!(none, crate::Rate::ONE);
    }
}
