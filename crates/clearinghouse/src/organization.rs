//! Organization: who takes part.

use jiff::Timestamp;
use names::{OrganizationId, OrganizationKind, Refusal};
use policy::{Action, Thing};
use serde_json::json;
use store::StoreError;

pub use store::organization::Organization;

use crate::log::{self, Note};
use crate::{Actor, Failure, House, who};

/// A name is shown in lists and mails: one line of a page.
const NAME_CHARS_MAX: usize = 100;

/// Takes an organization in.
pub async fn create(
    house: &House,
    actor: &Actor,
    kind: OrganizationKind,
    name: &str,
    now: Timestamp,
) -> Result<OrganizationId, Failure> {
    house.authorize(actor, Action::Administer, &Thing::instance())?;
    let name = checked(name)?;
    let tx = house.store.write().await?;
    let staff = kind == OrganizationKind::Coordinator
        && store::organization::list(tx.link()).await?.is_empty();
    let id = match store::organization::insert(tx.link(), kind, name, staff, now).await {
        Ok(id) => id,
        Err(error) => return Err(taken(error)),
    };
    let body = json!({"act": "organization.create", "organization": id, "kind": kind, "at": now});
    log::append(house, &tx, &[Note::Open(body)]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives an organization another name. What was said before keeps the old one, as everyone read it.
pub async fn rename(
    house: &House,
    actor: &Actor,
    id: OrganizationId,
    name: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let thing = Thing::organization(id);
    house.reveal(actor, Action::SeeOrganization, &thing)?;
    house.authorize(actor, Action::SetOrganization, &thing)?;
    let name = checked(name)?;
    let tx = house.store.write().await?;
    let found = store::organization::find(tx.link(), id).await?;
    if found.ok_or(Failure::Hidden)?.left.is_some() {
        return Err(Refusal::whole("the organization has left").into());
    }
    store::organization::rename(tx.link(), id, name)
        .await
        .map_err(taken)?;
    who::note(
        house,
        &tx,
        actor,
        id,
        Action::SetOrganization,
        "renamed",
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

fn checked(name: &str) -> Result<&str, Failure> {
    let name = name.trim();
    let is_line = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.chars().any(char::is_control);
    is_line.then_some(name).ok_or_else(|| {
        let text = format!(
            "write the organization's name in one line of 1 to {NAME_CHARS_MAX} characters"
        );
        Failure::refused("name", text)
    })
}

fn taken(error: StoreError) -> Failure {
    match error {
        StoreError::Taken(_) => {
            Failure::refused("name", "an organization of this name takes part already")
        }
        other => other.into(),
    }
}

/// Which organizations take part, by name.
pub async fn list(house: &House, actor: &Actor) -> Result<Vec<Organization>, Failure> {
    house.authorize(actor, Action::SeeDirectory, &Thing::instance())?;
    Ok(store::organization::list(house.store.link()).await?)
}

/// One organization.
pub async fn find(
    house: &House,
    actor: &Actor,
    id: OrganizationId,
) -> Result<Organization, Failure> {
    house.reveal(actor, Action::SeeOrganization, &Thing::organization(id))?;
    let found = store::organization::find(house.store.link(), id).await?;
    found.ok_or(Failure::Hidden)
}
