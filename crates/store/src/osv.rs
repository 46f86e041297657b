//! What was published for everyone, as OSV: the last version of every advisory under TLP:CLEAR, in the bytes that were
//! rendered once.

use names::AdvisoryId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// The last version of an advisory, as OSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub advisory: AdvisoryId,
    pub osv: Vec<u8>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    osv: Vec<u8>,
}

/// What grows with every publication and with nothing else: the entry of the log that says what was published last.
/// -1 where nothing was.
pub async fn mark(link: Link<'_>) -> Result<i64, StoreError> {
    let sql = "select coalesce(max(log_index), -1) from advisory_version";
    link.number(sql, vec![]).await
}

/// At most `limit` advisories after `after`, in the order of their numbers.
pub async fn page(
    link: Link<'_>,
    after: Option<AdvisoryId>,
    limit: i64,
) -> Result<Vec<Published>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select a.id, v.osv from advisory a
             join advisory_version v on v.advisory = a.id and v.version = a.version
             where a.id > $1 and a.tlp = 'CLEAR' and v.tlp = 'CLEAR' order by a.id limit $2",
            values![after.map_or(0, AdvisoryId::get), limit],
        )
        .await?;
    let read = |row: Row| Published {
        advisory: AdvisoryId::new(row.id),
        osv: row.osv,
    };
    Ok(rows.into_iter().map(read).collect())
}
