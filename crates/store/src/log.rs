//! Log: entries in the order of commits, and what opens the sealed ones.

use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// Appends `entries` and says the index of the first. Only inside a write: the index is taken with the lock on the head,
/// so the order of commits is the order of the log and no index is ever skipped.
pub async fn append(link: Link<'_>, entries: &[Vec<u8>]) -> Result<i64, StoreError> {
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
        .iter()
        .zip(first..)
        .map(|(entry, index)| values![index, entry.clone()])
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
