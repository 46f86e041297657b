//! Device: what shows a new code every half minute, and the codes on paper that stand in for a lost one.

use jiff::Timestamp;
use keys::{Blind, totp};
use names::MemberId;
use store::Tx;

use crate::who::credential::{self, seal};
use crate::who::{Guest, ceremony};
use crate::{Failure, House};

/// A sheet of ten, as most keep them.
const RECOVERY_CODES: usize = 10;

/// A new code device for the guest's own account, and what must be sent back with its first code.
pub async fn offer(
    house: &House,
    guest: &Guest,
    now: Timestamp,
) -> Result<(totp::Secret, keys::Token), Failure> {
    credential::authorize(house, guest)?;
    let device = house.dice(totp::Secret::new);
    let ticket = ceremony::keep(house, &purpose(guest), device.reveal(), now).await?;
    Ok((device, ticket))
}

/// Takes the new code device into use, where its first code proves that it is set up.
pub async fn set(
    house: &House,
    guest: &Guest,
    ticket: &str,
    code: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    credential::authorize(house, guest)?;
    let bytes = ceremony::take(house, &purpose(guest), ticket, now).await?;
    let device = bytes.as_deref().and_then(totp::Secret::from_bytes);
    let step = device
        .as_ref()
        .and_then(|device| device.accept(code, seconds(now), None));
    let (Some(device), Some(step)) = (device, step) else {
        return Err(Failure::refused(
            "code",
            "this is not the code that the device shows now; begin again with the new device",
        ));
    };
    let tx = house.store.write().await?;
    put(house, &tx, guest.member.id, &device, step, now).await?;
    credential::settle(house, tx, guest, "code device", now).await
}

fn purpose(guest: &Guest) -> String {
    format!("device {}", guest.member.id)
}

/// Ten new recovery codes for the guest's own account, shown once; the old ones are void.
pub async fn new_recovery(
    house: &House,
    guest: &Guest,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    credential::authorize(house, guest)?;
    let tx = house.store.write().await?;
    let codes = put_recovery(house, &tx, guest.member.id, now).await?;
    credential::settle(house, tx, guest, "recovery codes", now).await?;
    Ok(codes)
}

/// Keeps the code device of a member; `step` is the one that proved it, so that it does not count again.
pub(super) async fn put(
    house: &House,
    tx: &Tx,
    member: MemberId,
    device: &totp::Secret,
    step: u64,
    now: Timestamp,
) -> Result<(), Failure> {
    let secret = seal(house, "code", device.reveal());
    credential::put(tx, member, "code", &member.to_string(), "", secret, now).await?;
    let kept = store::credential::find(tx.link(), "code", &member.to_string()).await?;
    if let Some(kept) = kept {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        store::credential::used(tx.link(), kept.id, Some(step), now).await?;
    }
    Ok(())
}

pub(super) async fn put_recovery(
    house: &House,
    tx: &Tx,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    store::credential::remove_kind(tx.link(), member, "recovery").await?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        // Ten letters and digits of base32 are 50 bits: not to be guessed at forty tries an hour.
        let text = house.dice(|dice| keys::Token::new("r", dice));
        let letters = &text.reveal()[2..12];
        let code = format!("{}-{}", &letters[..5], &letters[5..]);
        let subject = recovery_subject(house, member, &code);
        credential::put(tx, member, "recovery", &subject, "", Vec::new(), now).await?;
        codes.push(code);
    }
    Ok(codes)
}

/// What finds a recovery code: a keyed hash, so that the table alone is no list to guess from.
pub(super) fn recovery_subject(house: &House, member: MemberId, code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|it| it.to_ascii_lowercase())
        .collect();
    let term =
        Blind::new(house.keys.master(), "recovery").term(&member.to_string(), plain.as_bytes());
    term.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seconds since 1970, as code devices count.
pub(super) fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0)
}
