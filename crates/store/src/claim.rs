//! Claims: who scans what, until when; found by keyed words of their targets.

use finding::claim::Lease;
use jiff::Timestamp;
use names::{ClaimId, OrganizationId, Tlp};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::{time, word};

/// A claim as it is kept: what it claims is sealed.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: ClaimId,
    pub organization: OrganizationId,
    pub body: Vec<u8>,
    pub tlp: Tlp,
    /// Whoever holds it said that they wait.
    pub queued: bool,
    pub lease: Lease,
    pub log_index: i64,
}

/// What is inserted; the id comes from the store.
pub struct Draft {
    pub organization: OrganizationId,
    pub body: Vec<u8>,
    pub tlp: Tlp,
    pub lease: Lease,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    body: Vec<u8>,
    tlp: String,
    queued: bool,
    asked_us: i64,
    starts_us: Option<i64>,
    ends_us: i64,
    days: i64,
    renewals: i64,
    closed_us: Option<i64>,
    log_index: i64,
}

impl Row {
    fn read(self) -> Result<Claim, StoreError> {
        Ok(Claim {
            id: ClaimId::new(self.id),
            organization: OrganizationId::new(self.organization),
            body: self.body,
            tlp: word(&self.tlp)?,
            queued: self.queued,
            lease: Lease {
                asked: time(self.asked_us)?,
                starts: self.starts_us.map(time).transpose()?,
                ends: time(self.ends_us)?,
                days: self.days,
                renewals: u32::try_from(self.renewals)
                    .map_err(|_| StoreError::Damaged("a count below zero".into()))?,
                closed: self.closed_us.map(time).transpose()?,
            },
            log_index: self.log_index,
        })
    }
}

const COLUMNS: &str = "c.id, c.organization, c.body, c.tlp, c.queued, c.asked_us, c.starts_us, c.ends_us, c.days, c.renewals, c.closed_us, c.log_index";

/// Keeps a claim.
pub async fn insert(
    link: Link<'_>,
    draft: Draft,
    words: &[[u8; 16]],
) -> Result<ClaimId, StoreError> {
    let lease = draft.lease;
    let id = link
        .number(
            "insert into claim (organization, body, tlp, queued, asked_us, starts_us, ends_us, days, renewals, closed_us, log_index)
             values ($1, $2, $3, false, $4, $5, $6, $7, $8, $9, $10) returning id",
            values![
                draft.organization.get(),
                draft.body,
                draft.tlp.as_str(),
                lease.asked.as_microsecond(),
                lease.starts.map(Timestamp::as_microsecond),
                lease.ends.as_microsecond(),
                lease.days,
                i64::from(lease.renewals),
                lease.closed.map(Timestamp::as_microsecond),
                draft.log_index
            ],
        )
        .await?;
    insert_words(link, ClaimId::new(id), words).await?;
    Ok(ClaimId::new(id))
}

async fn insert_words(link: Link<'_>, id: ClaimId, words: &[[u8; 16]]) -> Result<(), StoreError> {
    let mut words = words.to_vec();
    words.sort_unstable();
    words.dedup();
    let rows = words
        .into_iter()
        .map(|word| values![word.to_vec(), id.get()]);
    link.insert("claim_word", &["word", "claim"], rows.collect())
        .await
}

/// Gives a claim another lease.
pub async fn set_lease(link: Link<'_>, id: ClaimId, lease: Lease) -> Result<(), StoreError> {
    link.run(
        "update claim set starts_us = $2, ends_us = $3, days = $4, renewals = $5, closed_us = $6 where id = $1",
        values![
            id.get(),
            lease.starts.map(Timestamp::as_microsecond),
            lease.ends.as_microsecond(),
            lease.days,
            i64::from(lease.renewals),
            lease.closed.map(Timestamp::as_microsecond)
        ],
    )
    .await?;
    Ok(())
}

/// Makes a claim narrower.
pub async fn set_body(
    link: Link<'_>,
    id: ClaimId,
    body: Vec<u8>,
    tlp: Tlp,
    words: &[[u8; 16]],
) -> Result<(), StoreError> {
    link.run(
        "update claim set body = $2, tlp = $3 where id = $1",
        values![id.get(), body, tlp.as_str()],
    )
    .await?;
    link.run("delete from claim_word where claim = $1", values![id.get()])
        .await?;
    insert_words(link, id, words).await
}

/// Keeps that its holder waits.
pub async fn set_queued(link: Link<'_>, id: ClaimId) -> Result<(), StoreError> {
    link.run(
        "update claim set queued = true where id = $1",
        values![id.get()],
    )
    .await?;
    Ok(())
}

/// One claim.
pub async fn find(link: Link<'_>, id: ClaimId) -> Result<Option<Claim>, StoreError> {
    let sql = format!("select {COLUMNS} from claim c where c.id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// The open claims with one of `words`, the oldest first. A lease that has passed may still be among them.
pub async fn open_by_words(link: Link<'_>, words: &[[u8; 16]]) -> Result<Vec<Claim>, StoreError> {
    let mut claims: Vec<Claim> = Vec::new();
    // A claim has at most some hundred words: one statement.
    let places: Vec<String> = (1..=words.len())
        .map(|number| format!("${number}"))
        .collect();
    if places.is_empty() {
        return Ok(claims);
    }
    let sql = format!(
        "select {COLUMNS} from claim c
         where c.closed_us is null and c.id in (select claim from claim_word where word in ({}))
         order by c.id",
        places.join(", ")
    );
    let values = words
        .iter()
        .map(|word| sea_orm::Value::from(word.to_vec()))
        .collect();
    let rows: Vec<Row> = link.all(&sql, values).await?;
    for row in rows {
        claims.push(row.read()?);
    }
    Ok(claims)
}

/// How many open claims an organization has.
pub async fn open_count(
    link: Link<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    link.number(
        "select count(*) from claim where organization = $1 and closed_us is null and ends_us > $2",
        values![organization.get(), now.as_microsecond()],
    )
    .await
}

/// The open claims after `after`, the oldest first; of one organization where it is given.
pub async fn open(
    link: Link<'_>,
    organization: Option<OrganizationId>,
    after: ClaimId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Claim>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from claim c
         where c.closed_us is null and c.ends_us > $1 and c.id > $2 and ($3 = 0 or c.organization = $3)
         order by c.id limit $4"
    );
    let organization = organization.map_or(0, OrganizationId::get);
    let rows: Vec<Row> = link
        .all(
            &sql,
            values![now.as_microsecond(), after.get(), organization, limit],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The claims of an organization, the newest first, also those that have ended.
pub async fn of_organization(
    link: Link<'_>,
    organization: OrganizationId,
    limit: i64,
) -> Result<Vec<Claim>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from claim c where c.organization = $1 order by c.id desc limit $2"
    );
    let rows: Vec<Row> = link.all(&sql, values![organization.get(), limit]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Open claims whose lease has passed.
pub async fn passed(link: Link<'_>, now: Timestamp, limit: i64) -> Result<Vec<Claim>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from claim c where c.closed_us is null and c.ends_us <= $1 order by c.id limit $2"
    );
    let rows: Vec<Row> = link.all(&sql, values![now.as_microsecond(), limit]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Open claims that wait for their turn, the oldest first.
pub async fn waiting(link: Link<'_>, now: Timestamp) -> Result<Vec<Claim>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from claim c where c.closed_us is null and c.starts_us is null and c.ends_us > $1 order by c.id"
    );
    let rows: Vec<Row> = link.all(&sql, values![now.as_microsecond()]).await?;
    rows.into_iter().map(Row::read).collect()
}
