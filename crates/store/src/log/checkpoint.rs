//! Checkpoint: what the log promised, and who saw it.

use jiff::Timestamp;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A signed head of the log.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Checkpoint {
    pub size: i64,
    pub root: Vec<u8>,
    /// The note as the log signed it, without cosignatures.
    pub note: String,
    pub signed_us: i64,
}

/// What is known of a witness.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Witness {
    pub witness: String,
    /// The size it last cosigned.
    pub size: i64,
    pub asked_us: i64,
    /// What it said no with, where it did.
    pub failure: Option<String>,
}

#[derive(FromQueryResult)]
struct Line {
    line: String,
}

/// Keeps a head. One of the same size is replaced, which only a change of the log's key brings about.
pub async fn keep(
    link: Link<'_>,
    size: i64,
    root: &[u8],
    note: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into log_checkpoint (size, root, note, signed_us) values ($1, $2, $3, $4) \
         on conflict (size) do update set root = excluded.root, note = excluded.note, signed_us = excluded.signed_us",
        values![size, root.to_vec(), note, now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Forgets heads signed before `before` that no witness cosigned; the latest always stays.
pub async fn forget(link: Link<'_>, before: Timestamp) -> Result<u64, StoreError> {
    link.run(
        "delete from log_checkpoint where signed_us < $1 \
         and size < (select max(size) from log_checkpoint) \
         and not exists (select 1 from log_cosignature c where c.size = log_checkpoint.size)",
        values![before.as_microsecond()],
    )
    .await
}

/// The latest head.
pub async fn latest(link: Link<'_>) -> Result<Option<Checkpoint>, StoreError> {
    link.one(
        "select size, root, note, signed_us from log_checkpoint order by size desc limit 1",
        values![],
    )
    .await
}

/// The latest head that a witness cosigned.
pub async fn latest_cosigned(link: Link<'_>) -> Result<Option<Checkpoint>, StoreError> {
    link.one(
        "select size, root, note, signed_us from log_checkpoint \
         where size = (select max(size) from log_cosignature)",
        values![],
    )
    .await
}

/// The heads over more than `size` entries, the smallest first, at most `count`.
pub async fn after(link: Link<'_>, size: i64, count: i64) -> Result<Vec<Checkpoint>, StoreError> {
    link.all(
        "select size, root, note, signed_us from log_checkpoint where size > $1 order by size limit $2",
        values![size, count],
    )
    .await
}

/// Keeps the signature line of a witness below the head of `size`, and that the witness saw it.
pub async fn cosigned(
    link: Link<'_>,
    size: i64,
    witness: &str,
    line: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into log_cosignature (size, witness, line) values ($1, $2, $3) \
         on conflict (size, witness) do update set line = excluded.line",
        values![size, witness, line],
    )
    .await?;
    asked(link, witness, Some(size), None, now).await
}

/// The signature lines of witnesses below the head of `size`.
pub async fn cosignatures(link: Link<'_>, size: i64) -> Result<Vec<String>, StoreError> {
    let lines: Vec<Line> = link
        .all(
            "select line from log_cosignature where size = $1 order by witness",
            values![size],
        )
        .await?;
    Ok(lines.into_iter().map(|row| row.line).collect())
}

/// Notes what a witness answered: the size it saw where it said so, and what it said no with.
pub async fn asked(
    link: Link<'_>,
    witness: &str,
    size: Option<i64>,
    failure: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into log_witness (witness, size, asked_us, failure) values ($1, coalesce($2, 0), $3, $4) \
         on conflict (witness) do update set size = coalesce($2, log_witness.size), \
         asked_us = excluded.asked_us, failure = excluded.failure",
        values![witness, size, now.as_microsecond(), failure],
    )
    .await?;
    Ok(())
}

/// What is known of a witness.
pub async fn witness(link: Link<'_>, witness: &str) -> Result<Option<Witness>, StoreError> {
    link.one(
        "select witness, size, asked_us, failure from log_witness where witness = $1",
        values![witness],
    )
    .await
}

/// Every witness that was ever asked.
pub async fn witnesses(link: Link<'_>) -> Result<Vec<Witness>, StoreError> {
    link.all(
        "select witness, size, asked_us, failure from log_witness order by witness",
        values![],
    )
    .await
}

/// How many changes of the log's key stand in the log.
pub async fn rotations(link: Link<'_>) -> Result<i64, StoreError> {
    link.number("select count(*) from log_rotation", values![])
        .await
}

/// Notes that the change of key with this number stands at `index`.
pub async fn rotated(link: Link<'_>, number: i64, index: i64) -> Result<(), StoreError> {
    link.run(
        "insert into log_rotation (number, idx) values ($1, $2)",
        values![number, index],
    )
    .await?;
    Ok(())
}
