//! Throttle: has someone tried the door too often?
//!
//! Counted in the store, so on all nodes together, by keyed hashes: whoever reads the table learns no address.

use jiff::{SignedDuration, Timestamp};
use keys::Blind;

use crate::{Failure, House};

/// Tries are counted in windows of 15 minutes.
const WINDOW_MINUTES: i64 = 15;
/// NIST SP 800-63B-4, section 3.2.2, allows at most 100 failures in a row; ten in a window are 40 an hour, of which a
/// guess at six digits succeeds once in some 3 years, with the password known.
const ACCOUNT_TRIES_MAX: i64 = 10;
/// An office of a hundred people behind one address, each mistyping once or twice a morning.
const ADDRESS_TRIES_MAX: i64 = 200;

/// Counts a try at `account` (whatever was typed, whether there is such an account or not) from `address`.
/// Refused, in the same words for everyone, where there were too many.
pub async fn throttle(
    house: &House,
    account: &str,
    address: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let window = SignedDuration::from_mins(WINDOW_MINUTES);
    let since = now.saturating_sub(window).unwrap_or(Timestamp::MIN);
    let tx = house.store.write_aside().await?;
    let of_account = match account {
        "" => 0,
        account => {
            store::door::count(tx.link(), &bucket(house, "account", account), now, since).await?
        }
    };
    let of_address =
        store::door::count(tx.link(), &bucket(house, "address", address), now, since).await?;
    tx.commit().await?;
    if of_account > ACCOUNT_TRIES_MAX || of_address > ADDRESS_TRIES_MAX {
        let text =
            format!("there were too many tries; wait {WINDOW_MINUTES} minutes, then try once more");
        return Err(names::Refusal::whole(text).into());
    }
    Ok(())
}

/// Whoever it was got in: their tries are forgotten.
pub(super) async fn forget(house: &House, tx: &store::Tx, account: &str) -> Result<(), Failure> {
    Ok(store::door::forget(tx.link(), &bucket(house, "account", account)).await?)
}

/// Sweeps away windows, ceremonies and sessions that are over: for the house's hourly job.
pub async fn sweep(house: &House, now: Timestamp) -> Result<(), Failure> {
    let window = SignedDuration::from_mins(WINDOW_MINUTES);
    let tx = house.store.write_aside().await?;
    store::door::sweep(
        tx.link(),
        now,
        now.saturating_sub(window).unwrap_or(Timestamp::MIN),
    )
    .await?;
    let idle_since = super::before(now, super::session::IDLE_HOURS);
    store::session::sweep(tx.link(), now, idle_since).await?;
    Ok(tx.commit().await?)
}

fn bucket(house: &House, kind: &str, text: &str) -> [u8; 16] {
    Blind::new(house.keys.master(), "throttle").term(kind, text.as_bytes())
}
