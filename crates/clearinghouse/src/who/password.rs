//! Password: what only its owner knows, and what proves enough only beside a code device.

use jiff::Timestamp;
use names::{MemberId, Refusal};
use store::Tx;
use tokio::sync::Semaphore;

use crate::who::Guest;
use crate::who::credential::{self, open, seal};
use crate::{Failure, House};

/// NIST SP 800-63B-4, section 3.1.1.2, asks for 8 where a second factor stands beside; four more cost nobody much.
pub const CHARS_MIN: usize = 12;

/// Each check takes 19 MiB; sixteen at once fit the smallest machine that we serve.
static SEATS: Semaphore = Semaphore::const_new(16);

/// Sets a new password for the guest's own account; the old one must be told where there is one.
/// Ends every other session of the account.
pub async fn set(
    house: &House,
    guest: &Guest,
    old: &str,
    new: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    credential::authorize(house, guest)?;
    let member = guest.member.id;
    let link = house.store.link();
    let has_device = store::credential::find(link, "code", &member.to_string())
        .await?
        .is_some();
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
    if let Some(kept) = store::credential::find(link, "password", &member.to_string()).await? {
        let stored = open(house, "password", &kept.secret)?;
        if !verify(old, Some(stored)).await? {
            refusal.add("old", "this is not the password that you have");
        }
    }
    refusal.or(())?;
    let hash = hash(house, new).await?;
    let tx = house.store.write().await?;
    put(house, &tx, member, &hash, now).await?;
    store::session::end_all(tx.link(), member, guest.session).await?;
    credential::settle(house, tx, guest, "password", now).await
}

/// What is wrong with a password as such.
pub fn problem(password: &str) -> Option<String> {
    let chars = password.chars().count();
    if chars < CHARS_MIN {
        return Some(format!(
            "write at least {CHARS_MIN} characters; a sentence is easy to keep"
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

/// Keeps the password of a member.
pub(super) async fn put(
    house: &House,
    tx: &Tx,
    member: MemberId,
    hash: &[u8],
    now: Timestamp,
) -> Result<(), Failure> {
    let secret = seal(house, "password", hash);
    credential::put(tx, member, "password", &member.to_string(), "", secret, now).await
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
