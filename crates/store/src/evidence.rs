//! Evidence: which reports carry it, by keyed hashes alone.

use names::{FindingId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A report that carries evidence that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub term: Vec<u8>,
    pub report: ReportId,
    pub organization: OrganizationId,
    pub finding: Option<FindingId>,
}

#[derive(FromQueryResult)]
struct Row {
    term: Vec<u8>,
    report: i64,
    organization: i64,
    finding: Option<i64>,
}

/// Keeps which report carries what.
pub async fn insert(link: Link<'_>, all: Vec<(ReportId, [u8; 16])>) -> Result<(), StoreError> {
    let rows = all
        .into_iter()
        .map(|(report, term)| values![term.to_vec(), report.get()])
        .collect();
    link.insert("evidence", &["term", "report"], rows).await
}

/// The reports that carry any of `terms` and whose key is not destroyed. A withdrawn report is not there any more.
pub async fn holders(link: Link<'_>, terms: &[[u8; 16]]) -> Result<Vec<Holder>, StoreError> {
    let text = "select e.term as term, r.id as report, r.organization as organization, r.finding as finding
         from evidence e join report r on r.id = e.report where e.term in ({}) and r.key is not null";
    let terms = terms.iter().map(|term| term.to_vec().into()).collect();
    let rows: Vec<Row> = link.all_among(text, vec![], terms).await?;
    let holder = |row: Row| Holder {
        term: row.term,
        report: ReportId::new(row.report),
        organization: OrganizationId::new(row.organization),
        finding: row.finding.map(FindingId::new),
    };
    Ok(rows.into_iter().map(holder).collect())
}

/// How an organization stands to findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// One of them is published.
    pub public: bool,
    /// It takes part in the case of one.
    pub takes_part: bool,
}

/// How `organization` stands to `findings`. Asked with none it costs the same as with one.
pub async fn standing(
    link: Link<'_>,
    findings: &[FindingId],
    organization: OrganizationId,
) -> Result<Standing, StoreError> {
    let mut standing = Standing::default();
    let none = [FindingId::new(0)];
    let asked = if findings.is_empty() { &none } else { findings };
    for finding in asked.iter().take(8) {
        let public = link
            .number(
                "select count(*) from finding where id = $1 and state = 'published'",
                values![finding.get()],
            )
            .await?;
        let takes_part = link
            .number(
                "select count(*) from participant p join case_file c on c.id = p.case_file
                 where c.finding = $1 and p.organization = $2 and p.until_us is null",
                values![finding.get(), organization.get()],
            )
            .await?;
        standing.public |= public > 0;
        standing.takes_part |= takes_part > 0;
    }
    Ok(standing)
}
