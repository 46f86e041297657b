//! Credential: what a member proves themselves with, and how it is changed.
//!
//! A password never stands alone: it goes with a code device or with a recovery code that is used up. A passkey and
//! a single sign-on each prove enough by themselves. Whoever has proved too little has no account.

use jiff::Timestamp;
use keys::{Blind, totp};
use names::{MemberId, Refusal};
use policy::{Action, Thing};
use store::Tx;
use store::credential::Draft;
use tokio::sync::Semaphore;

use crate::who::{Guest, note};
use crate::{Failure, House};

/// NIST SP 800-63B-4, section 3.1.1.2, asks for 8 where a second factor stands beside; four more cost nobody much.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// A sheet of ten, as most keep them.
const RECOVERY_CODES: usize = 10;
/// A keyring, a phone, a laptop, and their spares.
const PASSKEYS_MAX: usize = 20;
const LABEL_CHARS_MAX: usize = 60;

/// Each check takes 19 MiB; sixteen at once fit the smallest machine that we serve.
static SEATS: Semaphore = Semaphore::const_new(16);

/// What is wrong with a password as such.
pub fn problem(password: &str) -> Option<String> {
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Some(format!(
            "write at least {PASSWORD_CHARS_MIN} characters; a sentence is easy to keep"
        ));
    }
    if password.len() > keys::password::PASSWORD_BYTES_MAX {
        return Some(format!(
            "write at most {} bytes",
            keys::password::PASSWORD_BYTES_MAX
        ));
    }
    let first = password.chars().next();
    password
        .chars()
        .all(|it| Some(it) == first)
        .then(|| "is one character again and again; write a sentence".to_owned())
}

/// Its hash, made where waiting is allowed.
pub(super) async fn hash(house: &House, password: &str) -> Result<Vec<u8>, Failure> {
    let _seat = SEATS.acquire().await.map_err(Failure::broken)?;
    let mut salt = [0; 32];
    house.dice(|dice| dice.fill(&mut salt));
    let password = password.to_owned();
    let work = move || keys::password::hash(&password, &mut Given(salt));
    let hash = tokio::task::spawn_blocking(work)
        .await
        .map_err(Failure::broken)?;
    Ok(hash.map_err(Failure::broken)?.into_bytes())
}

/// Whether `password` is the one of `stored`; where nothing is stored the answer is no, and takes as long.
pub(super) async fn verify(password: &str, stored: Option<Vec<u8>>) -> Result<bool, Failure> {
    let _seat = SEATS.acquire().await.map_err(Failure::broken)?;
    let is_account = stored.is_some();
    let stored = match stored {
        Some(bytes) => String::from_utf8(bytes).map_err(Failure::broken)?,
        None => keys::password::DECOY.to_owned(),
    };
    // Too long a password is a wrong one: nobody could have set it.
    let is_long = password.len() > keys::password::PASSWORD_BYTES_MAX;
    let password = if is_long {
        String::new()
    } else {
        password.to_owned()
    };
    let work = move || keys::password::verify(&password, &stored);
    let same = tokio::task::spawn_blocking(work)
        .await
        .map_err(Failure::broken)?;
    Ok(same.map_err(Failure::broken)? && is_account && !is_long)
}

/// Bytes that were thrown before, for work on another thread.
struct Given([u8; 32]);

impl keys::Dice for Given {
    fn fill(&mut self, out: &mut [u8]) {
        for (out, given) in out.iter_mut().zip(self.0.iter().cycle()) {
            *out = *given;
        }
    }
}

/// Seals what a credential holds, bound to what it is.
pub(super) fn seal(house: &House, kind: &str, plain: &[u8]) -> Vec<u8> {
    house.dice(|dice| house.keys.master().seal(kind.as_bytes(), plain, dice))
}

/// Opens it.
pub(super) fn open(house: &House, kind: &str, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(house.keys.master().open(kind.as_bytes(), sealed)?)
}

/// Keeps password and code device of a member.
pub(super) async fn put_password(
    house: &House,
    tx: &Tx,
    member: MemberId,
    hash: &[u8],
    now: Timestamp,
) -> Result<(), Failure> {
    let secret = seal(house, "password", hash);
    put(tx, member, "password", &member.to_string(), "", secret, now).await
}

/// Keeps the code device of a member; `step` is the one that proved it, so that it does not count again.
pub(super) async fn put_device(
    house: &House,
    tx: &Tx,
    member: MemberId,
    device: &totp::Secret,
    step: u64,
    now: Timestamp,
) -> Result<(), Failure> {
    let secret = seal(house, "code", device.reveal());
    put(tx, member, "code", &member.to_string(), "", secret, now).await?;
    let kept = store::credential::find(tx.link(), "code", &member.to_string()).await?;
    if let Some(kept) = kept {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        store::credential::used(tx.link(), kept.id, Some(step), now).await?;
    }
    Ok(())
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

/// Sets a new password for the guest's own account; the old one must be told where there is one.
/// Ends every other session of the account.
pub async fn set_password(
    house: &House,
    guest: &Guest,
    old: &str,
    new: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    authorize(house, guest)?;
    let member = &guest.member;
    let subject = member.id.to_string();
    let has_device = store::credential::find(house.store.link(), "code", &subject)
        .await?
        .is_some();
    let kept = store::credential::find(house.store.link(), "password", &subject).await?;
    let mut refusal = Refusal::none();
    if let Some(problem) = problem(new) {
        refusal.add("password", problem);
    }
    if !has_device {
        refusal.add(
            "password",
            "a password goes with a code device; set that up first",
        );
    }
    if let Some(kept) = kept {
        let stored = open(house, "password", &kept.secret)?;
        if !verify(old, Some(stored)).await? {
            refusal.add("old", "this is not the password that you have");
        }
    }
    refusal.or(())?;
    let hash = hash(house, new).await?;
    let tx = house.store.write().await?;
    put_password(house, &tx, member.id, &hash, now).await?;
    store::session::end_all(tx.link(), member.id, guest.session).await?;
    note(
        house,
        &tx,
        &guest.actor,
        member.organization,
        Action::SetCredentials,
        "password",
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// A new code device for the guest's own account, and what must be sent back with its first code.
pub async fn new_device(
    house: &House,
    guest: &Guest,
    now: Timestamp,
) -> Result<(totp::Secret, keys::Token), Failure> {
    authorize(house, guest)?;
    let device = house.dice(totp::Secret::new);
    let ticket = keep(
        house,
        &format!("device {}", guest.member.id),
        device.reveal(),
        now,
    )
    .await?;
    Ok((device, ticket))
}

/// Takes the new code device into use, where its first code proves that it is set up.
pub async fn set_device(
    house: &House,
    guest: &Guest,
    ticket: &str,
    code: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    authorize(house, guest)?;
    let member = &guest.member;
    let bytes = take(house, &format!("device {}", member.id), ticket, now).await?;
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
    put_device(house, &tx, member.id, &device, step, now).await?;
    note(
        house,
        &tx,
        &guest.actor,
        member.organization,
        Action::SetCredentials,
        "code device",
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Ten new recovery codes for the guest's own account, shown once; the old ones are void.
pub async fn new_recovery(
    house: &House,
    guest: &Guest,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    authorize(house, guest)?;
    let member = &guest.member;
    let tx = house.store.write().await?;
    let codes = put_recovery(house, &tx, member.id, now).await?;
    note(
        house,
        &tx,
        &guest.actor,
        member.organization,
        Action::SetCredentials,
        "recovery codes",
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(codes)
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
        put(
            tx,
            member,
            "recovery",
            &recovery_subject(house, member, &code),
            "",
            Vec::new(),
            now,
        )
        .await?;
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

/// Keeps a passkey for the guest's own account. The door has verified its registration; `secret` is what it needs to
/// verify the next use, `id` names it.
pub async fn add_passkey(
    house: &House,
    guest: &Guest,
    id: &str,
    label: &str,
    secret: &[u8],
    now: Timestamp,
) -> Result<(), Failure> {
    authorize(house, guest)?;
    let member = &guest.member;
    let label: String = label
        .trim()
        .chars()
        .filter(|it| !it.is_control())
        .take(LABEL_CHARS_MAX)
        .collect();
    let tx = house.store.write().await?;
    let all = store::credential::of_member(tx.link(), member.id).await?;
    if all.iter().filter(|one| &*one.kind == "passkey").count() >= PASSKEYS_MAX {
        return Err(Refusal::whole(format!(
            "an account has at most {PASSKEYS_MAX} passkeys; remove one first"
        ))
        .into());
    }
    let secret = seal(house, "passkey", secret);
    put(&tx, member.id, "passkey", id, &label, secret, now).await?;
    note(
        house,
        &tx,
        &guest.actor,
        member.organization,
        Action::SetCredentials,
        "passkey",
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// What the guest's own account is proved with, oldest first; recovery codes only by their number.
pub async fn list(
    house: &House,
    guest: &Guest,
) -> Result<Vec<store::credential::Credential>, Failure> {
    let member = &guest.member;
    house.authorize(
        &guest.actor,
        Action::SeeAccount,
        &Thing::account(member.id, member.organization),
    )?;
    Ok(store::credential::of_member(house.store.link(), member.id).await?)
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
    let kind = gone.kind.clone();
    store::credential::remove(tx.link(), member.id, id).await?;
    if &*kind == "code" {
        // Without its device a password proves too little.
        store::credential::remove_kind(tx.link(), member.id, "password").await?;
    }
    note(
        house,
        &tx,
        &guest.actor,
        member.organization,
        Action::SetCredentials,
        &kind,
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Keeps something for a step that comes later, sealed, for ten minutes; the ticket takes it once.
pub async fn keep(
    house: &House,
    what: &str,
    plain: &[u8],
    now: Timestamp,
) -> Result<keys::Token, Failure> {
    let ticket = house.dice(|dice| keys::Token::new("smkt", dice));
    let sealed = seal(house, what, plain);
    let ends = now.saturating_add(CEREMONY).unwrap_or(Timestamp::MAX);
    let tx = house.store.write_aside().await?;
    store::door::keep(tx.link(), &ticket.digest(), sealed, ends).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// As long as someone looks for their phone.
const CEREMONY: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// Takes what was kept; nothing the second time, or for another purpose than it was kept for.
pub async fn take(
    house: &House,
    what: &str,
    ticket: &str,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Failure> {
    let Ok(ticket) = keys::Token::parse(ticket) else {
        return Ok(None);
    };
    let tx = house.store.write_aside().await?;
    let sealed = store::door::take(tx.link(), &ticket.digest(), now).await?;
    tx.commit().await?;
    Ok(sealed.and_then(|sealed| open(house, what, &sealed).ok()))
}

/// Seconds since 1970, as code devices count.
pub(super) fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0)
}

fn authorize(house: &House, guest: &Guest) -> Result<(), Failure> {
    let member = &guest.member;
    house.authorize(
        &guest.actor,
        Action::SetCredentials,
        &Thing::account(member.id, member.organization),
    )
}
