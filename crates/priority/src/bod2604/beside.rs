//! What else would be said of the same flaw?
//!
//! The other answer on exposure, the other start of the clock, the catalog's own fields, another regime. For
//! information: none of it moves the date.

use super::{Answers, Beside, Decision, Edition, Row, days_after, decide_by, edition, rules};
use crate::{Exploitation, Facts, Regime};
use jiff::Timestamp;
use jiff::civil::Date;

/// What else there is to know: the other answer on exposure, the other start, what the catalog itself says.
pub(super) fn beside(edition: &Edition, row: &Row, facts: &Facts, start: Date) -> Vec<Beside> {
    let mut beside = Vec::new();
    if facts.exposed.is_none() {
        let other = edition.row(Answers {
            exposed: !row.answers.exposed,
            ..row.answers
        });
        beside.push(Beside {
            what: if other.answers.exposed {
                "if exposed"
            } else {
                "if not exposed"
            }
            .to_owned(),
            due: other.timeline.days.map(|days| days_after(start, days)),
            note: format!("row {}: {}", other.number, other.timeline.name),
        });
    }
    if let Some((added, days)) = facts
        .kev_added
        .zip(row.timeline.days)
        .filter(|(added, _)| *added > start)
    {
        beside.push(Beside {
            what: "counted from the KEV addition".to_owned(),
            due: Some(days_after(added, days)),
            note:
                "KEV came after the detection; the directive starts the clock at the first of both"
                    .to_owned(),
        });
    }
    beside.extend(catalog(row, facts));
    beside
}

/// Where KEV's own fields stand beside the table, or CISA's two sources disagree.
fn catalog(row: &Row, facts: &Facts) -> Vec<Beside> {
    let mut beside = Vec::new();
    if let Some(due) = facts.kev_due {
        beside.push(Beside {
            what: "KEV due date".to_owned(),
            due: Some(due),
            note: "the catalog's own date; the directive's table governs".to_owned(),
        });
    }
    let mut contradiction = |what: &str, note: &str| {
        beside.push(Beside {
            what: what.to_owned(),
            due: None,
            note: note.to_owned(),
        });
    };
    match (facts.kev_triage, row.timeline.triage) {
        (Some(true), false) => contradiction(
            "KEV forensic triage",
            "the catalog asks for it, the table's row does not",
        ),
        (Some(false), true) => contradiction(
            "KEV forensic triage",
            "the table's row asks for it, the catalog does not",
        ),
        _ => {}
    }
    if facts.kev_added.is_some()
        && facts
            .exploitation
            .is_some_and(|said| said != Exploitation::Active)
    {
        contradiction(
            "SSVC exploitation",
            "CISA's SSVC answer does not say active, KEV says exploited; KEV governs",
        );
    }
    beside
}

/// What the other regimes would say where it differs.
pub(super) fn other_regimes(decision: &Decision, facts: &Facts, now: Timestamp) -> Vec<Beside> {
    Regime::ALL
        .into_iter()
        .filter(|regime| *regime != facts.regime)
        .filter_map(|regime| {
            let rules = rules(regime);
            let other = decide_by(
                edition(&rules.edition)?,
                rules,
                &Facts {
                    regime,
                    ..facts.clone()
                },
                now,
            );
            (other.timeline != decision.timeline).then(|| Beside {
                what: rules.name.clone(),
                due: other.due,
                note: format!("row {}: {}", other.row, other.timeline.name),
            })
        })
        .collect()
}
