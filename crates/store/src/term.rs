//! Terms: which reports share a piece of evidence, by keyed hashes alone.
//!
//! A term that many reports have says little, so of one term only the first [`REPORTS_MAX`] reports are kept, and of
//! one finding only [`REPORTS_OF_FINDING_MAX`]: a flaw that everyone finds does not crowd out the others, and looking
//! up costs the same at 10^3 and at 10^6 findings.

use names::{FindingId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// Reports that are kept for one term. With 32 terms to a report, a lookup reads 2,048 rows at the very most.
pub const REPORTS_MAX: usize = 64;

/// Reports of one finding that are kept for one term.
pub const REPORTS_OF_FINDING_MAX: usize = 4;

/// Hashes of one statement: short enough to plan quickly, long enough to make few of them.
const HASHES_MAX: usize = 500;

/// A keyed hash of a term.
pub type Hash = [u8; 16];

/// A report that has a term, and the finding it is in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub hash: Hash,
    pub report: ReportId,
    pub finding: FindingId,
}

#[derive(FromQueryResult)]
struct Row {
    hash: Vec<u8>,
    report: i64,
    finding: i64,
}

/// All reports that have any of `hashes`; those whose key is destroyed are gone.
pub async fn holders(link: Link<'_>, hashes: &[Hash]) -> Result<Vec<Holder>, StoreError> {
    let mut found = Vec::new();
    for some in hashes.chunks(HASHES_MAX) {
        let places: Vec<String> = (1..=some.len()).map(|at| format!("${at}")).collect();
        let sql = format!(
            "select t.hash as hash, t.report as report, r.finding as finding
             from term t join report r on r.id = t.report
             where t.hash in ({}) and r.finding is not null and r.key is not null",
            places.join(", ")
        );
        let hashes = some.iter().map(|hash| hash.to_vec().into()).collect();
        let rows: Vec<Row> = link.all(&sql, hashes).await?;
        for row in rows {
            let hash = Hash::try_from(row.hash.as_slice());
            found.push(Holder {
                hash: hash.map_err(|_| StoreError::Damaged("a term of another length".into()))?,
                report: ReportId::new(row.report),
                finding: FindingId::new(row.finding),
            });
        }
    }
    Ok(found)
}

/// Keeps which reports have what; what is kept already stays.
pub async fn insert(link: Link<'_>, all: &[(ReportId, Hash)]) -> Result<(), StoreError> {
    for some in all.chunks(HASHES_MAX) {
        let rows: Vec<String> = (0..some.len())
            .map(|at| format!("(${}, ${})", 2 * at + 1, 2 * at + 2))
            .collect();
        let sql = format!(
            "insert into term (hash, report) values {} on conflict do nothing",
            rows.join(", ")
        );
        let flat = some
            .iter()
            .flat_map(|(report, hash)| values![hash.to_vec(), report.get()]);
        link.run(&sql, flat.collect()).await?;
    }
    Ok(())
}
