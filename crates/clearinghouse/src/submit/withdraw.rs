//! Withdraw: a finder takes a report back, and its key is destroyed, provably.
//!
//! Whoever handed over a guess must not learn by taking it back whether somebody else found the same: the answer, what it
//! costs and the number of entries are the same whatever the report was in. What it was in is looked at afterwards, by
//! the house ([`crate::coordinate::arrive`]).

use jiff::Timestamp;
use names::ReportId;
use policy::{Action, Thing};
use serde::Serialize;
use serde_json::json;
use store::report::Which;

use crate::coordinate::arrive;
use crate::log::{self, Note};
use crate::withdraw::{key_hash, overwrite};
use crate::{Actor, Failure, House};

/// What the finder holds in hand afterwards.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Withdrawal {
    pub report: ReportId,
    /// SHA-256 of the wrapped key that was destroyed: whoever has an old backup can find and destroy it there.
    pub key_sha256: Box<str>,
    /// The entry of the log that says so.
    pub log_index: i64,
}

/// Takes a report back: its key, its text, its proofs and what it is looked up by are destroyed. It cannot be undone.
/// That it was received, when and with which digest stays, and so does the receipt. A case that nobody else reported
/// ends with it, as long as nothing of it is published.
pub async fn withdraw(
    house: &House,
    actor: &Actor,
    id: ReportId,
    now: Timestamp,
) -> Result<Withdrawal, Failure> {
    let tx = house.store.write().await?;
    let found = store::report::find(tx.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    let thing = Thing::report(found.organization);
    house.reveal(actor, Action::SeeReport, &thing)?;
    house.authorize(actor, Action::WithdrawReport, &thing)?;
    let Some(key_sha256) = key_hash(found.key.as_deref()) else {
        return Err(Failure::refused("", format!("{id} was withdrawn before")));
    };
    store::report::destroy(tx.link(), Which::One(id)).await?;
    let note = Note::Sealed(json!({
        "act": "report.withdraw",
        "report": id,
        "organization": found.organization,
        "by": actor.mark(),
        "key_sha256": key_sha256,
        "at": now,
    }));
    let log_index = log::append(house, &tx, &[note]).await?;
    arrive::look_again(&tx, id, now).await?;
    tx.commit().await?;
    overwrite(house).await;
    Ok(Withdrawal {
        report: id,
        key_sha256,
        log_index,
    })
}
