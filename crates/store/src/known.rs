//! Known: who proved to hold evidence of a flaw by asking whether it is known.

use jiff::Timestamp;
use names::{CaseId, FindingId, MemberId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::time;

/// One piece of evidence that was asked about; `report` is `None` where nothing carries it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub kind: &'static str,
    pub report: Option<ReportId>,
    /// Whoever asks handed over a report that carries it.
    pub reporter: bool,
}

/// A yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yes {
    pub at: Timestamp,
    pub organization: OrganizationId,
    pub member: Option<MemberId>,
    pub kind: Box<str>,
    pub reporter: bool,
}

/// Keeps the yeses among `all`. A miss is written and taken away again: the same two statements over as many rows,
/// whatever the answers are.
pub async fn keep(
    link: Link<'_>,
    (organization, member): (OrganizationId, MemberId),
    all: &[Asked],
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = all
        .iter()
        .map(|one| {
            values![
                now.as_microsecond(),
                organization.get(),
                member.get(),
                one.kind,
                one.report.map(ReportId::get),
                one.reporter
            ]
        })
        .collect();
    let columns = [
        "at_us",
        "organization",
        "member",
        "kind",
        "report",
        "reporter",
    ];
    link.insert("known_yes", &columns, rows).await?;
    link.run(
        "delete from known_yes where organization = $1 and report is null",
        values![organization.get()],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    at_us: i64,
    organization: i64,
    member: Option<i64>,
    kind: String,
    reporter: bool,
}

impl Row {
    fn read(self) -> Result<Yes, StoreError> {
        Ok(Yes {
            at: time(self.at_us)?,
            organization: OrganizationId::new(self.organization),
            member: self.member.map(MemberId::new),
            kind: self.kind.into(),
            reporter: self.reporter,
        })
    }
}

/// The yeses about the reports of a finding, newest first, at most `limit`.
pub async fn of_finding(
    link: Link<'_>,
    finding: FindingId,
    limit: i64,
) -> Result<Vec<Yes>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select y.at_us, y.organization, y.member, y.kind, y.reporter from known_yes y join report r on r.id = y.report
             where r.finding = $1 order by y.id desc limit $2",
            values![finding.get(), limit],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// A yes that nobody was told of yet, and the case that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    pub id: i64,
    pub case: CaseId,
    pub kind: Box<str>,
    pub reporter: bool,
}

#[derive(FromQueryResult)]
struct UntoldRow {
    id: i64,
    case_file: i64,
    kind: String,
    reporter: bool,
}

/// Yeses that nobody was told of and whose finding has a case, the oldest first.
pub async fn untold(link: Link<'_>, limit: i64) -> Result<Vec<Untold>, StoreError> {
    let rows: Vec<UntoldRow> = link
        .all(
            "select y.id, c.id as case_file, y.kind, y.reporter from known_yes y join report r on r.id = y.report
             join case_file c on c.finding = r.finding
             where y.told_us is null order by y.id limit $1",
            values![limit],
        )
        .await?;
    let rows = rows.into_iter().map(|row| Untold {
        id: row.id,
        case: CaseId::new(row.case_file),
        kind: row.kind.into(),
        reporter: row.reporter,
    });
    Ok(rows.collect())
}

/// Takes a yes to be told; `false` where another node was first.
pub async fn take(link: Link<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "update known_yes set told_us = $2 where id = $1 and told_us is null",
            values![id, now.as_microsecond()],
        )
        .await?;
    Ok(rows == 1)
}

#[derive(FromQueryResult)]
struct RecentRow {
    case_file: i64,
    at_us: i64,
    name: String,
    kind: String,
}

/// Since `since`: in which cases somebody proved to hold evidence that they had not handed over, with what.
pub async fn recent(
    link: Link<'_>,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<(CaseId, Timestamp, Box<str>, Box<str>)>, StoreError> {
    let rows: Vec<RecentRow> = link
        .all(
            "select c.id as case_file, y.at_us, o.name, y.kind from known_yes y join report r on r.id = y.report
             join case_file c on c.finding = r.finding join organization o on o.id = y.organization
             where y.at_us >= $1 and not y.reporter order by y.id desc limit $2",
            values![since.as_microsecond(), limit],
        )
        .await?;
    let read = |row: RecentRow| {
        let at = time(row.at_us)?;
        Ok((
            CaseId::new(row.case_file),
            at,
            row.name.into(),
            row.kind.into(),
        ))
    };
    rows.into_iter().map(read).collect()
}
