//! Ceremony: what was begun on one page and ends on the next, kept in the store so that any node can end it.

use jiff::{SignedDuration, Timestamp};
use keys::Token;

use crate::who::credential::{open, seal};
use crate::who::sign_in::From;
use crate::who::throttle;
use crate::{Failure, House};

/// As long as someone looks for their phone.
pub const MINUTES: i64 = 10;

/// Keeps something for a step that comes later, sealed, for ten minutes; the ticket takes it once. `what` is what it
/// is kept for, such as `device M-000001`: for anything else it opens nothing.
pub async fn keep(
    house: &House,
    what: &str,
    plain: &[u8],
    now: Timestamp,
) -> Result<Token, Failure> {
    let ticket = house.dice(|dice| Token::new("smkt", dice));
    let sealed = seal(house, what, plain);
    let ends = now
        .saturating_add(SignedDuration::from_mins(MINUTES))
        .unwrap_or(Timestamp::MAX);
    let tx = house.store.write_aside().await?;
    store::door::keep(tx.link(), &ticket.digest(), sealed, ends).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// The same for a stranger, counted like a try by password: each takes a row.
pub(super) async fn keep_for(
    house: &House,
    what: &str,
    plain: &[u8],
    from: From<'_>,
    now: Timestamp,
) -> Result<Token, Failure> {
    throttle::throttle(house, "", from.address, now).await?;
    keep(house, what, plain, now).await
}

/// Takes what was kept; nothing the second time, or for another purpose than it was kept for.
pub async fn take(
    house: &House,
    what: &str,
    ticket: &str,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Failure> {
    let Ok(ticket) = Token::parse(ticket) else {
        return Ok(None);
    };
    let tx = house.store.write_aside().await?;
    let sealed = store::door::take(tx.link(), &ticket.digest(), now).await?;
    tx.commit().await?;
    Ok(sealed.and_then(|sealed| open(house, what, &sealed).ok()))
}
