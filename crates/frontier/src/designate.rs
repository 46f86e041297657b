//! Designate: is a model a covered frontier model, who determined that after hearing whom, and what is told of why?
//!
//! Decided by people, in one direction held by code: what the committed rule did not measure is not determined. A model
//! is *covered* only where its scorecard is above the threshold, *not covered* only where it is below, and otherwise it
//! is *indeterminate*; silence, lateness and a lack of evidence never designate. A determination says what a model can
//! do. It says nothing about whether it may be released, and nothing here could.

mod reasons;

use jiff::Timestamp;
use names::{MemberId, OrganizationId, Refusal};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::engage::Signature;
use crate::words::words;

pub use reasons::{Marking, PORTIONS_MAX, Portion, REASONS_BYTES_MAX, Reasons, Shown, Summary};

words! {
    /// What the committed rule made of a scorecard.
    Measured "measured result" {
        /// The lower bound is above the threshold.
        Above "above" "above the threshold",
        /// The upper bound is below it, the model was drawn out well enough, and enough samples count.
        Below "below" "below the threshold",
        /// Neither can be said.
        Indeterminate "indeterminate" "neither",
    }
}

words! {
    /// What is determined of a model.
    Outcome "outcome" {
        /// A covered frontier model.
        Covered "covered" "covered",
        /// None.
        NotCovered "not-covered" "not covered",
        /// The evidence says neither.
        Indeterminate "indeterminate" "indeterminate",
    }
}

words! {
    /// What somebody who is heard thinks of it.
    Stance "stance" {
        /// The evidence bears it.
        Concurs "concurs" "concurs",
        /// It does not; the reasons stand beside the determination for as long as that does.
        Dissents "dissents" "dissents",
        /// Has nothing to say to it.
        Abstains "abstains" "abstains",
    }
}

words! {
    /// Why a developer has a determination looked at again.
    Grounds "grounds" {
        /// It is not the model that was measured.
        Identity "identity" "identity of the model",
        /// Samples count that should not, or the other way round.
        Validity "validity" "validity of samples",
        /// The numbers do not follow from the samples by the plan.
        Statistics "statistics" "statistics",
        /// The model was drawn out too little, or by what the plan did not say.
        Elicitation "elicitation" "elicitation",
        /// Something is known that was not.
        NewEvidence "new-evidence" "new evidence",
    }
}

/// An office that is asked, person by person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub organization: OrganizationId,
    /// Such as `National Cyber Director`.
    pub office: Box<str>,
}

/// What one person said when heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opinion {
    pub person: MemberId,
    pub organization: OrganizationId,
    pub stance: Stance,
    pub reasons: Reasons,
    pub at: Timestamp,
}

/// What might be thought to sway somebody. Who declares one is heard, and not counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    pub person: MemberId,
    pub organization: OrganizationId,
    pub text: Box<str>,
    pub at: Timestamp,
}

/// What was measured: the scorecard by its digest, and what the committed rule makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub scorecard: Digest,
    pub measured: Measured,
}

/// What would be determined, or is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    pub outcome: Outcome,
    pub reasons: Reasons,
}

/// What is determined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determination {
    pub outcome: Outcome,
    pub evidence: Evidence,
    pub reasons: Reasons,
    pub by: Vec<Signature>,
    pub at: Timestamp,
    /// Its last moment. No act moves it later.
    pub ends: Timestamp,
}

/// What came of looking at it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    pub grounds: Grounds,
    /// What the developer says.
    pub statement: Box<str>,
    pub asked: Timestamp,
    /// Whose people look at it; never the evaluator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concluded: Option<Concluded>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concluded {
    pub before: Outcome,
    pub after: Outcome,
    /// Digest of the beacon's round by which the reviewer's samples were chosen: a round after the asking.
    pub beacon: Digest,
    /// What differs from what was measured, in the reviewer's words.
    pub delta: Box<str>,
    pub at: Timestamp,
}

/// Whether `draft` follows from `evidence`; what would, where it does not.
///
/// Nothing but *above* makes a model covered, and nothing but *below* makes it not covered. What an official may always
/// determine is that the evidence says neither.
pub fn designate(draft: &Draft, evidence: &Evidence) -> Result<(), Refusal> {
    let mut refusal = Refusal::none();
    let follows = match draft.outcome {
        Outcome::Covered => evidence.measured == Measured::Above,
        Outcome::NotCovered => evidence.measured == Measured::Below,
        Outcome::Indeterminate => true,
    };
    if !follows {
        let message = format!(
            "`{}` does not follow from a scorecard that is {}; `indeterminate` does",
            draft.outcome,
            evidence.measured.shown()
        );
        refusal.add("outcome", message);
    }
    if draft.reasons.summary().is_bare() {
        refusal.add(
            "reasons",
            "no portion is unclassified, so the developer would read nothing; write one marked `(U)` that says what was \
             determined and on what",
        );
    }
    refusal.or(())
}

impl Determination {
    /// Whether it stands at `now`.
    pub fn stands(&self, now: Timestamp) -> bool {
        now < self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(outcome: Outcome, measured: Measured) -> Result<(), String> {
        let reasons = Reasons::read("(U) It was measured.", &mut || [0; 32]).unwrap();
        let scorecard = Digest::of(&[b"scorecard"]);
        designate(
            &Draft { outcome, reasons },
            &Evidence {
                scorecard,
                measured,
            },
        )
        .map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn the_default_is_never_designation() {
        for outcome in Outcome::ALL {
            for measured in Measured::ALL {
                let follows = matches!(
                    (outcome, measured),
                    (Outcome::Indeterminate, _)
                        | (Outcome::Covered, Measured::Above)
                        | (Outcome::NotCovered, Measured::Below)
                );
                assert_eq!(
                    check(*outcome, *measured).is_ok(),
                    follows,
                    "{outcome} {measured}"
                );
            }
        }
        assert_eq!(
            check(Outcome::Covered, Measured::Indeterminate).unwrap_err(),
            "outcome: `covered` does not follow from a scorecard that is neither; `indeterminate` does"
        );
    }

    #[test]
    fn a_developer_is_always_told_something() {
        let reasons = Reasons::read("(S) All of it.", &mut || [0; 32]).unwrap();
        let draft = Draft {
            outcome: Outcome::Indeterminate,
            reasons,
        };
        let evidence = Evidence {
            scorecard: Digest::of(&[b"x"]),
            measured: Measured::Above,
        };
        let refusal = designate(&draft, &evidence).unwrap_err();
        assert!(refusal.about("reasons").unwrap().contains("marked `(U)`"));
    }
}
