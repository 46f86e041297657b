//! Withdraw: a finder takes a case back, and the keys of everything in it are destroyed, provably.

use finding::coordinate::{Circumstances, Stage, coordinate};
use jiff::Timestamp;
use names::{CaseId, ReportId};
use policy::Action;
use serde::Serialize;
use serde_json::json;

use crate::coordinate::desk::load;
use crate::log::{self, Note};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, prioritize};

/// What the finder holds in hand afterwards.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Withdrawal {
    pub case: CaseId,
    pub reports: Vec<ReportId>,
    /// SHA-256 of each wrapped key that was destroyed: whoever has an old backup can find and destroy them there.
    pub keys_sha256: Vec<Box<str>>,
    /// The entry of the log that says so.
    pub log_index: i64,
}

/// Takes a case back and destroys its key and those of its reports. It cannot be undone.
pub async fn withdraw(
    house: &House,
    actor: &Actor,
    id: CaseId,
    now: Timestamp,
) -> Result<Withdrawal, Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.acting(house, actor, Action::WithdrawCase, now)?;
    let reports = prioritize::reports(house, tx.link(), desk.row.finding).await?;
    let sole_finder = reports
        .iter()
        .all(|report| report.organization == seat.organization);
    let circumstances = Circumstances {
        sole_finder,
        reason: true,
        now,
    };
    desk.case.stage = coordinate(
        &desk.case,
        &desk.embargo,
        seat.organization,
        Stage::Withdrawn,
        circumstances,
    )?;
    let to = desk.told(Some(seat.organization), now);
    desk.save(&tx, now).await?;

    let mut keys_sha256 = Vec::new();
    let mut hash = |wrapped: Option<&[u8]>| {
        let hash = wrapped.map(|wrapped| keys::sha256(&[wrapped]));
        keys_sha256.extend(hash.map(|hash| {
            hash.iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into()
        }));
    };
    hash(desk.row.key.as_deref());
    for row in store::report::of_finding(tx.link(), desk.row.finding).await? {
        hash(row.key.as_deref());
        store::report::destroy_key(tx.link(), row.id).await?;
    }
    store::case::destroy_key(tx.link(), id).await?;
    let note = Note::Sealed(json!({
        "act": "case.withdraw",
        "case": id,
        "organization": seat.organization,
        "keys_sha256": keys_sha256,
        "at": now,
    }));
    let log_index = log::append(house, &tx, &[note]).await?;
    notice::tell(
        &tx,
        &Told {
            what: "withdrawn",
            case: id,
            to,
        },
        now,
    )
    .await?;
    // Durable from here: deleted bytes of the database are overwritten, and what its log of writes still holds of them
    // goes right after, or within a minute where somebody reads just now.
    tx.commit().await?;
    if let Err(Failure::Broken(incident)) = crate::watch::overwrite(house).await {
        tracing::warn!(cause = %incident.cause(), "destroyed keys stay in the log of writes for now");
    }
    Ok(Withdrawal {
        case: id,
        reports: reports.iter().map(|report| report.id).collect(),
        keys_sha256,
        log_index,
    })
}
