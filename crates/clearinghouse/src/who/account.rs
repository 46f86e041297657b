//! Account: what one did, and what was done for one's organization.

use jiff::Timestamp;
use names::{MemberId, OrganizationId};
use policy::{Action, Thing};

pub use store::organization::Standing;

use crate::{Actor, Failure, House};

/// A page of deeds.
pub const DEEDS_MAX: u32 = 50;

/// What the actor did themselves, newest first, from before the deed numbered `before`.
pub async fn own_deeds(
    house: &House,
    actor: &Actor,
    before: Option<i64>,
) -> Result<Vec<store::deed::Deed>, Failure> {
    let member = actor.member().ok_or(Failure::Hidden)?;
    house.authorize(
        actor,
        Action::SeeAccount,
        &Thing::account(member.id, member.organization),
    )?;
    list(house, member.organization, Some(member.id), before).await
}

/// What the members of an organization did, newest first.
pub async fn deeds(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    before: Option<i64>,
) -> Result<Vec<store::deed::Deed>, Failure> {
    house.reveal(actor, Action::SeeActs, &Thing::organization(organization))?;
    list(house, organization, None, before).await
}

async fn list(
    house: &House,
    organization: OrganizationId,
    member: Option<MemberId>,
    before: Option<i64>,
) -> Result<Vec<store::deed::Deed>, Failure> {
    Ok(store::deed::list(house.store.link(), organization, member, before, DEEDS_MAX).await?)
}

/// Suspends an organization or lets it in again: its members are strangers from their next request on.
pub async fn suspend(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
    suspended: bool,
    now: Timestamp,
) -> Result<(), Failure> {
    house.authorize(actor, Action::Administer, &Thing::instance())?;
    let tx = house.store.write().await?;
    let found = store::organization::find(tx.link(), organization)
        .await?
        .ok_or(Failure::Hidden)?;
    if found.staff {
        let text = "this organization runs the instance; nobody could let it in again";
        return Err(names::Refusal::whole(text).into());
    }
    store::leave::suspend(tx.link(), organization, suspended.then_some(now)).await?;
    let subject = if suspended {
        "suspended"
    } else {
        "let in again"
    };
    super::note(
        house,
        &tx,
        actor,
        organization,
        Action::Administer,
        subject,
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// The organizations that are suspended.
pub async fn suspended(house: &House, actor: &Actor) -> Result<Vec<OrganizationId>, Failure> {
    house.authorize(actor, Action::Administer, &Thing::instance())?;
    Ok(store::leave::suspended(house.store.link()).await?)
}

/// Organizations on one page of the administration.
const STANDINGS_MAX: u32 = 100;

/// How organizations stand, by name, on page `page` from one; and whether there are more.
pub async fn standings(
    house: &House,
    actor: &Actor,
    page: u32,
    now: Timestamp,
) -> Result<(Vec<Standing>, bool), Failure> {
    house.reveal(actor, Action::Administer, &Thing::instance())?;
    let place = i64::from(page.saturating_sub(1)) * i64::from(STANDINGS_MAX);
    let idle_since = super::before(now, super::session::IDLE_HOURS);
    let link = house.store.link();
    let count = i64::from(STANDINGS_MAX);
    // One more than is shown, to know whether there are more.
    let mut all = store::organization::standings(link, place, count + 1, now, idle_since).await?;
    let has_more = all.len() > STANDINGS_MAX as usize;
    all.truncate(STANDINGS_MAX as usize);
    Ok((all, has_more))
}
