//! Engage: a developer asks whether its model would be looked at, everybody does what their seat is for, and the
//! developer leaves whenever it likes.
//!
//! Nothing here answers whether a model may be released. A notice of a release is taken in every state and nobody
//! answers it; leaving is one signature, and whoever else had a seat then finds nothing where it was. Every act is one
//! sealed entry of the log, whatever it is: neither its kind nor its outcome can be told from outside.

mod leave;
mod show;

use frontier::engage::{
    self as rule, Act, By, Engagement, Event, Model, Seat, Signature, Step, What,
};
use jiff::Timestamp;
use keys::DataKey;
use names::{EngagementId, OrganizationId, OrganizationKind, Refusal};
use policy::{Action, Thing};
use serde_json::json;
use store::{Link, Tx};

use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal};

pub(crate) use leave::leave_all;
pub use leave::{leave_signed, read_leave_key};
pub use show::{
    Asked, Counted, Determined, Done, LISTED_MAX, Line, Proposed, Scored, Shown, Sitting, counted,
    list, show,
};

/// Engagements for which the clock does something in one round.
const ROUND: i64 = 100;

/// What its data key is wrapped for.
pub(crate) const KEY: &str = "engagement";

/// What a developer asks with.
#[derive(Clone, Debug)]
pub struct Inquiry {
    pub model: Model,
    /// The agency that is asked.
    pub official: OrganizationId,
    /// The key by which the developer can leave away from this house, as a line of a verifier key.
    pub leave_key: Option<Box<str>>,
}

/// An engagement, loaded to do something in it.
pub(crate) struct Desk {
    pub row: store::engagement::Engagement,
    pub key: DataKey,
    pub engagement: Engagement,
}

/// Asks.
pub async fn inquire(
    house: &House,
    actor: &Actor,
    inquiry: &Inquiry,
    now: Timestamp,
) -> Result<EngagementId, Failure> {
    house.authorize(actor, Action::Engage, &Thing::instance())?;
    let member = actor.member().ok_or(Failure::Denied)?;
    let tx = house.store.write().await?;
    let link = tx.link();
    let mut refusal = Refusal::none();
    let asked = store::organization::find(link, inquiry.official).await?;
    let is_agency =
        asked.is_some_and(|one| one.kind == OrganizationKind::Agency && one.left.is_none());
    if !is_agency {
        refusal.add(
            "official",
            "is no agency that takes part here; name one by its number, such as `O-000012`",
        );
    }
    let leave_key = match &inquiry.leave_key {
        Some(text) => read_leave_key(text).map(|key| key.to_string()),
        None => Ok(String::new()),
    };
    if let Err(problems) = &leave_key {
        refusal.extend("leave_key", problems);
    }
    // Checked ahead of its number, which only the store gives.
    let checked = rule::inquire(
        EngagementId::new(0),
        inquiry.model.clone(),
        member.organization,
        inquiry.official,
        now,
    );
    match checked {
        Ok(_) => refusal.or(())?,
        Err(other) => {
            refusal.within("", other);
            return Err(refusal.into());
        }
    }
    let (key, wrapped) = seal::new_key(house, KEY);
    let draft = store::engagement::Draft {
        developer: member.organization,
        key: wrapped.to_vec(),
        asked: now,
        leave_key: leave_key.unwrap_or_default().into(),
    };
    let id = store::engagement::insert(link, draft).await?;
    let engagement = rule::inquire(
        id,
        inquiry.model.clone(),
        member.organization,
        inquiry.official,
        now,
    )?;
    let row = store::engagement::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    let desk = Desk {
        row,
        key,
        engagement: engagement.clone(),
    };
    let body = json!({
        "act": "engage.inquire", "engagement": id, "by": actor.mark(), "at": now,
        "model_sha256": finding::hex(&keys::sha256(&[engagement.model.handle.as_bytes()])),
    });
    log::append(house, &tx, &[Note::Sealed(body)]).await?;
    write(house, link, &desk, &engagement).await?;
    tx.commit().await?;
    Ok(id)
}

/// Does `what` from whichever of the actor's seats it is done from.
pub async fn act(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    what: &What,
    now: Timestamp,
) -> Result<Step, Failure> {
    let tx = house.store.write().await?;
    let step = act_in(house, &tx, actor, id, what, now).await?;
    tx.commit().await?;
    Ok(step)
}

/// The same as a part of a larger write.
pub(crate) async fn act_in(
    house: &House,
    tx: &Tx,
    actor: &Actor,
    id: EngagementId,
    what: &What,
    now: Timestamp,
) -> Result<Step, Failure> {
    let desk = reach(house, tx.link(), actor, id).await?;
    let member = actor.member().ok_or(Failure::Hidden)?;
    let seat = seat_for(&desk.engagement, member.organization, member.id, what.act());
    let seat = seat.ok_or(Failure::Hidden)?;
    house.authorize(actor, action(what.act()), &thing(seat))?;
    let signature = Signature {
        person: member.id,
        organization: member.organization,
        seat,
    };
    let step = rule::engage(&desk.engagement, By::Person(signature), what, now)?;
    save(house, tx, &desk, &step, &actor.mark(), now).await?;
    Ok(step)
}

/// Leaves: by one signature, from every state, and a second time as if it were the first.
pub async fn withdraw(
    house: &House,
    actor: &Actor,
    id: EngagementId,
    now: Timestamp,
) -> Result<(), Failure> {
    act(house, actor, id, &What::Withdraw {}, now).await?;
    Ok(())
}

/// Does what the clock does by itself; says how often. Run by the house.
pub async fn lapse(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let mut count = 0;
    for id in store::engagement::due(house.store.link(), now, ROUND).await? {
        let tx = house.store.write().await?;
        let desk = load(house, tx.link(), id).await?;
        // Where another node was first, nothing is due any more.
        let Some(what) = desk.engagement.due(now) else {
            continue;
        };
        let step = rule::engage(&desk.engagement, By::Clock, &what, now)?;
        save(house, &tx, &desk, &step, &Actor::House.mark(), now).await?;
        tx.commit().await?;
        count += 1;
    }
    Ok(count)
}

/// Writes what came of an act, with its entry of the log.
pub(crate) async fn save(
    house: &House,
    tx: &Tx,
    desk: &Desk,
    step: &Step,
    by: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(event) = &step.event else {
        return Ok(());
    };
    let link = tx.link();
    let bytes = seal::json(event);
    let body = json!({
        "act": "engage", "engagement": desk.row.id, "event_sha256": finding::hex(&keys::sha256(&[&bytes])), "by": by, "at": now,
    });
    let log_index = log::append(house, tx, &[Note::Sealed(body)]).await?;
    let kept = store::engagement::Event {
        at: event.at,
        body: seal::seal_text(house, &desk.key, "engagement_event", &bytes),
        log_index,
    };
    store::engagement::add_event(link, desk.row.id, kept).await?;
    write(house, link, desk, &step.engagement).await
}

/// Writes the engagement itself, who has a seat in it and when the clock looks at it.
async fn write(
    house: &House,
    link: Link<'_>,
    desk: &Desk,
    engagement: &Engagement,
) -> Result<(), Failure> {
    let id = desk.row.id;
    let body = seal::seal(house, &desk.key, "engagement", engagement);
    let due = engagement
        .clock()
        .filter(|_| engagement.due(Timestamp::MAX).is_some());
    let due = due.map(|clock| clock.until);
    if !store::engagement::set(link, id, desk.row.version, body, due).await? {
        return Err(Failure::away("somebody else was first"));
    }
    // Who cannot see it has no row that says they could.
    let seats: Vec<(OrganizationId, &str)> = engagement
        .seats
        .iter()
        .filter(|one| rule::view(engagement, one.organization).is_some())
        .map(|one| (one.organization, one.seat.as_str()))
        .collect();
    Ok(store::engagement::seat(link, id, &seats).await?)
}

/// Loads an engagement.
pub(crate) async fn load(house: &House, link: Link<'_>, id: EngagementId) -> Result<Desk, Failure> {
    let row = store::engagement::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    opened(house, row)
}

pub(crate) fn opened(house: &House, row: store::engagement::Engagement) -> Result<Desk, Failure> {
    let key = seal::key(house, KEY, row.key.as_deref())?;
    let engagement = seal::open(&key, "engagement", &row.body)?;
    Ok(Desk {
        row,
        key,
        engagement,
    })
}

/// The same for whoever has a seat and sees it from there; for everyone else there is none.
pub(crate) async fn reach(
    house: &House,
    link: Link<'_>,
    actor: &Actor,
    id: EngagementId,
) -> Result<Desk, Failure> {
    let desk = load(house, link, id).await?;
    let organization = actor.organization().ok_or(Failure::Hidden)?;
    rule::view(&desk.engagement, organization).ok_or(Failure::Hidden)?;
    let seat = desk
        .engagement
        .seats_of(organization)
        .next()
        .ok_or(Failure::Hidden)?;
    house.reveal(actor, Action::SeeEngagement, &thing(seat))?;
    Ok(desk)
}

/// An engagement as the policy sees it from `seat`.
pub(crate) fn thing(seat: Seat) -> Thing {
    Thing::engagement().seat(match seat {
        Seat::Developer => policy::Seat::Developer,
        Seat::Evaluator => policy::Seat::Evaluator,
        Seat::Official => policy::Seat::Official,
        Seat::Consulted => policy::Seat::Consulted,
        Seat::Reviewer => policy::Seat::Reviewer,
    })
}

/// What the policy is asked about an act.
pub(crate) const fn action(act: Act) -> Action {
    match act {
        Act::Withdraw => Action::WithdrawEngagement,
        Act::Notify => Action::TellRelease,
        Act::Opine | Act::Declare => Action::GiveOpinion,
        Act::Scope
        | Act::Consult
        | Act::Propose
        | Act::Share
        | Act::Determine
        | Act::Conclude
        | Act::Lift => Action::Designate,
        Act::Agree
        | Act::Commit
        | Act::Evaluate
        | Act::Comment
        | Act::Reconsider
        | Act::Assign
        | Act::Review
        | Act::Retest
        | Act::Settle
        | Act::Sunset => Action::TakePart,
    }
}

/// The seat of `organization` that the table has `act` done from now; its first where none is, so that it is told why not.
/// Where it sits twice, the seat that it has not signed from yet.
fn seat_for(
    engagement: &Engagement,
    organization: OrganizationId,
    person: names::MemberId,
    act: Act,
) -> Option<Seat> {
    let seats: Vec<Seat> = engagement.seats_of(organization).collect();
    let does =
        |seat: &&Seat| rule::rows(engagement.state, act).any(|row| row.quorum.contains(seat));
    let fitting: Vec<&Seat> = seats.iter().filter(does).collect();
    let signed = |seat: &Seat| {
        let pending = engagement.pending.as_ref();
        pending.is_some_and(|pending| {
            pending
                .by
                .iter()
                .any(|one| one.seat == *seat && one.person == person)
        })
    };
    let fresh = fitting.iter().find(|seat| !signed(seat));
    fresh
        .or(fitting.first())
        .copied()
        .or(seats.first())
        .copied()
}

/// An event as it was sealed.
pub(crate) fn event(key: &DataKey, row: &store::engagement::Event) -> Result<Event, Failure> {
    seal::open(key, "engagement_event", &row.body)
}
