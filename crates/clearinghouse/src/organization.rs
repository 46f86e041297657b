//! Organization: who takes part.

use jiff::Timestamp;
use names::{OrganizationId, OrganizationKind, Refusal};
use policy::{Action, Thing};
use serde_json::json;
use store::StoreError;

pub use store::organization::Organization;

use crate::log::{self, Note};
use crate::{Actor, Failure, House};

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
    let name = name.trim();
    if name.is_empty()
        || name.chars().count() > NAME_CHARS_MAX
        || name.chars().any(char::is_control)
    {
        return Err(Failure::refused(
            "name",
            format!(
                "write the organization's name in one line of 1 to {NAME_CHARS_MAX} characters"
            ),
        ));
    }
    let tx = house.store.write().await?;
    let staff = kind == OrganizationKind::Coordinator
        && store::organization::list(tx.link()).await?.is_empty();
    let id = match store::organization::insert(tx.link(), kind, name, staff, now).await {
        Ok(id) => id,
        Err(StoreError::Taken(_)) => {
            return Err(
                Refusal::of("name", "an organization of this name takes part already").into(),
            );
        }
        Err(error) => return Err(error.into()),
    };
    let body = json!({"act": "organization.create", "organization": id, "kind": kind, "at": now});
    log::append(house, &tx, &[Note::Open(body)]).await?;
    tx.commit().await?;
    Ok(id)
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
