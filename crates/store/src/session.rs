//! Sessions: browsers that are signed in. Only the digest of what they show is kept.

use jiff::Timestamp;
use names::MemberId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A session as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub id: i64,
    /// How its member signed in: `password`, `passkey`, `sign-on`, `invitation`.
    pub proof: Box<str>,
    /// What the browser calls itself. A stranger wrote this.
    pub agent: Box<str>,
    pub created: Timestamp,
    pub used: Timestamp,
    pub ends: Timestamp,
}

/// What is inserted; the id comes from the store.
pub struct Draft<'a> {
    pub digest: [u8; 32],
    pub member: MemberId,
    pub proof: &'a str,
    pub agent: &'a str,
    pub ends: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    proof: String,
    agent: String,
    created_us: i64,
    used_us: i64,
    ends_us: i64,
}

/// Begins a session.
pub async fn insert(link: Link<'_>, draft: Draft<'_>, now: Timestamp) -> Result<i64, StoreError> {
    link.number(
        "insert into session (digest, member, proof, agent, created_us, used_us, ends_us)
         values ($1, $2, $3, $4, $5, $5, $6) returning id",
        values![
            draft.digest.to_vec(),
            draft.member.get(),
            draft.proof,
            draft.agent,
            now.as_microsecond(),
            draft.ends.as_microsecond()
        ],
    )
    .await
}

/// The sessions of a member that have not ended, last used first.
pub async fn of_member(
    link: Link<'_>,
    member: MemberId,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select id, proof, agent, created_us, used_us, ends_us from session
             where member = $1 and ends_us > $2 and used_us > $3 order by used_us desc, id desc",
            values![
                member.get(),
                now.as_microsecond(),
                idle_since.as_microsecond()
            ],
        )
        .await?;
    let read = |row: Row| {
        Ok(Session {
            id: row.id,
            proof: row.proof.into(),
            agent: row.agent.into(),
            created: crate::read::time(row.created_us)?,
            used: crate::read::time(row.used_us)?,
            ends: crate::read::time(row.ends_us)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Notes when it was last used.
pub async fn used(link: Link<'_>, id: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql = "update session set used_us = $2 where id = $1 and used_us < $2";
    link.run(sql, values![id, now.as_microsecond()]).await?;
    Ok(())
}

/// Ends one of `member`; says whether it was there.
pub async fn end(link: Link<'_>, member: MemberId, id: i64) -> Result<bool, StoreError> {
    let sql = "delete from session where id = $1 and member = $2";
    Ok(link.run(sql, values![id, member.get()]).await? == 1)
}

/// Ends all of `member`, but for `except`; says how many.
pub async fn end_all(
    link: Link<'_>,
    member: MemberId,
    except: Option<i64>,
) -> Result<u64, StoreError> {
    let sql = "delete from session where member = $1 and id <> $2";
    link.run(sql, values![member.get(), except.unwrap_or(0)])
        .await
}

/// Sweeps away what ended before `before`, or was last used before `idle_since`.
pub async fn sweep(
    link: Link<'_>,
    before: Timestamp,
    idle_since: Timestamp,
) -> Result<u64, StoreError> {
    link.run(
        "delete from session where ends_us < $1 or used_us < $2",
        values![before.as_microsecond(), idle_since.as_microsecond()],
    )
    .await
}
