//! Clocks: which deadlines does a case run under, since when, until when, and by whose rule?
//!
//! All in one place: the embargo, what the clearinghouse asks of everyone, BOD 26-04, and the EU Cyber Resilience
//! Act, Article 14. Deadlines are data (`finding/data/deadlines.json`) with edition and source; the embargo is what
//! the parties agreed, and BOD 26-04 is the crate `priority`'s.
//!
//! What is odd: business days are Monday to Friday in UTC, since no calendar of holidays fits every participant.
//! A clock whose start is not known does not run; one that was met late stays on the page as late.

use std::sync::LazyLock;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use names::CaseId;
use priority::Decision;
use priority::bod2604::{day, utc_date};
use serde::Deserialize;

use crate::coordinate::{Part, words};
use crate::embargo::{Embargo, State as EmbargoState};

words! {
    /// Something that happened to a case and that a deadline counts from or ends with.
    Mark "mark" {
        /// The first report came in.
        Reported "reported" "the first report came in",
        /// A coordinator took it up or said no.
        Triaged "triaged" "a coordinator looked at it",
        /// The vendor was sent it.
        Sent "sent" "the vendor was sent it",
        Acknowledged "acknowledged" "the vendor acknowledged it",
        /// The vendor spoke on a product.
        Verdict "verdict" "the vendor gave a verdict",
        /// The manufacturer became aware of exploitation or of a severe incident.
        Aware "aware" "the manufacturer became aware",
        EarlyWarning "early-warning" "the early warning was given",
        Notification "notification" "the notification was given",
        /// A corrective or mitigating measure is available.
        Measure "measure" "a corrective measure became available",
        FinalReport "final-report" "the final report was given",
        Published "published" "it was published",
    }
}

words! {
    /// What the manufacturer became aware of: Article 14(1) and 14(3) of Regulation (EU) 2024/2847.
    Awareness "kind of awareness" {
        Exploited "exploited" "active exploitation",
        Incident "incident" "a severe incident",
    }
}

words! {
    /// How a clock stands.
    State "state of a clock" {
        Running "running" "running",
        /// In its last quarter.
        Soon "soon" "due soon",
        Late "late" "late",
        Met "met" "met",
        MetLate "met-late" "met, late",
    }
}

/// One deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// `embargo`, `bod-26-04`, or a deadline's id.
    pub regime: Box<str>,
    pub name: Box<str>,
    /// Who has to act.
    pub who: Part,
    pub started: Timestamp,
    pub due: Timestamp,
    pub state: State,
    /// What started it, and what would end it.
    pub why: Box<str>,
    /// Whose rule it is: a document, or the parties.
    pub source: Box<str>,
    /// Shown for orientation; nobody is reminded.
    pub information: bool,
}

/// What the clocks of a case are read from.
#[derive(Clone, Debug, Default)]
pub struct Course<'a> {
    /// When each thing first happened.
    pub marks: Vec<(Mark, Timestamp)>,
    pub awareness: Option<Awareness>,
    pub embargo: Option<&'a Embargo>,
    /// When the day in effect was agreed.
    pub embargo_since: Option<Timestamp>,
    /// The earliest day on which a finder publishes whatever happens.
    pub disclose_at: Option<Timestamp>,
    /// By the facts of the finding.
    pub decision: Option<&'a Decision>,
}

impl Course<'_> {
    /// When `mark` first happened.
    pub fn at(&self, mark: Mark) -> Option<Timestamp> {
        self.marks
            .iter()
            .filter(|(known, _)| *known == mark)
            .map(|(_, at)| *at)
            .min()
    }
}

/// All clocks of a case at `now`: the open ones first, the soonest due first.
pub fn clocks(course: &Course<'_>, now: Timestamp) -> Vec<Clock> {
    let policy = policy();
    let mut clocks: Vec<Clock> = policy
        .deadlines
        .iter()
        .filter_map(|deadline| deadline.clock(course, policy, now))
        .collect();
    clocks.extend(embargo_clock(course, policy, now));
    clocks.extend(disclosure_clock(course, policy, now));
    clocks.extend(directive_clock(course, policy, now));
    let over = |clock: &Clock| matches!(clock.state, State::Met | State::MetLate);
    clocks.sort_by_key(|clock| (over(clock), clock.due, clock.regime.clone()));
    clocks
}

/// The deadlines that this clearinghouse keeps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub id: Box<str>,
    pub name: Box<str>,
    pub date: jiff::civil::Date,
    /// The last part of its time in which a clock is [`State::Soon`].
    pub notice_percent: u8,
    /// What is proposed where a report came without a day of its own.
    pub embargo_default_days: u16,
    pub embargo_source: Box<str>,
    deadlines: Vec<Deadline>,
}

/// The edition in force.
pub fn policy() -> &'static Policy {
    static POLICY: LazyLock<Policy> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../data/deadlines.json"))
            .expect("our own data, read by every test")
    });
    &POLICY
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deadline {
    id: Box<str>,
    name: Box<str>,
    #[serde(deserialize_with = "word")]
    who: Part,
    #[serde(default, deserialize_with = "some_word")]
    only: Option<Awareness>,
    #[serde(deserialize_with = "word")]
    starts: Mark,
    #[serde(deserialize_with = "word")]
    ends: Mark,
    #[serde(flatten)]
    span: Length,
    #[serde(default)]
    information: bool,
    source: Box<str>,
}

/// How long. Calendar days, hours and months as the rule counts them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Length {
    Hours(i64),
    Days(i64),
    BusinessDays(i64),
    Months(i64),
}

impl Length {
    fn after(self, start: Timestamp) -> Timestamp {
        let civil = |span: Span| {
            let zoned = start.to_zoned(TimeZone::UTC).saturating_add(span);
            zoned.timestamp()
        };
        match self {
            Length::Hours(hours) => start
                .checked_add(SignedDuration::from_hours(hours))
                .unwrap_or(Timestamp::MAX),
            Length::Days(days) => civil(Span::new().days(days)),
            Length::Months(months) => civil(Span::new().months(months)),
            Length::BusinessDays(days) => business_days(start, days),
        }
    }
}

/// The same time of day, `days` working days later. A start at the weekend counts as one on Monday.
fn business_days(start: Timestamp, days: i64) -> Timestamp {
    let mut at = start.to_zoned(TimeZone::UTC);
    let mut left = days;
    let works = |weekday| !matches!(weekday, Weekday::Saturday | Weekday::Sunday);
    while !works(at.weekday()) {
        at = at.saturating_add(Span::new().days(1));
    }
    while left > 0 {
        at = at.saturating_add(Span::new().days(1));
        left -= i64::from(works(at.weekday()));
    }
    at.timestamp()
}

impl Deadline {
    fn clock(&self, course: &Course<'_>, policy: &Policy, now: Timestamp) -> Option<Clock> {
        if self.only.is_some() && self.only != course.awareness {
            return None;
        }
        let started = course.at(self.starts)?;
        let due = self.span.after(started);
        let met = course.at(self.ends);
        let of_what = match (self.starts, course.awareness) {
            (Mark::Aware, Some(awareness)) => format!(" of {}", awareness.shown()),
            _ => String::new(),
        };
        let ended = match met {
            Some(at) => format!("{} on {}", self.ends.shown(), day(utc_date(at))),
            None => format!("runs until {}", self.ends.shown()),
        };
        Some(Clock {
            regime: self.id.clone(),
            name: self.name.clone(),
            who: self.who,
            started,
            due,
            state: state(started, due, met, policy, now),
            why: format!(
                "{}{of_what} on {}; {ended}",
                self.starts.shown(),
                day(utc_date(started))
            )
            .into(),
            source: self.source.clone(),
            information: self.information,
        })
    }
}

fn state(
    started: Timestamp,
    due: Timestamp,
    met: Option<Timestamp>,
    policy: &Policy,
    now: Timestamp,
) -> State {
    let left = due.duration_since(now).as_secs();
    let whole = due.duration_since(started).as_secs();
    match met {
        Some(at) if at <= due => State::Met,
        Some(_) => State::MetLate,
        None if now > due => State::Late,
        None if left * 100 <= whole * i64::from(policy.notice_percent) => State::Soon,
        None => State::Running,
    }
}

fn embargo_clock(course: &Course<'_>, policy: &Policy, now: Timestamp) -> Option<Clock> {
    let embargo = course.embargo?;
    let due = embargo.until()?;
    let started = course.embargo_since?;
    let ended = embargo.ended();
    let why = match (embargo.state(), ended.and_then(|ended| ended.early)) {
        (_, Some(cause)) => format!("ended early: {}", cause.words()),
        (EmbargoState::Exited, None) => "ended".to_owned(),
        (EmbargoState::Revise, _) => format!(
            "agreed on {}; another day is on offer",
            day(utc_date(started))
        ),
        _ => format!("agreed on {}", day(utc_date(started))),
    };
    let state = match ended {
        Some(_) => State::Met,
        None => state(started, due, None, policy, now),
    };
    Some(Clock {
        regime: "embargo".into(),
        name: "Embargo".into(),
        who: Part::Coordinator,
        started,
        due,
        state,
        why: why.into(),
        source: "agreed among the participants".into(),
        information: false,
    })
}

fn disclosure_clock(course: &Course<'_>, policy: &Policy, now: Timestamp) -> Option<Clock> {
    let due = course.disclose_at?;
    let started = course.at(Mark::Reported)?;
    Some(Clock {
        regime: "disclosure".into(),
        name: "A finder publishes".into(),
        who: Part::Coordinator,
        started,
        due,
        state: state(started, due, course.at(Mark::Published), policy, now),
        why: "a finder said so when handing it over, whatever happens".into(),
        source: "terms of a report".into(),
        information: false,
    })
}

/// Due at the end of its day, as the directive counts days. It runs for whoever runs the software, and is shown to all.
fn directive_clock(course: &Course<'_>, policy: &Policy, now: Timestamp) -> Option<Clock> {
    let decision = course.decision?;
    let midnight = |date: jiff::civil::Date| {
        date.to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    let due = midnight(decision.due?.tomorrow().ok()?)?;
    let started = midnight(decision.clock_started.date)?;
    Some(Clock {
        regime: "bod-26-04".into(),
        name: format!(
            "BOD 26-04, row {}: {}",
            decision.row, decision.timeline.name
        )
        .into(),
        who: Part::Deployer,
        started,
        due,
        state: state(started, due, None, policy, now),
        why: format!("counted from {}", day(decision.clock_started.date)).into(),
        source: decision.edition.as_str().into(),
        information: false,
    })
}

/// Something to say to whoever has to act.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reminder {
    pub case: CaseId,
    pub regime: Box<str>,
    /// `soon` or `late`: each is said once for each due date.
    pub state: State,
    pub due: Timestamp,
}

/// What is said of `clocks` that is not among `said`.
pub fn reminders(case: CaseId, clocks: &[Clock], said: &[Reminder]) -> Vec<Reminder> {
    let due = clocks
        .iter()
        .filter(|clock| !clock.information && matches!(clock.state, State::Soon | State::Late));
    due.map(|clock| Reminder {
        case,
        regime: clock.regime.clone(),
        state: clock.state,
        due: clock.due,
    })
    .filter(|reminder| !said.contains(reminder))
    .collect()
}

fn word<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err = names::Problems>,
{
    let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn some_word<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err = names::Problems>,
{
    word(from).map(Some)
}

#[cfg(test)]
mod tests;
