//! Credential: what a member proves themselves with, and how much of it must be left.
//!
//! A password never stands alone: it goes with a code device or with a recovery code that is used up. A passkey and
//! a single sign-on each prove enough by themselves. Whoever has proved too little has no account.

use jiff::Timestamp;
use names::{MemberId, Refusal};
use policy::{Action, Thing};
use store::Tx;
use store::credential::Draft;

use crate::who::{Guest, note};
use crate::{Failure, House};

/// What the guest's own account is proved with, oldest first; recovery codes only by their number.
pub async fn list(
    house: &House,
    guest: &Guest,
) -> Result<Vec<store::credential::Credential>, Failure> {
    super::see_account(house, guest)?;
    Ok(store::credential::of_member(house.store.link(), guest.member.id).await?)
}

/// Removes one of the guest's own, where enough is left to come in by.
pub async fn remove(house: &House, guest: &Guest, id: i64, now: Timestamp) -> Result<(), Failure> {
    authorize(house, guest)?;
    let member = &guest.member;
    let tx = house.store.write().await?;
    let all = store::credential::of_member(tx.link(), member.id).await?;
    let gone = all.iter().find(|one| one.id == id).ok_or(Failure::Hidden)?;
    let has = |kind: &str| all.iter().any(|one| one.id != id && &*one.kind == kind);
    let enough = has("passkey") || has("sign-on") || has("password") && has("code");
    if !enough {
        return Err(
            Refusal::whole("this is the last way into your account; add another first").into(),
        );
    }
    store::credential::remove(tx.link(), member.id, id).await?;
    if &*gone.kind == "code" {
        // Without its device a password proves too little.
        store::credential::remove_kind(tx.link(), member.id, "password").await?;
    }
    settle(house, tx, guest, &gone.kind, now).await
}

/// Goes on only where the guest may change what proves them.
pub(super) fn authorize(house: &House, guest: &Guest) -> Result<(), Failure> {
    let member = &guest.member;
    house.authorize(
        &guest.actor,
        Action::SetCredentials,
        &Thing::account(member.id, member.organization),
    )
}

/// Writes down that the guest changed `what` proves them, and makes it so.
pub(super) async fn settle(
    house: &House,
    tx: Tx,
    guest: &Guest,
    what: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    note(
        house,
        &tx,
        &guest.actor,
        guest.member.organization,
        Action::SetCredentials,
        what,
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Seals what a credential holds, bound to what it is.
pub(super) fn seal(house: &House, kind: &str, plain: &[u8]) -> Vec<u8> {
    house.dice(|dice| house.keys.master().seal(kind.as_bytes(), plain, dice))
}

/// Opens it.
pub(super) fn open(house: &House, kind: &str, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(house.keys.master().open(kind.as_bytes(), sealed)?)
}

/// Keeps a credential; someone else's is never replaced.
pub(super) async fn put(
    tx: &Tx,
    member: MemberId,
    kind: &str,
    subject: &str,
    label: &str,
    secret: Vec<u8>,
    now: Timestamp,
) -> Result<(), Failure> {
    let draft = Draft {
        member,
        kind,
        subject,
        label,
        secret,
    };
    match store::credential::put(tx.link(), draft, now).await {
        Err(store::StoreError::Taken(_)) => Err(Refusal::whole(
            "this proves another account already; sign out there, or use another",
        )
        .into()),
        other => Ok(other?),
    }
}
