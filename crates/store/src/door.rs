//! The door: what a sign-in waits for, and how often someone tried.

use jiff::Timestamp;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// Keeps what a ceremony waits for, until it ends.
pub async fn keep(
    link: Link<'_>,
    digest: &[u8],
    sealed: Vec<u8>,
    ends: Timestamp,
) -> Result<(), StoreError> {
    let sql = "insert into ceremony (digest, sealed, ends_us) values ($1, $2, $3)";
    link.run(sql, values![digest.to_vec(), sealed, ends.as_microsecond()])
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Sealed {
    sealed: Vec<u8>,
}

/// Takes it: the second time there is nothing.
pub async fn take(
    link: Link<'_>,
    digest: &[u8],
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<Sealed> = link
        .one(
            "delete from ceremony where digest = $1 and ends_us > $2 returning sealed",
            values![digest.to_vec(), now.as_microsecond()],
        )
        .await?;
    Ok(row.map(|row| row.sealed))
}

/// Counts a try and says which it is within the window: a bucket last begun before `since` begins anew.
pub async fn count(
    link: Link<'_>,
    bucket: &[u8],
    now: Timestamp,
    since: Timestamp,
) -> Result<i64, StoreError> {
    link.number(
        "insert into attempt (bucket, count, since_us) values ($1, 1, $2)
         on conflict (bucket) do update set
         count = case when attempt.since_us < $3 then 1 else attempt.count + 1 end,
         since_us = case when attempt.since_us < $3 then excluded.since_us else attempt.since_us end
         returning count",
        values![
            bucket.to_vec(),
            now.as_microsecond(),
            since.as_microsecond()
        ],
    )
    .await
}

/// Forgets the tries of a bucket: whoever it was got in.
pub async fn forget(link: Link<'_>, bucket: &[u8]) -> Result<(), StoreError> {
    link.run(
        "delete from attempt where bucket = $1",
        values![bucket.to_vec()],
    )
    .await?;
    Ok(())
}

/// Sweeps away ceremonies that ended and windows that are over.
pub async fn sweep(link: Link<'_>, now: Timestamp, since: Timestamp) -> Result<(), StoreError> {
    link.run(
        "delete from ceremony where ends_us < $1",
        values![now.as_microsecond()],
    )
    .await?;
    link.run(
        "delete from attempt where since_us < $1",
        values![since.as_microsecond()],
    )
    .await?;
    Ok(())
}
