//! What stands against an event: all that [`Embargo::decide`](super::Embargo::decide) refuses, and in which words.

use jiff::{SignedDuration, Timestamp};
use names::{OrganizationId, Refusal};
use priority::bod2604::{day, utc_date};

use super::{Consent, EMBARGO_DAYS_MAX, Embargo, Party, SOURCE_BYTES_MAX, Standing, State, What};

/// What is wrong, and with which field.
type Objection = (&'static str, String);

fn objection(field: &'static str, message: impl Into<String>) -> Option<Objection> {
    Some((field, message.into()))
}

/// What stands against an event.
impl Embargo {
    pub(super) fn objection(
        &self,
        by: OrganizationId,
        what: &What,
        now: Timestamp,
    ) -> Option<Objection> {
        let party = self.parties.get(&by);
        if let What::Join(_) = what {
            return match party.map(|party| party.consent) {
                Some(Consent::Open | Consent::Bound(_)) => objection("", "already takes part"),
                _ => None,
            };
        }
        let Some(party) = party else {
            return objection("", "takes no part in this embargo; join the case first");
        };
        let of_use_afterwards = match what {
            What::Alarm { .. } | What::Terms { .. } | What::Publish => true,
            // Its day came, a report's own terms still run, and now it leaks.
            What::End { .. } => !self.ended_early(),
            _ => false,
        };
        if self.state == State::Exited && !of_use_afterwards {
            return objection("", "the embargo has ended, and does not come back");
        }
        let coordinates = party.standing == Standing::Coordinator;
        match what {
            What::Join(_) => None,
            What::Terms { .. } | What::Lapse | What::End { .. } | What::Publish if !coordinates => {
                objection("", "only the coordinator does this; raise an alarm instead")
            }
            What::Terms { .. } => None,
            What::Propose { until } => self
                .propose_objection(party)
                .or_else(|| self.day_objection(*until, now)),
            What::Counter { until } => self
                .counter_objection(party)
                .or_else(|| self.day_objection(*until, now)),
            What::Accept { until } => self.accept_objection(by, party, *until, now),
            What::Refuse => self.refuse_objection(party),
            What::Leave if coordinates => objection(
                "",
                "the coordinator cannot leave; hand the case to another first",
            ),
            What::Leave if party.consent == Consent::Left => objection("", "has left already"),
            What::Leave => None,
            What::Alarm { source, .. } | What::End { source, .. } => source_objection(source),
            What::Lapse => self.lapse_objection(now),
            What::Publish => self.may_publish(now).err().map(first).or_else(|| {
                let over = self.state == State::Exited;
                over.then_some(("", "the embargo has ended already".to_owned()))
            }),
        }
    }

    fn propose_objection(&self, party: &Party) -> Option<Objection> {
        match self.state {
            State::Proposed | State::Revise => objection(
                "",
                "a day is on offer already; accept, refuse or counter it",
            ),
            State::Active if !matches!(party.consent, Consent::Bound(_)) => {
                objection("", "accept the day in effect first, then propose another")
            }
            _ if !party.knows => objection("", "nobody has proposed a first day yet"),
            _ if party.consent == Consent::Left => objection("", "has left; join again first"),
            _ => None,
        }
    }

    fn counter_objection(&self, party: &Party) -> Option<Objection> {
        match self.state {
            State::Proposed if party.consent != Consent::Left => None,
            State::Revise if matches!(party.consent, Consent::Bound(_)) => None,
            State::Revise => objection("", "accept the day in effect first, then counter"),
            State::Proposed => objection("", "has left; join again first"),
            _ => objection("", "no day is on offer; propose one"),
        }
    }

    fn day_objection(&self, until: Timestamp, now: Timestamp) -> Option<Objection> {
        let longest = now
            .checked_add(SignedDuration::from_hours(24 * EMBARGO_DAYS_MAX))
            .unwrap_or(Timestamp::MAX);
        if until <= now {
            return objection("until", "the day has passed; give one to come");
        }
        if until > longest {
            return objection(
                "until",
                format!(
                    "longer than {EMBARGO_DAYS_MAX} days; give a day until {}",
                    day(utc_date(longest))
                ),
            );
        }
        if let Some(not_before) = self.not_before.filter(|terms| until < *terms) {
            return objection(
                "until",
                format!(
                    "a report was handed over on terms until {}; give that day or a later one",
                    day(utc_date(not_before))
                ),
            );
        }
        let on_offer = self.proposal.as_ref().map(|proposal| proposal.until);
        if self.until == Some(until) || on_offer == Some(until) {
            return objection(
                "until",
                "this is the day already; give another, or accept it",
            );
        }
        None
    }

    fn accept_objection(
        &self,
        by: OrganizationId,
        party: &Party,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<Objection> {
        if until <= now {
            return objection("until", "the day has passed; propose another");
        }
        if party.consent == Consent::Left {
            return objection("", "has left; join again first");
        }
        if self.binding(by, until) {
            return None;
        }
        let Some(proposal) = &self.proposal else {
            return match self.until {
                Some(until) if self.is_bound(by) => {
                    objection("", format!("bound until {} already", day(utc_date(until))))
                }
                Some(until) => objection(
                    "until",
                    format!("the day in effect is {}", day(utc_date(until))),
                ),
                None => objection("", "no day is on offer; propose one"),
            };
        };
        match proposal.until == until {
            false => objection(
                "until",
                format!(
                    "the day on offer is {} now; answer that",
                    day(utc_date(proposal.until))
                ),
            ),
            true if self.state == State::Revise && !self.is_bound(by) => {
                objection("until", "accept the day in effect first")
            }
            true if proposal.accepted.contains(&by) => objection("", "has accepted already"),
            true => None,
        }
    }

    fn refuse_objection(&self, party: &Party) -> Option<Objection> {
        let bound = matches!(party.consent, Consent::Bound(_));
        match (self.state, party.consent) {
            (_, Consent::Refused | Consent::Left) => objection("", "has said no already"),
            (State::None, _) => objection("", "no day is on offer"),
            (State::Active, _) if bound => objection(
                "",
                "has agreed to the day in effect; propose another, or leave",
            ),
            _ => None,
        }
    }

    fn lapse_objection(&self, now: Timestamp) -> Option<Objection> {
        let running = match self.state {
            State::Proposed => self.proposal.as_ref().map(|proposal| proposal.until),
            _ => self.until,
        };
        match running {
            Some(until) if until <= now => None,
            Some(until) => objection("", format!("runs until {}", day(utc_date(until)))),
            None => objection("", "no day is in effect or on offer"),
        }
    }
}

fn source_objection(source: &str) -> Option<Objection> {
    match source.trim().len() {
        0 => objection(
            "source",
            "says nothing to go by; give a link, or what was seen where",
        ),
        1..=SOURCE_BYTES_MAX => None,
        length => objection(
            "source",
            format!("is {length} bytes; at most {SOURCE_BYTES_MAX} are kept"),
        ),
    }
}

fn first(refusal: Refusal) -> Objection {
    let message = refusal
        .iter()
        .map(|problem| problem.message.to_string())
        .next();
    ("", message.unwrap_or_default())
}
