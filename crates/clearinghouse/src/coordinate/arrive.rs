//! Arrive: how does a report come to a case?
//!
//! Handing over a report writes down, in the same transaction, that it has to come to its case; this does it.
//! A new finding gets a case; a finder whose flaw has one already joins it. Where a person still has to say whether
//! it is the same as an older finding, it waits: two findings that both have cases are not merged.

use jiff::{SignedDuration, Timestamp};
use names::ReportId;
use store::Tx;

use super::{Opening, desk::load, join_finder, open};
use crate::{Actor, Failure, House, prioritize, seal};

/// The kind of job.
const KIND: &str = "arrive";

/// Cases opened in one round: each takes some milliseconds of the writer's turn, and others write in between.
const ROUND: i64 = 200;

/// A question to a person is looked at again after this long.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// Writes down that `reports` have to come to their cases.
pub async fn expect(tx: &Tx, reports: &[ReportId], now: Timestamp) -> Result<(), Failure> {
    let subjects: Vec<String> = reports.iter().map(ReportId::to_string).collect();
    Ok(store::job::add(tx.link(), KIND, &subjects, now).await?)
}

/// Brings those that are due to their cases; says how many came. Doing it twice does nothing the second time, so two
/// nodes may be at it, and one that stops in between leaves nothing half done.
pub async fn arrive(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let due = store::job::due(house.store.link(), KIND, ROUND, now).await?;
    let mut count = 0;
    for job in due {
        let report: ReportId = job.subject.parse().map_err(Failure::broken)?;
        let is_done = bring(house, report, now).await?;
        let tx = house.store.write_aside().await?;
        if is_done {
            count += 1;
            store::job::done(tx.link(), job.id).await?;
        } else {
            let then = now.saturating_add(ASKED_AGAIN).unwrap_or(Timestamp::MAX);
            store::job::later(tx.link(), job.id, then).await?;
        }
        tx.commit().await?;
    }
    Ok(count)
}

/// `false` where it waits for a person.
async fn bring(house: &House, id: ReportId, now: Timestamp) -> Result<bool, Failure> {
    let link = house.store.link();
    let Some(report) = store::report::find(link, id).await? else {
        return Ok(true);
    };
    // What was taken back meanwhile comes to no case.
    let (Some(finding), true) = (report.finding, report.key.is_some()) else {
        return Ok(true);
    };
    if let Some(case) = store::case::of_finding(link, finding).await? {
        let parts = store::case::participants(link, case.id).await?;
        let is_in = parts
            .iter()
            .any(|one| one.organization == report.organization);
        // What was there when the case was opened came with it; a withdrawn case takes nobody in.
        let came = is_in && report.received <= case.opened;
        if case.key.is_some() && !came {
            join(house, &report, case.id, now).await?;
        }
        return Ok(true);
    }
    if store::pair::is_asked(link, finding).await? {
        return Ok(false);
    }
    match open(house, &Actor::House, finding, Opening::default(), now).await {
        // Another node was first: its case has the finder of this report too.
        Ok(_) | Err(Failure::Refused(_)) => Ok(true),
        Err(other) => Err(other),
    }
}

async fn join(
    house: &House,
    report: &store::report::Report,
    case: names::CaseId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), case).await?;
    let key = seal::key(house, "report", report.key.as_deref())?;
    let opened = prioritize::Opened {
        id: report.id,
        organization: report.organization,
        received: report.received,
        body: seal::open(&key, "report body", &report.body)?,
    };
    join_finder(house, &tx, &mut desk, &opened, now).await?;
    desk.save(&tx, now).await?;
    prioritize::rank(house, &tx, desk.case.finding, Some(&desk), now).await?;
    tx.commit().await?;
    Ok(())
}
