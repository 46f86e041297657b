//! Work: what a worker does with the store: take one, show that it lives, hand in what came of it.
//!
//! A worker that dies is found out when its lease is over, and another begins again: so a proof may run twice, and its
//! outcome counts once. One that kills each worker that begins it ends as *failed*.

use finding::validate::State;
use jiff::{SignedDuration, Timestamp};
use names::ReportId;
use store::validation::Validation;

use crate::{Failure, House, prioritize, seal};

/// So long after its last sign of life another worker begins again: six signs that were missed. Machines whose clocks
/// differ by less than 25 s take nothing from one another.
pub const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// How often it shows that it lives.
pub const BEAT: SignedDuration = SignedDuration::from_secs(5);

/// A worker stops for reasons of its own, a machine that is restarted or a proof that breaks out of its bounds; a proof
/// during which three stopped is most likely why.
pub const ATTEMPTS_MAX: i64 = 3;

/// Given up in one round.
const ROUND: i64 = 100;

/// What a worker has in hand.
pub struct Taken {
    pub row: Validation,
    /// The proof's bytes, as they were handed over.
    pub proof: Vec<u8>,
    /// The patch that the report proposes, to be checked too.
    pub patch: Option<Box<str>>,
    /// What planted secrets and mutations are drawn from; the proof cannot guess it.
    pub seed: [u8; 32],
}

/// The next that waits, for the worker of this name.
pub async fn take(house: &House, worker: &str, now: Timestamp) -> Result<Option<Taken>, Failure> {
    loop {
        let tx = house.store.write_aside().await?;
        let lease = later(now);
        let row = store::validation::take(tx.link(), worker, now, lease, ATTEMPTS_MAX).await?;
        let Some(row) = row else { return Ok(None) };
        // Durable from here: if we stop now, the lease ends and another takes it.
        tx.commit().await?;
        if let Some(taken) = opened(house, row, now).await? {
            return Ok(Some(taken));
        }
    }
}

/// The proof, opened; nothing where it was withdrawn meanwhile, and then it is over.
async fn opened(house: &House, row: Validation, now: Timestamp) -> Result<Option<Taken>, Failure> {
    let link = house.store.link();
    let report = store::report::find(link, row.report).await?;
    let held = store::proof::find(link, row.report, &row.digest).await?;
    let both = report.filter(|report| report.key.is_some()).zip(held);
    let Some((report, held)) = both else {
        let tx = house.store.write().await?;
        if super::end_without(house, &tx, &row, State::Cancelled, now).await? {
            tx.commit().await?;
        }
        return Ok(None);
    };
    let key = seal::key(house, "report", report.key.as_deref())?;
    let amendment = store::amendment::last(link, report.id).await?;
    let body = prioritize::opened(house, &report, amendment.as_deref())?.body;
    let mut seed = [0; 32];
    house.dice(|dice| dice.fill(&mut seed));
    Ok(Some(Taken {
        row,
        proof: super::opened(link, &key, &held).await?,
        patch: body.patch,
        seed,
    }))
}

/// The worker lives; `false` where it may stop: cancelled, or another has it.
pub async fn hold(house: &House, taken: &Taken, now: Timestamp) -> Result<bool, Failure> {
    let tx = house.store.write_aside().await?;
    let held = store::validation::hold(tx.link(), &taken.row, later(now)).await?;
    tx.commit().await?;
    Ok(held)
}

/// The worker was told to stop before it was done: somebody else begins again, and it does not count as begun.
pub async fn give_back(house: &House, taken: &Taken) -> Result<(), Failure> {
    let tx = house.store.write_aside().await?;
    store::validation::give_back(tx.link(), &taken.row).await?;
    Ok(tx.commit().await?)
}

/// Ends those that no worker has lived through; says of which reports. Run by the house.
pub async fn give_up(house: &House, now: Timestamp) -> Result<Vec<ReportId>, Failure> {
    let link = house.store.link();
    let lost = store::validation::exhausted(link, now, ATTEMPTS_MAX, ROUND).await?;
    let mut reports = Vec::new();
    for one in lost {
        let tx = house.store.write().await?;
        if super::end_without(house, &tx, &one, State::Failed, now).await? {
            tx.commit().await?;
            reports.push(one.report);
        }
    }
    Ok(reports)
}

fn later(now: Timestamp) -> Timestamp {
    now.saturating_add(LEASE).unwrap_or(Timestamp::MAX)
}
