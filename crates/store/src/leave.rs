//! Leaving: what of an organization is its own, what is destroyed, and what goes with it.

use jiff::Timestamp;
use names::{CaseId, ClaimId, MemberId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::report::{self, Report};

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// Forgets what `organization` claimed and where it was called, and takes back what it allowed to be scanned.
pub async fn forget_claims(
    link: Link<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let own = values![organization.get()];
    let words =
        "delete from claim_word where claim in (select id from claim where organization = $1)";
    link.run(words, own.clone()).await?;
    let claims = link
        .run("delete from claim where organization = $1", own.clone())
        .await?;
    let revoked =
        "update scan_authorization set revoked_us = $2 where owner = $1 and revoked_us is null";
    link.run(revoked, values![organization.get(), now.as_microsecond()])
        .await?;
    let empty: Vec<u8> = Vec::new();
    link.run(
        "update webhook set ended_us = coalesce(ended_us, $2), secret = $3 where organization = $1",
        values![organization.get(), now.as_microsecond(), empty],
    )
    .await?;
    Ok(claims)
}

/// A message that a member of it wrote in a case, sealed under the case's key.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: i64,
    pub case: CaseId,
    pub at: Timestamp,
    pub member: Option<MemberId>,
    /// The one organization it was for.
    pub audience: Option<OrganizationId>,
    pub sealed: Option<Vec<u8>>,
    /// The case's key; gone where the case was withdrawn.
    pub key: Option<Vec<u8>>,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct MessageRow {
    id: i64,
    case_file: i64,
    at_us: i64,
    member: Option<i64>,
    audience: Option<i64>,
    sealed: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    log_index: i64,
}

/// The messages of `organization` after `after`, oldest first.
pub async fn messages(
    link: Link<'_>,
    organization: OrganizationId,
    after: i64,
    count: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<MessageRow> = link
        .all(
            "select e.id, e.case_file, e.at_us, e.member, e.audience, e.sealed, c.key, e.log_index
             from case_event e join case_file c on c.id = e.case_file
             where e.organization = $1 and e.act = 'message' and e.id > $2 order by e.id limit $3",
            values![organization.get(), after, count],
        )
        .await?;
    let read = |row: MessageRow| {
        Ok(Message {
            id: row.id,
            case: CaseId::new(row.case_file),
            at: crate::read::time(row.at_us)?,
            member: row.member.map(MemberId::new),
            audience: row.audience.map(OrganizationId::new),
            sealed: row.sealed,
            key: row.key,
            log_index: row.log_index,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Puts other words in the place of a message, and drops the files that came with it.
pub async fn replace_message(link: Link<'_>, id: i64, sealed: Vec<u8>) -> Result<(), StoreError> {
    link.run("delete from attachment where event = $1", values![id])
        .await?;
    let sql = "update case_event set sealed = $2 where id = $1";
    link.run(sql, values![id, sealed]).await?;
    Ok(())
}

/// The files that came with a message: each one's number and sealed name.
pub async fn files(link: Link<'_>, message: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let rows: Vec<FileRow> = link
        .all(
            "select id, name from attachment where event = $1 order by id",
            values![message],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

#[derive(FromQueryResult)]
struct FileRow {
    id: i64,
    name: Vec<u8>,
}

/// The claims of `organization` after `after`, oldest first, also those that have ended.
pub async fn claims(
    link: Link<'_>,
    organization: OrganizationId,
    after: ClaimId,
    count: i64,
) -> Result<Vec<crate::claim::Claim>, StoreError> {
    let rows: Vec<Id> = link
        .all(
            "select id from claim where organization = $1 and id > $2 order by id limit $3",
            values![organization.get(), after.get(), count],
        )
        .await?;
    let mut claims = Vec::with_capacity(rows.len());
    for row in rows {
        claims.extend(crate::claim::find(link, ClaimId::new(row.id)).await?);
    }
    Ok(claims)
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
