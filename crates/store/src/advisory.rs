//! Advisories: what was told to everyone, version by version, in the bytes that were rendered once.
//!
//! Nothing here changes or deletes a version. A number is one more than the last, taken in the write that gives it, so
//! that a publication that fails leaves no gap either.

use jiff::Timestamp;
use names::{AdvisoryId, CaseId, MemberId, OrganizationId, Tlp};
use sea_orm::{FromQueryResult, Value};

use crate::link::{Link, StoreError, values};
use crate::read;

/// An advisory, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advisory {
    pub id: AdvisoryId,
    pub case: CaseId,
    /// Of the last version.
    pub title: Box<str>,
    /// The last version, from 1.
    pub version: u32,
    pub published: Timestamp,
    pub modified: Timestamp,
    pub withdrawn: Option<Timestamp>,
    /// Who may be told of the last version.
    pub tlp: Tlp,
    /// When the house first said that it is exploited, where it still says so.
    pub exploited: Option<Timestamp>,
}

/// A version, with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub number: u32,
    pub at: Timestamp,
    /// What changed, in a line.
    pub summary: Box<str>,
    /// JSON of ours.
    pub document: Vec<u8>,
    pub osv: Vec<u8>,
    pub csaf: Vec<u8>,
    /// What was written, sealed.
    pub draft: Vec<u8>,
    /// The entry of the log that says what was published.
    pub log_index: i64,
    /// Who may be told of it.
    pub tlp: Tlp,
}

/// A version, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub number: u32,
    pub at: Timestamp,
    pub summary: Box<str>,
    pub log_index: i64,
    /// Who may be told of it.
    pub tlp: Tlp,
}

/// What a list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words of `advisory_word`, all of which it has.
    pub words: Vec<Box<str>>,
    /// Pieces of the title, lower case.
    pub title: Vec<Box<str>>,
    pub withdrawn: Option<bool>,
    /// Only what these may be told.
    pub audience: Audience,
}

/// Who asks, as far as lists look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Everyone: TLP:CLEAR.
    #[default]
    Everyone,
    /// A member of this organization: TLP:GREEN too, and whatever it has a part in.
    Member(OrganizationId),
    /// Who runs the house.
    Staff,
}

/// Where the numbers of advisories begin that are not for everyone: no gap in the others tells of them.
pub const RESTRICTED_FROM: i64 = 900_000_001;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    case_file: i64,
    title: String,
    version: i64,
    published_us: i64,
    modified_us: i64,
    withdrawn_us: Option<i64>,
    tlp: String,
    exploited_us: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Advisory, StoreError> {
        Ok(Advisory {
            id: AdvisoryId::new(self.id),
            case: CaseId::new(self.case_file),
            title: self.title.into(),
            version: number(self.version)?,
            published: read::time(self.published_us)?,
            modified: read::time(self.modified_us)?,
            withdrawn: self.withdrawn_us.map(read::time).transpose()?,
            tlp: read::word(&self.tlp)?,
            exploited: self.exploited_us.map(read::time).transpose()?,
        })
    }
}

const COLUMNS: &str =
    "id, case_file, title, version, published_us, modified_us, withdrawn_us, tlp, exploited_us";

fn number(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number)
        .map_err(|_| StoreError::Damaged(format!("{number} where a version stands").into()))
}

/// The number that the next advisory for everyone gets, or the next of the others. Only inside a write: there is one
/// writer at a time.
pub async fn next_number(link: Link<'_>, tlp: Tlp) -> Result<AdvisoryId, StoreError> {
    let (from, below) = match tlp {
        Tlp::Clear => (1, RESTRICTED_FROM),
        _ => (RESTRICTED_FROM, i64::MAX),
    };
    let next = link
        .number(
            "select coalesce(max(id) + 1, $1) from advisory where id >= $1 and id < $2",
            values![from, below],
        )
        .await?;
    Ok(AdvisoryId::new(next))
}

/// Keeps a version, and with the first one the advisory; `words` are what lists find it by from now on.
pub async fn append(
    link: Link<'_>,
    advisory: &Advisory,
    version: &Version,
    words: &[Box<str>],
) -> Result<(), StoreError> {
    link.run(
        "insert into advisory (id, case_file, title, sought, version, published_us, modified_us, withdrawn_us, tlp, exploited_us)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (id) do update set title = excluded.title, sought = excluded.sought, version = excluded.version,
           modified_us = excluded.modified_us, withdrawn_us = excluded.withdrawn_us, tlp = excluded.tlp,
           exploited_us = excluded.exploited_us",
        values![
            advisory.id.get(),
            advisory.case.get(),
            &*advisory.title,
            advisory.title.to_lowercase(),
            i64::from(version.number),
            advisory.published.as_microsecond(),
            advisory.modified.as_microsecond(),
            advisory.withdrawn.map(Timestamp::as_microsecond),
            advisory.tlp.as_str(),
            advisory.exploited.map(Timestamp::as_microsecond)
        ],
    )
    .await?;
    link.run(
        "insert into advisory_version (advisory, version, at_us, summary, document, osv, csaf, draft, log_index, tlp)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        values![
            advisory.id.get(),
            i64::from(version.number),
            version.at.as_microsecond(),
            &*version.summary,
            version.document.clone(),
            version.osv.clone(),
            version.csaf.clone(),
            version.draft.clone(),
            version.log_index,
            version.tlp.as_str()
        ],
    )
    .await?;
    link.run(
        "delete from advisory_word where advisory = $1",
        values![advisory.id.get()],
    )
    .await?;
    let rows = words
        .iter()
        .map(|word| values![&**word, advisory.id.get()])
        .collect();
    link.insert("advisory_word", &["word", "advisory"], rows)
        .await
}

/// Those for everyone that stand and are said to be exploited, the last that became so first; at most `limit`.
pub async fn exploited(link: Link<'_>, limit: i64) -> Result<Vec<Advisory>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from advisory
         where exploited_us is not null and withdrawn_us is null and tlp = 'CLEAR'
         order by exploited_us desc, id desc limit $1"
    );
    let rows: Vec<Row> = link.all(&sql, values![limit]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// One advisory.
pub async fn find(link: Link<'_>, id: AdvisoryId) -> Result<Option<Advisory>, StoreError> {
    let sql = format!("select {COLUMNS} from advisory where id = $1");
    let row: Option<Row> = link.one(&sql, values![id.get()]).await?;
    row.map(Row::read).transpose()
}

/// The advisory of a case.
pub async fn of_case(link: Link<'_>, case: CaseId) -> Result<Option<Advisory>, StoreError> {
    let sql = format!("select {COLUMNS} from advisory where case_file = $1");
    let row: Option<Row> = link.one(&sql, values![case.get()]).await?;
    row.map(Row::read).transpose()
}

/// Those that `filter` leaves, the last changed first.
pub async fn list(
    link: Link<'_>,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Advisory>, StoreError> {
    let (mut wheres, mut given): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut place = |value: Value| {
        given.push(value);
        format!("${}", given.len())
    };
    for word in &filter.words {
        let place = place((&**word).into());
        wheres.push(format!(
            "exists (select 1 from advisory_word w where w.advisory = a.id and w.word = {place})"
        ));
    }
    for piece in &filter.title {
        let escaped = piece
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let place = place(format!("%{escaped}%").into());
        wheres.push(format!("a.sought like {place} escape '\\'"));
    }
    match filter.withdrawn {
        Some(true) => wheres.push("a.withdrawn_us is not null".to_owned()),
        Some(false) => wheres.push("a.withdrawn_us is null".to_owned()),
        None => {}
    }
    match filter.audience {
        Audience::Everyone => wheres.push("a.tlp = 'CLEAR'".to_owned()),
        Audience::Member(organization) => {
            let place = place(organization.get().into());
            wheres.push(format!(
                "(a.tlp in ('CLEAR', 'GREEN') or exists (select 1 from participant p
                   where p.case_file = a.case_file and p.organization = {place} and p.until_us is null))"
            ));
        }
        Audience::Staff => {}
    }
    let (limit, offset) = (place(limit.into()), place(offset.into()));
    let wheres = match wheres.is_empty() {
        true => String::new(),
        false => format!("where {}", wheres.join(" and ")),
    };
    let sql = format!(
        "select {COLUMNS} from advisory a {wheres} order by modified_us desc, id desc limit {limit} offset {offset}"
    );
    let rows: Vec<Row> = link.all(&sql, given).await?;
    rows.into_iter().map(Row::read).collect()
}

#[derive(FromQueryResult)]
struct VersionRow {
    version: i64,
    at_us: i64,
    summary: String,
    document: Vec<u8>,
    osv: Vec<u8>,
    csaf: Vec<u8>,
    draft: Vec<u8>,
    log_index: i64,
    tlp: String,
}

/// A version with its bytes.
pub async fn version(
    link: Link<'_>,
    id: AdvisoryId,
    version: u32,
) -> Result<Option<Version>, StoreError> {
    let row: Option<VersionRow> = link
        .one(
            "select version, at_us, summary, document, osv, csaf, draft, log_index, tlp from advisory_version
             where advisory = $1 and version = $2",
            values![id.get(), i64::from(version)],
        )
        .await?;
    let read = |row: VersionRow| {
        Ok(Version {
            number: number(row.version)?,
            at: read::time(row.at_us)?,
            summary: row.summary.into(),
            document: row.document,
            osv: row.osv,
            csaf: row.csaf,
            draft: row.draft,
            log_index: row.log_index,
            tlp: read::word(&row.tlp)?,
        })
    };
    row.map(read).transpose()
}

#[derive(FromQueryResult)]
struct LineRow {
    version: i64,
    at_us: i64,
    summary: String,
    log_index: i64,
    tlp: String,
}

/// The versions of an advisory, the first first.
pub async fn versions(link: Link<'_>, id: AdvisoryId) -> Result<Vec<Line>, StoreError> {
    let rows: Vec<LineRow> = link
        .all(
            "select version, at_us, summary, log_index, tlp from advisory_version where advisory = $1 order by version",
            values![id.get()],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Line {
                number: number(row.version)?,
                at: read::time(row.at_us)?,
                summary: row.summary.into(),
                log_index: row.log_index,
                tlp: read::word(&row.tlp)?,
            })
        })
        .collect()
}

#[derive(FromQueryResult)]
struct OpenedRow {
    idx: i64,
    sealed: Vec<u8>,
}

/// The entries of a case and of its reports that everyone may open, at most `limit`: index and sealed opening each.
pub async fn opened(
    link: Link<'_>,
    case: CaseId,
    limit: i64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let rows: Vec<OpenedRow> = link
        .all(
            "select o.idx, o.sealed from log_opening o where o.opened_us is not null and o.idx in (
               select e.log_index from case_event e where e.case_file = $1
               union select r.log_index from report r join case_file c on c.finding = r.finding where c.id = $1
             ) order by o.idx limit $2",
            values![case.get(), limit],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.idx, row.sealed)).collect())
}

/// What is written for a case, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub sealed: Vec<u8>,
    pub saved: Timestamp,
    pub member: Option<MemberId>,
}

#[derive(FromQueryResult)]
struct DraftRow {
    sealed: Vec<u8>,
    saved_us: i64,
    member: Option<i64>,
}

/// Keeps what is written for a case in place of what was.
pub async fn save_draft(link: Link<'_>, case: CaseId, draft: Draft) -> Result<(), StoreError> {
    link.run(
        "insert into advisory_draft (case_file, sealed, saved_us, member) values ($1, $2, $3, $4)
         on conflict (case_file) do update set sealed = excluded.sealed, saved_us = excluded.saved_us,
           member = excluded.member",
        values![
            case.get(),
            draft.sealed,
            draft.saved.as_microsecond(),
            draft.member.map(MemberId::get)
        ],
    )
    .await?;
    Ok(())
}

/// What is written for a case.
pub async fn draft(link: Link<'_>, case: CaseId) -> Result<Option<Draft>, StoreError> {
    let sql = "select sealed, saved_us, member from advisory_draft where case_file = $1";
    let row: Option<DraftRow> = link.one(sql, values![case.get()]).await?;
    let read = |row: DraftRow| {
        Ok(Draft {
            sealed: row.sealed,
            saved: read::time(row.saved_us)?,
            member: row.member.map(MemberId::new),
        })
    };
    row.map(read).transpose()
}

/// Forgets what was written for a case: it is published.
pub async fn drop_draft(link: Link<'_>, case: CaseId) -> Result<(), StoreError> {
    link.run(
        "delete from advisory_draft where case_file = $1",
        values![case.get()],
    )
    .await?;
    Ok(())
}
