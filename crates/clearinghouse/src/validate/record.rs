//! Record: what a proof showed is kept, signed, logged, and counts from then on.

use finding::publish::Checked;
use finding::validate::{Outcome, State};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::Link;
use store::validation::Ended;

use super::work::Taken;
use crate::coordinate::desk::{Desk, load};
use crate::log::{self, Note};
use crate::notice::{self, Told};
use crate::{Failure, House, prioritize, seal};

/// What a re-run came to, as the prover says it.
#[derive(Clone, Debug)]
pub struct Proved {
    pub outcome: Outcome,
    /// All of it, as programs read it.
    pub result: Value,
    /// The smallest input that shows it.
    pub minimized: Option<Vec<u8>>,
    /// The in-toto statement that is signed, as JSON.
    pub statement: Vec<u8>,
}

/// Keeps what came of it; `false` where it is no longer the worker's to say: cancelled, withdrawn, or taken by another
/// since. Asked again after an answer was lost, it says `false` too, and nothing is written twice.
pub async fn record(
    house: &House,
    taken: &Taken,
    proved: &Proved,
    now: Timestamp,
) -> Result<bool, Failure> {
    let id = taken.row.id;
    let tx = house.store.write().await?;
    let link = tx.link();
    let Some(seen) = store::validation::find(link, id).await? else {
        return Ok(false);
    };
    if !super::is_same(&seen, &taken.row) {
        return Ok(false);
    }
    let report = store::report::find(link, seen.report).await?;
    let report = report.filter(|report| report.key.is_some());
    let Some(report) = report else {
        if super::end_without(house, &tx, &seen, State::Cancelled, now).await? {
            tx.commit().await?;
        }
        return Ok(false);
    };
    let key = seal::key(house, "report", report.key.as_deref())?;
    let signer = keys::statement::key(house.keys.master(), house.keys.origin());
    let envelope = keys::statement::sign(&proved.statement, &signer.map_err(Failure::broken)?);
    let envelope = serde_json::to_vec(&envelope).map_err(Failure::broken)?;
    let body = json!({
        "act": "validate", "validation": id, "report": seen.report, "sha256": finding::hex(&seen.digest),
        "outcome": proved.outcome.as_str(), "statement_sha256": finding::hex(&keys::sha256(&[&envelope])), "at": now,
    });
    let log_index = log::append(house, &tx, &[Note::Sealed(body)]).await?;
    let result = serde_json::to_vec(&proved.result).map_err(Failure::broken)?;
    let sealed = |column: &str, plain: &[u8]| {
        let what = format!("validation {column} {}", id.get());
        house.dice(|dice| key.seal(what.as_bytes(), plain, dice))
    };
    let ended = Ended {
        state: State::Done,
        at: now,
        log_index,
        outcome: Some(proved.outcome),
        result: Some(sealed("result", &result)),
        minimized: proved
            .minimized
            .as_deref()
            .map(|input| sealed("minimized", input)),
        statement: Some(sealed("statement", &envelope)),
    };
    if !store::validation::end(link, &seen, ended).await? {
        return Ok(false);
    }
    if let Some(finding) = report.finding {
        let case = store::case::of_finding(link, finding).await?;
        let case = case.filter(|case| case.key.is_some());
        let desk = match &case {
            Some(case) => Some(load(house, link, case.id).await?),
            None => None,
        };
        prioritize::rank(house, &tx, finding, desk.as_ref(), now).await?;
        tell(&tx, desk.as_ref(), &report, now).await?;
    }
    // Durable from here: outcome, entry, statement and rank are there together, or none of them is.
    tx.commit().await?;
    Ok(true)
}

/// Whoever handed over the proof and whoever coordinates are told that it was re-run.
async fn tell(
    tx: &store::Tx,
    desk: Option<&Desk>,
    report: &store::report::Report,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(desk) = desk else { return Ok(()) };
    let mut to = desk.told(None, now);
    let coordinator = desk.coordinator()?;
    to.retain(|one| *one == coordinator || *one == report.organization);
    let told = Told {
        what: "validated",
        case: desk.row.id,
        to,
    };
    notice::tell(tx, &told, now).await
}

/// What was checked of a finding, and when, for who publishes it: the proofs that were shown to work, and the patches
/// that held.
pub(crate) async fn checked(
    house: &House,
    link: Link<'_>,
    finding: names::FindingId,
) -> Result<Vec<Checked>, Failure> {
    let mut all = Vec::new();
    for one in store::validation::of_finding(link, finding).await? {
        let (Some(Outcome::Proven), Some(at)) = (one.outcome, one.ended) else {
            continue;
        };
        let Some(result) = super::show::result(house, link, &one).await? else {
            continue;
        };
        let runs = result
            .get("runs")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let held = result.get("patch").filter(|patch| !patch.is_null());
        let held = held.map(|patch| {
            let held = |name: &str| patch.get(name).and_then(Value::as_str) == Some("held");
            ["builds", "ends_proof", "passes_tests", "holds"].map(held)
        });
        all.push(Checked {
            validation: one.id,
            by: house.settings.operator.clone(),
            at,
            runs,
            patch: held,
        });
    }
    Ok(all)
}
