//! Notices: what has to be said to whom, by mail or to an address of theirs; taken by one node at a time, said at
//! least once.

use jiff::Timestamp;
use names::{MemberId, OrganizationId};
use sea_orm::FromQueryResult;

use crate::dialect;
use crate::link::{Link, StoreError, values};
use crate::read;

/// What has to be said.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub id: i64,
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub webhook: Option<i64>,
    /// What happened, a word without any of the case's.
    pub what: Box<str>,
    /// What it happened to: `C-000123`.
    pub subject: Box<str>,
    pub made: Timestamp,
    pub attempts: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    member: Option<i64>,
    webhook: Option<i64>,
    what: String,
    subject: String,
    made_us: i64,
    attempts: i64,
}

impl Row {
    fn read(self) -> Result<Notice, StoreError> {
        Ok(Notice {
            id: self.id,
            organization: OrganizationId::new(self.organization),
            member: self.member.map(MemberId::new),
            webhook: self.webhook,
            what: self.what.into(),
            subject: self.subject.into(),
            made: read::time(self.made_us)?,
            attempts: self.attempts,
        })
    }
}

const COLUMNS: &str = "id, organization, member, webhook, what, subject, made_us, attempts";

/// To whom a notice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Member(MemberId),
    Webhook(i64),
}

/// Writes what has to be said, in the write of what it is about.
pub async fn insert(
    link: Link<'_>,
    organization: OrganizationId,
    to: To,
    (what, subject): (&str, &str),
    now: Timestamp,
    run: Timestamp,
) -> Result<(), StoreError> {
    let (member, webhook) = match to {
        To::Member(member) => (Some(member.get()), None),
        To::Webhook(webhook) => (None, Some(webhook)),
    };
    link.run(
        "insert into notice (organization, member, webhook, what, subject, made_us, run_us, attempts, answer)
         values ($1, $2, $3, $4, $5, $6, $7, 0, '')",
        values![
            organization.get(),
            member,
            webhook,
            what,
            subject,
            now.as_microsecond(),
            run.as_microsecond()
        ],
    )
    .await?;
    Ok(())
}

/// Takes what is due by mail (`mail`) or to addresses, at most `limit`, until `until`: another node takes it then.
pub async fn take(
    link: Link<'_>,
    mail: bool,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Notice>, StoreError> {
    let to = if mail { "member" } else { "webhook" };
    let sql = format!(
        "update notice set taken_until_us = $2, attempts = attempts + 1 where id in (
           select id from notice where sent_us is null and dead_us is null and run_us <= $1 and {to} is not null
             and (taken_until_us is null or taken_until_us <= $1)
           order by run_us, id limit $3{}) returning {COLUMNS}",
        dialect::skip_locked(link.backend())
    );
    let rows: Vec<Row> = link
        .all(
            &sql,
            values![now.as_microsecond(), until.as_microsecond(), limit],
        )
        .await?;
    let mut taken: Vec<Notice> = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    // `returning` promises no order.
    taken.sort_by_key(|notice| notice.id);
    Ok(taken)
}

/// Said.
pub async fn done(link: Link<'_>, id: i64, now: Timestamp) -> Result<(), StoreError> {
    link.run(
        "update notice set sent_us = $2, taken_until_us = null, answer = '' where id = $1",
        values![id, now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Not said: again at `run`, or never where that is `None`.
pub async fn failed(
    link: Link<'_>,
    id: i64,
    answer: &str,
    run: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let dead = run.is_none().then_some(now.as_microsecond());
    link.run(
        "update notice set taken_until_us = null, run_us = $2, dead_us = $3, answer = $4 where id = $1",
        values![
            id,
            run.unwrap_or(now).as_microsecond(),
            dead,
            answer
        ],
    )
    .await?;
    Ok(())
}

/// The last notices of an organization, newest first: what became of each, `waiting`, `sent` or `dead`.
pub async fn recent(
    link: Link<'_>,
    organization: OrganizationId,
    limit: i64,
) -> Result<Vec<(Notice, &'static str, Box<str>)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Recent {
        sent_us: Option<i64>,
        dead_us: Option<i64>,
        answer: String,
        id: i64,
        organization: i64,
        member: Option<i64>,
        webhook: Option<i64>,
        what: String,
        subject: String,
        made_us: i64,
        attempts: i64,
    }
    let sql = format!(
        "select {COLUMNS}, sent_us, dead_us, answer from notice where organization = $1 order by id desc limit $2"
    );
    let rows: Vec<Recent> = link.all(&sql, values![organization.get(), limit]).await?;
    rows.into_iter()
        .map(|row| {
            let state = match (row.sent_us, row.dead_us) {
                (Some(_), _) => "sent",
                (None, Some(_)) => "dead",
                (None, None) => "waiting",
            };
            let notice = Row {
                id: row.id,
                organization: row.organization,
                member: row.member,
                webhook: row.webhook,
                what: row.what,
                subject: row.subject,
                made_us: row.made_us,
                attempts: row.attempts,
            };
            Ok((notice.read()?, state, row.answer.into()))
        })
        .collect()
}

/// A member who can be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    pub member: MemberId,
    pub name: Box<str>,
    pub email: Box<str>,
    /// `at-once`, `daily` or `never`.
    pub rhythm: Box<str>,
}

#[derive(FromQueryResult)]
struct ReaderRow {
    id: i64,
    name: String,
    email: String,
    rhythm: Option<String>,
}

impl From<ReaderRow> for Reader {
    fn from(row: ReaderRow) -> Reader {
        Reader {
            member: MemberId::new(row.id),
            name: row.name.into(),
            email: row.email.into(),
            rhythm: row.rhythm.unwrap_or_else(|| "at-once".to_owned()).into(),
        }
    }
}

/// Who of an organization reads mail.
pub async fn readers(
    link: Link<'_>,
    organization: OrganizationId,
) -> Result<Vec<Reader>, StoreError> {
    let rows: Vec<ReaderRow> = link
        .all(
            "select m.id, m.name, m.email, d.rhythm from member m left join digest d on d.member = m.id
             where m.organization = $1 and m.removed_us is null order by m.id",
            values![organization.get()],
        )
        .await?;
    Ok(rows.into_iter().map(Reader::from).collect())
}

/// One member who is still there.
pub async fn reader(link: Link<'_>, member: MemberId) -> Result<Option<Reader>, StoreError> {
    let row: Option<ReaderRow> = link
        .one(
            "select m.id, m.name, m.email, d.rhythm from member m left join digest d on d.member = m.id
             where m.id = $1 and m.removed_us is null",
            values![member.get()],
        )
        .await?;
    Ok(row.map(Reader::from))
}

/// How often a member reads mail of ours.
pub async fn set_rhythm(link: Link<'_>, member: MemberId, rhythm: &str) -> Result<(), StoreError> {
    link.run(
        "insert into digest (member, rhythm) values ($1, $2)
         on conflict (member) do update set rhythm = excluded.rhythm",
        values![member.get(), rhythm],
    )
    .await?;
    Ok(())
}

/// An address of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub id: i64,
    pub organization: OrganizationId,
    pub url: Box<str>,
    /// Sealed under the instance's master key.
    pub secret: Vec<u8>,
    pub created: Timestamp,
    pub ended: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct WebhookRow {
    id: i64,
    organization: i64,
    url: String,
    secret: Vec<u8>,
    created_us: i64,
    ended_us: Option<i64>,
}

impl WebhookRow {
    fn read(self) -> Result<Webhook, StoreError> {
        Ok(Webhook {
            id: self.id,
            organization: OrganizationId::new(self.organization),
            url: self.url.into(),
            secret: self.secret,
            created: read::time(self.created_us)?,
            ended: self.ended_us.map(read::time).transpose()?,
        })
    }
}

/// Keeps an address.
pub async fn add_webhook(
    link: Link<'_>,
    organization: OrganizationId,
    url: &str,
    secret: Vec<u8>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    link.number(
        "insert into webhook (organization, url, secret, created_us) values ($1, $2, $3, $4) returning id",
        values![organization.get(), url, secret, now.as_microsecond()],
    )
    .await
}

/// One address, also one that ended.
pub async fn webhook(link: Link<'_>, id: i64) -> Result<Option<Webhook>, StoreError> {
    let row: Option<WebhookRow> = link
        .one(
            "select id, organization, url, secret, created_us, ended_us from webhook where id = $1",
            values![id],
        )
        .await?;
    row.map(WebhookRow::read).transpose()
}

/// The addresses of an organization that are in use.
pub async fn webhooks(
    link: Link<'_>,
    organization: OrganizationId,
) -> Result<Vec<Webhook>, StoreError> {
    let rows: Vec<WebhookRow> = link
        .all(
            "select id, organization, url, secret, created_us, ended_us from webhook
             where organization = $1 and ended_us is null order by id",
            values![organization.get()],
        )
        .await?;
    rows.into_iter().map(WebhookRow::read).collect()
}

/// Ends an address.
pub async fn end_webhook(
    link: Link<'_>,
    organization: OrganizationId,
    id: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "update webhook set ended_us = $3 where organization = $1 and id = $2 and ended_us is null",
            values![organization.get(), id, now.as_microsecond()],
        )
        .await?;
    Ok(rows == 1)
}
