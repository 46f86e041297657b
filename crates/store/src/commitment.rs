//! Commitments: what an evaluator is bound by, by digest, before it begins.

use jiff::Timestamp;
use names::OrganizationId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::time;

/// A commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    pub id: i64,
    pub organization: OrganizationId,
    /// `suite`, `plan` or `run`.
    pub kind: Box<str>,
    pub digest: Box<str>,
    pub at: Timestamp,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    kind: String,
    digest: String,
    at_us: i64,
    log_index: i64,
}

impl Row {
    fn read(self) -> Result<Commitment, StoreError> {
        Ok(Commitment {
            id: self.id,
            organization: OrganizationId::new(self.organization),
            kind: self.kind.into(),
            digest: self.digest.into(),
            at: time(self.at_us)?,
            log_index: self.log_index,
        })
    }
}

const COLUMNS: &str = "id, organization, kind, digest, at_us, log_index";

/// Keeps one; [`StoreError::Taken`] where it is there.
pub async fn insert(
    link: Link<'_>,
    organization: OrganizationId,
    kind: &str,
    digest: &str,
    at: Timestamp,
    log_index: i64,
) -> Result<i64, StoreError> {
    link.number(
        "insert into commitment (organization, kind, digest, at_us, log_index) values ($1, $2, $3, $4, $5) returning id",
        values![organization.get(), kind, digest, at.as_microsecond(), log_index],
    )
    .await
}

/// The one of `organization` to `digest`.
pub async fn find(
    link: Link<'_>,
    organization: OrganizationId,
    kind: &str,
    digest: &str,
) -> Result<Option<Commitment>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from commitment where organization = $1 and kind = $2 and digest = $3"
    );
    let row: Option<Row> = link
        .one(&sql, values![organization.get(), kind, digest])
        .await?;
    row.map(Row::read).transpose()
}

/// All before `before`, the newest first.
pub async fn list(
    link: Link<'_>,
    before: Option<i64>,
    count: i64,
) -> Result<Vec<Commitment>, StoreError> {
    let sql = format!("select {COLUMNS} from commitment where id < $1 order by id desc limit $2");
    let rows: Vec<Row> = link
        .all(&sql, values![before.unwrap_or(i64::MAX), count])
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// How many `organization` made since `from`.
pub async fn count(
    link: Link<'_>,
    organization: OrganizationId,
    from: Timestamp,
) -> Result<i64, StoreError> {
    link.number(
        "select count(*) from commitment where organization = $1 and at_us >= $2",
        values![organization.get(), from.as_microsecond()],
    )
    .await
}
