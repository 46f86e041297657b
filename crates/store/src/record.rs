//! Records: a developer's own statements about its model, each once, in order.

use jiff::Timestamp;
use names::EngagementId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::time;

/// A statement as it is kept.
#[derive(Clone, Debug)]
pub struct Entry {
    pub number: i64,
    pub at: Timestamp,
    /// Sealed.
    pub body: Vec<u8>,
    /// The signed statement, sealed.
    pub envelope: Vec<u8>,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    number: i64,
    at_us: i64,
    body: Vec<u8>,
    envelope: Vec<u8>,
    log_index: i64,
}

/// Keeps one; [`StoreError::Taken`] where its number is taken.
pub async fn insert(link: Link<'_>, id: EngagementId, entry: Entry) -> Result<(), StoreError> {
    link.run(
        "insert into record_entry (engagement, number, at_us, body, envelope, log_index) values ($1, $2, $3, $4, $5, $6)",
        values![
            id.get(),
            entry.number,
            entry.at.as_microsecond(),
            entry.body,
            entry.envelope,
            entry.log_index
        ],
    )
    .await?;
    Ok(())
}

/// All of them, in order.
pub async fn list(link: Link<'_>, id: EngagementId) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select number, at_us, body, envelope, log_index from record_entry where engagement = $1 order by number",
            values![id.get()],
        )
        .await?;
    let read = |row: Row| {
        Ok(Entry {
            number: row.number,
            at: time(row.at_us)?,
            body: row.body,
            envelope: row.envelope,
            log_index: row.log_index,
        })
    };
    rows.into_iter().map(read).collect()
}
