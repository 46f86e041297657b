//! What did an operator put off, until when, and what ends it early?
//!
//! The directive wants deferrals defended. One names who decided it, why, and the conditions under which it is
//! to be looked at again; the due date stays what it was, for a deferral changes no clock.

use super::{
    Change, Event, Fact, Flaw, History, Key, TEXT_BYTES_MAX, What, change, event, utc_date,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An operator's decision to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deferral {
    pub key: Key,
    pub recorded: Timestamp,
    /// Who decided.
    pub by: String,
    pub reason: String,
    /// The last day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Facts that end it once they get worse: exposed, added to KEV, automatable, total.
    pub reopens_when: BTreeSet<Fact>,
    /// Set once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened: Option<Reopening>,
}

/// When a deferral ended, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reopening {
    pub at: Timestamp,
    pub why: String,
}

impl History {
    /// Every deferral on record, ended ones too.
    pub fn deferrals(&self) -> &[Deferral] {
        &self.deferrals
    }

    /// The deferrals that hold.
    pub fn standing(&self) -> impl Iterator<Item = &Deferral> {
        self.deferrals
            .iter()
            .filter(|deferral| deferral.reopened.is_none())
    }

    /// Records an operator's deferral of a flaw on record. Says all that keeps it from being one.
    pub fn defer(&mut self, deferral: Deferral) -> Result<Change, Vec<String>> {
        let mut problems = faults(&deferral);
        if deferral
            .until
            .is_some_and(|until| until < utc_date(deferral.recorded))
        {
            problems.push("it ends before it begins; give a later `until`".to_owned());
        }
        let Some(flaw) = self.flaws.get_mut(&deferral.key) else {
            problems.push(format!(
                "`{}` on `{}` is not on record; scan the asset first",
                deferral.key.flaw, deferral.key.asset
            ));
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let until = deferral
            .until
            .map_or("until a condition changes".to_owned(), |until| {
                format!("until {until}")
            });
        let event = event(
            deferral.recorded,
            What::Deferred,
            String::new(),
            until,
            &deferral.reason,
        );
        flaw.note(event.clone());
        let change = change(&deferral.key, event, flaw.due, flaw.due);
        self.deferrals.push(deferral);
        Ok(change)
    }

    /// Ends the standing deferral of `key` because `by` says so; `false` where none stands.
    pub fn reopen(&mut self, key: &Key, now: Timestamp, by: &str) -> bool {
        let standing =
            |deferral: &&mut Deferral| deferral.reopened.is_none() && deferral.key == *key;
        let Some(deferral) = self.deferrals.iter_mut().find(standing) else {
            return false;
        };
        let why = format!("taken back by {by}");
        let event = event(
            now,
            What::DeferralReopened,
            "deferred".to_owned(),
            "open".to_owned(),
            &why,
        );
        deferral.reopened = Some(Reopening { at: now, why });
        if let Some(flaw) = self.flaws.get_mut(key) {
            flaw.note(event);
        }
        true
    }

    /// Ends the deferrals whose conditions changed in this scan or whose last day has passed.
    pub(super) fn reopen_deferrals(&mut self, now: Timestamp, changes: &[Change]) -> Vec<Change> {
        let mut reopened = Vec::new();
        for deferral in self
            .deferrals
            .iter_mut()
            .filter(|deferral| deferral.reopened.is_none())
        {
            let Some(flaw) = self.flaws.get_mut(&deferral.key) else {
                continue;
            };
            let Some(why) = ended(deferral, flaw, now, changes) else {
                continue;
            };
            let event = event(
                now,
                What::DeferralReopened,
                "deferred".to_owned(),
                "open".to_owned(),
                &why,
            );
            deferral.reopened = Some(Reopening { at: now, why });
            flaw.note(event.clone());
            reopened.push(change(&deferral.key, event, flaw.due, flaw.due));
        }
        reopened
    }
}

/// What is wrong with a deferral in itself.
pub(super) fn faults(deferral: &Deferral) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, text) in [("by", &deferral.by), ("reason", &deferral.reason)] {
        if text.trim().is_empty() {
            problems.push(format!(
                "deferral has no `{name}`; a deferral has to be defended"
            ));
        }
        if text.len() > TEXT_BYTES_MAX {
            problems.push(format!(
                "`{name}` of a deferral is longer than {TEXT_BYTES_MAX} bytes"
            ));
        }
    }
    if deferral.until.is_none() && deferral.reopens_when.is_empty() {
        problems.push("deferral never ends; give `until` or `reopens_when`".to_owned());
    }
    problems
}

/// Why a deferral ends, if it does.
fn ended(deferral: &Deferral, flaw: &Flaw, now: Timestamp, changes: &[Change]) -> Option<String> {
    if let Some(until) = deferral.until.filter(|until| utc_date(now) > *until) {
        return Some(format!("its last day, {until}, has passed"));
    }
    let of_this = changes.iter().filter(|change| change.key == deferral.key);
    let worse: Vec<&str> = of_this
        .map(|change| &change.event)
        .filter(|event| {
            fact(event)
                .is_some_and(|fact| deferral.reopens_when.contains(&fact) && is_worse(fact, flaw))
        })
        .map(|event| event.why.as_str())
        .collect();
    (!worse.is_empty()).then(|| worse.join("; "))
}

fn fact(event: &Event) -> Option<Fact> {
    match event.what {
        What::Exposure => Some(Fact::Exposed),
        What::Kev => Some(Fact::Kev),
        What::Automatable => Some(Fact::Automatable),
        What::TechnicalImpact => Some(Fact::TechnicalImpact),
        What::DetectedEarlier => Some(Fact::Detection),
        _ => None,
    }
}

/// Whether a fact that changed is now such that waiting needs a fresh look: an answer lost counts as one.
fn is_worse(fact: Fact, flaw: &Flaw) -> bool {
    let facts = &flaw.facts;
    match fact {
        Fact::Exposed => facts.exposed != Some(false),
        Fact::Kev => facts.kev_added.is_some(),
        Fact::Automatable => facts.automatable != Some(false),
        Fact::TechnicalImpact => facts.total != Some(false),
        Fact::Detection => true,
    }
}
