//! What changed between two looks at the same flaw?

use super::{Event, What, event};
use crate::{Exploitation, Facts};
use jiff::Timestamp;
use jiff::civil::Date;

/// An event for each fact that is not what it was.
pub(super) fn differences(before: &Facts, after: &Facts, now: Timestamp) -> Vec<Event> {
    let mut events = Vec::new();
    let mut differ = |what, before: String, after: String, why: &str| {
        if before != after {
            events.push(event(now, what, before, after, why));
        }
    };
    let exposure = ["not exposed", "exposed"];
    let why = match after.exposed {
        Some(true) => "the operator says it is exposed",
        Some(false) => "the operator says it is not exposed",
        None => "nobody says any more whether it is exposed",
    };
    differ(
        What::Exposure,
        answer(before.exposed, exposure),
        answer(after.exposed, exposure),
        why,
    );
    let why = match (before.kev_added, after.kev_added) {
        (None, _) => "CISA added it to KEV",
        (_, None) => "CISA took it out of KEV",
        _ => "CISA dated its KEV entry earlier",
    };
    differ(
        What::Kev,
        dated(before.kev_added),
        dated(after.kev_added),
        why,
    );
    let words = ["not automatable", "automatable"];
    differ(
        What::Automatable,
        answer(before.automatable, words),
        answer(after.automatable, words),
        "CISA's answer on automation changed",
    );
    let words = ["partial", "total"];
    differ(
        What::TechnicalImpact,
        answer(before.total, words),
        answer(after.total, words),
        "CISA's answer on technical impact changed",
    );
    differ(
        What::Exploitation,
        exploitation(before.exploitation),
        exploitation(after.exploitation),
        "CISA's answer on exploitation changed",
    );
    differ(
        What::KevDue,
        dated(before.kev_due),
        dated(after.kev_due),
        "KEV's own due date changed",
    );
    differ(
        What::KevTriage,
        answer(before.kev_triage, ["no", "yes"]),
        answer(after.kev_triage, ["no", "yes"]),
        "the catalog's own word on forensic triage changed",
    );
    differ(
        What::Regime,
        before.regime.id().to_owned(),
        after.regime.id().to_owned(),
        "the operator answers to another regime",
    );
    differ(
        What::DetectedEarlier,
        before.detected.map(|at| at.to_string()).unwrap_or_default(),
        after.detected.map(|at| at.to_string()).unwrap_or_default(),
        "an earlier detection became known",
    );
    events
}

fn answer(answer: Option<bool>, [no, yes]: [&str; 2]) -> String {
    match answer {
        None => "unknown",
        Some(false) => no,
        Some(true) => yes,
    }
    .to_owned()
}

fn dated(date: Option<Date>) -> String {
    date.map_or("none".to_owned(), |date| date.to_string())
}

fn exploitation(said: Option<Exploitation>) -> String {
    match said {
        None => "unknown",
        Some(Exploitation::None) => "none",
        Some(Exploitation::Poc) => "poc",
        Some(Exploitation::Active) => "active",
    }
    .to_owned()
}
