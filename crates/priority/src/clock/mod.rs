//! What was known when, and which clock runs since when?
//!
//! The durable history between scans, for BOD 26-04's Appendix A. A flaw on an asset starts its clock when it is
//! first detected or when CISA adds it to KEV, whichever is first; from then on a scan changes it only by an
//! event that says what was before, what is after, and why.
//!
//! Decided here, where the directive is silent:
//! - The detection stays the first one for as long as the flaw is on record, also when it went away and came
//!   back: otherwise a due date could be moved by taking a fix out and in.
//! - A KEV date that CISA later moves forward is not followed; one that it moves back is. An entry that CISA
//!   takes out no longer counts.
//! - An edited exposure or KEV status gives a new row, and the new row's days count from the same start.
//! - A flaw that is gone is kept as resolved; only an asset that was looked at can lose a flaw.

mod deferral;
mod difference;
mod file;

pub use deferral::{Deferral, Reopening};
pub use file::{EVENTS_MAX, HISTORY_BYTES_MAX, SCHEMA, TEXT_BYTES_MAX, fuzz};

use crate::Facts;
use crate::bod2604::{self, ClockStart, Decision, Fact, utc_date};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One flaw in one component of one asset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub asset: String,
    pub flaw: String,
    pub component: String,
}

/// What a scan saw of one flaw on one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub key: Key,
    /// `detected` may be an earlier detection known from elsewhere; without it, this is the first.
    pub facts: Facts,
}

/// All that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    flaws: BTreeMap<Key, Flaw>,
    deferrals: Vec<Deferral>,
}

/// What is kept of one flaw on one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flaw {
    pub first_detected: Timestamp,
    pub last_seen: Timestamp,
    /// Since when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Timestamp>,
    /// The facts as last seen, `detected` being the first detection.
    pub facts: Facts,
    pub edition: String,
    pub row: u8,
    pub clock_started: ClockStart,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// Oldest first.
    pub events: Vec<Event>,
    /// Events after the first that made room for later ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub events_dropped: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub at: Timestamp,
    pub what: What,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
    pub why: String,
}

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Seen for the first time.
    Detected,
    /// An earlier detection became known.
    DetectedEarlier,
    /// Gone.
    Resolved,
    /// There again.
    Reopened,
    /// The operator's answer changed.
    Exposure,
    /// Added to KEV, taken out, or dated anew.
    Kev,
    /// CISA's answer changed.
    Automatable,
    /// CISA's answer changed.
    TechnicalImpact,
    /// CISA's SSVC answer changed. It moves no date.
    Exploitation,
    /// KEV's own due date changed. It moves no date of ours.
    KevDue,
    /// The catalog's own word on forensic triage changed. It moves no date.
    KevTriage,
    /// The operator answers to another regime.
    Regime,
    /// Another row, start or due date follows.
    Reclocked,
    /// An operator deferred it.
    Deferred,
    /// A deferral ended: by the row's own conditions, or by the operator's.
    DeferralReopened,
}

/// An event and what it happened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub key: Key,
    pub event: Event,
    /// The due date before this scan; `None` where the flaw was not on record or had none.
    pub due_before: Option<Date>,
    /// The due date after this scan.
    pub due_now: Option<Date>,
}

impl History {
    /// Everything on record, in order.
    pub fn flaws(&self) -> &BTreeMap<Key, Flaw> {
        &self.flaws
    }

    /// One flaw on one asset.
    pub fn flaw(&self, key: &Key) -> Option<&Flaw> {
        self.flaws.get(key)
    }

    /// The decision on a flaw on record, made again from its facts.
    pub fn decision(&self, key: &Key, now: Timestamp) -> Option<Decision> {
        self.flaws
            .get(key)
            .map(|flaw| bod2604::decide(&flaw.facts, now))
    }

    /// Takes in what a scan at `now` saw on the assets it looked at, and says what changed, in order of keys.
    /// An observation on an asset that is not among `assets` counts it among them.
    pub fn record(
        &mut self,
        now: Timestamp,
        assets: &BTreeSet<String>,
        observations: &[Observation],
    ) -> Vec<Change> {
        let seen: BTreeMap<&Key, &Facts> = observations
            .iter()
            .map(|seen| (&seen.key, &seen.facts))
            .collect();
        let looked_at: BTreeSet<&String> = assets
            .iter()
            .chain(seen.keys().map(|key| &key.asset))
            .collect();
        let mut changes = Vec::new();
        for (key, facts) in &seen {
            let flaw = self.flaws.get_mut(*key);
            let before = flaw.as_ref().and_then(|flaw| flaw.due);
            let (events, now_due) = match flaw {
                Some(flaw) => (flaw.seen_again(facts, now), flaw.due),
                None => {
                    let flaw = Flaw::first_seen(facts, now);
                    let born = (flaw.events.clone(), flaw.due);
                    self.flaws.insert((*key).clone(), flaw);
                    born
                }
            };
            changes.extend(
                events
                    .into_iter()
                    .map(|event| change(key, event, before, now_due)),
            );
        }
        for (key, flaw) in &mut self.flaws {
            if looked_at.contains(&key.asset) && !seen.contains_key(key) && flaw.resolved.is_none()
            {
                let event = flaw.resolve(now);
                changes.push(change(key, event, flaw.due, flaw.due));
            }
        }
        changes.extend(self.reopen_deferrals(now, &changes));
        changes.sort_by(|a, b| a.key.cmp(&b.key));
        changes
    }
}

fn change(key: &Key, event: Event, due_before: Option<Date>, due_now: Option<Date>) -> Change {
    Change {
        key: key.clone(),
        event,
        due_before,
        due_now,
    }
}

impl Flaw {
    fn first_seen(facts: &Facts, now: Timestamp) -> Flaw {
        let first = facts.detected.map_or(now, |detected| detected.min(now));
        let facts = Facts {
            detected: Some(first),
            ..facts.clone()
        };
        let decision = bod2604::decide(&facts, now);
        let mut flaw = Flaw {
            first_detected: first,
            last_seen: now,
            resolved: None,
            facts,
            edition: decision.edition.clone(),
            row: decision.row,
            clock_started: decision.clock_started,
            due: decision.due,
            events: Vec::new(),
            events_dropped: 0,
        };
        let why = match decision.overdue_at_birth {
            true => "first seen on this asset, after it was due",
            false => "first seen on this asset",
        };
        flaw.note(event(
            now,
            What::Detected,
            String::new(),
            flaw.clock_words(),
            why,
        ));
        flaw
    }

    fn seen_again(&mut self, seen: &Facts, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        if self.resolved.take().is_some() {
            let after = format!("clock kept from {}", self.clock_started.date);
            events.push(event(
                now,
                What::Reopened,
                "resolved".to_owned(),
                after,
                "seen again on this asset",
            ));
        }
        self.last_seen = self.last_seen.max(now);
        let facts = self.joined(seen);
        events.extend(difference::differences(&self.facts, &facts, now));
        self.first_detected = facts.detected.unwrap_or(self.first_detected);
        self.facts = facts;
        events.extend(self.reclock(now, &events));
        for event in &events {
            self.note(event.clone());
        }
        events
    }

    /// What is known now: the earliest detection, the earliest KEV date while CISA lists it, and the rest as seen.
    fn joined(&self, seen: &Facts) -> Facts {
        let detected = seen
            .detected
            .map_or(self.first_detected, |at| at.min(self.first_detected));
        let kev_added = match (self.facts.kev_added, seen.kev_added) {
            (Some(before), Some(after)) => Some(before.min(after)),
            (_, after) => after,
        };
        Facts {
            detected: Some(detected),
            kev_added,
            ..seen.clone()
        }
    }

    /// Decides anew. The events of this scan are the why.
    fn reclock(&mut self, now: Timestamp, causes: &[Event]) -> Vec<Event> {
        let decision = bod2604::decide(&self.facts, now);
        let before = self.clock_words();
        let deferred = self.due.is_none();
        let why = because(self, &decision, causes);
        self.edition = decision.edition;
        self.row = decision.row;
        self.clock_started = decision.clock_started;
        self.due = decision.due;
        let after = self.clock_words();
        let mut events = Vec::new();
        if before != after {
            events.push(event(
                now,
                What::Reclocked,
                before.clone(),
                after.clone(),
                &why,
            ));
        }
        if deferred && self.due.is_some() {
            events.push(event(now, What::DeferralReopened, before, after, &why));
        }
        events
    }

    fn resolve(&mut self, now: Timestamp) -> Event {
        self.resolved = Some(now.max(self.last_seen));
        let event = event(
            now,
            What::Resolved,
            self.clock_words(),
            "resolved".to_owned(),
            "no longer found on this asset",
        );
        self.note(event.clone());
        event
    }

    /// `row 1 of bod-26-04/2026-06-10, from 2026-11-20, due 2026-11-23`.
    fn clock_words(&self) -> String {
        let due = self
            .due
            .map_or("on system upgrade".to_owned(), |due| format!("due {due}"));
        format!(
            "row {} of {}, from {}, {due}",
            self.row, self.edition, self.clock_started.date
        )
    }

    fn note(&mut self, event: Event) {
        if self.events.len() >= EVENTS_MAX {
            // The first event is the detection: it stays.
            self.events.remove(1);
            self.events_dropped = self.events_dropped.saturating_add(1);
        }
        self.events.push(event);
    }
}

fn because(flaw: &Flaw, decision: &Decision, causes: &[Event]) -> String {
    let mut whys: Vec<&str> = causes.iter().map(|event| event.why.as_str()).collect();
    if flaw.edition != decision.edition {
        whys.push("another edition of the table is in force");
    }
    match whys.is_empty() {
        true => "the regime's defaults changed".to_owned(),
        false => whys.join("; "),
    }
}

fn event(at: Timestamp, what: What, before: String, after: String, why: &str) -> Event {
    Event {
        at,
        what,
        before,
        after,
        why: why.to_owned(),
    }
}
