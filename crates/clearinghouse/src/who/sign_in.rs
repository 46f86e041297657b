//! Sign in: is it who they say they are?

use jiff::Timestamp;
use keys::{Token, totp};
use names::{MemberId, Refusal};

use crate::who::session::{self, Proof};
use crate::who::{credential, device, password, throttle};
use crate::{Failure, House};

/// What someone types.
#[derive(Clone)]
pub struct Typed {
    pub email: String,
    pub password: String,
    /// Six digits of their device, or a recovery code.
    pub code: String,
}

/// Where a sign-in comes from.
#[derive(Clone, Copy, Debug)]
pub struct From<'a> {
    /// The network address, for the count of tries.
    pub address: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// The one answer to whatever does not fit.
fn no() -> Failure {
    let text = "address, password and code do not belong together; look at each, and at the clock of your device";
    Refusal::whole(text).into()
}

/// Signs in by password and code: what the browser is to keep.
///
/// An address that nobody has takes the same path: a hash is computed, a device is asked, and the answer is the same.
pub async fn by_password(
    house: &House,
    typed: &Typed,
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    let email = address(&typed.email);
    throttle::throttle(house, &email, from.address, now).await?;
    let mut found = None;
    for member in store::member::by_email(house.store.link(), &email).await? {
        let second = second(house, member.id, &typed.code, now).await?;
        // One hash alone is computed, whoever has how many accounts: that of the account which the code is of.
        if found.is_none() || second.is_some() {
            found = Some((member.id, second));
        }
    }
    let stored = match &found {
        Some((member, _)) => {
            store::credential::find(house.store.link(), "password", &member.to_string()).await?
        }
        None => None,
    };
    let outdated = stored.as_ref().map(|stored| stored.id);
    let stored = stored
        .map(|stored| credential::open(house, "password", &stored.secret))
        .transpose()?;
    let is_right = password::verify(&typed.password, stored.clone()).await?;
    let (Some((member, Some(second))), true) = (found, is_right) else {
        return Err(no());
    };
    let renewed = match stored.map(String::from_utf8) {
        Some(Ok(stored)) if keys::password::is_outdated(&stored) => {
            Some(password::hash(house, &typed.password).await?)
        }
        _ => None,
    };
    let tx = house.store.write().await?;
    if store::member::may_enter(tx.link(), member).await?.is_none()
        || !spend(&tx, member, &second, now).await?
    {
        return Err(no());
    }
    if let (Some(id), Some(hash)) = (outdated, renewed) {
        store::credential::set_secret(tx.link(), id, credential::seal(house, "password", &hash))
            .await?;
    }
    throttle::forget(house, &tx, &email).await?;
    let session = session::begin(house, &tx, member, Proof::Password, from.agent, now).await?;
    tx.commit().await?;
    Ok(session)
}

/// What proves the second half.
enum Second {
    /// The credential and the step that was accepted.
    Device(i64, u64),
    Recovery(i64),
}

async fn second(
    house: &House,
    member: MemberId,
    code: &str,
    now: Timestamp,
) -> Result<Option<Second>, Failure> {
    let link = house.store.link();
    let device = store::credential::find(link, "code", &member.to_string()).await?;
    if let Some(kept) = device {
        let bytes = credential::open(house, "code", &kept.secret)?;
        let device = totp::Secret::from_bytes(&bytes)
            .ok_or_else(|| Failure::broken("a code device of no length"))?;
        let last = kept.counter.and_then(|last| u64::try_from(last).ok());
        if let Some(step) = device.accept(code, device::seconds(now), last) {
            return Ok(Some(Second::Device(kept.id, step)));
        }
    }
    let subject = device::recovery_subject(house, member, code);
    let recovery = store::credential::find(link, "recovery", &subject).await?;
    Ok(recovery
        .filter(|one| one.member == member)
        .map(|one| Second::Recovery(one.id)))
}

/// Uses it up. False where someone else was faster with the same code.
async fn spend(
    tx: &store::Tx,
    member: MemberId,
    second: &Second,
    now: Timestamp,
) -> Result<bool, Failure> {
    Ok(match second {
        Second::Device(id, step) => {
            let step = i64::try_from(*step).unwrap_or(i64::MAX);
            store::credential::used(tx.link(), *id, Some(step), now).await?
        }
        Second::Recovery(id) => store::credential::remove(tx.link(), member, *id).await?,
    })
}

/// Begins a session of whoever the credential of this proof and `subject` is of, and keeps what is `renewed` of it.
pub(super) async fn enter(
    house: &House,
    tx: store::Tx,
    proof: Proof,
    subject: &str,
    renewed: Option<Vec<u8>>,
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    let kept = match proof {
        Proof::Passkey => store::credential::find(tx.link(), "passkey", subject).await?,
        Proof::SignOn => store::credential::find(tx.link(), "sign-on", subject).await?,
        Proof::Password | Proof::Invitation => None,
    };
    let kept = kept.ok_or_else(unknown)?;
    if store::member::may_enter(tx.link(), kept.member)
        .await?
        .is_none()
    {
        return Err(unknown());
    }
    store::credential::used(tx.link(), kept.id, None, now).await?;
    if let Some(renewed) = renewed {
        store::credential::set_secret(tx.link(), kept.id, renewed).await?;
    }
    let session = session::begin(house, &tx, kept.member, proof, from.agent, now).await?;
    tx.commit().await?;
    Ok(session)
}

pub(super) fn unknown() -> Failure {
    Refusal::whole("this proves no account here; accounts are made by invitation").into()
}

/// An address as it is kept and looked for.
pub(super) fn address(text: &str) -> String {
    text.trim().to_lowercase()
}
