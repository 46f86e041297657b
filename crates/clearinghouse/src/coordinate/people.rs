//! People: organizations come into a case and go, and someone of the coordinator's has it in hand.

use finding::coordinate::Part;
use finding::embargo::{Standing, What};
use jiff::Timestamp;
use names::{CaseId, MemberId, OrganizationId, Refusal};
use policy::Action;
use serde::{Deserialize, Serialize};

use crate::coordinate::desk::load;
use crate::notice::{self, Told};
use crate::{Actor, Failure, House};

/// A coming or going, as it is sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Came {
    pub organization: OrganizationId,
    pub part: Box<str>,
}

/// Brings an organization into a case. A vendor or deployer learns of it once it is sent: in its own pace.
pub async fn invite(
    house: &House,
    actor: &Actor,
    id: CaseId,
    organization: OrganizationId,
    part: Part,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::AddParticipant, now)?;
    let mut refusal = Refusal::none();
    let found = store::organization::find(tx.link(), organization).await?;
    if found.is_none_or(|found| found.left.is_some()) {
        refusal.add(
            "organization",
            format!("{organization} takes no part here; invite it first"),
        );
    }
    if part == Part::Coordinator {
        refusal.add("part", "another coordinator comes in by a hand-off");
    }
    if let Err(problem) = desk.case.may_join(organization) {
        refusal.within("", problem);
    }
    let before = desk
        .case
        .participants
        .iter()
        .find(|participant| participant.organization == organization);
    if let Some(before) = before.filter(|before| before.part != part) {
        refusal.add(
            "part",
            format!(
                "was {} in this case before, and comes back as that",
                before.part.shown()
            ),
        );
    }
    refusal.or(())?;
    store::case::join(tx.link(), id, organization, part, now).await?;
    desk.case.participants = store::case::participants(tx.link(), id).await?;
    let standing = if part == Part::Finder {
        Standing::Knows
    } else {
        Standing::Asked
    };
    if part != Part::Observer {
        desk.embargo_event(house, &tx, (organization, None), What::Join(standing), now)
            .await?;
    }
    if matches!(part, Part::Vendor | Part::Deployer) {
        store::queue::enqueue(tx.link(), id, organization, now).await?;
    }
    let came = Came {
        organization,
        part: part.as_str().into(),
    };
    desk.record(house, &tx, seat.done("join", &came), now)
        .await?;
    desk.save(&tx, now).await?;
    if !matches!(part, Part::Vendor | Part::Deployer) {
        notice::tell(
            &tx,
            &Told {
                what: "invited",
                case: id,
                to: vec![organization],
            },
            now,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Lets an organization go: its own wish, or the coordinator's.
pub async fn leave(
    house: &House,
    actor: &Actor,
    id: CaseId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let own = actor.organization() == Some(organization);
    let seat = match own {
        true => desk.acting(house, actor, Action::AnswerEmbargo, now)?,
        false => desk.coordinating(house, actor, Action::AddParticipant, now)?,
    };
    let Some(part) = desk.case.part(organization) else {
        return Err(Failure::Hidden);
    };
    if part == Part::Coordinator && desk.coordinator()? == organization {
        return Err(Failure::refused(
            "organization",
            "the coordinator cannot leave; hand the case to another first",
        ));
    }
    if desk.embargo.decide(organization, What::Leave, now).is_ok() {
        desk.embargo_event(house, &tx, (organization, None), What::Leave, now)
            .await?;
    }
    store::case::leave(tx.link(), id, organization, now).await?;
    let came = Came {
        organization,
        part: part.as_str().into(),
    };
    desk.record(house, &tx, seat.done("leave", &came), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// "Held by Ada": takes a case in hand, gives it to a colleague, or back.
pub async fn assign(
    house: &House,
    actor: &Actor,
    id: CaseId,
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::HoldCase, now)?;
    if let Some(member) = member {
        let colleagues = store::notice::readers(tx.link(), seat.organization).await?;
        if colleagues
            .iter()
            .all(|colleague| colleague.member != member)
        {
            return Err(Failure::refused(
                "member",
                format!("{member} is none of your colleagues"),
            ));
        }
    }
    desk.row.held_by = member;
    desk.record(house, &tx, seat.done("assign", &member), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}
