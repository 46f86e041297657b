//! Cases: the work on one finding, sealed; who takes part; everything that was done, in order.

use jiff::Timestamp;
use names::{CaseId, FindingId, MemberId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use finding::coordinate::{Part, Participant, Stage};

use crate::link::{Link, StoreError, values};
use crate::read;

/// A case as it is kept.
#[derive(Clone, Debug)]
pub struct Case {
    pub id: CaseId,
    pub finding: FindingId,
    pub stage: Stage,
    /// Its data key, wrapped; `None` once destroyed.
    pub key: Option<Vec<u8>>,
    /// Sealed.
    pub title: Vec<u8>,
    /// The embargo's state and day, drawn from its events for lists and jobs.
    pub embargo: Box<str>,
    pub embargo_until: Option<Timestamp>,
    pub tlp: Box<str>,
    pub held_by: Option<MemberId>,
    pub opened: Timestamp,
    pub updated: Timestamp,
    pub closed: Option<Timestamp>,
}

/// What is inserted; the id comes from the store.
pub struct Draft {
    pub finding: FindingId,
    pub stage: Stage,
    pub key: Vec<u8>,
    pub title: Vec<u8>,
    /// The report whose title it is.
    pub titled_by: Option<ReportId>,
    pub tlp: Box<str>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    finding: i64,
    stage: String,
    key: Option<Vec<u8>>,
    title: Vec<u8>,
    embargo: String,
    embargo_until_us: Option<i64>,
    tlp: String,
    held_by: Option<i64>,
    opened_us: i64,
    updated_us: i64,
    closed_us: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Case, StoreError> {
        Ok(Case {
            id: CaseId::new(self.id),
            finding: FindingId::new(self.finding),
            stage: read::word(&self.stage)?,
            key: self.key,
            title: self.title,
            embargo: self.embargo.into(),
            embargo_until: self.embargo_until_us.map(read::time).transpose()?,
            tlp: self.tlp.into(),
            held_by: self.held_by.map(MemberId::new),
            opened: read::time(self.opened_us)?,
            updated: read::time(self.updated_us)?,
            closed: self.closed_us.map(read::time).transpose()?,
        })
    }
}

const COLUMNS: &str = "id, finding, stage, key, title, embargo, embargo_until_us, tlp, held_by, opened_us, updated_us, closed_us";

/// Keeps a new case; [`StoreError::Taken`] where the finding has one.
pub async fn insert(link: Link<'_>, draft: Draft, now: Timestamp) -> Result<CaseId, StoreError> {
    let id = link
        .number(
            "insert into case_file (finding, stage, key, title, embargo, tlp, opened_us, updated_us, titled_by, rank, exploited, proven, ecosystem)
             select f.id, $2, $3, $4, 'none', $5, $6, $6, $7, f.rank, f.exploited, f.proven, f.ecosystem
             from finding f where f.id = $1 returning id",
            values![
                draft.finding.get(),
                draft.stage.as_str(),
                draft.key,
                draft.title,
                &*draft.tlp,
                now.as_microsecond(),
                draft.titled_by.map(ReportId::get)
            ],
        )
        .await?;
    Ok(CaseId::new(id))
}

/// One case.
pub async fn find(link: Link<'_>, id: CaseId) -> Result<Option<Case>, StoreError> {
    let sql = format!("select {COLUMNS} from case_file where id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// The case of a finding.
pub async fn of_finding(link: Link<'_>, finding: FindingId) -> Result<Option<Case>, StoreError> {
    let sql = format!("select {COLUMNS} from case_file where finding = $1");
    let row: Option<Row> = link.one(&sql, values![finding.get()]).await?;
    row.map(Row::read).transpose()
}

/// What lists are ordered and filtered by, after an act.
pub async fn update(link: Link<'_>, case: &Case) -> Result<(), StoreError> {
    link.run(
        "update case_file set stage = $2, embargo = $3, embargo_until_us = $4, held_by = $5, updated_us = $6, closed_us = $7
         where id = $1",
        values![
            case.id.get(),
            case.stage.as_str(),
            &*case.embargo,
            case.embargo_until.map(Timestamp::as_microsecond),
            case.held_by.map(MemberId::get),
            case.updated.as_microsecond(),
            case.closed.map(Timestamp::as_microsecond)
        ],
    )
    .await?;
    Ok(())
}

/// Gives a case that has the title of one report that of another, sealed; one that was given its own keeps it.
pub async fn retitle(
    link: Link<'_>,
    id: CaseId,
    from: ReportId,
    (to, title): (ReportId, Vec<u8>),
) -> Result<(), StoreError> {
    link.run(
        "update case_file set title = $4, titled_by = $3 where id = $1 and titled_by = $2",
        values![id.get(), from.get(), to.get(), title],
    )
    .await?;
    Ok(())
}

/// Says who may be told of a case.
pub async fn set_tlp(link: Link<'_>, id: CaseId, tlp: &str) -> Result<(), StoreError> {
    link.run(
        "update case_file set tlp = $2 where id = $1",
        values![id.get(), tlp],
    )
    .await?;
    Ok(())
}

/// Forgets the key of a case: nothing sealed under it opens again, here or in any copy without the key.
pub async fn destroy_key(link: Link<'_>, id: CaseId) -> Result<(), StoreError> {
    link.run(
        "update case_file set key = null where id = $1",
        values![id.get()],
    )
    .await?;
    Ok(())
}

/// Keeps the description, sealed; replaces the one before.
pub async fn set_text(link: Link<'_>, id: CaseId, description: Vec<u8>) -> Result<(), StoreError> {
    link.run(
        "insert into case_text (case_file, description) values ($1, $2)
         on conflict (case_file) do update set description = excluded.description",
        values![id.get(), description],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Bytes {
    bytes: Vec<u8>,
}

/// The description, sealed.
pub async fn text(link: Link<'_>, id: CaseId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "select description as bytes from case_text where case_file = $1";
    let row: Option<Bytes> = link.one(sql, values![id.get()]).await?;
    Ok(row.map(|row| row.bytes))
}

#[derive(FromQueryResult)]
struct ParticipantRow {
    organization: i64,
    role: String,
    since_us: i64,
    sent_us: Option<i64>,
    until_us: Option<i64>,
}

/// Everyone who takes or took part, the first first.
pub async fn participants(link: Link<'_>, id: CaseId) -> Result<Vec<Participant>, StoreError> {
    let rows: Vec<ParticipantRow> = link
        .all(
            "select p.organization, p.role, p.since_us, s.sent_us, p.until_us from participant p
             left join sending s on s.case_file = p.case_file and s.organization = p.organization
             where p.case_file = $1 order by p.since_us, p.organization",
            values![id.get()],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Participant {
                organization: OrganizationId::new(row.organization),
                part: read::word(&row.role)?,
                since: read::time(row.since_us)?,
                sent: row.sent_us.map(read::time).transpose()?,
                left: row.until_us.map(read::time).transpose()?,
            })
        })
        .collect()
}

/// Takes an organization into a case, also again.
pub async fn join(
    link: Link<'_>,
    id: CaseId,
    organization: OrganizationId,
    part: Part,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into participant (case_file, organization, role, since_us) values ($1, $2, $3, $4)
         on conflict (case_file, organization) do update set until_us = null",
        values![
            id.get(),
            organization.get(),
            part.as_str(),
            now.as_microsecond()
        ],
    )
    .await?;
    Ok(())
}

/// Ends the part of an organization in a case.
pub async fn leave(
    link: Link<'_>,
    id: CaseId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "update participant set until_us = $3 where case_file = $1 and organization = $2 and until_us is null",
        values![id.get(), organization.get(), now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Something that was done in a case.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: i64,
    pub at: Timestamp,
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub act: Box<str>,
    pub audience: Option<OrganizationId>,
    pub sealed: Option<Vec<u8>>,
    pub log_index: i64,
}

/// What is appended; the id comes from the store.
pub struct NewEvent<'a> {
    pub case: CaseId,
    pub at: Timestamp,
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub act: &'a str,
    pub audience: Option<OrganizationId>,
    pub sealed: Option<Vec<u8>>,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct EventRow {
    id: i64,
    at_us: i64,
    organization: i64,
    member: Option<i64>,
    act: String,
    audience: Option<i64>,
    sealed: Option<Vec<u8>>,
    log_index: i64,
}

/// Appends an event.
pub async fn append(link: Link<'_>, event: NewEvent<'_>) -> Result<i64, StoreError> {
    link.number(
        "insert into case_event (case_file, at_us, organization, member, act, audience, sealed, log_index)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        values![
            event.case.get(),
            event.at.as_microsecond(),
            event.organization.get(),
            event.member.map(MemberId::get),
            event.act,
            event.audience.map(OrganizationId::get),
            event.sealed,
            event.log_index
        ],
    )
    .await
}

/// Everything that was done in a case, oldest first.
pub async fn events(link: Link<'_>, id: CaseId) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<EventRow> = link
        .all(
            "select id, at_us, organization, member, act, audience, sealed, log_index from case_event
             where case_file = $1 order by id",
            values![id.get()],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Event {
                id: row.id,
                at: read::time(row.at_us)?,
                organization: OrganizationId::new(row.organization),
                member: row.member.map(MemberId::new),
                act: row.act.into(),
                audience: row.audience.map(OrganizationId::new),
                sealed: row.sealed,
                log_index: row.log_index,
            })
        })
        .collect()
}

/// A file that came with a message.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub id: i64,
    pub event: i64,
    /// Sealed.
    pub name: Vec<u8>,
    pub bytes: i64,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
}

#[derive(FromQueryResult)]
struct AttachmentRow {
    id: i64,
    event: i64,
    name: Vec<u8>,
    bytes: i64,
    digest: Vec<u8>,
}

/// Keeps a file with its message.
pub async fn attach(
    link: Link<'_>,
    id: CaseId,
    event: i64,
    name: Vec<u8>,
    (bytes, digest): (i64, Vec<u8>),
    sealed: Vec<u8>,
) -> Result<i64, StoreError> {
    link.number(
        "insert into attachment (case_file, event, name, bytes, digest, sealed) values ($1, $2, $3, $4, $5, $6) returning id",
        values![id.get(), event, name, bytes, digest, sealed],
    )
    .await
}

/// The files of a case, without their bytes.
pub async fn attachments(link: Link<'_>, id: CaseId) -> Result<Vec<Attachment>, StoreError> {
    let rows: Vec<AttachmentRow> = link
        .all(
            "select id, event, name, bytes, digest from attachment where case_file = $1 order by id",
            values![id.get()],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Attachment {
            id: row.id,
            event: row.event,
            name: row.name,
            bytes: row.bytes,
            digest: row.digest,
        })
        .collect())
}

/// A file's bytes, sealed.
pub async fn attached(
    link: Link<'_>,
    id: CaseId,
    attachment: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "select sealed as bytes from attachment where case_file = $1 and id = $2";
    let row: Option<Bytes> = link.one(sql, values![id.get(), attachment]).await?;
    Ok(row.map(|row| row.bytes))
}

#[derive(FromQueryResult)]
struct MarkRow {
    mark: String,
    detail: String,
    at_us: i64,
}

/// When what deadlines count from first happened; a second time changes nothing.
pub async fn mark(
    link: Link<'_>,
    id: CaseId,
    mark: &str,
    detail: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "insert into case_mark (case_file, mark, detail, at_us) values ($1, $2, $3, $4)
             on conflict (case_file, mark) do nothing",
            values![id.get(), mark, detail, at.as_microsecond()],
        )
        .await?;
    Ok(rows == 1)
}

/// All marks of a case: word, detail, when.
pub async fn marks(
    link: Link<'_>,
    id: CaseId,
) -> Result<Vec<(Box<str>, Box<str>, Timestamp)>, StoreError> {
    let rows: Vec<MarkRow> = link
        .all(
            "select mark, detail, at_us from case_mark where case_file = $1 order by at_us",
            values![id.get()],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.mark.into(), row.detail.into(), read::time(row.at_us)?)))
        .collect()
}
