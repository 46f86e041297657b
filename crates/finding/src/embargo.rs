//! Embargo: until when is a flaw kept from the public, and who has agreed to that?
//!
//! The five states are those of Vultron's embargo management (CERT/CC, "Designing Vultron", 2022, chapter 4):
//! none, proposed, active, revise, exited. Decided here, where that leaves a choice:
//! - An answer names the day it is to, so that nobody agrees to terms that changed under their hand.
//! - A first proposal takes effect once everyone who already knows the flaw agrees; a revision, once everyone
//!   bound does. Whoever is asked later agrees to what is in effect, and is told nothing before.
//! - A day earlier than the terms a report was handed over on is never proposed: terms are not loosened on the way.
//! - Anyone may raise an alarm; only the coordinator ends an embargo early, and says by what evidence.
//! - What has ended stays ended. There is no event that leads out of [`State::Exited`].

mod objection;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use names::{OrganizationId, Refusal, ReportId};
use priority::bod2604::{day, utc_date};
use serde::{Deserialize, Serialize};

/// An embargo runs at most this many days from the day it is proposed: a year is what the longest hardware
/// embargoes took, and whoever needs more proposes again with everyone's consent.
pub const EMBARGO_DAYS_MAX: i64 = 366;

/// The evidence for an alarm or an early end, in bytes: a paragraph and some links.
pub const SOURCE_BYTES_MAX: usize = 4_000;

/// Vultron's states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is agreed or on offer.
    #[default]
    None,
    /// A first proposal is open.
    Proposed,
    /// In effect.
    Active,
    /// In effect, and another day is on offer.
    Revise,
    /// Over, for good.
    Exited,
}

impl State {
    /// The word that pages and JSON use.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::None => "none",
            State::Proposed => "proposed",
            State::Active => "active",
            State::Revise => "revise",
            State::Exited => "exited",
        }
    }
}

/// What someone did. Events are only ever appended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub at: Timestamp,
    pub by: OrganizationId,
    pub what: What,
}

/// What can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// Is asked to take part.
    Join(Standing),
    /// A report came under the embargo with terms of its own.
    Terms {
        report: ReportId,
        not_before: Option<Timestamp>,
        /// What its finder said yes to by handing it over.
        keeps: Option<Keeps>,
    },
    /// Offers a first day, or another one than that in effect.
    Propose { until: Timestamp },
    /// Offers another day than the one on offer.
    Counter { until: Timestamp },
    /// Agrees to the day on offer, or to the one in effect.
    Accept { until: Timestamp },
    /// Says no to what is on offer, or to being bound.
    Refuse,
    /// Takes back the consent for the time to come. What they were told they know.
    Leave,
    /// Says that it is no secret any more.
    Alarm { cause: Cause, source: Box<str> },
    /// Ends it before its day.
    End { cause: Cause, source: Box<str> },
    /// Its day has come.
    Lapse,
    /// The clearinghouse published.
    Publish,
}

/// A finder who hands over agrees beforehand to any first day up to the one they named, or up to the one that this
/// house gives to reports without one: nobody with a thousand reports answers a thousand offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeps {
    pub finder: OrganizationId,
    pub until: Timestamp,
}

/// What a party is when it joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Runs the case, and knows the flaw.
    Coordinator,
    /// Knows the flaw already: found it.
    Knows,
    /// Is told once it agrees.
    Asked,
}

/// Why it is no secret any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    Leak,
    Exploitation,
    PublishedElsewhere,
}

impl Cause {
    /// All of them, in the order that pages list them.
    pub const ALL: &'static [Cause] =
        &[Cause::Leak, Cause::Exploitation, Cause::PublishedElsewhere];

    /// The word that forms use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::Leak => "leak",
            Cause::Exploitation => "exploitation",
            Cause::PublishedElsewhere => "published-elsewhere",
        }
    }

    /// In a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Cause::Leak => "it leaked",
            Cause::Exploitation => "it is being exploited",
            Cause::PublishedElsewhere => "it was published elsewhere",
        }
    }
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub at: Timestamp,
    pub by: OrganizationId,
    /// `None` where its day came, or where the clearinghouse published when it might.
    pub early: Option<Cause>,
}

/// How a party stands to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Has not answered.
    Open,
    /// Agreed to keep it until then.
    Bound(Timestamp),
    Refused,
    /// Took it back.
    Left,
}

/// One organization under the embargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    pub standing: Standing,
    pub consent: Consent,
    /// Whether it was ever told: it found it, runs the case, or agreed while it was in effect.
    pub knows: bool,
    /// The last day it agreed to beforehand, until it says otherwise.
    pub keeps_until: Option<Timestamp>,
}

/// A day on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub until: Timestamp,
    pub by: OrganizationId,
    pub at: Timestamp,
    pub accepted: BTreeSet<OrganizationId>,
}

/// Where all events so far have led.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Embargo {
    // INVARIANT: `until` is given exactly in `Active` and `Revise`, and kept where these led to `Exited`;
    // `proposal` is given exactly in `Proposed` and `Revise`; `ended` exactly in `Exited`.
    state: State,
    until: Option<Timestamp>,
    proposal: Option<Proposal>,
    ended: Option<Ended>,
    parties: BTreeMap<OrganizationId, Party>,
    not_before: Option<Timestamp>,
    alarms: Vec<Event>,
}

/// Where `events`, oldest first, lead.
pub fn embargo(events: &[Event]) -> Embargo {
    let mut embargo = Embargo::default();
    for event in events {
        embargo.apply(event);
    }
    embargo
}

impl Embargo {
    pub fn state(&self) -> State {
        self.state
    }

    /// The day in effect, or the one that was when it ended.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    pub fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    pub fn parties(&self) -> &BTreeMap<OrganizationId, Party> {
        &self.parties
    }

    /// The latest day that any report's terms ask for.
    pub fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// What was said to be no secret any more, oldest first.
    pub fn alarms(&self) -> &[Event] {
        &self.alarms
    }

    /// Whether an embargoed word may be shown to `organization`.
    pub fn may_be_told(&self, organization: OrganizationId, now: Timestamp) -> bool {
        let Some(party) = self.parties.get(&organization) else {
            return false;
        };
        let terms_over = self.not_before.is_none_or(|day| day <= now);
        party.knows
            || match self.state {
                State::None => party.consent == Consent::Open && terms_over,
                State::Proposed => false,
                State::Active | State::Revise => matches!(party.consent, Consent::Bound(_)),
                // A report that came late may have longer terms than the day that was agreed.
                State::Exited => terms_over || self.ended_early(),
            }
    }

    fn ended_early(&self) -> bool {
        let ended = self.ended.as_ref();
        ended.is_some_and(|ended| ended.early.is_some())
    }

    /// Who still has to answer before the day on offer takes effect.
    pub fn awaited(&self) -> Vec<OrganizationId> {
        let Some(proposal) = &self.proposal else {
            return Vec::new();
        };
        let awaited = |(id, party): (&OrganizationId, &Party)| {
            (self.has_to_agree(party) && !proposal.accepted.contains(id)).then_some(*id)
        };
        self.parties.iter().filter_map(awaited).collect()
    }

    /// Whether the case may be published at `now`; where not, why.
    pub fn may_publish(&self, now: Timestamp) -> Result<(), Refusal> {
        let kept = match self.state {
            _ if self.ended_early() => None,
            State::Active | State::Revise => self.until.max(self.not_before),
            State::Proposed => {
                let text = "a first embargo is on offer; it is accepted or refused before anything is published";
                return Err(Refusal::of("embargo", text));
            }
            State::None | State::Exited => self.not_before,
        };
        match kept {
            Some(day_kept) if now < day_kept => Err(Refusal::of(
                "embargo",
                format!(
                    "kept until {}; agree on an earlier day, or end the embargo for a leak or an exploitation",
                    day(utc_date(day_kept))
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Whether `by` may do `what` at `now`; the event to append, or why not.
    pub fn decide(&self, by: OrganizationId, what: What, now: Timestamp) -> Result<Event, Refusal> {
        self.objection(by, &what, now)
            .map_or(Ok(Event { at: now, by, what }), |(field, message)| {
                Err(Refusal::of(field, message))
            })
    }

    /// Takes in an event that [`Embargo::decide`] let pass.
    pub fn apply(&mut self, event: &Event) {
        let Event { at, by, ref what } = *event;
        match what {
            What::Join(standing) => self.join(by, *standing),
            What::Terms {
                not_before, keeps, ..
            } => {
                self.not_before = self.not_before.max(*not_before);
                if let Some(Keeps { finder, until }) = *keeps {
                    self.keeps(finder, until);
                }
            }
            What::Propose { until } | What::Counter { until } => self.offer(by, *until, at),
            What::Accept { until } => self.accept(by, *until),
            What::Refuse => self.refuse(by),
            What::Leave => {
                self.consent(by, Consent::Left);
                self.answers_itself(by);
                if let Some(proposal) = &mut self.proposal {
                    proposal.accepted.remove(&by);
                }
            }
            What::Alarm { .. } => self.alarms.push(event.clone()),
            What::End { cause, .. } => self.exit(at, by, Some(*cause)),
            What::Lapse if self.state == State::Proposed => self.close_proposal(),
            What::Lapse | What::Publish => self.exit(at, by, None),
        }
        self.adopt();
    }

    fn join(&mut self, by: OrganizationId, standing: Standing) {
        let knows =
            standing != Standing::Asked || self.parties.get(&by).is_some_and(|before| before.knows);
        self.parties.insert(
            by,
            Party {
                standing,
                consent: Consent::Open,
                knows,
                keeps_until: None,
            },
        );
    }

    fn offer(&mut self, by: OrganizationId, until: Timestamp, at: Timestamp) {
        let revising = matches!(self.state, State::Active | State::Revise);
        self.state = if revising {
            State::Revise
        } else {
            State::Proposed
        };
        if !revising {
            // Other terms are another question, also to those who said no to the last.
            for party in self.parties.values_mut() {
                if party.consent == Consent::Refused {
                    party.consent = Consent::Open;
                }
            }
        }
        let beforehand = self.parties.iter().filter(|(_, party)| {
            !revising && party.consent == Consent::Open && party.keeps_until >= Some(until)
        });
        let mut accepted: BTreeSet<_> = beforehand.map(|(id, _)| *id).collect();
        accepted.insert(by);
        self.proposal = Some(Proposal {
            until,
            by,
            at,
            accepted,
        });
    }

    /// Takes in what a finder agreed to beforehand, also for the day that is on offer or in effect already.
    fn keeps(&mut self, finder: OrganizationId, until: Timestamp) {
        let known = self.parties.get_mut(&finder);
        let Some(party) = known.filter(|party| party.standing == Standing::Knows) else {
            return;
        };
        party.keeps_until = party.keeps_until.max(Some(until));
        let open = party.consent == Consent::Open;
        match (self.state, self.until, &mut self.proposal) {
            (State::Active | State::Revise, Some(day), _) if open && day <= until => {
                self.consent(finder, Consent::Bound(day));
            }
            (State::Proposed, _, Some(proposal)) if open && proposal.until <= until => {
                proposal.accepted.insert(finder);
            }
            _ => {}
        }
    }

    /// Whoever spoke for themselves is asked from then on.
    fn answers_itself(&mut self, by: OrganizationId) {
        if let Some(party) = self.parties.get_mut(&by) {
            party.keeps_until = None;
        }
    }

    fn accept(&mut self, by: OrganizationId, until: Timestamp) {
        if self.binding(by, until) {
            self.consent(by, Consent::Bound(until));
            self.told(by);
        } else if let Some(proposal) = &mut self.proposal {
            proposal.accepted.insert(by);
        }
    }

    fn refuse(&mut self, by: OrganizationId) {
        let Some(party) = self.parties.get(&by).copied() else {
            return;
        };
        self.answers_itself(by);
        if self.proposal.is_some() && self.has_to_agree(&party) {
            self.close_proposal();
        } else {
            self.consent(by, Consent::Refused);
            if let Some(proposal) = &mut self.proposal {
                proposal.accepted.remove(&by);
            }
        }
    }

    fn close_proposal(&mut self) {
        self.proposal = None;
        self.state = match self.state {
            State::Proposed => State::None,
            State::Revise => State::Active,
            other => other,
        };
    }

    fn exit(&mut self, at: Timestamp, by: OrganizationId, early: Option<Cause>) {
        self.state = State::Exited;
        self.proposal = None;
        self.ended = Some(Ended { at, by, early });
    }

    /// Puts the day on offer into effect once everyone who has to agree does.
    fn adopt(&mut self) {
        if !self.awaited().is_empty() {
            return;
        }
        let Some(proposal) = self
            .proposal
            .take_if(|proposal| !proposal.accepted.is_empty())
        else {
            return;
        };
        self.state = State::Active;
        self.until = Some(proposal.until);
        for by in proposal.accepted {
            self.consent(by, Consent::Bound(proposal.until));
            self.told(by);
        }
    }

    /// A revision needs everyone bound; a first day, everyone who knows and has not left.
    fn has_to_agree(&self, party: &Party) -> bool {
        match self.state {
            State::Revise | State::Active => matches!(party.consent, Consent::Bound(_)),
            _ => party.knows && party.consent != Consent::Left,
        }
    }

    /// Whether accepting `until` binds `by` to what is in effect, rather than answers what is on offer.
    fn binding(&self, by: OrganizationId, until: Timestamp) -> bool {
        let bound = self.is_bound(by);
        matches!(self.state, State::Active | State::Revise) && self.until == Some(until) && !bound
    }

    fn is_bound(&self, by: OrganizationId) -> bool {
        let consent = self.parties.get(&by).map(|party| party.consent);
        matches!(consent, Some(Consent::Bound(_)))
    }

    fn consent(&mut self, by: OrganizationId, consent: Consent) {
        if let Some(party) = self.parties.get_mut(&by) {
            party.consent = consent;
        }
    }

    fn told(&mut self, by: OrganizationId) {
        if let Some(party) = self.parties.get_mut(&by) {
            party.knows = true;
        }
    }
}

#[cfg(test)]
mod tests;
