//! Again: what an older edition of the rule decided is decided by this one. It asks, and never merges by itself.

use finding::deconflict::EDITION;
use finding::{Fingerprint, Report, deconflict};
use jiff::Timestamp;
use names::{FindingId, ReportId};
use rustc_hash::FxHashMap;
use serde_json::json;
use store::Tx;
use store::term::Hash;

use super::chunk::{load, questions};
use super::index::Index;
use super::{BODY, FINGERPRINT, WHY, decide, hashes};
use crate::log::{self, Note};
use crate::{Failure, House, seal};

/// Decides up to `limit` reports again, the oldest first, and says how many there were; 0 when all are of this edition.
///
/// A job of the house. What would now be the same as another finding becomes a question, for people work there already.
pub async fn again(house: &House, limit: usize, now: Timestamp) -> Result<usize, Failure> {
    let tx = house.store.write().await?;
    house.held.lock().await.catch_up(house, tx.link()).await?;
    let reports = store::decision::of_older_edition(tx.link(), EDITION, limit).await?;
    let mut drawn = Vec::new();
    for report in &reports {
        one(house, &tx, *report, &mut drawn, now).await?;
    }
    if !reports.is_empty() {
        let body = json!({"act": "deconflict-again", "edition": EDITION, "reports": reports.len(), "at": now});
        log::append(house, &tx, &[Note::Sealed(body)]).await?;
    }
    tx.commit().await?;
    Ok(reports.len())
}

/// A report that was drawn anew in this transaction, and the finding it is in.
type Drawn = (ReportId, FindingId, Vec<Hash>);

async fn one(
    house: &House,
    tx: &Tx,
    id: ReportId,
    drawn: &mut Vec<Drawn>,
    now: Timestamp,
) -> Result<(), Failure> {
    let link = tx.link();
    let row = store::report::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    let Some(own) = row.finding else {
        return Ok(());
    };
    let mut sealed = None;
    // A report whose key is destroyed has nothing left to decide by; its decision counts as made again.
    if row.key.is_some() {
        let key = seal::key(house, "report", row.key.as_deref())?;
        let body: Report = seal::open(&key, BODY, &row.body)?;
        let print = Fingerprint::of(&body);
        store::report::set_fingerprint(link, id, seal::seal(house, &key, FINGERPRINT, &print))
            .await?;
        decide::hold_terms(house, tx, &[id]).await?;
        let hashes = hashes(house, &print);
        let mut index = Index::of(&*house.held.lock().await, &hashes);
        for (report, finding, terms) in &*drawn {
            index.add(*report, *finding, terms);
        }
        drawn.push((id, own, hashes.clone()));
        let loaded = load(house, tx, &index.nearest(&hashes)).await?;
        let prints: FxHashMap<ReportId, &Fingerprint> =
            loaded.iter().map(|(id, print)| (*id, print)).collect();
        let mut known = index.candidates(&hashes, &prints);
        known.retain(|(finding, _)| *finding != own);
        let answer = deconflict(&print, &known).asked();
        store::pair::insert(link, questions(house, id, &key, own, &answer), now).await?;
        sealed = Some(seal::seal(house, &key, WHY, &answer));
    }
    let draft = store::decision::Draft {
        report: id,
        at: now,
        decider: None,
        edition: EDITION,
        outcome: "again",
        before: Some(own),
        after: own,
        batch: None,
        undoes: None,
        sealed,
    };
    Ok(store::decision::append(link, vec![draft]).await?)
}
