//! Proofs: what a report's author uploads to show the flaw, in sealed chunks.

use jiff::Timestamp;
use names::ReportId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// How far the upload of a proof is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub report: ReportId,
    pub digest: Vec<u8>,
    pub length: i64,
    pub received: i64,
    pub complete: bool,
}

#[derive(FromQueryResult)]
struct Row {
    report: i64,
    digest: Vec<u8>,
    length: i64,
    received: i64,
    complete: bool,
}

#[derive(FromQueryResult)]
struct Chunk {
    at: i64,
    body: Vec<u8>,
}

impl Row {
    fn read(self) -> Proof {
        Proof {
            report: ReportId::new(self.report),
            digest: self.digest,
            length: self.length,
            received: self.received,
            complete: self.complete,
        }
    }
}

/// One proof, where its upload began.
pub async fn find(
    link: Link<'_>,
    report: ReportId,
    digest: &[u8],
) -> Result<Option<Proof>, StoreError> {
    let row: Option<Row> = link
        .one(
            "select report, digest, length, received, complete from proof where report = $1 and digest = $2",
            values![report.get(), digest.to_vec()],
        )
        .await?;
    Ok(row.map(Row::read))
}

/// The proofs of `report` whose upload began.
pub async fn of_report(link: Link<'_>, report: ReportId) -> Result<Vec<Proof>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select report, digest, length, received, complete from proof where report = $1 order by digest",
            values![report.get()],
        )
        .await?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Begins an upload.
pub async fn begin(
    link: Link<'_>,
    report: ReportId,
    digest: &[u8],
    length: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into proof (report, digest, length, received, complete, updated_us) values ($1, $2, $3, 0, false, $4)",
        values![report.get(), digest.to_vec(), length, now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Keeps `body`, sealed, as the chunk of `count` bytes that begins where the upload stands.
pub async fn add(
    link: Link<'_>,
    proof: &Proof,
    count: i64,
    body: Vec<u8>,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into proof_chunk (report, digest, at, body) values ($1, $2, $3, $4)",
        values![
            proof.report.get(),
            proof.digest.clone(),
            proof.received,
            body
        ],
    )
    .await?;
    link.run(
        "update proof set received = received + $3, updated_us = $4 where report = $1 and digest = $2",
        values![proof.report.get(), proof.digest.clone(), count, now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// The chunk that begins at or after `at`, with where it begins.
pub async fn chunk(
    link: Link<'_>,
    report: ReportId,
    digest: &[u8],
    at: i64,
) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let row: Option<Chunk> = link
        .one(
            "select at, body from proof_chunk where report = $1 and digest = $2 and at >= $3 order by at limit 1",
            values![report.get(), digest.to_vec(), at],
        )
        .await?;
    Ok(row.map(|row| (row.at, row.body)))
}

/// All its bytes are there and hash as declared.
pub async fn complete(link: Link<'_>, report: ReportId, digest: &[u8]) -> Result<(), StoreError> {
    link.run(
        "update proof set complete = true where report = $1 and digest = $2",
        values![report.get(), digest.to_vec()],
    )
    .await?;
    Ok(())
}

/// Forgets an upload and its chunks.
pub async fn delete(link: Link<'_>, report: ReportId, digest: &[u8]) -> Result<(), StoreError> {
    for table in ["proof_chunk", "proof"] {
        let sql = format!("delete from {table} where report = $1 and digest = $2");
        link.run(&sql, values![report.get(), digest.to_vec()])
            .await?;
    }
    Ok(())
}

/// Uploads that stand still since before `before`, at most `count`.
pub async fn stale(
    link: Link<'_>,
    before: Timestamp,
    count: i64,
) -> Result<Vec<Proof>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select report, digest, length, received, complete from proof
             where complete = false and updated_us < $1 order by updated_us limit $2",
            values![before.as_microsecond(), count],
        )
        .await?;
    Ok(rows.into_iter().map(Row::read).collect())
}
