//! Handoff: a case goes to another coordinator, or its number there comes back; nothing is lost on the way.
//!
//! What travels (Apache Magpie RFC-AI-0008, draft): credit verbatim, every hand it passed with ours appended, where it
//! came from, what each coordinator calls it, the terms as they are, and whether the other may end it.

use finding::coordinate::Part;
use finding::embargo::{Standing, What};
use finding::report::{Handling, Hop, Provenance, Terms};
use jiff::Timestamp;
use names::{CaseId, OrganizationId, Refusal};
use policy::Action;
use serde::{Deserialize, Serialize};

use crate::coordinate::desk::{Desk, Seat, load};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, prioritize, seal};

/// A coordinator's name, and what it calls a case, in characters.
const NAME_CHARS_MAX: usize = 200;

/// To whom a case is handed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOff {
    /// The coordinator's name: `CERT/CC`.
    pub coordinator: Box<str>,
    /// Where it takes part here.
    pub organization: Option<OrganizationId>,
    /// Whether it may close, reject or end the case.
    pub may_terminate: bool,
}

/// What goes to a coordinator that has no part here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bundle {
    pub case: CaseId,
    pub title: Box<str>,
    pub description: Box<str>,
    pub may_terminate: bool,
    /// The day in effect. It is as binding on the next hand as it was here.
    pub embargo_until: Option<Timestamp>,
    pub terms: Terms,
    pub provenance: Provenance,
    pub reports: Vec<finding::Report>,
}

/// Hands a case to another coordinator: into the case where it takes part here, as a bundle everywhere.
pub async fn hand_off(
    house: &House,
    actor: &Actor,
    id: CaseId,
    hand_off: HandOff,
    now: Timestamp,
) -> Result<Bundle, Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::HandOff, now)?;
    let mut refusal = Refusal::none();
    name_problem("coordinator", &hand_off.coordinator, &mut refusal);
    if hand_off.may_terminate && !may_terminate(&desk, &seat)? {
        refusal.add(
            "may_terminate",
            "you may not end it yourself, and cannot give that leave",
        );
    }
    if let Some(organization) = hand_off.organization {
        let found = store::organization::find(tx.link(), organization).await?;
        if found.is_none_or(|found| {
            found.kind != names::OrganizationKind::Coordinator || found.left.is_some()
        }) {
            refusal.add(
                "organization",
                format!("{organization} is no coordinator that takes part here"),
            );
        }
        if let Err(problem) = desk.case.may_join(organization) {
            refusal.within("", problem);
        }
    }
    refusal.or(())?;
    if let Some(organization) = hand_off.organization {
        store::case::join(tx.link(), id, organization, Part::Coordinator, now).await?;
        desk.case.participants = store::case::participants(tx.link(), id).await?;
        // Ending an embargo early is ending, too.
        let standing = if hand_off.may_terminate {
            Standing::Coordinator
        } else {
            Standing::Knows
        };
        desk.embargo_event(house, &tx, (organization, None), What::Join(standing), now)
            .await?;
        // Whoever takes it on takes on its day: terms are not bargained over again on the way.
        if let Some(until) = desk.embargo.until().filter(|until| *until > now) {
            desk.embargo_event(
                house,
                &tx,
                (organization, None),
                What::Accept { until },
                now,
            )
            .await?;
        }
        notice::tell(
            &tx,
            &Told {
                what: "handed-off",
                case: id,
                to: vec![organization],
            },
            now,
        )
        .await?;
    }
    desk.record(house, &tx, seat.done("handoff", &hand_off), now)
        .await?;
    let bundle = bundle(house, &tx, &desk, &hand_off, now).await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(bundle)
}

/// Notes what another coordinator calls the case.
pub async fn note_handling(
    house: &House,
    actor: &Actor,
    id: CaseId,
    handling: Handling,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::AddParticipant, now)?;
    let mut refusal = Refusal::none();
    name_problem("coordinator", &handling.coordinator, &mut refusal);
    name_problem("id", &handling.id, &mut refusal);
    if self::handling(&desk)?.contains(&handling) {
        refusal.add("id", "is noted already");
    }
    refusal.or(())?;
    desk.record(house, &tx, seat.done("handling", &handling), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// What other coordinators call the case, as it was noted.
pub fn handling(desk: &Desk) -> Result<Vec<Handling>, Failure> {
    let noted = desk.events.iter().filter(|event| &*event.act == "handling");
    noted.map(|event| desk.open(event)).collect()
}

/// Whether whoever sits in `seat` may end the case. One to whom it was handed may where that was said.
pub fn may_terminate(desk: &Desk, seat: &Seat) -> Result<bool, Failure> {
    let handed = desk.events.iter().filter(|event| &*event.act == "handoff");
    for event in handed {
        let hand_off: HandOff = desk.open(event)?;
        if hand_off.organization == Some(seat.organization) {
            return Ok(hand_off.may_terminate);
        }
    }
    Ok(true)
}

async fn bundle(
    house: &House,
    tx: &store::Tx,
    desk: &Desk,
    hand_off: &HandOff,
    now: Timestamp,
) -> Result<Bundle, Failure> {
    let reports = prioritize::reports(house, tx.link(), desk.row.finding).await?;
    let description = match store::case::text(tx.link(), desk.row.id).await? {
        Some(sealed) => seal::open(&desk.key, "case description", &sealed)?,
        None => Box::default(),
    };
    let mut provenance = Provenance::default();
    let mut terms = Terms::default();
    for report in &reports {
        let from = &report.body.provenance;
        append(&mut provenance.finders, &from.finders);
        append(&mut provenance.tools, &from.tools);
        append(&mut provenance.hops, &from.hops);
        append(&mut provenance.origins, &from.origins);
        append(&mut provenance.handling, &from.handling);
        terms.embargo_until = terms.embargo_until.max(report.body.terms.embargo_until);
        terms.tlp = terms.tlp.max(report.body.terms.tlp);
        terms.disclose_at = match (terms.disclose_at, report.body.terms.disclose_at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    append(&mut provenance.handling, &handling(desk)?);
    let own = Handling {
        coordinator: house.settings.operator.clone(),
        id: desk.row.id.to_string().into(),
    };
    append(&mut provenance.handling, &[own]);
    let hop = Hop {
        organization: house.settings.operator.clone(),
        at: now,
        note: format!("handed to {}", hand_off.coordinator).into(),
    };
    provenance.hops.push(hop);
    Ok(Bundle {
        case: desk.row.id,
        title: seal::open(&desk.key, "case title", &desk.row.title)?,
        description,
        may_terminate: hand_off.may_terminate,
        embargo_until: desk.embargo.until(),
        terms,
        provenance,
        reports: reports.into_iter().map(|report| report.body).collect(),
    })
}

/// Adds what is not there yet, in order; nothing that is there goes.
fn append<T: Clone + PartialEq>(to: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !to.contains(one) {
            to.push(one.clone());
        }
    }
}

fn name_problem(field: &'static str, name: &str, refusal: &mut Refusal) {
    let length = name.trim().chars().count();
    if length == 0 || length > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        refusal.add(field, format!("write it in one line of 1 to {NAME_CHARS_MAX} characters, such as `CERT/CC` or `VU#123456`"));
    }
}
