//! Passkey: a key that never leaves its owner's device. The door verifies what it signs (WebAuthn); here is what is
//! asked of whom, once, and what is kept.

use jiff::Timestamp;
use keys::{Blind, Token};
use names::{MemberId, Refusal};

use crate::who::credential::{self, open, seal};
use crate::who::session::Proof;
use crate::who::sign_in::{From, enter, unknown};
use crate::who::{Guest, ceremony};
use crate::{Failure, House};

/// A keyring, a phone, a laptop, and their spares.
const PASSKEYS_MAX: usize = 20;
const LABEL_CHARS_MAX: usize = 60;
/// What a question to a stranger is kept for.
const SIGN_IN: &str = "passkey sign-in";

/// What a device knows an account by: nothing that says whose it is, and nothing to count accounts by.
pub fn handle(house: &House, member: MemberId) -> [u8; 16] {
    Blind::new(house.keys.master(), "passkey").term("member", member.to_string().as_bytes())
}

/// The names of the guest's own passkeys, so that no device is asked for a second one.
pub async fn names(house: &House, guest: &Guest) -> Result<Vec<Box<str>>, Failure> {
    credential::authorize(house, guest)?;
    let all = store::credential::of_member(house.store.link(), guest.member.id).await?;
    let passkeys = all.into_iter().filter(|one| &*one.kind == "passkey");
    Ok(passkeys.map(|one| one.subject).collect())
}

/// Keeps what a new passkey is asked: the ticket takes it once, for ten minutes, for this account.
pub async fn ask_new(
    house: &House,
    guest: &Guest,
    question: &[u8],
    now: Timestamp,
) -> Result<Token, Failure> {
    credential::authorize(house, guest)?;
    ceremony::keep(house, &purpose(guest), question, now).await
}

/// Takes what a new passkey was asked.
pub async fn asked_new(
    house: &House,
    guest: &Guest,
    ticket: &str,
    now: Timestamp,
) -> Result<Vec<u8>, Failure> {
    credential::authorize(house, guest)?;
    let kept = ceremony::take(house, &purpose(guest), ticket, now).await?;
    kept.ok_or_else(over)
}

fn purpose(guest: &Guest) -> String {
    format!("passkey of {}", guest.member.id)
}

/// Keeps a passkey for the guest's own account. The door has verified its registration; `secret` is what it needs to
/// verify the next use, `id` names it.
pub async fn add(
    house: &House,
    guest: &Guest,
    id: &str,
    label: &str,
    secret: &[u8],
    now: Timestamp,
) -> Result<(), Failure> {
    credential::authorize(house, guest)?;
    let member = guest.member.id;
    let label: String = label
        .trim()
        .chars()
        .filter(|it| !it.is_control())
        .take(LABEL_CHARS_MAX)
        .collect();
    let tx = house.store.write().await?;
    let all = store::credential::of_member(tx.link(), member).await?;
    if all.iter().filter(|one| &*one.kind == "passkey").count() >= PASSKEYS_MAX {
        return Err(Refusal::whole(format!(
            "an account has at most {PASSKEYS_MAX} passkeys; remove one first"
        ))
        .into());
    }
    let secret = seal(house, "passkey", secret);
    credential::put(&tx, member, "passkey", id, &label, secret, now).await?;
    credential::settle(house, tx, guest, "passkey", now).await
}

/// Keeps what whoever wants to sign in is asked.
pub async fn ask(
    house: &House,
    question: &[u8],
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    ceremony::keep_for(house, SIGN_IN, question, from, now).await
}

/// Takes what they were asked: the second time, and after ten minutes, there is nothing.
pub async fn asked(house: &House, ticket: &str, now: Timestamp) -> Result<Vec<u8>, Failure> {
    let kept = ceremony::take(house, SIGN_IN, ticket, now).await?;
    kept.ok_or_else(over)
}

/// Whose passkey of this name is, and what is needed to verify it.
pub async fn find(house: &House, id: &str) -> Result<(MemberId, Vec<u8>), Failure> {
    let kept = store::credential::find(house.store.link(), "passkey", id).await?;
    let kept = kept.ok_or_else(unknown)?;
    Ok((kept.member, open(house, "passkey", &kept.secret)?))
}

/// Signs in by a passkey that the door has verified. `renewed` is what it needs to verify the next use.
pub async fn sign_in(
    house: &House,
    id: &str,
    renewed: Option<&[u8]>,
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    let tx = house.store.write().await?;
    let renewed = renewed.map(|plain| seal(house, "passkey", plain));
    enter(house, tx, Proof::Passkey, id, renewed, from, now).await
}

fn over() -> Failure {
    Refusal::whole("this question was answered before, or more than ten minutes ago; begin again")
        .into()
}
