//! Authorizations: what owners allow to be scanned, and what they took back. The tokens are kept nowhere.

use jiff::Timestamp;
use names::{AuthorizationId, OrganizationId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::time;

/// An authorization as it is kept: what it allows is sealed.
#[derive(Clone, Debug)]
pub struct Authorization {
    pub id: AuthorizationId,
    pub owner: OrganizationId,
    pub holder: OrganizationId,
    pub body: Vec<u8>,
    pub made: Timestamp,
    pub starts: Timestamp,
    pub ends: Timestamp,
    pub revoked: Option<Timestamp>,
    pub log_index: i64,
}

/// What is inserted. The body follows by [`set_body`], for the id is part of what is signed.
pub struct Draft {
    pub owner: OrganizationId,
    pub holder: OrganizationId,
    pub made: Timestamp,
    pub starts: Timestamp,
    pub ends: Timestamp,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    owner: i64,
    holder: i64,
    body: Vec<u8>,
    made_us: i64,
    starts_us: i64,
    ends_us: i64,
    revoked_us: Option<i64>,
    log_index: i64,
}

impl Row {
    fn read(self) -> Result<Authorization, StoreError> {
        Ok(Authorization {
            id: AuthorizationId::new(self.id),
            owner: OrganizationId::new(self.owner),
            holder: OrganizationId::new(self.holder),
            body: self.body,
            made: time(self.made_us)?,
            starts: time(self.starts_us)?,
            ends: time(self.ends_us)?,
            revoked: self.revoked_us.map(time).transpose()?,
            log_index: self.log_index,
        })
    }
}

const COLUMNS: &str = "id, owner, holder, body, made_us, starts_us, ends_us, revoked_us, log_index";

/// Keeps one, still without what it allows.
pub async fn insert(link: Link<'_>, draft: Draft) -> Result<AuthorizationId, StoreError> {
    let id = link
        .number(
            "insert into scan_authorization (owner, holder, body, made_us, starts_us, ends_us, log_index)
             values ($1, $2, $3, $4, $5, $6, $7) returning id",
            values![
                draft.owner.get(),
                draft.holder.get(),
                Vec::<u8>::new(),
                draft.made.as_microsecond(),
                draft.starts.as_microsecond(),
                draft.ends.as_microsecond(),
                draft.log_index
            ],
        )
        .await?;
    Ok(AuthorizationId::new(id))
}

/// Keeps what it allows.
pub async fn set_body(
    link: Link<'_>,
    id: AuthorizationId,
    body: Vec<u8>,
) -> Result<(), StoreError> {
    link.run(
        "update scan_authorization set body = $2 where id = $1",
        values![id.get(), body],
    )
    .await?;
    Ok(())
}

/// Takes one back. The first time counts.
pub async fn revoke(link: Link<'_>, id: AuthorizationId, now: Timestamp) -> Result<(), StoreError> {
    link.run(
        "update scan_authorization set revoked_us = $2 where id = $1 and revoked_us is null",
        values![id.get(), now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// One authorization.
pub async fn find(
    link: Link<'_>,
    id: AuthorizationId,
) -> Result<Option<Authorization>, StoreError> {
    let sql = format!("select {COLUMNS} from scan_authorization where id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// Those that an organization gave or was given, the newest first.
pub async fn of_organization(
    link: Link<'_>,
    organization: OrganizationId,
    limit: i64,
) -> Result<Vec<Authorization>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from scan_authorization where owner = $1 or holder = $1 order by id desc limit $2"
    );
    let rows: Vec<Row> = link.all(&sql, values![organization.get(), limit]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Those that `holder` was given and that hold at `now`.
pub async fn held(
    link: Link<'_>,
    holder: OrganizationId,
    now: Timestamp,
) -> Result<Vec<Authorization>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from scan_authorization
         where holder = $1 and revoked_us is null and starts_us <= $2 and ends_us > $2 order by id"
    );
    let rows: Vec<Row> = link
        .all(&sql, values![holder.get(), now.as_microsecond()])
        .await?;
    rows.into_iter().map(Row::read).collect()
}

#[derive(FromQueryResult)]
struct Number {
    id: i64,
}

/// Those that were taken back and have not ended by themselves at `now`.
pub async fn revoked(link: Link<'_>, now: Timestamp) -> Result<Vec<AuthorizationId>, StoreError> {
    let rows: Vec<Number> = link
        .all(
            "select id from scan_authorization where revoked_us is not null and ends_us > $1 order by id",
            values![now.as_microsecond()],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| AuthorizationId::new(row.id))
        .collect())
}
