//! Member: who is in an organization, and what each may do there.

use jiff::Timestamp;
use names::{MemberId, OrganizationId, Refusal, Role};
use policy::{Action, Thing};
use store::Tx;

use crate::who::join::name_problem;
use crate::who::note;
use crate::{Actor, Failure, House};

/// Who is in an organization, removed ones last.
pub async fn list(
    house: &House,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<Vec<store::member::Member>, Failure> {
    house.reveal(
        actor,
        Action::SeeMembers,
        &Thing::organization(organization),
    )?;
    Ok(store::member::of_organization(house.store.link(), organization).await?)
}

/// Changes what a member may do for their organization, from their next request on.
pub async fn set_role(
    house: &House,
    actor: &Actor,
    whose: MemberId,
    role: Role,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let member = find(house, &tx, actor, whose).await?;
    if member.role == Role::Admin && role != Role::Admin {
        keep_one_admin(&tx, member.organization).await?;
    }
    store::member::set_role(tx.link(), whose, role).await?;
    changed(house, tx, actor, &member, role.as_str(), now).await
}

/// Gives a member another name.
pub async fn rename(
    house: &House,
    actor: &Actor,
    whose: MemberId,
    name: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let member = find(house, &tx, actor, whose).await?;
    let name = name.trim();
    if let Some(problem) = name_problem(name) {
        return Err(Failure::refused("name", problem));
    }
    store::member::rename(tx.link(), whose, name).await?;
    changed(house, tx, actor, &member, "renamed", now).await
}

/// Removes a member: their sessions, tokens and credentials end with it. What they did stays.
pub async fn remove(
    house: &House,
    actor: &Actor,
    whose: MemberId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let member = find(house, &tx, actor, whose).await?;
    if member.role == Role::Admin {
        keep_one_admin(&tx, member.organization).await?;
    }
    store::member::remove(tx.link(), whose, now).await?;
    end_everything(&tx, whose).await?;
    changed(house, tx, actor, &member, "removed", now).await
}

/// Writes down what became of the member, and makes it so.
async fn changed(
    house: &House,
    tx: Tx,
    actor: &Actor,
    member: &store::member::Member,
    how: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let subject = format!("{} {how}", member.id);
    note(
        house,
        &tx,
        actor,
        member.organization,
        Action::SetRole,
        &subject,
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Ends all that a member can come in by.
pub(super) async fn end_everything(tx: &Tx, whose: MemberId) -> Result<(), Failure> {
    store::session::end_all(tx.link(), whose, None).await?;
    store::token::end_all(tx.link(), whose).await?;
    store::credential::remove_all(tx.link(), whose).await?;
    Ok(())
}

async fn find(
    house: &House,
    tx: &Tx,
    actor: &Actor,
    whose: MemberId,
) -> Result<store::member::Member, Failure> {
    let member = store::member::find(tx.link(), whose)
        .await?
        .ok_or(Failure::Hidden)?;
    let organization = Thing::organization(member.organization);
    house.reveal(actor, Action::SeeMembers, &organization)?;
    house.authorize(actor, Action::SetRole, &organization)?;
    match member.removed {
        None => Ok(member),
        Some(_) => Err(Refusal::whole("this member was removed before").into()),
    }
}

async fn keep_one_admin(tx: &Tx, organization: OrganizationId) -> Result<(), Failure> {
    if store::member::admins(tx.link(), organization).await? > 1 {
        return Ok(());
    }
    let text =
        "this is the only administrator; make another one first, or have the organization leave";
    Err(Refusal::whole(text).into())
}
