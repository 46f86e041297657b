//! Quota: how much of what it may an organization used today.

use names::OrganizationId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

#[derive(FromQueryResult)]
struct Row {
    used: i64,
}

/// What was used of `kind` on `day`.
pub async fn used(
    link: Link<'_>,
    organization: OrganizationId,
    kind: &str,
    day: i64,
) -> Result<i64, StoreError> {
    let row: Option<Row> = link
        .one(
            "select used from quota where organization = $1 and kind = $2 and day = $3",
            values![organization.get(), kind, day],
        )
        .await?;
    Ok(row.map_or(0, |row| row.used))
}

/// Uses `count` more and says what is used then.
pub async fn add(
    link: Link<'_>,
    organization: OrganizationId,
    kind: &str,
    day: i64,
    count: i64,
) -> Result<i64, StoreError> {
    link.number(
        "insert into quota (organization, kind, day, used) values ($1, $2, $3, $4)
         on conflict (organization, kind, day) do update set used = quota.used + excluded.used returning used",
        values![organization.get(), kind, day, count],
    )
    .await
}

/// Forgets what was used before `day`; nobody is asked about it any more.
pub async fn forget(link: Link<'_>, day: i64) -> Result<u64, StoreError> {
    link.run("delete from quota where day < $1", values![day])
        .await
}
