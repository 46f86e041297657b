//! Log: entries in the order of commits, and what opens the sealed ones.

use jiff::Timestamp;
use sea_orm::FromQueryResult;

pub mod checkpoint;
pub mod tile;

use crate::link::{Link, StoreError, values};

/// Appends `entries` and says the index of the first. Only inside a write: the index is taken with the lock on the head,
/// so the order of commits is the order of the log and no index is ever skipped.
pub async fn append(link: Link<'_>, entries: Vec<Vec<u8>>) -> Result<i64, StoreError> {
    let count =
        i64::try_from(entries.len()).expect("a transaction holds thousands of entries, not 2^63");
    let size = link
        .number(
            "update log_head set size = size + $1 where one = 1 returning size",
            values![count],
        )
        .await?;
    let first = size - count;
    let rows = entries
        .into_iter()
        .zip(first..)
        .map(|(entry, index)| values![index, entry])
        .collect();
    link.insert("log_entry", &["idx", "entry"], rows).await?;
    Ok(first)
}

/// How many entries there are.
pub async fn size(link: Link<'_>) -> Result<i64, StoreError> {
    link.number("select size from log_head where one = 1", vec![])
        .await
}

#[derive(FromQueryResult)]
struct Entry {
    entry: Vec<u8>,
}

/// The entries from `first`, at most `count`, in order.
pub async fn entries(link: Link<'_>, first: i64, count: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows: Vec<Entry> = link
        .all(
            "select entry from log_entry where idx >= $1 and idx < $2 order by idx",
            values![first, first.saturating_add(count)],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.entry).collect())
}

/// Keeps what opens the sealed entries: index and sealed opening each.
pub async fn keep_openings(
    link: Link<'_>,
    openings: Vec<(i64, Vec<u8>)>,
) -> Result<(), StoreError> {
    let rows = openings
        .into_iter()
        .map(|(index, sealed)| values![index, sealed])
        .collect();
    link.insert("log_opening", &["idx", "sealed"], rows).await
}

#[derive(FromQueryResult)]
struct Sealed {
    sealed: Vec<u8>,
}

/// What opens the entry at `index`, still sealed under the master key.
pub async fn opening(link: Link<'_>, index: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<Sealed> = link
        .one(
            "select sealed from log_opening where idx = $1",
            values![index],
        )
        .await?;
    Ok(row.map(|row| row.sealed))
}

/// Whether everyone may know what opens the entry at `index`.
pub async fn is_opened(link: Link<'_>, index: i64) -> Result<bool, StoreError> {
    let opened = link
        .number(
            "select count(*) from log_opening where idx = $1 and opened_us is not null",
            values![index],
        )
        .await?;
    Ok(opened > 0)
}

/// Notes that everyone may know what opens the entry at `index`. Says whether nobody noted it before.
pub async fn open(link: Link<'_>, index: i64, now: Timestamp) -> Result<bool, StoreError> {
    let touched = link
        .run(
            "update log_opening set opened_us = $2 where idx = $1 and opened_us is null",
            values![index, now.as_microsecond()],
        )
        .await?;
    Ok(touched > 0)
}

/// The openings of the entries from `first`, at most `count`: index and sealed opening each.
pub async fn openings(
    link: Link<'_>,
    first: i64,
    count: i64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        idx: i64,
        sealed: Vec<u8>,
    }
    let rows: Vec<Row> = link
        .all(
            "select idx, sealed from log_opening where idx >= $1 and idx < $2 order by idx",
            values![first, first.saturating_add(count)],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.idx, row.sealed)).collect())
}

/// What a report's row says of the log.
#[derive(FromQueryResult)]
pub struct Logged {
    pub id: i64,
    pub log_index: i64,
    pub digest: Vec<u8>,
}

/// The reports after `id`, at most `count`, with where they stand in the log.
pub async fn reports_after(link: Link<'_>, id: i64, count: i64) -> Result<Vec<Logged>, StoreError> {
    link.all(
        "select id, log_index, digest from report where id > $1 order by id limit $2",
        values![id, count],
    )
    .await
}
