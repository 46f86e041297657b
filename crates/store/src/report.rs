//! Reports: what was handed over, sealed; a report's text never moves, only the finding it belongs to.

use jiff::Timestamp;
use names::{FindingId, MemberId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A report as it is kept: sealed under its own key.
#[derive(Clone, Debug)]
pub struct Report {
    pub id: ReportId,
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub finding: Option<FindingId>,
    pub received: Timestamp,
    pub idempotency: Box<str>,
    /// SHA-256 of what was received.
    pub digest: Vec<u8>,
    /// Its data key, wrapped; `None` once destroyed.
    pub key: Option<Vec<u8>>,
    pub body: Vec<u8>,
    pub fingerprint: Option<Vec<u8>>,
    /// It proved to be of a flaw that was known when it came.
    pub known: bool,
    pub log_index: i64,
}

/// What is inserted; the id comes from the store.
pub struct Draft {
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub finding: Option<FindingId>,
    pub received: Timestamp,
    pub idempotency: Box<str>,
    pub digest: Vec<u8>,
    pub key: Vec<u8>,
    pub body: Vec<u8>,
    pub fingerprint: Option<Vec<u8>>,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    member: Option<i64>,
    finding: Option<i64>,
    received_us: i64,
    idempotency: String,
    digest: Vec<u8>,
    key: Option<Vec<u8>>,
    body: Vec<u8>,
    fingerprint: Option<Vec<u8>>,
    known: bool,
    log_index: i64,
}

impl Row {
    fn read(self) -> Result<Report, StoreError> {
        Ok(Report {
            id: ReportId::new(self.id),
            organization: OrganizationId::new(self.organization),
            member: self.member.map(MemberId::new),
            finding: self.finding.map(FindingId::new),
            received: crate::read::time(self.received_us)?,
            idempotency: self.idempotency.into(),
            digest: self.digest,
            key: self.key,
            body: self.body,
            fingerprint: self.fingerprint,
            known: self.known,
            log_index: self.log_index,
        })
    }
}

const COLUMNS: &str = "id, organization, member, finding, received_us, idempotency, digest, key, body, fingerprint, known, log_index";

/// Keeps one report.
pub async fn insert(link: Link<'_>, draft: Draft) -> Result<ReportId, StoreError> {
    let rows: Vec<Numbered> = link
        .insert_returning(
            "report",
            INSERTED,
            vec![row(draft, false)],
            "returning id, log_index",
        )
        .await?;
    let missing = || StoreError::Damaged("no number for a report".into());
    rows.first()
        .map(|row| ReportId::new(row.id))
        .ok_or_else(missing)
}

const INSERTED: &[&str] = &[
    "organization",
    "member",
    "finding",
    "received_us",
    "idempotency",
    "digest",
    "key",
    "body",
    "fingerprint",
    "known",
    "log_index",
];

fn row(draft: Draft, known: bool) -> Vec<sea_orm::Value> {
    values![
        draft.organization.get(),
        draft.member.map(MemberId::get),
        draft.finding.map(FindingId::get),
        draft.received.as_microsecond(),
        &*draft.idempotency,
        draft.digest,
        draft.key,
        draft.body,
        draft.fingerprint,
        known,
        draft.log_index
    ]
}

/// One report.
pub async fn find(link: Link<'_>, id: ReportId) -> Result<Option<Report>, StoreError> {
    let sql = format!("select {COLUMNS} from report where id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// The report that `organization` handed over under this key.
pub async fn by_idempotency(
    link: Link<'_>,
    organization: OrganizationId,
    idempotency: &str,
) -> Result<Option<Report>, StoreError> {
    let sql = format!("select {COLUMNS} from report where organization = $1 and idempotency = $2");
    let row: Option<Row> = link
        .one(&sql, values![organization.get(), idempotency])
        .await?;
    row.map(Row::read).transpose()
}

#[derive(FromQueryResult)]
struct Numbered {
    id: i64,
    log_index: i64,
}

/// Keeps many reports, each with whether it proved to be of a flaw that is known; ids in the order of `drafts`.
/// Each has an entry of the log of its own.
pub async fn insert_all(
    link: Link<'_>,
    drafts: Vec<(Draft, bool)>,
) -> Result<Vec<ReportId>, StoreError> {
    let wanted: Vec<i64> = drafts.iter().map(|(draft, _)| draft.log_index).collect();
    let mut rows = drafts
        .into_iter()
        .map(|(draft, known)| row(draft, known))
        .collect();
    if let Some(numbers) = link.insert_numbered("report", INSERTED, &mut rows).await? {
        return Ok(numbers.into_iter().map(ReportId::new).collect());
    }
    let rows: Vec<Numbered> = link
        .insert_returning("report", INSERTED, rows, "returning id, log_index")
        .await?;
    // PostgreSQL promises no order of what is returned.
    let ids: std::collections::HashMap<i64, i64> = rows
        .into_iter()
        .map(|row| (row.log_index, row.id))
        .collect();
    let missing = || StoreError::Damaged("fewer reports than were just inserted".into());
    wanted
        .iter()
        .map(|index| {
            ids.get(index)
                .copied()
                .map(ReportId::new)
                .ok_or_else(missing)
        })
        .collect()
}

/// The reports that `organization` handed over under any of `keys`.
pub async fn by_keys(
    link: Link<'_>,
    organization: OrganizationId,
    keys: &[&str],
) -> Result<Vec<Report>, StoreError> {
    let text =
        format!("select {COLUMNS} from report where organization = $1 and idempotency in ({{}})");
    let keys = keys.iter().map(|key| sea_orm::Value::from(*key)).collect();
    let rows: Vec<Row> = link
        .all_among(&text, values![organization.get()], keys)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The reports of `organization`, newest first, at most `count`, older than `before`.
pub async fn by_organization(
    link: Link<'_>,
    organization: OrganizationId,
    before: Option<ReportId>,
    count: i64,
) -> Result<Vec<Report>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from report where organization = $1 and id < $2 order by id desc limit $3"
    );
    let before = before.map_or(i64::MAX, ReportId::get);
    let rows: Vec<Row> = link
        .all(&sql, values![organization.get(), before, count])
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// It proved to be of a flaw that was known when it came.
pub async fn mark_known(link: Link<'_>, id: ReportId) -> Result<(), StoreError> {
    link.run(
        "update report set known = true where id = $1",
        values![id.get()],
    )
    .await?;
    Ok(())
}

/// Draws a report's fingerprint anew.
pub async fn set_fingerprint(
    link: Link<'_>,
    id: ReportId,
    fingerprint: Vec<u8>,
) -> Result<(), StoreError> {
    let sql = "update report set fingerprint = $2 where id = $1";
    link.run(sql, values![id.get(), fingerprint]).await?;
    Ok(())
}

/// The reports of a finding whose keys are there, the first first.
pub async fn of_finding(link: Link<'_>, finding: FindingId) -> Result<Vec<Report>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from report where finding = $1 and key is not null order by received_us, id"
    );
    let rows: Vec<Row> = link.all(&sql, values![finding.get()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Which reports are destroyed.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    One(ReportId),
    /// All that an organization handed over.
    Of(OrganizationId),
}

/// Destroys the data keys of reports, what stands sealed under them, and what they are looked up by; says of which. Their
/// rows stay: that they were received, when, and with which digest.
pub async fn destroy(link: Link<'_>, which: Which) -> Result<Vec<ReportId>, StoreError> {
    let (column, number) = match which {
        Which::One(id) => ("id", id.get()),
        Which::Of(organization) => ("organization", organization.get()),
    };
    let sql = format!("select id from report where {column} = $1 and key is not null order by id");
    let rows: Vec<Id> = link.all(&sql, values![number]).await?;
    let empty: Vec<u8> = Vec::new();
    let sql =
        format!("update report set key = null, body = $2, fingerprint = null where {column} = $1");
    link.run(&sql, values![number, empty]).await?;
    let reports: Vec<ReportId> = rows.into_iter().map(|row| ReportId::new(row.id)).collect();
    let among = format!("report in (select id from report where {column} = $1)");
    let sql = format!("update term_change set hashes = null where {among}");
    link.run(&sql, values![number]).await?;
    let gone = reports.iter().copied().map(crate::term::gone);
    crate::term::append(link, gone.collect()).await?;
    let sql = format!(
        "update validation set result = null, minimized = null, statement = null where {among}"
    );
    link.run(&sql, values![number]).await?;
    for table in ["evidence", "proof_chunk", "proof"] {
        let sql = format!("delete from {table} where {among}");
        link.run(&sql, values![number]).await?;
    }
    Ok(reports)
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// Says which finding a report belongs to. Its text does not move.
pub async fn set_finding(
    link: Link<'_>,
    id: ReportId,
    finding: FindingId,
) -> Result<(), StoreError> {
    link.run(
        "update report set finding = $2 where id = $1",
        values![id.get(), finding.get()],
    )
    .await?;
    Ok(())
}
