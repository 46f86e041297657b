//! Terms: which reports share a piece of evidence, by keyed hashes alone, as changes in the order they were made.
//!
//! A row for each report that is new, one for each that moves to another finding, and one for each that is gone. So
//! taking a report appends 200 bytes at the end of a table, whatever the table holds; looking up is done in memory by
//! whoever read all changes.

use names::{FindingId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// The first 64 bits of a keyed hash of a term. Among 10^8 of them two are alike with odds of one in 3,700, and two
/// reports that are looked up by chance are compared all the same.
pub type Hash = u64;

/// What became of a report, as far as it is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Counts up; whatever is new has a higher one.
    pub id: i64,
    pub report: ReportId,
    /// The finding it is in from here on; none where it is gone.
    pub finding: Option<FindingId>,
    /// Its terms from here on; none where they stay.
    pub hashes: Option<Vec<Hash>>,
    /// It is held under all its terms, however common they are.
    pub whole: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    report: i64,
    finding: Option<i64>,
    hashes: Option<Vec<u8>>,
    whole: bool,
}

/// That a report is not looked up any more.
pub fn gone(report: ReportId) -> Change {
    Change {
        id: 0,
        report,
        finding: None,
        hashes: None,
        whole: false,
    }
}

/// The changes after `id`, at most `limit`, in order.
pub async fn changes(link: Link<'_>, id: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
    let sql = "select id, report, finding, hashes, whole from term_change where id > $1 order by id limit $2";
    let rows: Vec<Row> = link.all(sql, values![id, limit]).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Change {
                id: row.id,
                report: ReportId::new(row.report),
                finding: row.finding.map(FindingId::new),
                hashes: row.hashes.as_deref().map(read).transpose()?,
                whole: row.whole,
            })
        })
        .collect()
}

/// Appends changes; the store counts them.
pub async fn append(link: Link<'_>, changes: Vec<Change>) -> Result<(), StoreError> {
    let rows = changes.into_iter().map(|change| {
        let bytes = |hashes: Vec<Hash>| hashes.into_iter().flat_map(Hash::to_be_bytes).collect();
        let bytes: Option<Vec<u8>> = change.hashes.map(bytes);
        values![
            change.report.get(),
            change.finding.map(FindingId::get),
            bytes,
            change.whole
        ]
    });
    let columns = ["report", "finding", "hashes", "whole"];
    link.insert("term_change", &columns, rows.collect()).await
}

fn read(bytes: &[u8]) -> Result<Vec<Hash>, StoreError> {
    let (hashes, rest) = bytes.as_chunks();
    match rest {
        [] => Ok(hashes
            .iter()
            .map(|hash| Hash::from_be_bytes(*hash))
            .collect()),
        _ => Err(StoreError::Damaged("terms of another length".into())),
    }
}
