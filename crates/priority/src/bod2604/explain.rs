//! How is a decision said to the person who has to act?
//!
//! Plain words first: what to do and by when, and why. Row, edition and identifiers come after.

use super::{Assumption, Beside, Decision, Fact, StartedBy, edition};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A decision in sentences, the most important first.
pub fn explain(decision: &Decision) -> Vec<String> {
    let mut lines = vec![headline(decision)];
    lines.extend(triage(decision));
    lines.extend(deferral(decision));
    lines.push(row(decision));
    lines.extend(decision.assumed.iter().map(assumed));
    lines.extend(decision.beside.iter().map(beside));
    lines
}

/// `14 December 2026`.
pub fn day(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = usize::try_from(date.month() - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    format!("{} {} {}", date.day(), month.unwrap_or(&""), date.year())
}

fn minute(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    format!("{} {:02}:{:02} UTC", day(at.date()), at.hour(), at.minute())
}

fn headline(decision: &Decision) -> String {
    let why = reasons(decision);
    match decision.due {
        None => format!("Fix at the next system upgrade or rebuild: {why}"),
        Some(due) if decision.overdue_at_birth => format!(
            "Fix now: it was due on {}, before it was first seen on this asset; {why}",
            day(due)
        ),
        Some(due) if decision.overdue => format!("Fix now: overdue since {}; {why}", day(due)),
        Some(due) => format!("Fix by {}: {why}", day(due)),
    }
}

fn reasons(decision: &Decision) -> String {
    let answers = decision.answers;
    let assumed = |fact| {
        decision
            .assumed
            .iter()
            .any(|assumption| assumption.fact == fact)
    };
    let reach = match (assumed(Fact::Exposed), answers.exposed) {
        (true, _) => "nobody has said whether the internet can reach it",
        (false, true) => "anyone on the internet can reach it",
        (false, false) => "the internet cannot reach it",
    };
    let known = match answers.kev {
        true => "CISA knows it is being exploited",
        false => "CISA does not list it as exploited",
    };
    let automatable = match (assumed(Fact::Automatable), answers.automatable) {
        (false, true) => "an attack can be automated",
        (false, false) => "an attack cannot be automated",
        (true, true) => "an attack is assumed to be automatable",
        (true, false) => "an attack is assumed not to be automatable",
    };
    let impact = match (assumed(Fact::TechnicalImpact), answers.total) {
        (false, true) => "it gives an attacker full control",
        (false, false) => "it gives an attacker limited control",
        (true, true) => "it is assumed to give an attacker full control",
        (true, false) => "it is assumed to give an attacker limited control",
    };
    match answers.exposed && answers.kev && !assumed(Fact::Exposed) {
        true => format!("{reach} and {known}; {automatable} and {impact}"),
        false => format!("{reach}, {known}, {automatable}, and {impact}"),
    }
}

fn triage(decision: &Decision) -> Option<String> {
    let triage = decision.triage?;
    Some(match triage.late_at_birth {
        true => "Look for an intruder before patching: the hours for it had passed before this was first seen here, \
                 so keep volatile evidence at once, then patch"
            .to_owned(),
        false => format!(
            "Look for an intruder before patching: know the affected assets by {}, keep volatile evidence by {}, \
             decide by {}",
            minute(triage.scope_by),
            minute(triage.preserve_by),
            minute(triage.decide_by)
        ),
    })
}

fn deferral(decision: &Decision) -> Option<String> {
    let deferral = decision.deferral.as_ref()?;
    let answers = decision.answers;
    let whens: Vec<&str> = deferral
        .reopens_when
        .iter()
        .map(|fact| match fact {
            Fact::Exposed if answers.exposed => "the internet can no longer reach it",
            Fact::Exposed => "the internet can reach it",
            Fact::Kev => "CISA adds it to KEV",
            Fact::Automatable => "an attack can be automated",
            Fact::TechnicalImpact => "its impact is judged anew",
            Fact::Detection => "it was seen earlier",
        })
        .collect();
    Some(format!(
        "This is a standing decision, not a closure: it gets a date when {}",
        whens.join(", or when ")
    ))
}

fn row(decision: &Decision) -> String {
    let start = decision.clock_started;
    let why = match start.why {
        StartedBy::KevAddition => "when CISA added it to KEV",
        StartedBy::Detection => "when it was first seen on this asset",
    };
    let counted = match decision.due {
        Some(_) => "counted from",
        None => "on record since",
    };
    let name = edition(&decision.edition)
        .map_or(decision.edition.as_str(), |edition| edition.name.as_str());
    format!(
        "Row {} of {name} ({}): {}, {counted} {}, {why}",
        decision.row,
        decision.edition,
        decision.timeline.name,
        day(start.date)
    )
}

fn assumed(assumption: &Assumption) -> String {
    let head = if assumption.open {
        "Open question"
    } else {
        "Assumed"
    };
    format!(
        "{head}: {}, since {} (who could say: {})",
        assumption.default, assumption.why, assumption.who
    )
}

fn beside(beside: &Beside) -> String {
    match beside.due {
        Some(due) => format!("Beside it, {}: {} ({})", beside.what, day(due), beside.note),
        None => format!("Beside it, {}: {}", beside.what, beside.note),
    }
}
