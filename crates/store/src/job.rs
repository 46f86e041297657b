//! Jobs: what is slow, written down in the transaction that it follows from, and done by whichever node takes it.

use jiff::Timestamp;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Job {
    pub id: i64,
    /// What it is about, `R-000123`.
    pub subject: String,
    /// How often it was put off.
    pub attempts: i64,
}

/// Writes down that `kind` is to be done for each of `subjects`; what is written down already stays as it is.
pub async fn add(
    link: Link<'_>,
    kind: &str,
    subjects: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = subjects
        .iter()
        .map(|subject| values![kind, subject.as_str(), now.as_microsecond(), 0_i64]);
    let columns = ["kind", "subject", "run_us", "attempts"];
    let ending = "on conflict (kind, subject) do nothing";
    link.insert_or("job", &columns, rows.collect(), ending)
        .await
}

/// Up to `limit` that are due, the oldest first.
pub async fn due(
    link: Link<'_>,
    kind: &str,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Job>, StoreError> {
    link.all(
        "select id, subject, attempts from job where kind = $1 and run_us <= $2 order by run_us, id limit $3",
        values![kind, now.as_microsecond(), limit],
    )
    .await
}

/// It is done; `false` where another node said so before.
pub async fn done(link: Link<'_>, id: i64) -> Result<bool, StoreError> {
    let rows = link
        .run("delete from job where id = $1", values![id])
        .await?;
    Ok(rows == 1)
}

/// What was put off is due now.
pub async fn hasten(
    link: Link<'_>,
    kind: &str,
    subject: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "update job set run_us = $3 where kind = $1 and subject = $2 and run_us > $3",
        values![kind, subject, now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// It has to wait until `then`.
pub async fn later(link: Link<'_>, id: i64, then: Timestamp) -> Result<(), StoreError> {
    link.run(
        "update job set run_us = $2, attempts = attempts + 1 where id = $1",
        values![id, then.as_microsecond()],
    )
    .await?;
    Ok(())
}
