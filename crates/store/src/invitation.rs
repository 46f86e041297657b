//! Invitations: links that make one account each, once.

use jiff::Timestamp;
use names::{MemberId, OrganizationId, Role};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// An invitation as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    pub id: i64,
    pub organization: OrganizationId,
    /// Whom it is for; `None` for the first administrator, who says so themselves.
    pub email: Option<Box<str>>,
    pub role: Role,
    /// The code device it offers, sealed.
    pub secret: Vec<u8>,
    pub invited_by: Option<MemberId>,
    pub created: Timestamp,
    pub ends: Timestamp,
}

/// What is inserted; the id comes from the store.
pub struct Draft<'a> {
    pub digest: [u8; 32],
    pub organization: OrganizationId,
    pub email: Option<&'a str>,
    pub role: Role,
    pub secret: Vec<u8>,
    pub invited_by: Option<MemberId>,
    pub ends: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    email: Option<String>,
    role: String,
    secret: Vec<u8>,
    invited_by: Option<i64>,
    created_us: i64,
    ends_us: i64,
}

impl Row {
    fn read(self) -> Result<Invitation, StoreError> {
        Ok(Invitation {
            id: self.id,
            organization: OrganizationId::new(self.organization),
            email: self.email.map(String::into_boxed_str),
            role: crate::read::word(&self.role)?,
            secret: self.secret,
            invited_by: self.invited_by.map(MemberId::new),
            created: crate::read::time(self.created_us)?,
            ends: crate::read::time(self.ends_us)?,
        })
    }
}

const COLUMNS: &str = "id, organization, email, role, secret, invited_by, created_us, ends_us";

/// Keeps an invitation.
pub async fn insert(link: Link<'_>, draft: Draft<'_>, now: Timestamp) -> Result<i64, StoreError> {
    link.number(
        "insert into invitation (digest, organization, email, role, secret, invited_by, created_us, ends_us)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        values![
            draft.digest.to_vec(),
            draft.organization.get(),
            draft.email,
            draft.role.as_str(),
            draft.secret,
            draft.invited_by.map(MemberId::get),
            now.as_microsecond(),
            draft.ends.as_microsecond()
        ],
    )
    .await
}

/// The invitation that a link opens, while it does and its organization is here.
pub async fn find(
    link: Link<'_>,
    digest: &[u8],
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from invitation where digest = $1 and ends_us > $2 and organization in
         (select id from organization where left_us is null and suspended_us is null)"
    );
    let row: Option<Row> = link
        .one(&sql, values![digest.to_vec(), now.as_microsecond()])
        .await?;
    row.map(Row::read).transpose()
}

/// The invitations of an organization that still open, newest first.
pub async fn of_organization(
    link: Link<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from invitation where organization = $1 and ends_us > $2 order by id desc"
    );
    let values = values![organization.get(), now.as_microsecond()];
    let rows: Vec<Row> = link.all(&sql, values).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Takes an invitation: it opens nothing any more. False where it was taken before.
pub async fn take(link: Link<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "delete from invitation where id = $1";
    Ok(link.run(sql, values![id]).await? == 1)
}

/// Takes back one of `organization`; says whether it was there.
pub async fn withdraw(
    link: Link<'_>,
    organization: OrganizationId,
    id: i64,
) -> Result<bool, StoreError> {
    let sql = "delete from invitation where id = $1 and organization = $2";
    Ok(link.run(sql, values![id, organization.get()]).await? == 1)
}

/// Takes back all of `organization`.
pub async fn withdraw_all(link: Link<'_>, organization: OrganizationId) -> Result<(), StoreError> {
    let sql = "delete from invitation where organization = $1";
    link.run(sql, values![organization.get()]).await?;
    Ok(())
}
