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

/// Gives it another name; [`StoreError::Taken`] where another has that.
pub async fn rename(link: Link<'_>, id: OrganizationId, name: &str) -> Result<(), StoreError> {
    let sql = "update organization set name = $2 where id = $1";
    link.run(sql, values![id.get(), name]).await?;
    Ok(())
}

/// An organization, and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub organization: Organization,
    pub suspended: Option<Timestamp>,
    pub members: i64,
    /// Browsers of its members that are signed in.
    pub sessions: i64,
}

#[derive(FromQueryResult)]
struct StandingRow {
    id: i64,
    kind: String,
    name: String,
    staff: bool,
    joined_us: i64,
    left_us: Option<i64>,
    suspended_us: Option<i64>,
    members: i64,
    sessions: i64,
}

/// How organizations stand, by name: `count` of them from the one at `place` on.
pub async fn standings(
    link: Link<'_>,
    place: i64,
    count: i64,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<Standing>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, suspended_us,
         (select count(*) from member m where m.organization = o.id and m.removed_us is null) as members,
         (select count(*) from session s join member m on m.id = s.member
          where m.organization = o.id and s.ends_us > $3 and s.used_us > $4) as sessions
         from organization o order by name limit $1 offset $2"
    );
    let bounds = values![
        count,
        place,
        now.as_microsecond(),
        idle_since.as_microsecond()
    ];
    let rows: Vec<StandingRow> = link.all(&sql, bounds).await?;
    let read = |row: StandingRow| {
        let suspended = row.suspended_us.map(crate::read::time).transpose()?;
        let (members, sessions) = (row.members, row.sessions);
        let organization = Row {
            id: row.id,
            kind: row.kind,
            name: row.name,
            staff: row.staff,
            joined_us: row.joined_us,
            left_us: row.left_us,
        };
        Ok(Standing {
            organization: organization.read()?,
            suspended,
            members,
            sessions,
        })
    };
    rows.into_iter().map(read).collect()
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
