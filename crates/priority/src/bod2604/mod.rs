//! By when must this flaw be fixed on this asset?
//!
//! CISA BOD 26-04, "Prioritizing Security Updates Based on Risk", 2026-06-10, Table 1 and Appendix A. Four
//! answers find a row, the row gives calendar days, and the days count from the KEV addition or the detection
//! on the asset, whichever was first.
//!
//! What is odd: CVSS has no part in it. The number of yeses does not decide (rows 12 and 14 have one each, 14
//! and 60 days). KEV's own due date is another number and is only shown beside. "Fix on system upgrade" closes
//! nothing: it stands until one of the answers changes. What nobody has answered is filled in by the regime's
//! default, and the decision says so.

mod beside;
mod edition;
mod explain;

pub use edition::{
    Answers, DefaultAnswer, Edition, Neighbour, Row, Rules, Timeline, TriageHours, edition,
    editions, neighbours, rules,
};
pub use explain::{day, explain};

use crate::{Facts, Regime};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

/// What is owed, by when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub regime: Regime,
    /// The edition of the table: `bod-26-04/2026-06-10`.
    pub edition: String,
    /// The directive's own row number.
    pub row: u8,
    /// The answers the row was found by, defaults filled in.
    pub answers: Answers,
    pub timeline: Timeline,
    /// The last day on which a fix is in time, in UTC; `None` until the next system upgrade.
    pub due: Option<Date>,
    pub clock_started: ClockStart,
    /// Set where the row asks for forensic triage before patching.
    pub triage: Option<Triage>,
    /// Whether the due date has passed.
    pub overdue: bool,
    /// Whether it had passed before the flaw was first seen on this asset.
    pub overdue_at_birth: bool,
    /// KEV's own due date. It governs nothing here.
    pub kev_due: Option<Date>,
    /// What another answer, another regime or another source would say.
    pub beside: Vec<Beside>,
    /// Every answer that nobody gave.
    pub assumed: Vec<Assumption>,
    /// Set where the fix may wait for the next upgrade.
    pub deferral: Option<StandingDeferral>,
    pub citations: Vec<String>,
}

/// When the days began to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStart {
    pub date: Date,
    pub why: StartedBy,
}

/// Which event began the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartedBy {
    KevAddition,
    Detection,
}

/// The three steps of forensic triage. KEV gives a day and no hour, so they count from its first hour in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Triage {
    pub counted_from: Timestamp,
    /// Know which assets are affected.
    pub scope_by: Timestamp,
    /// Keep volatile evidence. Before patching.
    pub preserve_by: Timestamp,
    /// No evidence, suspected, or confirmed.
    pub decide_by: Timestamp,
    /// Whether the last of these hours had passed before the flaw was first seen on this asset: do it at once.
    pub late_at_birth: bool,
}

/// A date or a statement next to ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// `KEV due date`, `FedRAMP NTC-0014`, `if not exposed`.
    pub what: String,
    pub due: Option<Date>,
    pub note: String,
}

/// An answer that nobody gave, and what was taken instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assumption {
    pub fact: Fact,
    /// What was taken: `not automatable`.
    pub default: String,
    pub why: String,
    /// Who could answer it.
    pub who: String,
    /// Whether it is an open question on the asset or on CISA's data, rather than a default of the regime.
    pub open: bool,
}

/// What can be unanswered, and what can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    Exposed,
    Kev,
    Automatable,
    TechnicalImpact,
    Detection,
}

/// Leave to wait for the next upgrade, and what ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StandingDeferral {
    /// `the next scheduled major upgrade or rebuild`.
    pub until: String,
    /// Facts that, once they change, give the flaw a date.
    pub reopens_when: Vec<Fact>,
}

/// Decides by the edition and the defaults of the facts' regime.
pub fn decide(facts: &Facts, now: Timestamp) -> Decision {
    let rules = rules(facts.regime);
    let edition =
        edition(&rules.edition).expect("a regime names an edition we hold; a test walks them");
    let mut decision = decide_by(edition, rules, facts, now);
    decision
        .beside
        .extend(beside::other_regimes(&decision, facts, now));
    decision
}

/// Decides by `edition` with the defaults of `rules`.
pub fn decide_by(edition: &Edition, rules: &Rules, facts: &Facts, now: Timestamp) -> Decision {
    let mut assumed = Vec::new();
    let start = clock_start(facts, now, &mut assumed);
    let row = edition.row(answers(edition, rules, facts, &mut assumed));
    let due = row.timeline.days.map(|days| days_after(start.date, days));
    let seen = utc_date(facts.detected.unwrap_or(now));
    let mut citations = edition.citations.clone();
    if row.timeline.triage {
        citations.push(edition.triage_citation.clone());
    }
    if due.is_none() {
        citations.push(edition.upgrade_citation.clone());
    }
    Decision {
        regime: facts.regime,
        edition: edition.id.clone(),
        row: row.number,
        answers: row.answers,
        timeline: row.timeline.clone(),
        due,
        clock_started: start,
        triage: triage(edition, row, facts, now),
        overdue: due.is_some_and(|due| utc_date(now) > due),
        overdue_at_birth: due.is_some_and(|due| seen > due),
        kev_due: facts.kev_due,
        beside: beside::beside(edition, row, facts, start.date),
        assumed,
        deferral: due.is_none().then(|| standing(edition, row)),
        citations,
    }
}

/// The calendar day of an instant, in UTC.
pub fn utc_date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Calendar days: the day the clock starts is day zero, and the due date is a day still in time.
fn days_after(start: Date, days: u16) -> Date {
    start.saturating_add(Span::new().days(i64::from(days)))
}

/// Appendix A: the KEV addition or the detection, whichever was first.
fn clock_start(facts: &Facts, now: Timestamp, assumed: &mut Vec<Assumption>) -> ClockStart {
    let detected = utc_date(facts.detected.unwrap_or(now));
    if facts.detected.is_none() {
        assumed.push(Assumption {
            fact: Fact::Detection,
            default: "first seen today".to_owned(),
            why: "no earlier scan of this asset is on record".to_owned(),
            who: "the operator, from earlier scans".to_owned(),
            open: false,
        });
    }
    match facts.kev_added {
        Some(added) if added <= detected => ClockStart {
            date: added,
            why: StartedBy::KevAddition,
        },
        _ => ClockStart {
            date: detected,
            why: StartedBy::Detection,
        },
    }
}

/// The four answers, what is missing filled in and named.
fn answers(
    edition: &Edition,
    rules: &Rules,
    facts: &Facts,
    assumed: &mut Vec<Assumption>,
) -> Answers {
    let kev = facts.kev_added.is_some();
    let automatable = facts.automatable.unwrap_or_else(|| {
        let words = ["not automatable", "automatable"];
        assumed.push(assumption(
            Fact::Automatable,
            &rules.automatable,
            words,
            kev,
        ));
        rules.automatable.answer
    });
    let total = facts.total.unwrap_or_else(|| {
        let words = ["partial impact", "total impact"];
        assumed.push(assumption(Fact::TechnicalImpact, &rules.total, words, kev));
        rules.total.answer
    });
    let with = |exposed| Answers {
        exposed,
        kev,
        automatable,
        total,
    };
    if let Some(exposed) = facts.exposed {
        return with(exposed);
    }
    let strictness = |exposed| edition.row(with(exposed)).timeline.strictness();
    let exposed = strictness(true) <= strictness(false);
    assumed.push(Assumption {
        fact: Fact::Exposed,
        default: if exposed { "exposed" } else { "not exposed" }.to_owned(),
        why: match strictness(true) == strictness(false) {
            true => "nobody has said; both answers give the same date".to_owned(),
            false => "nobody has said and no default is known; the answer with the stricter date is taken".to_owned(),
        },
        who: "the operator: can anyone on the internet reach this asset?".to_owned(),
        open: true,
    });
    with(exposed)
}

/// A default taken for one of CISA's answers. For an entry of KEV the directive wants CISA's own: without it the
/// default is still computed with, and the question is open.
fn assumption(fact: Fact, default: &DefaultAnswer, [no, yes]: [&str; 2], kev: bool) -> Assumption {
    Assumption {
        fact,
        default: if default.answer { yes } else { no }.to_owned(),
        why: match kev {
            true => "CISA's answer is missing though the flaw is in KEV, where CISA's answer is required; the \
                     regime's default is taken until it is there"
                .to_owned(),
            false => default.why.clone(),
        },
        who: "CISA, through Vulnrichment".to_owned(),
        open: kev,
    }
}

fn triage(edition: &Edition, row: &Row, facts: &Facts, now: Timestamp) -> Option<Triage> {
    if !row.timeline.triage {
        return None;
    }
    let counted_from = start_of(facts.kev_added?);
    let after = |hours: u16| later(counted_from, hours);
    let decide_by = after(edition.triage.decide_hours);
    Some(Triage {
        counted_from,
        scope_by: after(edition.triage.scope_hours),
        preserve_by: after(edition.triage.preserve_hours),
        decide_by,
        late_at_birth: facts.detected.unwrap_or(now) > decide_by,
    })
}

fn start_of(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

fn later(from: Timestamp, hours: u16) -> Timestamp {
    from.checked_add(SignedDuration::from_hours(i64::from(hours)))
        .unwrap_or(Timestamp::MAX)
}

/// Which answers, if they change, give a row without a date one.
fn standing(edition: &Edition, row: &Row) -> StandingDeferral {
    let Answers {
        exposed,
        kev,
        automatable,
        total,
    } = row.answers;
    let here = row.answers;
    let flips = [
        (
            Fact::Exposed,
            Answers {
                exposed: !exposed,
                ..here
            },
        ),
        (Fact::Kev, Answers { kev: !kev, ..here }),
        (
            Fact::Automatable,
            Answers {
                automatable: !automatable,
                ..here
            },
        ),
        (
            Fact::TechnicalImpact,
            Answers {
                total: !total,
                ..here
            },
        ),
    ];
    StandingDeferral {
        until: "the next scheduled major upgrade or rebuild".to_owned(),
        reopens_when: flips
            .into_iter()
            .filter(|(_, flipped)| edition.row(*flipped).timeline.days.is_some())
            .map(|(fact, _)| fact)
            .collect(),
    }
}
