//! Engagements: sealed as a whole, found by who has a seat in them.

use jiff::Timestamp;
use names::{EngagementId, OrganizationId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::time;

/// An engagement as it is kept.
#[derive(Clone, Debug)]
pub struct Engagement {
    pub id: EngagementId,
    pub developer: OrganizationId,
    pub key: Option<Vec<u8>>,
    /// Sealed.
    pub body: Vec<u8>,
    pub version: i64,
    pub asked: Timestamp,
    /// The key by which its developer signs to leave; empty where it gave none.
    pub leave_key: Box<str>,
}

/// What is inserted; the id comes from [`next`], since it is sealed with the rest.
pub struct Draft {
    pub developer: OrganizationId,
    pub key: Vec<u8>,
    pub asked: Timestamp,
    pub leave_key: Box<str>,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Timestamp,
    /// Sealed.
    pub body: Vec<u8>,
    pub log_index: i64,
}

/// A scorecard that was handed in.
#[derive(Clone, Debug)]
pub struct Scorecard {
    pub digest: Box<str>,
    /// Sealed.
    pub body: Vec<u8>,
    pub at: Timestamp,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    developer: i64,
    key: Option<Vec<u8>>,
    body: Vec<u8>,
    version: i64,
    asked_us: i64,
    leave_key: String,
}

impl Row {
    fn read(self) -> Result<Engagement, StoreError> {
        Ok(Engagement {
            id: EngagementId::new(self.id),
            developer: OrganizationId::new(self.developer),
            key: self.key,
            body: self.body,
            version: self.version,
            asked: time(self.asked_us)?,
            leave_key: self.leave_key.into(),
        })
    }
}

const COLUMNS: &str = "e.id, e.developer, e.key, e.body, e.version, e.asked_us, e.leave_key";

/// Keeps a new one, still without its body: its number is sealed in that, see [`set`].
pub async fn insert(link: Link<'_>, draft: Draft) -> Result<EngagementId, StoreError> {
    let id = link
        .number(
            "insert into engagement (developer, key, body, version, asked_us, due_us, leave_key)
             values ($1, $2, $3, 0, $4, null, $5) returning id",
            values![
                draft.developer.get(),
                draft.key,
                Vec::<u8>::new(),
                draft.asked.as_microsecond(),
                &*draft.leave_key
            ],
        )
        .await?;
    Ok(EngagementId::new(id))
}

/// Writes its body where it still is as `version` read it; `false` where somebody was first, and then nothing is written.
pub async fn set(
    link: Link<'_>,
    id: EngagementId,
    version: i64,
    body: Vec<u8>,
    due: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "update engagement set body = $3, version = version + 1, due_us = $4 where id = $1 and version = $2",
            values![id.get(), version, body, due.map(Timestamp::as_microsecond)],
        )
        .await?;
    Ok(rows == 1)
}

/// Says who has which seat in it, in place of what was said before.
pub async fn seat(
    link: Link<'_>,
    id: EngagementId,
    seats: &[(OrganizationId, &str)],
) -> Result<(), StoreError> {
    link.run(
        "delete from engagement_seat where engagement = $1",
        values![id.get()],
    )
    .await?;
    let rows = seats
        .iter()
        .map(|(organization, seat)| values![id.get(), organization.get(), *seat]);
    let columns = ["engagement", "organization", "seat"];
    link.insert("engagement_seat", &columns, rows.collect())
        .await
}

/// One engagement.
pub async fn find(link: Link<'_>, id: EngagementId) -> Result<Option<Engagement>, StoreError> {
    let sql = format!("select {COLUMNS} from engagement e where e.id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// Those in which `organization` has a seat and that came before `before`, the newest first.
pub async fn of_organization(
    link: Link<'_>,
    organization: OrganizationId,
    before: Option<EngagementId>,
    count: i64,
) -> Result<Vec<Engagement>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from engagement e where e.id < $2 and exists
         (select 1 from engagement_seat s where s.engagement = e.id and s.organization = $1)
         order by e.id desc limit $3"
    );
    let before = before.map_or(i64::MAX, EngagementId::get);
    let rows: Vec<Row> = link
        .all(&sql, values![organization.get(), before, count])
        .await?;
    rows.into_iter().map(Row::read).collect()
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// Those for which the clock does something by `now`.
pub async fn due(
    link: Link<'_>,
    now: Timestamp,
    count: i64,
) -> Result<Vec<EngagementId>, StoreError> {
    let rows: Vec<Id> = link
        .all(
            "select id from engagement where due_us <= $1 order by due_us, id limit $2",
            values![now.as_microsecond(), count],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| EngagementId::new(row.id))
        .collect())
}

/// How many developers asked between two moments, whatever came of it.
pub async fn developers(
    link: Link<'_>,
    from: Timestamp,
    until: Timestamp,
) -> Result<i64, StoreError> {
    link.number(
        "select count(distinct developer) from engagement where asked_us >= $1 and asked_us < $2",
        values![from.as_microsecond(), until.as_microsecond()],
    )
    .await
}

/// Keeps what was done.
pub async fn add_event(link: Link<'_>, id: EngagementId, event: Event) -> Result<(), StoreError> {
    link.run(
        "insert into engagement_event (engagement, at_us, body, log_index) values ($1, $2, $3, $4)",
        values![
            id.get(),
            event.at.as_microsecond(),
            event.body,
            event.log_index
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct EventRow {
    at_us: i64,
    body: Vec<u8>,
    log_index: i64,
}

/// What was done, the newest first.
pub async fn events(
    link: Link<'_>,
    id: EngagementId,
    count: i64,
) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<EventRow> = link
        .all(
            "select at_us, body, log_index from engagement_event where engagement = $1 order by id desc limit $2",
            values![id.get(), count],
        )
        .await?;
    let read = |row: EventRow| {
        Ok(Event {
            at: time(row.at_us)?,
            body: row.body,
            log_index: row.log_index,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Keeps a scorecard; the same a second time is kept once.
pub async fn add_scorecard(
    link: Link<'_>,
    id: EngagementId,
    scorecard: Scorecard,
) -> Result<(), StoreError> {
    link.run(
        "insert into scorecard (engagement, digest, body, at_us, log_index) values ($1, $2, $3, $4, $5)
         on conflict (engagement, digest) do nothing",
        values![
            id.get(),
            &*scorecard.digest,
            scorecard.body,
            scorecard.at.as_microsecond(),
            scorecard.log_index
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct ScorecardRow {
    digest: String,
    body: Vec<u8>,
    at_us: i64,
    log_index: i64,
}

/// The scorecard of `digest`.
pub async fn scorecard(
    link: Link<'_>,
    id: EngagementId,
    digest: &str,
) -> Result<Option<Scorecard>, StoreError> {
    let row: Option<ScorecardRow> = link
        .one(
            "select digest, body, at_us, log_index from scorecard where engagement = $1 and digest = $2",
            values![id.get(), digest],
        )
        .await?;
    let read = |row: ScorecardRow| {
        Ok(Scorecard {
            digest: row.digest.into(),
            body: row.body,
            at: time(row.at_us)?,
            log_index: row.log_index,
        })
    };
    row.map(read).transpose()
}
