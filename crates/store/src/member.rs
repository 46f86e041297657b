//! Members: the people who act for an organization.

use jiff::Timestamp;
use names::{MemberId, OrganizationId, OrganizationKind, Role};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A member as they are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub id: MemberId,
    pub organization: OrganizationId,
    pub name: Box<str>,
    pub email: Box<str>,
    pub role: Role,
    pub created: Timestamp,
    pub removed: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    name: String,
    email: String,
    role: String,
    created_us: i64,
    removed_us: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Member, StoreError> {
        Ok(Member {
            id: MemberId::new(self.id),
            organization: OrganizationId::new(self.organization),
            name: self.name.into(),
            email: self.email.into(),
            role: crate::read::word(&self.role)?,
            created: crate::read::time(self.created_us)?,
            removed: self.removed_us.map(crate::read::time).transpose()?,
        })
    }
}

const COLUMNS: &str = "id, organization, name, email, role, created_us, removed_us";

/// Takes a member in; [`StoreError::Taken`] where the organization has one of this address.
pub async fn insert(
    link: Link<'_>,
    organization: OrganizationId,
    name: &str,
    email: &str,
    role: Role,
    now: Timestamp,
) -> Result<MemberId, StoreError> {
    let id = link
        .number(
            "insert into member (organization, name, email, role, created_us) values ($1, $2, $3, $4, $5) returning id",
            values![organization.get(), name, email, role.as_str(), now.as_microsecond()],
        )
        .await?;
    Ok(MemberId::new(id))
}

/// One member.
pub async fn find(link: Link<'_>, id: MemberId) -> Result<Option<Member>, StoreError> {
    let sql = format!("select {COLUMNS} from member where id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// The accounts of this address, one an organization at most, unless removed. `email` in small letters.
pub async fn by_email(link: Link<'_>, email: &str) -> Result<Vec<Member>, StoreError> {
    let sql =
        format!("select {COLUMNS} from member where email = $1 and removed_us is null order by id");
    let rows: Vec<Row> = link.all(&sql, values![email]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Who is in an organization, removed ones last.
pub async fn of_organization(
    link: Link<'_>,
    organization: OrganizationId,
) -> Result<Vec<Member>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from member where organization = $1
         order by case when removed_us is null then 0 else 1 end, id"
    );
    let rows: Vec<Row> = link.all(&sql, values![organization.get()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// How many administrators an organization has.
pub async fn admins(link: Link<'_>, organization: OrganizationId) -> Result<i64, StoreError> {
    link.number(
        "select count(*) from member where organization = $1 and role = 'admin' and removed_us is null",
        values![organization.get()],
    )
    .await
}

/// Whether anybody ever was taken in.
pub async fn any(link: Link<'_>) -> Result<bool, StoreError> {
    let count = link
        .number(
            "select count(*) from (select id from member limit 1) as one",
            vec![],
        )
        .await?;
    Ok(count > 0)
}

/// Gives them another name.
pub async fn rename(link: Link<'_>, id: MemberId, name: &str) -> Result<(), StoreError> {
    let sql = "update member set name = $2 where id = $1";
    link.run(sql, values![id.get(), name]).await?;
    Ok(())
}

/// Changes what they may do for their organization.
pub async fn set_role(link: Link<'_>, id: MemberId, role: Role) -> Result<(), StoreError> {
    let sql = "update member set role = $2 where id = $1";
    link.run(sql, values![id.get(), role.as_str()]).await?;
    Ok(())
}

/// Removes a member. Their row stays, for what they did; their address becomes free again.
pub async fn remove(link: Link<'_>, id: MemberId, now: Timestamp) -> Result<(), StoreError> {
    link.run(
        "update member set removed_us = $2, email = email || ' (removed ' || id || ')' where id = $1 and removed_us is null",
        values![id.get(), now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Who a session or a token belongs to, with all that a door needs to recognize them.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub id: MemberId,
    pub name: Box<str>,
    pub role: Role,
    pub organization: OrganizationId,
    pub organization_name: Box<str>,
    pub kind: OrganizationKind,
    pub staff: bool,
    /// The session's or the token's own number.
    pub by: i64,
    pub used: Option<Timestamp>,
    /// A token's scopes.
    pub scopes: Option<Box<str>>,
}

#[derive(FromQueryResult)]
struct KnownRow {
    id: i64,
    name: String,
    role: String,
    organization: i64,
    organization_name: String,
    kind: String,
    staff: bool,
    by_id: i64,
    used_us: Option<i64>,
    scopes: Option<String>,
}

const KNOWN: &str =
    "m.id, m.name, m.role, o.id as organization, o.name as organization_name, o.kind, o.staff";
const GOOD: &str = "m.removed_us is null and o.left_us is null and o.suspended_us is null";

/// Whose session this is: not ended, used since `idle_since`, its member and organization still here.
pub async fn by_session(
    link: Link<'_>,
    digest: &[u8],
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<Known>, StoreError> {
    let sql = format!(
        "select {KNOWN}, s.id as by_id, s.used_us, null as scopes
         from session s join member m on m.id = s.member join organization o on o.id = m.organization
         where s.digest = $1 and s.ends_us > $2 and s.used_us > $3 and {GOOD}"
    );
    let values = values![
        digest.to_vec(),
        now.as_microsecond(),
        idle_since.as_microsecond()
    ];
    known(link, &sql, values).await
}

/// Whose token this is: not ended, its member and organization still here.
pub async fn by_token(
    link: Link<'_>,
    digest: &[u8],
    now: Timestamp,
) -> Result<Option<Known>, StoreError> {
    let sql = format!(
        "select {KNOWN}, t.id as by_id, t.used_us, t.scopes
         from token t join member m on m.id = t.member join organization o on o.id = m.organization
         where t.digest = $1 and t.ends_us > $2 and {GOOD}"
    );
    known(link, &sql, values![digest.to_vec(), now.as_microsecond()]).await
}

/// A member who may come in: there, not removed, of an organization that is here.
pub async fn may_enter(link: Link<'_>, id: MemberId) -> Result<Option<Known>, StoreError> {
    let sql = format!(
        "select {KNOWN}, m.id as by_id, m.removed_us as used_us, null as scopes
         from member m join organization o on o.id = m.organization where m.id = $1 and {GOOD}"
    );
    known(link, &sql, values![id.get()]).await
}

async fn known(
    link: Link<'_>,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Option<Known>, StoreError> {
    let Some(row) = link.one::<KnownRow>(sql, values).await? else {
        return Ok(None);
    };
    Ok(Some(Known {
        id: MemberId::new(row.id),
        name: row.name.into(),
        role: crate::read::word(&row.role)?,
        organization: OrganizationId::new(row.organization),
        organization_name: row.organization_name.into(),
        kind: crate::read::word(&row.kind)?,
        staff: row.staff,
        by: row.by_id,
        used: row.used_us.map(crate::read::time).transpose()?,
        scopes: row.scopes.map(String::into_boxed_str),
    }))
}
