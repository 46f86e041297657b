//! Leaving: what of an organization is destroyed, and what goes with it.

use jiff::Timestamp;
use names::{OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::report::{self, Report};
use crate::term;

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// Destroys the data keys of all that `organization` handed over, and what stands sealed under them; says of which.
pub async fn destroy_reports(
    link: Link<'_>,
    organization: OrganizationId,
) -> Result<Vec<ReportId>, StoreError> {
    let rows: Vec<Id> = link
        .all(
            "select id from report where organization = $1 and key is not null order by id",
            values![organization.get()],
        )
        .await?;
    let empty: Vec<u8> = Vec::new();
    link.run(
        "update report set key = null, body = $2, fingerprint = null where organization = $1",
        values![organization.get(), empty],
    )
    .await?;
    // What they were looked up by goes too, and the proofs, which were sealed under the same keys.
    link.run(
        "update term_change set hashes = null
         where report in (select id from report where organization = $1)",
        values![organization.get()],
    )
    .await?;
    let gone = rows.iter().map(|row| term::gone(ReportId::new(row.id)));
    term::append(link, gone.collect()).await?;
    for table in ["evidence", "proof_chunk", "proof"] {
        let sql = format!(
            "delete from {table} where report in (select id from report where organization = $1)"
        );
        link.run(&sql, values![organization.get()]).await?;
    }
    Ok(rows.into_iter().map(|row| ReportId::new(row.id)).collect())
}

/// It takes part no longer.
pub async fn leave(
    link: Link<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "update organization set left_us = $2 where id = $1",
        values![organization.get(), now.as_microsecond()],
    )
    .await?;
    link.run(
        "update participant set until_us = $2 where organization = $1 and until_us is null",
        values![organization.get(), now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Suspends it from `since`, or lets it in again.
pub async fn suspend(
    link: Link<'_>,
    organization: OrganizationId,
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
    let since = since.map(Timestamp::as_microsecond);
    link.run(
        "update organization set suspended_us = $2 where id = $1",
        values![organization.get(), since],
    )
    .await?;
    Ok(())
}

/// The organizations that are suspended.
pub async fn suspended(link: Link<'_>) -> Result<Vec<OrganizationId>, StoreError> {
    let sql = "select id from organization where suspended_us is not null order by id";
    let rows: Vec<Id> = link.all(sql, vec![]).await?;
    Ok(rows
        .into_iter()
        .map(|row| OrganizationId::new(row.id))
        .collect())
}

/// The reports of `organization` after `after`, oldest first.
pub async fn reports(
    link: Link<'_>,
    organization: OrganizationId,
    after: ReportId,
    count: i64,
) -> Result<Vec<Report>, StoreError> {
    let rows: Vec<Id> = link
        .all(
            "select id from report where organization = $1 and id > $2 order by id limit $3",
            values![organization.get(), after.get(), count],
        )
        .await?;
    let mut reports = Vec::with_capacity(rows.len());
    for row in rows {
        reports.extend(report::find(link, ReportId::new(row.id)).await?);
    }
    Ok(reports)
}
