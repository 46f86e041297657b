//! Credentials: what a member proves themselves with.

use jiff::Timestamp;
use names::MemberId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A credential as it is kept. What its `secret` is, sealed, depends on its kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    pub id: i64,
    pub member: MemberId,
    /// `password`, `code`, `recovery`, `passkey` or `sign-on`.
    pub kind: Box<str>,
    pub subject: Box<str>,
    pub label: Box<str>,
    pub secret: Vec<u8>,
    /// The last step of a code device that was accepted.
    pub counter: Option<i64>,
    pub created: Timestamp,
    pub used: Option<Timestamp>,
}

/// What is inserted; the id comes from the store.
pub struct Draft<'a> {
    pub member: MemberId,
    pub kind: &'a str,
    pub subject: &'a str,
    pub label: &'a str,
    pub secret: Vec<u8>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    member: i64,
    kind: String,
    subject: String,
    label: String,
    secret: Vec<u8>,
    counter: Option<i64>,
    created_us: i64,
    used_us: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Credential, StoreError> {
        Ok(Credential {
            id: self.id,
            member: MemberId::new(self.member),
            kind: self.kind.into(),
            subject: self.subject.into(),
            label: self.label.into(),
            secret: self.secret,
            counter: self.counter,
            created: crate::read::time(self.created_us)?,
            used: self.used_us.map(crate::read::time).transpose()?,
        })
    }
}

const COLUMNS: &str = "id, member, kind, subject, label, secret, counter, created_us, used_us";

/// Keeps a credential; one of the same kind and subject is replaced, if it is the same member's.
/// [`StoreError::Taken`] where it is someone else's.
pub async fn put(link: Link<'_>, draft: Draft<'_>, now: Timestamp) -> Result<(), StoreError> {
    let touched = link
        .run(
            "insert into credential (member, kind, subject, label, secret, created_us) values ($1, $2, $3, $4, $5, $6)
             on conflict (kind, subject) do update
             set secret = excluded.secret, label = excluded.label, created_us = excluded.created_us, counter = null
             where credential.member = excluded.member",
            values![
                draft.member.get(),
                draft.kind,
                draft.subject,
                draft.label,
                draft.secret,
                now.as_microsecond()
            ],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::Taken(draft.kind.into()));
    }
    Ok(())
}

/// The credential of this kind and subject.
pub async fn find(
    link: Link<'_>,
    kind: &str,
    subject: &str,
) -> Result<Option<Credential>, StoreError> {
    let sql = format!("select {COLUMNS} from credential where kind = $1 and subject = $2");
    let row: Option<Row> = link.one(&sql, values![kind, subject]).await?;
    row.map(Row::read).transpose()
}

/// All that a member has, oldest first.
pub async fn of_member(link: Link<'_>, member: MemberId) -> Result<Vec<Credential>, StoreError> {
    let sql = format!("select {COLUMNS} from credential where member = $1 order by id");
    let rows: Vec<Row> = link.all(&sql, values![member.get()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Notes that it was used, with its new state. False where the step was used before, by whoever was faster.
pub async fn used(
    link: Link<'_>,
    id: i64,
    counter: Option<i64>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let touched = link
        .run(
            "update credential set used_us = $3, counter = coalesce($2, counter)
             where id = $1 and ($2 is null or counter is null or counter < $2)",
            values![id, counter, now.as_microsecond()],
        )
        .await?;
    Ok(touched == 1)
}

/// Replaces what it holds: a passkey's counter, a password hashed at today's costs.
pub async fn set_secret(link: Link<'_>, id: i64, secret: Vec<u8>) -> Result<(), StoreError> {
    link.run(
        "update credential set secret = $2 where id = $1",
        values![id, secret],
    )
    .await?;
    Ok(())
}

/// Removes one of `member`; says whether it was there.
pub async fn remove(link: Link<'_>, member: MemberId, id: i64) -> Result<bool, StoreError> {
    let sql = "delete from credential where id = $1 and member = $2";
    Ok(link.run(sql, values![id, member.get()]).await? == 1)
}

/// Removes all of one kind.
pub async fn remove_kind(link: Link<'_>, member: MemberId, kind: &str) -> Result<(), StoreError> {
    let sql = "delete from credential where member = $1 and kind = $2";
    link.run(sql, values![member.get(), kind]).await?;
    Ok(())
}

/// Removes all that a member has.
pub async fn remove_all(link: Link<'_>, member: MemberId) -> Result<(), StoreError> {
    let sql = "delete from credential where member = $1";
    link.run(sql, values![member.get()]).await?;
    Ok(())
}
