//! Who: how someone becomes a member, proves who they are, and stops being one.
//!
//! Nothing that a stranger sends tells them whether an account exists: wrong address, wrong password and wrong code
//! are answered alike, and take as long. What is shown at the door (session, token, link) is kept as its digest alone.

pub mod account;
pub mod ceremony;
pub mod credential;
pub mod device;
pub mod export;
pub mod invitation;
pub mod join;
pub mod leave;
pub mod member;
pub mod passkey;
pub mod password;
pub mod recognize;
pub mod session;
pub mod sign_in;
pub mod sign_on;
pub mod throttle;
pub mod token;

use jiff::{SignedDuration, Timestamp};
use names::{MemberId, OrganizationId};
use policy::{Action, Thing};
use serde_json::json;
use store::{Link, Tx};

use crate::log::{self, Note};
use crate::{Actor, Failure, House};

pub use recognize::{Guest, Recognized, Shown, recognize};
pub use store::credential::Credential;
pub use store::deed::Deed;
pub use store::invitation::Invitation;
pub use store::member::Member as MemberRow;
pub use store::session::Session;
pub use store::token::Token;

/// Writes down who did what: sealed in the log, since it names people, and in the list that those see whose it is.
/// `subject` is an id, never a word that anyone wrote. Answers with the index in the log.
pub async fn note(
    house: &House,
    tx: &Tx,
    actor: &Actor,
    organization: OrganizationId,
    action: Action,
    subject: &str,
    now: Timestamp,
) -> Result<i64, Failure> {
    let body = json!({
        "act": action.as_str(),
        "by": actor.mark(),
        "organization": organization,
        "subject": subject,
        "at": now,
    });
    let index = log::append(house, tx, &[Note::Sealed(body)]).await?;
    let member = actor.member().map(|member| member.id);
    store::deed::insert(
        tx.link(),
        organization,
        member,
        action.as_str(),
        subject,
        index,
        now,
    )
    .await?;
    Ok(index)
}

/// Goes on only where the guest may see their own account.
fn see_account(house: &House, guest: &Guest) -> Result<(), Failure> {
    let account = Thing::account(guest.member.id, guest.member.organization);
    house.authorize(&guest.actor, Action::SeeAccount, &account)
}

/// The member whose account it is, where the actor may do this to it; else there is no such account.
async fn of_account(
    house: &House,
    link: Link<'_>,
    actor: &Actor,
    action: Action,
    whose: MemberId,
) -> Result<MemberRow, Failure> {
    let found = store::member::find(link, whose).await?;
    let member = found.ok_or(Failure::Hidden)?;
    house.reveal(actor, action, &Thing::account(whose, member.organization))?;
    Ok(member)
}

/// Writes down that the actor did this to a member's account, and makes it so.
async fn settle(
    house: &House,
    tx: Tx,
    actor: &Actor,
    action: Action,
    whose: &MemberRow,
    now: Timestamp,
) -> Result<(), Failure> {
    let subject = whose.id.to_string();
    note(house, &tx, actor, whose.organization, action, &subject, now).await?;
    Ok(tx.commit().await?)
}

/// `hours` after `now`.
fn after(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MAX)
}

/// `hours` before `now`.
fn before(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MIN)
}
