//! Deeds: who did what, for those whose it is.

use jiff::Timestamp;
use names::{MemberId, OrganizationId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    pub id: i64,
    pub at: Timestamp,
    pub organization: OrganizationId,
    /// Who did it; `None` where the house did.
    pub member: Option<MemberId>,
    /// An action's word.
    pub act: Box<str>,
    /// To what: an id, never a word of anyone's.
    pub subject: Box<str>,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    at_us: i64,
    organization: i64,
    member: Option<i64>,
    act: String,
    subject: String,
    log_index: i64,
}

/// Keeps a deed of `organization`.
pub async fn insert(
    link: Link<'_>,
    organization: OrganizationId,
    member: Option<MemberId>,
    act: &str,
    subject: &str,
    log_index: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into deed (at_us, organization, member, act, subject, log_index) values ($1, $2, $3, $4, $5, $6)",
        values![
            now.as_microsecond(),
            organization.get(),
            member.map(MemberId::get),
            act,
            subject,
            log_index
        ],
    )
    .await?;
    Ok(())
}

/// What was done for an organization, or by one member of it, newest first: at most `count`, from before `before`.
pub async fn list(
    link: Link<'_>,
    organization: OrganizationId,
    member: Option<MemberId>,
    before: Option<i64>,
    count: u32,
) -> Result<Vec<Deed>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select id, at_us, organization, member, act, subject, log_index from deed
             where organization = $1 and ($2 = 0 or member = $2) and id < $3 order by id desc limit $4",
            values![
                organization.get(),
                member.map_or(0, MemberId::get),
                before.unwrap_or(i64::MAX),
                i64::from(count)
            ],
        )
        .await?;
    let read = |row: Row| {
        Ok(Deed {
            id: row.id,
            at: crate::read::time(row.at_us)?,
            organization: OrganizationId::new(row.organization),
            member: row.member.map(MemberId::new),
            act: row.act.into(),
            subject: row.subject.into(),
            log_index: row.log_index,
        })
    };
    rows.into_iter().map(read).collect()
}
