//! Deconflict: is this report new, the same as a finding we hold, or must a person look?
//!
//! Merging is seen by everyone and splitting by a person who compares, so the rule is one-sided: a report joins a
//! finding by itself only where one of six strong agreements holds and nothing speaks against it. What is close
//! waits for a person. What has the same cause at another place is linked and never merged.

mod evidence;
mod reason;
mod rule;
mod stacks;
mod why;

use std::borrow::Borrow;

use names::FindingId;
use serde::{Deserialize, Serialize};

pub use reason::{Reason, Side};
pub use rule::Ground;

use crate::fingerprint::Fingerprint;

/// The edition of this rule. It is kept with each decision, so that one of an older edition can be made again.
pub const EDITION: u16 = 1;

/// Findings that one report is compared with; the store hands over those that share the most terms.
///
/// A flaw that everyone finds shares terms with its duplicates, which are one finding. Thirty-two findings that
/// share a rare term are a busy file, and those that share most come first.
pub const CANDIDATES_MAX: usize = 32;

/// Reports of one finding that a report is compared with: the first, and those that differ from it most recently.
pub const REPORTS_MAX: usize = 8;

/// Candidates that are shown to a person; who has more than this to compare compares none.
const SHOWN_MAX: usize = 5;

/// Points from which a person must look. Two agreements of weight in one target reach it: a function named in words, and a weakness that may be the same.
const UNSURE_POINTS_MIN: i32 = 40;

/// What a report turns out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deconfliction {
    /// [`EDITION`] when it was decided.
    pub edition: u16,
    pub outcome: Outcome,
    /// Further findings that it is the same as by the rule: a person decides whether they are one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Candidate>,
    /// The same cause at another place: linked, not merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<Candidate>,
}

impl Deconfliction {
    /// The same with nothing merged: what is the same is asked first.
    #[must_use]
    pub fn asked(mut self) -> Deconfliction {
        if let Outcome::Same(candidate) = self.outcome {
            let mut asked = vec![candidate];
            asked.append(&mut self.also);
            self.outcome = Outcome::Unsure(asked);
        }
        self
    }
}

/// New, the same, or unsure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nobody has reported this flaw before.
    New,
    /// The same flaw; the reporter is credited and joins the case.
    Same(Candidate),
    /// Close enough that a person must look before anything is merged; the closest first.
    Unsure(Vec<Candidate>),
}

/// A finding that was compared, and why it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub finding: FindingId,
    /// The sum of all evidence, for the order of candidates. From 40 a person looks.
    pub points: i32,
    /// What made them the same, where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// Each piece of evidence in words, the heaviest first.
    pub why: Vec<Reason>,
}

/// Decides what `report` is, given the findings that share terms with it and the fingerprints of their reports.
///
/// The answer does not depend on the order of `known`. At most [`CANDIDATES_MAX`] findings and [`REPORTS_MAX`] reports
/// of each are looked at.
pub fn deconflict<F: Borrow<Fingerprint>>(
    report: &Fingerprint,
    known: &[(FindingId, Vec<F>)],
) -> Deconfliction {
    let compared = known.iter().take(CANDIDATES_MAX);
    let mut compared: Vec<_> = compared
        .filter_map(|(finding, reports)| Some((*finding, closest(report, reports)?)))
        .collect();
    compared.sort_by_key(|(finding, (_, judged))| (judged.rank(), *finding));
    let (mut same, mut unsure, mut siblings) = (Vec::new(), Vec::new(), Vec::new());
    for (finding, (known, judged)) in compared {
        let list = match &judged {
            judged if judged.ground.is_some() => &mut same,
            judged if judged.points >= UNSURE_POINTS_MIN => &mut unsure,
            judged if judged.sibling => &mut siblings,
            _ => continue,
        };
        if list.len() < SHOWN_MAX {
            list.push(Candidate {
                finding,
                points: judged.points,
                ground: judged.ground,
                why: compare(report, known),
            });
        }
    }
    let mut same = same.into_iter();
    let (outcome, also) = match same.next() {
        Some(first) => (Outcome::Same(first), same.collect()),
        None if unsure.is_empty() => (Outcome::New, Vec::new()),
        None => (Outcome::Unsure(unsure), Vec::new()),
    };
    Deconfliction {
        edition: EDITION,
        outcome,
        also,
        siblings,
    }
}

/// Compares two reports alone, for the page that shows them side by side.
pub fn compare(one: &Fingerprint, other: &Fingerprint) -> Vec<Reason> {
    why::why(one, other, &evidence::evidence(one, other))
}

/// The report of a finding that agrees best, and what it is to this one.
fn closest<'a, F: Borrow<Fingerprint>>(
    report: &Fingerprint,
    reports: &'a [F],
) -> Option<(&'a Fingerprint, rule::Judged)> {
    let reports = reports.iter().map(Borrow::borrow).take(REPORTS_MAX);
    let judged = reports.map(|known| (known, rule::judge(report, known)));
    judged.min_by_key(|(_, judged)| judged.rank())
}

#[cfg(test)]
mod tests;
