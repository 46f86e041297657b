//! Amendments: what was added to a report's history after it was handed over, only ever appended to.

use jiff::Timestamp;
use names::{FindingId, MemberId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// What is appended.
pub struct Draft {
    pub report: ReportId,
    pub at: Timestamp,
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    /// History and terms as they stand from then on, sealed under the report's key.
    pub sealed: Vec<u8>,
    pub log_index: i64,
}

/// Appends one.
pub async fn append(link: Link<'_>, draft: Draft) -> Result<(), StoreError> {
    link.run(
        "insert into amendment (report, at_us, organization, member, sealed, log_index)
         values ($1, $2, $3, $4, $5, $6)",
        values![
            draft.report.get(),
            draft.at.as_microsecond(),
            draft.organization.get(),
            draft.member.map(MemberId::get),
            draft.sealed,
            draft.log_index
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    report: i64,
    sealed: Vec<u8>,
}

/// What stands of a report, as the last amendment left it.
pub async fn last(link: Link<'_>, report: ReportId) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<Row> = link
        .one(
            "select report, sealed from amendment where report = $1 order by id desc limit 1",
            values![report.get()],
        )
        .await?;
    Ok(row.map(|row| row.sealed))
}

/// The same for every report of a finding that was amended.
pub async fn of_finding(
    link: Link<'_>,
    finding: FindingId,
) -> Result<Vec<(ReportId, Vec<u8>)>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select a.report, a.sealed from amendment a join report r on r.id = a.report
             where r.finding = $1 and a.id = (select max(b.id) from amendment b where b.report = a.report)",
            values![finding.get()],
        )
        .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (ReportId::new(row.report), row.sealed))
        .collect())
}
