//! Organizations: who takes part, since when, until when.

use jiff::Timestamp;
use names::{OrganizationId, OrganizationKind};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// An organization as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Organization {
    pub id: OrganizationId,
    pub kind: OrganizationKind,
    pub name: Box<str>,
    /// It runs this instance.
    pub staff: bool,
    pub joined: Timestamp,
    pub left: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    name: String,
    staff: bool,
    joined_us: i64,
    left_us: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Organization, StoreError> {
        Ok(Organization {
            id: OrganizationId::new(self.id),
            kind: crate::read::word(&self.kind)?,
            name: self.name.into(),
            staff: self.staff,
            joined: crate::read::time(self.joined_us)?,
            left: self.left_us.map(crate::read::time).transpose()?,
        })
    }
}

const COLUMNS: &str = "id, kind, name, staff, joined_us, left_us";

/// Takes an organization in; [`StoreError::Taken`] where one has that name.
pub async fn insert(
    link: Link<'_>,
    kind: OrganizationKind,
    name: &str,
    staff: bool,
    now: Timestamp,
) -> Result<OrganizationId, StoreError> {
    let id = link
        .number(
            "insert into organization (kind, name, staff, joined_us) values ($1, $2, $3, $4) returning id",
            values![kind.as_str(), name, staff, now.as_microsecond()],
        )
        .await?;
    Ok(OrganizationId::new(id))
}

/// One organization.
pub async fn find(link: Link<'_>, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
    let sql = format!("select {COLUMNS} from organization where id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// All of them by name.
pub async fn list(link: Link<'_>) -> Result<Vec<Organization>, StoreError> {
    let sql = format!("select {COLUMNS} from organization order by name");
    let rows: Vec<Row> = link.all(&sql, vec![]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Takes a member in; [`StoreError::Taken`] where one has that address.
pub async fn insert_member(
    link: Link<'_>,
    organization: OrganizationId,
    name: &str,
    email: &str,
    role: names::Role,
    now: Timestamp,
) -> Result<names::MemberId, StoreError> {
    let id = link
        .number(
            "insert into member (organization, name, email, role, created_us) values ($1, $2, $3, $4, $5) returning id",
            values![organization.get(), name, email, role.as_str(), now.as_microsecond()],
        )
        .await?;
    Ok(names::MemberId::new(id))
}
