//! Tokens: what a program shows. Only the digest is kept.

use jiff::Timestamp;
use names::MemberId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A token as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub id: i64,
    /// Its first letters, by which its owner tells it from others.
    pub hint: Box<str>,
    pub label: Box<str>,
    pub scopes: Box<str>,
    pub created: Timestamp,
    pub used: Option<Timestamp>,
    pub ends: Timestamp,
}

/// What is inserted; the id comes from the store.
pub struct Draft<'a> {
    pub digest: [u8; 32],
    pub member: MemberId,
    pub hint: &'a str,
    pub label: &'a str,
    pub scopes: &'a str,
    pub ends: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    hint: String,
    label: String,
    scopes: String,
    created_us: i64,
    used_us: Option<i64>,
    ends_us: i64,
}

/// Keeps a token.
pub async fn insert(link: Link<'_>, draft: Draft<'_>, now: Timestamp) -> Result<i64, StoreError> {
    link.number(
        "insert into token (digest, member, hint, label, scopes, created_us, ends_us)
         values ($1, $2, $3, $4, $5, $6, $7) returning id",
        values![
            draft.digest.to_vec(),
            draft.member.get(),
            draft.hint,
            draft.label,
            draft.scopes,
            now.as_microsecond(),
            draft.ends.as_microsecond()
        ],
    )
    .await
}

/// The tokens of a member that have not ended, newest first.
pub async fn of_member(
    link: Link<'_>,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<Token>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select id, hint, label, scopes, created_us, used_us, ends_us from token
             where member = $1 and ends_us > $2 order by id desc",
            values![member.get(), now.as_microsecond()],
        )
        .await?;
    let read = |row: Row| {
        Ok(Token {
            id: row.id,
            hint: row.hint.into(),
            label: row.label.into(),
            scopes: row.scopes.into(),
            created: crate::read::time(row.created_us)?,
            used: row.used_us.map(crate::read::time).transpose()?,
            ends: crate::read::time(row.ends_us)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Notes when it was last used.
pub async fn used(link: Link<'_>, id: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql = "update token set used_us = $2 where id = $1 and (used_us is null or used_us < $2)";
    link.run(sql, values![id, now.as_microsecond()]).await?;
    Ok(())
}

/// Ends one of `member`; says whether it was there.
pub async fn end(link: Link<'_>, member: MemberId, id: i64) -> Result<bool, StoreError> {
    let sql = "delete from token where id = $1 and member = $2";
    Ok(link.run(sql, values![id, member.get()]).await? == 1)
}

/// Ends all of `member`.
pub async fn end_all(link: Link<'_>, member: MemberId) -> Result<u64, StoreError> {
    link.run("delete from token where member = $1", values![member.get()])
        .await
}
