//! Decisions: which finding each report is in, why, and what people said of two that are alike.

use std::collections::HashMap;

use jiff::Timestamp;
use names::{FindingId, MemberId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// Rows of one statement that moves reports.
const ROWS_MAX: usize = 500;

/// A report as far as deconfliction needs it.
#[derive(Clone, Debug)]
pub struct Print {
    pub report: ReportId,
    pub finding: Option<FindingId>,
    pub key: Vec<u8>,
    pub fingerprint: Vec<u8>,
}

/// What is kept of one decision.
#[derive(Clone, Debug)]
pub struct Draft {
    pub report: ReportId,
    pub at: Timestamp,
    pub decider: Option<MemberId>,
    pub edition: u16,
    pub outcome: &'static str,
    pub before: Option<FindingId>,
    pub after: FindingId,
    /// The first decision of those that were made in one step.
    pub batch: Option<i64>,
    pub undoes: Option<i64>,
    pub sealed: Option<Vec<u8>>,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub id: i64,
    pub report: ReportId,
    pub at: Timestamp,
    pub decider: Option<MemberId>,
    pub edition: i64,
    pub outcome: Box<str>,
    pub before: Option<FindingId>,
    pub after: FindingId,
    pub undoes: Option<i64>,
    pub sealed: Option<Vec<u8>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    report: i64,
    at_us: i64,
    decider: Option<i64>,
    edition: i64,
    outcome: String,
    before: Option<i64>,
    after: i64,
    undoes: Option<i64>,
    sealed: Option<Vec<u8>>,
}

const COLUMNS: &str = "id, report, at_us, decider, edition, outcome, before, after, undoes, sealed";

impl Row {
    fn read(self) -> Result<Decision, StoreError> {
        Ok(Decision {
            id: self.id,
            report: ReportId::new(self.report),
            at: crate::read::time(self.at_us)?,
            decider: self.decider.map(MemberId::new),
            edition: self.edition,
            outcome: self.outcome.into(),
            before: self.before.map(FindingId::new),
            after: FindingId::new(self.after),
            undoes: self.undoes,
            sealed: self.sealed,
        })
    }
}

#[derive(FromQueryResult)]
struct PrintRow {
    id: i64,
    finding: Option<i64>,
    key: Vec<u8>,
    fingerprint: Vec<u8>,
}

/// Opens one finding for each of `ecosystems` (empty where there is none), in their order.
pub async fn open_findings(
    link: Link<'_>,
    ecosystems: &[&str],
    now: Timestamp,
) -> Result<Vec<FindingId>, StoreError> {
    let rows = ecosystems.iter().map(|ecosystem| {
        let at = now.as_microsecond();
        values!["open", at, at, false, false, 0_i64, *ecosystem]
    });
    let columns = [
        "state",
        "opened_us",
        "updated_us",
        "exploited",
        "proven",
        "rank",
        "ecosystem",
    ];
    let mut rows = rows.collect();
    if let Some(numbers) = link.insert_numbered("finding", &columns, &mut rows).await? {
        return Ok(numbers.into_iter().map(FindingId::new).collect());
    }
    let opened: Vec<Opened> = link
        .insert_returning("finding", &columns, rows, "returning id, ecosystem")
        .await?;
    let mut opened: Vec<(i64, String)> = opened
        .into_iter()
        .map(|row| (row.id, row.ecosystem))
        .collect();
    // No database promises the order of what it returns; findings of one ecosystem are all alike.
    opened.sort_unstable_by(|one, other| other.cmp(one));
    let mut waiting: HashMap<String, Vec<i64>> = HashMap::new();
    for (id, ecosystem) in opened {
        waiting.entry(ecosystem).or_default().push(id);
    }
    let missing = || StoreError::Damaged("fewer findings than were opened".into());
    let mut next = |ecosystem: &str| waiting.get_mut(ecosystem).and_then(Vec::pop);
    ecosystems
        .iter()
        .map(|ecosystem| next(ecosystem).map(FindingId::new).ok_or_else(missing))
        .collect()
}

#[derive(FromQueryResult)]
struct Opened {
    id: i64,
    ecosystem: String,
}

/// The fingerprints of `reports`, sealed; those whose key is destroyed and those without one are left out.
pub async fn prints(link: Link<'_>, reports: &[ReportId]) -> Result<Vec<Print>, StoreError> {
    let text = "select id, finding, key, fingerprint from report
         where id in ({}) and key is not null and fingerprint is not null";
    let ids = reports.iter().map(|report| report.get().into()).collect();
    let rows: Vec<PrintRow> = link.all_among(text, vec![], ids).await?;
    Ok(rows.into_iter().map(print).collect())
}

/// The reports of a finding, the first first, at most `limit`.
pub async fn prints_of(
    link: Link<'_>,
    finding: FindingId,
    limit: usize,
) -> Result<Vec<Print>, StoreError> {
    let rows: Vec<PrintRow> = link
        .all(
            "select id, finding, key, fingerprint from report
             where finding = $1 and key is not null and fingerprint is not null order by id limit $2",
            values![finding.get(), i64::try_from(limit).unwrap_or(i64::MAX)],
        )
        .await?;
    Ok(rows.into_iter().map(print).collect())
}

fn print(row: PrintRow) -> Print {
    Print {
        report: ReportId::new(row.id),
        finding: row.finding.map(FindingId::new),
        key: row.key,
        fingerprint: row.fingerprint,
    }
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// Every report of a finding, whether its key is there or not.
pub async fn reports_of(link: Link<'_>, finding: FindingId) -> Result<Vec<ReportId>, StoreError> {
    let sql = "select id from report where finding = $1 order by id";
    let rows: Vec<Id> = link.all(sql, values![finding.get()]).await?;
    Ok(rows.into_iter().map(|row| ReportId::new(row.id)).collect())
}

/// Puts each report into its finding.
pub async fn place(link: Link<'_>, all: &[(ReportId, FindingId)]) -> Result<(), StoreError> {
    for some in all.chunks(ROWS_MAX) {
        let rows: Vec<String> = (0..some.len())
            .map(|at| {
                format!(
                    "(cast(${} as bigint), cast(${} as bigint))",
                    2 * at + 1,
                    2 * at + 2
                )
            })
            .collect();
        let sql = format!(
            "update report set finding = v.column2 from (values {}) as v where report.id = v.column1",
            rows.join(", ")
        );
        let flat = some
            .iter()
            .flat_map(|(report, finding)| values![report.get(), finding.get()]);
        link.run(&sql, flat.collect()).await?;
    }
    Ok(())
}

/// Says that a finding became part of another, or (`None`) that it stands for itself again.
pub async fn merge_finding(
    link: Link<'_>,
    finding: FindingId,
    into: Option<FindingId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = if into.is_some() { "merged" } else { "open" };
    link.run(
        "update finding set merged_into = $2, state = $3, updated_us = $4 where id = $1",
        values![
            finding.get(),
            into.map(FindingId::get),
            state,
            now.as_microsecond()
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Merged {
    merged_into: Option<i64>,
}

/// What a finding became part of; the outer `None` where there is no such finding.
pub async fn merged_into(
    link: Link<'_>,
    finding: FindingId,
) -> Result<Option<Option<FindingId>>, StoreError> {
    let sql = "select merged_into from finding where id = $1";
    let row: Option<Merged> = link.one(sql, values![finding.get()]).await?;
    Ok(row.map(|row| row.merged_into.map(FindingId::new)))
}

/// Whether a case is open for a finding.
pub async fn has_case(link: Link<'_>, finding: FindingId) -> Result<bool, StoreError> {
    let sql = "select count(*) from case_file where finding = $1";
    Ok(link.number(sql, values![finding.get()]).await? > 0)
}

#[derive(FromQueryResult)]
struct Held {
    held_by: Option<i64>,
}

/// Who has the case of a finding in hand.
pub async fn held_by(link: Link<'_>, finding: FindingId) -> Result<Option<MemberId>, StoreError> {
    let sql = "select held_by from case_file where finding = $1";
    let row: Option<Held> = link.one(sql, values![finding.get()]).await?;
    Ok(row.and_then(|row| row.held_by).map(MemberId::new))
}

/// Appends decisions.
pub async fn append(link: Link<'_>, drafts: Vec<Draft>) -> Result<(), StoreError> {
    let rows = drafts.into_iter().map(|draft| {
        values![
            draft.report.get(),
            draft.at.as_microsecond(),
            draft.decider.map(MemberId::get),
            i64::from(draft.edition),
            draft.outcome,
            draft.before.map(FindingId::get),
            draft.after.get(),
            draft.batch,
            draft.undoes,
            draft.sealed
        ]
    });
    let columns = [
        "report", "at_us", "decider", "edition", "outcome", "before", "after", "batch", "undoes",
        "sealed",
    ];
    link.insert("decision", &columns, rows.collect()).await
}

/// The number that the decisions of one step are joined by: one that no step had.
pub async fn next_batch(link: Link<'_>) -> Result<i64, StoreError> {
    link.number("select coalesce(max(batch), 0) + 1 from decision", vec![])
        .await
}

/// The decisions of one step.
pub async fn batch(link: Link<'_>, batch: i64) -> Result<Vec<Decision>, StoreError> {
    let sql = format!("select {COLUMNS} from decision where batch = $1 order by id");
    let rows: Vec<Row> = link.all(&sql, values![batch]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// What was decided of a report, the first first.
pub async fn of_report(link: Link<'_>, report: ReportId) -> Result<Vec<Decision>, StoreError> {
    let sql = format!("select {COLUMNS} from decision where report = $1 order by id");
    let rows: Vec<Row> = link.all(&sql, values![report.get()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Reports whose last decision was made by the rule before `edition`, oldest first.
pub async fn of_older_edition(
    link: Link<'_>,
    edition: u16,
    limit: usize,
) -> Result<Vec<ReportId>, StoreError> {
    let rows: Vec<Id> = link
        .all(
            "select d.report as id from decision d where d.edition < $1 and d.decider is null
             and not exists (select 1 from decision n where n.report = d.report and n.id > d.id)
             order by d.id limit $2",
            values![i64::from(edition), i64::try_from(limit).unwrap_or(i64::MAX)],
        )
        .await?;
    Ok(rows.into_iter().map(|row| ReportId::new(row.id)).collect())
}
