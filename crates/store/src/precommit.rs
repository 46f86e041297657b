//! Precommitments: a hash now, a report later.

use jiff::Timestamp;
use names::{MemberId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// What was committed to, and what it turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precommit {
    pub commitment: Vec<u8>,
    pub organization: OrganizationId,
    pub at: Timestamp,
    pub log_index: i64,
    pub report: Option<ReportId>,
    pub revealed: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Row {
    commitment: Vec<u8>,
    organization: i64,
    at_us: i64,
    log_index: i64,
    report: Option<i64>,
    revealed_us: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Precommit, StoreError> {
        Ok(Precommit {
            commitment: self.commitment,
            organization: OrganizationId::new(self.organization),
            at: crate::read::time(self.at_us)?,
            log_index: self.log_index,
            report: self.report.map(ReportId::new),
            revealed: self.revealed_us.map(crate::read::time).transpose()?,
        })
    }
}

/// Keeps commitments of one organization, the first in the log at `first` and the others after it.
pub async fn insert(
    link: Link<'_>,
    organization: OrganizationId,
    member: MemberId,
    commitments: &[[u8; 32]],
    first: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = commitments
        .iter()
        .zip(first..)
        .map(|(commitment, index)| {
            values![
                commitment.to_vec(),
                organization.get(),
                member.get(),
                now.as_microsecond(),
                index
            ]
        })
        .collect();
    let columns = ["commitment", "organization", "member", "at_us", "log_index"];
    link.insert("precommit", &columns, rows).await
}

/// What `organization` committed to.
pub async fn find(
    link: Link<'_>,
    organization: OrganizationId,
    commitment: &[u8; 32],
) -> Result<Option<Precommit>, StoreError> {
    let row: Option<Row> = link
        .one(
            "select commitment, organization, at_us, log_index, report, revealed_us from precommit
             where organization = $1 and commitment = $2",
            values![organization.get(), commitment.to_vec()],
        )
        .await?;
    row.map(Row::read).transpose()
}

/// What `organization` committed to after the entry `after` of the log, oldest first.
pub async fn of_organization(
    link: Link<'_>,
    organization: OrganizationId,
    after: i64,
    count: i64,
) -> Result<Vec<Precommit>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select commitment, organization, at_us, log_index, report, revealed_us from precommit
             where organization = $1 and log_index > $2 order by log_index limit $3",
            values![organization.get(), after, count],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// It turned out to be `report`.
pub async fn reveal(
    link: Link<'_>,
    organization: OrganizationId,
    commitment: &[u8; 32],
    report: ReportId,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "update precommit set report = $3, revealed_us = $4 where organization = $1 and commitment = $2",
        values![
            organization.get(),
            commitment.to_vec(),
            report.get(),
            now.as_microsecond()
        ],
    )
    .await?;
    Ok(())
}
