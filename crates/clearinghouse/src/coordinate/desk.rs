//! Desk: a case with everything on it, loaded to decide something and saved with what was done.

use finding::coordinate::{Case, Part, Stage, View, view};
use finding::embargo::{self, Embargo, What};
use jiff::Timestamp;
use keys::DataKey;
use names::{CaseId, MemberId, OrganizationId, ReportId, Tlp};
use policy::{Action, Thing};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{Link, Tx};

use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal};

/// A case as acts work on it.
pub struct Desk {
    pub row: store::case::Case,
    pub case: Case,
    pub key: DataKey,
    pub events: Vec<store::case::Event>,
    pub embargo: Embargo,
    /// When the day in effect was agreed.
    pub embargo_since: Option<Timestamp>,
    /// The reports whose terms the embargo holds.
    pub took_in: Vec<ReportId>,
}

/// Who acts in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub part: Part,
    pub view: View,
}

/// A part, as the policy calls it.
pub fn part(part: Part) -> policy::Part {
    match part {
        Part::Finder => policy::Part::Finder,
        Part::Vendor => policy::Part::Vendor,
        Part::Coordinator => policy::Part::Coordinator,
        Part::Deployer => policy::Part::Deployer,
        Part::Observer => policy::Part::Observer,
    }
}

/// Loads a case. One whose key is destroyed is there for nobody.
pub async fn load(house: &House, link: Link<'_>, id: CaseId) -> Result<Desk, Failure> {
    let row = store::case::find(link, id).await?.ok_or(Failure::Hidden)?;
    let key = seal::key(house, "case", row.key.as_deref())?;
    let participants = store::case::participants(link, id).await?;
    let events = store::case::events(link, id).await?;
    let mut desk = Desk {
        case: Case {
            id,
            finding: row.finding,
            stage: row.stage,
            participants,
        },
        row,
        key,
        events: Vec::new(),
        embargo: Embargo::default(),
        embargo_since: None,
        took_in: Vec::new(),
    };
    for event in &events {
        if &*event.act == "embargo" {
            let event: embargo::Event = desk.open(event)?;
            desk.apply(&event);
        }
    }
    desk.events = events;
    Ok(desk)
}

impl Desk {
    /// What was sealed with an event.
    pub fn open<T: DeserializeOwned>(&self, event: &store::case::Event) -> Result<T, Failure> {
        let sealed = event.sealed.as_deref().ok_or_else(|| {
            Failure::broken(format!(
                "event {} of {} has no words",
                event.id, self.row.id
            ))
        })?;
        seal::open(&self.key, &format!("case {}", event.act), sealed)
    }

    /// Where `actor` sits. Whoever may not know of the case is told that there is none. The house itself sits where
    /// the coordinator does.
    pub fn seat(&self, house: &House, actor: &Actor, now: Timestamp) -> Result<Seat, Failure> {
        let (organization, member) = match actor {
            Actor::Member(member) => (member.organization, Some(member.id)),
            Actor::House => (self.coordinator()?, None),
            Actor::Anonymous => return Err(Failure::Hidden),
        };
        let view = view(&self.case, &self.embargo, organization, now).ok_or(Failure::Hidden)?;
        let part = self.case.part(organization).ok_or(Failure::Hidden)?;
        let seat = Seat {
            organization,
            member,
            part,
            view,
        };
        house.reveal(
            actor,
            Action::SeeCase,
            &self.thing(Thing::case(), &seat, now),
        )?;
        Ok(seat)
    }

    /// As [`Desk::seat`], for whoever may do `action` to the case.
    pub fn acting(
        &self,
        house: &House,
        actor: &Actor,
        action: Action,
        now: Timestamp,
    ) -> Result<Seat, Failure> {
        let seat = self.seat(house, actor, now)?;
        house.authorize(actor, action, &self.thing(Thing::case(), &seat, now))?;
        Ok(seat)
    }

    /// As [`Desk::acting`], for the coordinator alone.
    pub fn coordinating(
        &self,
        house: &House,
        actor: &Actor,
        action: Action,
        now: Timestamp,
    ) -> Result<Seat, Failure> {
        let seat = self.acting(house, actor, action, now)?;
        match seat.part {
            Part::Coordinator => Ok(seat),
            _ => Err(Failure::Denied),
        }
    }

    /// The case, or its finding, as the policy sees it from `seat`.
    pub fn thing(&self, thing: Thing, seat: &Seat, now: Timestamp) -> Thing {
        let embargo = match (self.case.stage, self.embargo.may_publish(now)) {
            (Stage::Published, _) => policy::Embargo::Published,
            (_, Ok(())) => policy::Embargo::Over,
            (_, Err(_)) => policy::Embargo::Running,
        };
        let held = self
            .row
            .held_by
            .is_some_and(|holder| Some(holder) != seat.member);
        thing
            .part(part(seat.part))
            .told(seat.view.flaw)
            .embargo(embargo)
            .tlp(self.row.tlp.parse().unwrap_or(Tlp::Red))
            .held_by_another(held)
    }

    /// The organization that runs the case.
    pub fn coordinator(&self) -> Result<OrganizationId, Failure> {
        let runs = |participant: &&finding::coordinate::Participant| {
            participant.part == Part::Coordinator && participant.left.is_none()
        };
        let found = self.case.participants.iter().find(runs);
        let found =
            found.ok_or_else(|| Failure::broken(format!("{} has no coordinator", self.row.id)))?;
        Ok(found.organization)
    }

    /// Everyone who may know of the case, but `without`.
    pub fn told(&self, without: Option<OrganizationId>, now: Timestamp) -> Vec<OrganizationId> {
        let ids = self
            .case
            .participants
            .iter()
            .map(|participant| participant.organization);
        ids.filter(|id| Some(*id) != without)
            .filter(|id| view(&self.case, &self.embargo, *id, now).is_some())
            .collect()
    }

    fn apply(&mut self, event: &embargo::Event) {
        let before = self.embargo.until();
        self.embargo.apply(event);
        if let What::Terms { report, .. } = &event.what {
            self.took_in.push(*report);
        }
        if self.embargo.until() != before {
            self.embargo_since = Some(event.at);
        }
    }

    /// Appends what was done, sealed, with an entry of its own in the log; says the event's number.
    pub async fn record<T: Serialize>(
        &mut self,
        house: &House,
        tx: &Tx,
        done: Done<'_, T>,
        now: Timestamp,
    ) -> Result<i64, Failure> {
        let sealed = seal::seal(house, &self.key, &format!("case {}", done.act), done.words);
        let digest: String = keys::sha256(&[&sealed])
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let note = Note::Sealed(json!({
            "act": format!("case.{}", done.act),
            "case": self.row.id,
            "organization": done.organization,
            "sealed_sha256": digest,
            "at": now,
        }));
        let log_index = log::append(house, tx, &[note]).await?;
        let new = store::case::NewEvent {
            case: self.row.id,
            at: now,
            organization: done.organization,
            member: done.member,
            act: done.act,
            audience: done.audience,
            sealed: Some(sealed.clone()),
            log_index,
        };
        let id = store::case::append(tx.link(), new).await?;
        self.events.push(store::case::Event {
            id,
            at: now,
            organization: done.organization,
            member: done.member,
            act: done.act.into(),
            audience: done.audience,
            sealed: Some(sealed),
            log_index,
        });
        Ok(id)
    }

    /// Decides an embargo event by the rule, and appends it where it may be.
    pub async fn embargo_event(
        &mut self,
        house: &House,
        tx: &Tx,
        (by, member): (OrganizationId, Option<MemberId>),
        what: What,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let event = self.embargo.decide(by, what, now)?;
        self.apply(&event);
        let done = Done {
            organization: by,
            member,
            act: "embargo",
            audience: None,
            words: &event,
        };
        self.record(house, tx, done, now).await?;
        Ok(())
    }

    /// Writes what lists are ordered by.
    pub async fn save(&mut self, tx: &Tx, now: Timestamp) -> Result<(), Failure> {
        self.row.stage = self.case.stage;
        self.row.embargo = self.embargo.state().as_str().into();
        self.row.embargo_until = self.embargo.until();
        self.row.updated = now;
        self.row.closed = self
            .case
            .stage
            .is_over()
            .then(|| self.row.closed.unwrap_or(now));
        store::case::update(tx.link(), &self.row).await?;
        Ok(())
    }
}

/// Something done in a case. `words` are sealed; the act's name and the audience are not.
pub struct Done<'a, T> {
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub act: &'static str,
    pub audience: Option<OrganizationId>,
    pub words: &'a T,
}

impl Seat {
    /// What this seat does, for [`Desk::record`].
    pub fn done<'a, T>(&self, act: &'static str, words: &'a T) -> Done<'a, T> {
        Done {
            organization: self.organization,
            member: self.member,
            act,
            audience: None,
            words,
        }
    }
}
