//! Arrive: how does a report come to a case?
//!
//! Handing over a report writes down, in the same transaction, that it has to come to its case; this does it. So does a
//! person who merges, splits or takes back, for the reports that this moved.
//! A new finding gets a case, which its finder sees once a person has looked at it. A finder whose flaw has a case
//! already joins it where their own evidence proves that they know it; else a person lets them in ([`let_in`]): whoever
//! hands over a guess learns nothing from what comes of it by itself. Where a person still has to say whether it is the
//! same as an older finding, it waits: two findings that both have cases are not merged. What was taken back is looked at
//! in the same way: a case that nobody else reported ends.
//!
//! The log is public, and a finder who hands over a guess can count its entries. So every arrival appends as many,
//! whichever of the three it was: what a case did not need is made up by sealed entries that say nothing.

use jiff::{SignedDuration, Timestamp};
use names::{CaseId, FindingId, MemberId, ReportId};
use policy::{Action, Thing};
use serde_json::json;
use store::job::Job;
use store::{Link, Tx};

use super::{Opening, desk::load, join_finder, open, open::titled};
use crate::log::{self, Note};
use crate::withdraw::{end_if_empty, overwrite};
use crate::{Actor, Failure, House, prioritize, seal};

/// The kind of job.
const KIND: &str = "arrive";

/// Cases opened in one round: each takes some milliseconds of the writer's turn, and others write in between.
const ROUND: i64 = 200;

/// What waits for a person, or broke, is looked at again after this long.
const AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// Entries of one arrival. Opening a case takes the most: the coordinator's coming, the finder's coming and terms, a day
/// that is proposed and agreed to, so 5.
const ENTRIES: usize = 5;

/// Writes down that `reports` have to come to their cases.
pub async fn expect(tx: &Tx, reports: &[ReportId], now: Timestamp) -> Result<(), Failure> {
    let subjects: Vec<String> = reports.iter().map(ReportId::to_string).collect();
    Ok(store::job::add(tx.link(), KIND, &subjects, now).await?)
}

/// Brings those that are due to their cases; says how many came. One that breaks keeps no other waiting: it is tried
/// again later, and said at the end.
pub async fn arrive(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let due = store::job::due(house.store.link(), KIND, ROUND, now).await?;
    let (mut count, mut broken) = (0, None);
    for job in &due {
        match bring(house, job, now).await {
            Ok(true) => count += 1,
            Ok(false) => {}
            Err(failure) => {
                let tx = house.store.write().await?;
                later(&tx, job, now).await?;
                tx.commit().await?;
                broken = broken.or(Some(failure));
            }
        }
    }
    broken.map_or(Ok(count), Err)
}

/// `false` where it waits for a person.
async fn bring(house: &House, job: &Job, now: Timestamp) -> Result<bool, Failure> {
    let id: ReportId = job.subject.parse().map_err(Failure::broken)?;
    let link = house.store.link();
    let report = store::report::find(link, id).await?;
    let Some((report, finding)) =
        report.and_then(|report| report.finding.map(|finding| (report, finding)))
    else {
        let tx = house.store.write().await?;
        return done(house, tx, job, ENTRIES, now).await;
    };
    if report.key.is_none() {
        return taken_back(house, job, &report, finding, now).await;
    }
    if let Some(case) = store::case::of_finding(link, finding).await? {
        return match may_join(link, &report, case.id).await? {
            true => join(house, job, &report, case.id, now).await,
            false => wait(house, job, now).await,
        };
    }
    if store::pair::is_asked(link, finding).await? {
        return wait(house, job, now).await;
    }
    let case = case_of(house, finding, now).await?;
    let tx = house.store.write().await?;
    let said = store::case::events(tx.link(), case).await?.len();
    done(house, tx, job, ENTRIES.saturating_sub(said), now).await
}

/// Whether a finder may know that there is the case: by their own evidence, by a person's word, or since they are in it.
async fn may_join(
    link: Link<'_>,
    report: &store::report::Report,
    case: CaseId,
) -> Result<bool, Failure> {
    if report.known || store::arrival::is_let_in(link, report.id).await? {
        return Ok(true);
    }
    let parts = store::case::participants(link, case).await?;
    let mut present = parts.iter().filter(|part| part.left.is_none());
    Ok(present.any(|part| part.organization == report.organization))
}

/// Lets the finder of a report into the case that it is in: whoever coordinates looked, and it is the same flaw.
pub async fn let_in(
    house: &House,
    actor: &Actor,
    id: ReportId,
    now: Timestamp,
) -> Result<CaseId, Failure> {
    let tx = house.store.write().await?;
    let link = tx.link();
    let report = store::report::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    house.reveal(
        actor,
        Action::MoveReport,
        &Thing::report(report.organization),
    )?;
    let finding = report.finding.ok_or(Failure::Hidden)?;
    let case = store::case::of_finding(link, finding).await?;
    let case = case.ok_or_else(|| {
        Failure::refused(
            "report",
            format!("{finding} has no case yet; decide first what it is"),
        )
    })?;
    let member = actor.member().map(|member| member.id);
    admit(&tx, &[id], member, now).await?;
    let body =
        json!({"act": "let-in", "by": actor.mark(), "report": id, "case": case.id, "at": now});
    log::append(house, &tx, &[Note::Sealed(body)]).await?;
    tx.commit().await?;
    Ok(case.id)
}

/// Writes down that a person said of `reports` what they are of; they come to their cases now.
pub async fn admit(
    tx: &Tx,
    reports: &[ReportId],
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Failure> {
    store::arrival::let_in(tx.link(), reports, member, now).await?;
    for report in reports {
        look_again(tx, *report, now).await?;
    }
    Ok(())
}

/// Writes down that something changed about a report, which is looked at now.
pub async fn look_again(tx: &Tx, report: ReportId, now: Timestamp) -> Result<(), Failure> {
    expect(tx, &[report], now).await?;
    Ok(store::job::hasten(tx.link(), KIND, &report.to_string(), now).await?)
}

/// The case of a finding that had none: opened here, or by another node meanwhile, with the finder of every report.
async fn case_of(house: &House, finding: FindingId, now: Timestamp) -> Result<CaseId, Failure> {
    match open(house, &Actor::House, finding, Opening::default(), now).await {
        Err(Failure::Refused(refusal)) => {
            let other = store::case::of_finding(house.store.link(), finding).await?;
            let other = other.ok_or_else(|| Failure::broken(format!("{finding}: {refusal}")))?;
            Ok(other.id)
        }
        opened => opened,
    }
}

async fn join(
    house: &House,
    job: &Job,
    report: &store::report::Report,
    case: CaseId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let tx = house.store.write().await?;
    let row = store::case::find(tx.link(), case).await?;
    // A withdrawn case takes nobody in.
    let Some(row) = row.filter(|row| row.key.is_some()) else {
        return done(house, tx, job, ENTRIES, now).await;
    };
    let mut desk = load(house, tx.link(), row.id).await?;
    // What was there when the case was opened came with it.
    if desk.took_in.contains(&report.id) {
        return done(house, tx, job, ENTRIES, now).await;
    }
    let before = desk.events.len();
    let amendment = store::amendment::last(tx.link(), report.id).await?;
    let opened = prioritize::opened(house, report, amendment.as_deref())?;
    join_finder(house, &tx, &mut desk, &opened, now).await?;
    desk.save(&tx, now).await?;
    prioritize::rank(house, &tx, desk.case.finding, Some(&desk), now).await?;
    let said = desk.events.len() - before;
    done(house, tx, job, ENTRIES.saturating_sub(said), now).await
}

/// What was taken back comes to no case. One that it was in ends where nobody else reported the same; else it goes on
/// with what the others said.
async fn taken_back(
    house: &House,
    job: &Job,
    report: &store::report::Report,
    finding: FindingId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let tx = house.store.write().await?;
    let case = store::case::of_finding(tx.link(), finding).await?;
    let Some(row) = case.filter(|row| row.key.is_some()) else {
        return done(house, tx, job, ENTRIES, now).await;
    };
    let mut desk = load(house, tx.link(), row.id).await?;
    let ended = end_if_empty(house, &tx, &mut desk, report.organization, now).await?;
    let left = prioritize::reports(house, tx.link(), finding).await?;
    if let Some(first) = left.first() {
        let title = seal::seal(house, &desk.key, "case title", &titled(&first.body.title));
        store::case::retitle(tx.link(), row.id, report.id, (first.id, title)).await?;
        prioritize::rank(house, &tx, finding, Some(&desk), now).await?;
    }
    let ended = done(house, tx, job, ENTRIES - usize::from(ended), now).await;
    overwrite(house).await;
    ended
}

/// It waits for a person; the first time that this is found, as many entries as if it came.
async fn wait(house: &House, job: &Job, now: Timestamp) -> Result<bool, Failure> {
    let tx = house.store.write().await?;
    if job.attempts == 0 {
        pad(house, &tx, ENTRIES, now).await?;
    }
    later(&tx, job, now).await?;
    tx.commit().await?;
    Ok(false)
}

/// Strikes the job off in the transaction of what it did. Where another node was first, nothing of this one's happens.
async fn done(
    house: &House,
    tx: Tx,
    job: &Job,
    missing: usize,
    now: Timestamp,
) -> Result<bool, Failure> {
    if store::job::done(tx.link(), job.id).await? {
        pad(house, &tx, missing, now).await?;
        tx.commit().await?;
    }
    Ok(true)
}

async fn later(tx: &Tx, job: &Job, now: Timestamp) -> Result<(), Failure> {
    let then = now.saturating_add(AGAIN).unwrap_or(Timestamp::MAX);
    Ok(store::job::later(tx.link(), job.id, then).await?)
}

/// Sealed entries that say nothing; nobody can tell them from those that do.
pub(crate) async fn pad(
    house: &House,
    tx: &Tx,
    count: usize,
    now: Timestamp,
) -> Result<(), Failure> {
    let notes = vec![Note::Sealed(json!({"act": "nothing", "at": now})); count];
    log::append(house, tx, &notes).await?;
    Ok(())
}
