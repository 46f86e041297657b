//! Withdraw: a finder takes a case back, and the keys of everything in it are destroyed, provably.

use finding::coordinate::{Circumstances, Part, Stage, coordinate};
use jiff::Timestamp;
use names::{CaseId, OrganizationId, ReportId};
use policy::Action;
use serde::Serialize;
use serde_json::json;
use store::Tx;
use store::report::Which;

use crate::coordinate::desk::{Desk, load};
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

    let mut keys_sha256: Vec<Box<str>> = Vec::new();
    keys_sha256.extend(key_hash(desk.row.key.as_deref()));
    for row in store::report::of_finding(tx.link(), desk.row.finding).await? {
        keys_sha256.extend(key_hash(row.key.as_deref()));
        store::report::destroy(tx.link(), Which::One(row.id)).await?;
    }
    let log_index = end(
        house,
        &tx,
        &desk,
        (seat.organization, to),
        &keys_sha256,
        now,
    )
    .await?;
    tx.commit().await?;
    overwrite(house).await;
    Ok(Withdrawal {
        case: id,
        reports: reports.iter().map(|report| report.id).collect(),
        keys_sha256,
        log_index,
    })
}

/// Ends a case whose last report was taken back, where a finder could have taken it back itself: nobody is left who
/// brought it. `false` where it goes on.
pub(crate) async fn end_if_empty(
    house: &House,
    tx: &Tx,
    desk: &mut Desk,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let reports = store::report::of_finding(tx.link(), desk.row.finding).await?;
    if !reports.is_empty() || !desk.case.stage.may_be_withdrawn() {
        return Ok(false);
    }
    // Who saw nothing of it while nobody had looked sees nothing of its end: that there was a case of their own says that
    // nobody else had reported the same.
    if desk.case.stage == Stage::New {
        let all = desk.case.participants.iter();
        for finder in all.filter(|one| one.part == Part::Finder) {
            store::case::leave(tx.link(), desk.row.id, finder.organization, now).await?;
        }
    }
    let to = desk.told(Some(organization), now);
    desk.case.stage = Stage::Withdrawn;
    desk.save(tx, now).await?;
    let key = key_hash(desk.row.key.as_deref());
    end(house, tx, desk, (organization, to), key.as_slice(), now).await?;
    Ok(true)
}

/// Destroys the case's own key, says so in the log, and tells those who are in it.
async fn end(
    house: &House,
    tx: &Tx,
    desk: &Desk,
    (organization, to): (OrganizationId, Vec<OrganizationId>),
    keys_sha256: &[Box<str>],
    now: Timestamp,
) -> Result<i64, Failure> {
    let case = desk.row.id;
    store::case::destroy_key(tx.link(), case).await?;
    let note = Note::Sealed(json!({
        "act": "case.withdraw",
        "case": case,
        "organization": organization,
        "keys_sha256": keys_sha256,
        "at": now,
    }));
    let log_index = log::append(house, tx, &[note]).await?;
    let told = Told {
        what: "withdrawn",
        case,
        to,
    };
    notice::tell(tx, &told, now).await?;
    Ok(log_index)
}

/// SHA-256 of a wrapped key, as a receipt names it.
pub(crate) fn key_hash(wrapped: Option<&[u8]>) -> Option<Box<str>> {
    wrapped.map(|wrapped| finding::hex(&keys::sha256(&[wrapped])).into())
}

/// What was destroyed is durably so since the commit: deleted bytes of the database are overwritten. What its log of
/// writes still holds of them goes now, or within a minute where somebody reads just now.
pub(crate) async fn overwrite(house: &House) {
    if let Err(Failure::Broken(incident)) = crate::watch::overwrite(house).await {
        tracing::warn!(cause = %incident.cause(), "destroyed keys stay in the log of writes for now");
    }
}
