//! Validations: proofs that are re-run, each by one worker at a time under a lease.
//!
//! A worker that stops is found out by its lease, and another begins again. What came of it is written by whoever still
//! has the lease at that moment, so once: see [`end`].

use ::finding::validate::{Outcome, State};
use jiff::Timestamp;
use names::{FindingId, MemberId, OrganizationId, ReportId, ValidationId};
use sea_orm::FromQueryResult;

use crate::dialect;
use crate::link::{Link, StoreError, values};
use crate::read;

/// A validation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    pub id: ValidationId,
    pub report: ReportId,
    /// SHA-256 of the proof.
    pub digest: Vec<u8>,
    pub state: State,
    pub asked: Timestamp,
    /// Who asked; nobody where the report brought the proof along.
    pub organization: Option<OrganizationId>,
    pub member: Option<MemberId>,
    pub asked_index: i64,
    /// Who is at it, by a name that each worker draws for itself.
    pub worker: Box<str>,
    pub lease: Option<Timestamp>,
    /// How often it was begun.
    pub attempt: i64,
    pub ended: Option<Timestamp>,
    pub ended_index: Option<i64>,
    pub outcome: Option<Outcome>,
    /// Sealed.
    pub result: Option<Vec<u8>>,
    /// Whether there is a minimized input, which is asked for apart: see [`minimized`].
    pub has_minimized: bool,
    /// Sealed.
    pub statement: Option<Vec<u8>>,
}

/// What is inserted; the id comes from the store.
pub struct Draft {
    pub report: ReportId,
    pub digest: Vec<u8>,
    pub asked: Timestamp,
    pub organization: Option<OrganizationId>,
    pub member: Option<MemberId>,
    pub asked_index: i64,
}

/// What came of it.
pub struct Ended {
    pub state: State,
    pub at: Timestamp,
    pub log_index: i64,
    pub outcome: Option<Outcome>,
    pub result: Option<Vec<u8>>,
    pub minimized: Option<Vec<u8>>,
    pub statement: Option<Vec<u8>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    report: i64,
    digest: Vec<u8>,
    state: String,
    asked_us: i64,
    organization: Option<i64>,
    member: Option<i64>,
    asked_index: i64,
    worker: String,
    lease_us: Option<i64>,
    attempt: i64,
    ended_us: Option<i64>,
    ended_index: Option<i64>,
    outcome: Option<String>,
    result: Option<Vec<u8>>,
    has_minimized: bool,
    statement: Option<Vec<u8>>,
}

#[derive(FromQueryResult)]
struct Minimized {
    minimized: Option<Vec<u8>>,
}

impl Row {
    fn read(self) -> Result<Validation, StoreError> {
        Ok(Validation {
            id: ValidationId::new(self.id),
            report: ReportId::new(self.report),
            digest: self.digest,
            state: read::word(&self.state)?,
            asked: read::time(self.asked_us)?,
            organization: self.organization.map(OrganizationId::new),
            member: self.member.map(MemberId::new),
            asked_index: self.asked_index,
            worker: self.worker.into(),
            lease: self.lease_us.map(read::time).transpose()?,
            attempt: self.attempt,
            ended: self.ended_us.map(read::time).transpose()?,
            ended_index: self.ended_index,
            outcome: self.outcome.as_deref().map(read::word).transpose()?,
            result: self.result,
            has_minimized: self.has_minimized,
            statement: self.statement,
        })
    }
}

const COLUMNS: &str = "v.id, v.report, v.digest, v.state, v.asked_us, v.organization, v.member, v.asked_index, v.worker, \
     v.lease_us, v.attempt, v.ended_us, v.ended_index, v.outcome, v.result, v.minimized is not null as has_minimized, \
     v.statement";

/// Keeps a new one; [`StoreError::Taken`] where one of the same proof is still to come.
pub async fn insert(link: Link<'_>, draft: Draft) -> Result<ValidationId, StoreError> {
    let id = link
        .number(
            "insert into validation (report, digest, state, asked_us, organization, member, asked_index, worker, attempt)
             values ($1, $2, $3, $4, $5, $6, $7, '', 0) returning id",
            values![
                draft.report.get(),
                draft.digest,
                State::Queued.as_str(),
                draft.asked.as_microsecond(),
                draft.organization.map(OrganizationId::get),
                draft.member.map(MemberId::get),
                draft.asked_index
            ],
        )
        .await?;
    Ok(ValidationId::new(id))
}

/// One validation.
pub async fn find(link: Link<'_>, id: ValidationId) -> Result<Option<Validation>, StoreError> {
    let sql = format!("select {COLUMNS} from validation v where v.id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// Those of a report's proofs, the oldest first.
pub async fn of_report(link: Link<'_>, report: ReportId) -> Result<Vec<Validation>, StoreError> {
    let sql = format!("select {COLUMNS} from validation v where v.report = $1 order by v.id");
    let rows: Vec<Row> = link.all(&sql, values![report.get()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Those of the reports of a finding, the oldest first.
pub async fn of_finding(link: Link<'_>, finding: FindingId) -> Result<Vec<Validation>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from validation v join report r on r.id = v.report where r.finding = $1 order by v.id"
    );
    let rows: Vec<Row> = link.all(&sql, values![finding.get()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// All after `after`, the oldest first.
pub async fn list(
    link: Link<'_>,
    after: ValidationId,
    count: i64,
) -> Result<Vec<Validation>, StoreError> {
    let sql = format!("select {COLUMNS} from validation v where v.id > $1 order by v.id limit $2");
    let rows: Vec<Row> = link.all(&sql, values![after.get(), count]).await?;
    rows.into_iter().map(Row::read).collect()
}

#[derive(FromQueryResult)]
struct Said {
    report: i64,
    state: String,
    outcome: Option<String>,
}

/// How far the proofs of each report of a finding are, without what came of them: report, state and outcome.
pub async fn said(
    link: Link<'_>,
    finding: FindingId,
) -> Result<Vec<(ReportId, State, Option<Outcome>)>, StoreError> {
    let rows: Vec<Said> = link
        .all(
            "select v.report, v.state, v.outcome from validation v join report r on r.id = v.report
             where r.finding = $1 order by v.id",
            values![finding.get()],
        )
        .await?;
    let read = |row: Said| {
        let outcome = row.outcome.as_deref().map(read::word).transpose()?;
        Ok((ReportId::new(row.report), read::word(&row.state)?, outcome))
    };
    rows.into_iter().map(read).collect()
}

/// The minimized input, sealed.
pub async fn minimized(link: Link<'_>, id: ValidationId) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<Minimized> = link
        .one(
            "select minimized from validation where id = $1",
            values![id.get()],
        )
        .await?;
    Ok(row.and_then(|row| row.minimized))
}

/// Takes one that waits, or whose worker stopped: from whoever has the fewest running, so that who hands over many keeps
/// nobody else waiting; then the oldest. It was begun less than `attempts_max` times.
pub async fn take(
    link: Link<'_>,
    worker: &str,
    now: Timestamp,
    lease: Timestamp,
    attempts_max: i64,
) -> Result<Option<Validation>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from validation v join report r on r.id = v.report
         where (v.state = 'queued' or (v.state = 'running' and v.lease_us < $1)) and v.attempt < $2
         order by (select count(*) from validation o join report q on q.id = o.report
                   where o.state = 'running' and q.organization = r.organization), v.id
         limit 1{}",
        dialect::skip_locked_of(link.backend(), "v")
    );
    let row: Option<Row> = link
        .one(&sql, values![now.as_microsecond(), attempts_max])
        .await?;
    let Some(row) = row else { return Ok(None) };
    link.run(
        "update validation set state = 'running', worker = $2, lease_us = $3, attempt = attempt + 1 where id = $1",
        values![row.id, worker, lease.as_microsecond()],
    )
    .await?;
    let mut taken = row.read()?;
    taken.state = State::Running;
    taken.worker = worker.into();
    taken.lease = Some(lease);
    taken.attempt += 1;
    Ok(Some(taken))
}

/// Goes on having it until `lease`; `false` where it is no longer its own: cancelled, or another's by now.
pub async fn hold(
    link: Link<'_>,
    taken: &Validation,
    lease: Timestamp,
) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "update validation set lease_us = $4 where id = $1 and state = 'running' and worker = $2 and attempt = $3",
            values![taken.id.get(), &*taken.worker, taken.attempt, lease.as_microsecond()],
        )
        .await?;
    Ok(rows == 1)
}

/// Gives it back as if it had not been begun: its worker was told to stop.
pub async fn give_back(link: Link<'_>, taken: &Validation) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "update validation set state = 'queued', worker = '', lease_us = null, attempt = attempt - 1
             where id = $1 and state = 'running' and worker = $2 and attempt = $3",
            values![taken.id.get(), &*taken.worker, taken.attempt],
        )
        .await?;
    Ok(rows == 1)
}

/// Those that were begun as often as may be, and whose last worker stopped too.
pub async fn exhausted(
    link: Link<'_>,
    now: Timestamp,
    attempts_max: i64,
    count: i64,
) -> Result<Vec<Validation>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from validation v where v.state = 'running' and v.lease_us < $1 and v.attempt >= $2
         order by v.id limit $3"
    );
    let rows: Vec<Row> = link
        .all(&sql, values![now.as_microsecond(), attempts_max, count])
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes what came of it, where it still is as `seen`: nobody ended it, and nobody else has begun it since. `false`
/// where that is not so, and then nothing is written.
pub async fn end(link: Link<'_>, seen: &Validation, ended: Ended) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "update validation set state = $5, ended_us = $6, ended_index = $7, outcome = $8, result = $9, minimized = $10,
             statement = $11, worker = '', lease_us = null
             where id = $1 and state = $2 and worker = $3 and attempt = $4",
            values![
                seen.id.get(),
                seen.state.as_str(),
                &*seen.worker,
                seen.attempt,
                ended.state.as_str(),
                ended.at.as_microsecond(),
                ended.log_index,
                ended.outcome.map(Outcome::as_str),
                ended.result,
                ended.minimized,
                ended.statement
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// How many wait and how many are run, for the numbers of the house.
pub async fn waiting(link: Link<'_>) -> Result<i64, StoreError> {
    let sql = "select count(*) from validation where state in ('queued', 'running')";
    link.number(sql, values![]).await
}
