//! Submit: a finder hands over what they found, and holds a receipt.

use finding::Report;
use jiff::Timestamp;
use names::ReportId;
use policy::{Action, Thing};
use serde_json::json;

use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal};

/// What the finder holds in hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    pub report: ReportId,
    pub log_index: i64,
    pub digest: [u8; 32],
    /// It was there already, under the same key: this is the same receipt again.
    pub again: bool,
}

/// Takes one report. The same key again gives the same receipt.
pub async fn submit(
    house: &House,
    actor: &Actor,
    report: &Report,
    idempotency: &str,
    digest: [u8; 32],
    now: Timestamp,
) -> Result<Receipt, Failure> {
    house.authorize(actor, Action::Submit, &Thing::instance())?;
    let member = actor.member().ok_or(Failure::Denied)?;
    let tx = house.store.write().await?;
    if let Some(old) =
        store::report::by_idempotency(tx.link(), member.organization, idempotency).await?
    {
        return again(&old, digest);
    }
    let (key, wrapped) = seal::new_key(house, "report");
    let body = json!({
        "act": "submit", "organization": member.organization, "sha256": hex(&digest), "at": now,
    });
    let log_index = log::append(house, &tx, &[Note::Sealed(body)]).await?;
    let draft = store::report::Draft {
        organization: member.organization,
        member: Some(member.id),
        received: now,
        idempotency: idempotency.into(),
        digest: digest.to_vec(),
        key: wrapped,
        body: seal::seal(house, &key, "report body", report),
        fingerprint: None,
        log_index,
    };
    let id = store::report::insert(tx.link(), draft).await?;
    tx.commit().await?;
    Ok(Receipt {
        report: id,
        log_index,
        digest,
        again: false,
    })
}

/// The receipt of a report that is here already, or why this is another one.
fn again(old: &store::report::Report, digest: [u8; 32]) -> Result<Receipt, Failure> {
    if old.digest != digest {
        return Err(Failure::refused(
            "idempotency_key",
            format!(
                "this key was used for another report, {}; use a new key for a new report",
                old.id
            ),
        ));
    }
    Ok(Receipt {
        report: old.id,
        log_index: old.log_index,
        digest,
        again: true,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
