//! Queue: cases in the order of their urgency, what waits to be sent to whom, and what a maintainer agreed to.

use finding::coordinate::Stage;
use finding::pace::{Pace, Sent};
use jiff::Timestamp;
use names::{CaseId, FindingId, MemberId, OrganizationId};
use sea_orm::{FromQueryResult, Value};

use crate::link::{Link, StoreError, values};
use crate::read;

/// What a list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub stages: Vec<Stage>,
    /// Only cases in which it takes part and that it may know of: a vendor once it was sent, a finder once a person
    /// looked.
    pub participant: Option<OrganizationId>,
    pub held_by: Option<MemberId>,
    pub exploited: bool,
    pub proven: bool,
    pub ecosystem: Option<Box<str>>,
}

/// A line of the queue. Its title is sealed under the case's key.
#[derive(Clone, Debug)]
pub struct Line {
    pub case: CaseId,
    pub finding: FindingId,
    pub stage: Stage,
    pub key: Option<Vec<u8>>,
    pub title: Vec<u8>,
    pub embargo: Box<str>,
    pub embargo_until: Option<Timestamp>,
    pub held_by: Option<MemberId>,
    pub opened: Timestamp,
    pub exploited: bool,
    pub proven: bool,
    pub due: Option<Timestamp>,
    pub ecosystem: Box<str>,
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
    held_by: Option<i64>,
    opened_us: i64,
    exploited: bool,
    proven: bool,
    due_us: Option<i64>,
    ecosystem: String,
}

/// Cases of one organization up to which they are gathered and sorted; of whoever has more, every so-manieth of all
/// cases is theirs, and a page is full after as many. Some 10 ms either way.
const GATHERED_MAX: i64 = 2_000;

/// A part of the queue, the most urgent first. Only numbers are looked through; the rows of the page alone are read.
pub async fn lines(
    link: Link<'_>,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Line>, StoreError> {
    let (mut wheres, mut given): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut place = |value: Value| {
        given.push(value);
        format!("${}", given.len())
    };
    if !filter.stages.is_empty() {
        let stages: Vec<String> = filter
            .stages
            .iter()
            .map(|stage| place(stage.as_str().into()))
            .collect();
        // Of several stages no index has the order; joined to nothing, the word keeps the databases from sorting them.
        let stage = match stages.len() {
            1 => "c.stage",
            _ => "c.stage || ''",
        };
        wheres.push(format!("{stage} in ({})", stages.join(", ")));
    }
    if let Some(member) = filter.held_by {
        wheres.push(format!("c.held_by = {}", place(member.get().into())));
    }
    if let Some(ecosystem) = &filter.ecosystem {
        wheres.push(format!("c.ecosystem = {}", place((&**ecosystem).into())));
    }
    if filter.exploited {
        wheres.push("c.exploited".to_owned());
    }
    if filter.proven {
        wheres.push("c.proven".to_owned());
    }
    let mut order = "c.rank desc, c.finding";
    if let Some(organization) = filter.participant {
        let number = place(organization.get().into());
        let theirs = format!(
            "from participant p left join sending s
               on s.case_file = p.case_file and s.organization = p.organization
             where p.organization = {number} and p.until_us is null
               and (p.role not in ('vendor', 'deployer') or s.sent_us is not null)
               and (p.role <> 'finder' or not exists
                 (select 1 from case_file k where k.id = p.case_file and k.stage = 'new'))"
        );
        if takes_part_in(link, organization).await? < GATHERED_MAX {
            // The sum is what no index is ordered by: it keeps the databases from walking through all cases.
            order = "c.rank + 0 desc, c.finding";
            wheres.push(format!("c.id in (select p.case_file {theirs})"));
        } else {
            wheres.push(format!("exists (select 1 {theirs} and p.case_file = c.id)"));
        }
    }
    let (limit, offset) = (place(limit.into()), place(offset.into()));
    let wheres = match wheres.is_empty() {
        true => String::new(),
        false => format!("where {}", wheres.join(" and ")),
    };
    let sql = format!(
        "select c.id, c.finding, c.stage, c.key, c.title, c.embargo, c.embargo_until_us, c.held_by, c.opened_us,
           c.exploited, c.proven, f.due_us, c.ecosystem
         from case_file c join finding f on f.id = c.finding
         where c.id in (select c.id from case_file c {wheres} order by {order} limit {limit} offset {offset})
         order by c.rank desc, c.finding"
    );
    let rows: Vec<Row> = link.all(&sql, given).await?;
    rows.into_iter().map(line).collect()
}

/// In how many cases an organization takes part, as far as [`GATHERED_MAX`].
async fn takes_part_in(link: Link<'_>, organization: OrganizationId) -> Result<i64, StoreError> {
    link.number(
        "select count(*) from (select 1 from participant where organization = $1 limit $2) as counted",
        values![organization.get(), GATHERED_MAX],
    )
    .await
}

fn line(row: Row) -> Result<Line, StoreError> {
    Ok(Line {
        case: CaseId::new(row.id),
        finding: FindingId::new(row.finding),
        stage: read::word(&row.stage)?,
        key: row.key,
        title: row.title,
        embargo: row.embargo.into(),
        embargo_until: row.embargo_until_us.map(read::time).transpose()?,
        held_by: row.held_by.map(MemberId::new),
        opened: read::time(row.opened_us)?,
        exploited: row.exploited,
        proven: row.proven,
        due: row.due_us.map(read::time).transpose()?,
        ecosystem: row.ecosystem.into(),
    })
}

/// Puts a finding where its priority says.
pub async fn set_rank(
    link: Link<'_>,
    finding: FindingId,
    rank: i64,
    (exploited, proven): (bool, bool),
    due: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "update finding set rank = $2, exploited = $3, proven = $4, due_us = $5, updated_us = $6 where id = $1",
        values![
            finding.get(),
            rank,
            exploited,
            proven,
            due.map(Timestamp::as_microsecond),
            now.as_microsecond()
        ],
    )
    .await?;
    link.run(
        "update case_file set rank = $2, exploited = $3, proven = $4 where finding = $1",
        values![finding.get(), rank, exploited, proven],
    )
    .await?;
    Ok(())
}

/// Lets a case wait to be sent to an organization.
pub async fn enqueue(
    link: Link<'_>,
    case: CaseId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into sending (case_file, organization, queued_us) values ($1, $2, $3)
         on conflict (case_file, organization) do nothing",
        values![case.get(), organization.get(), now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Says that a case was sent; `false` where it was already.
pub async fn sent(
    link: Link<'_>,
    case: CaseId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "update sending set sent_us = $3 where case_file = $1 and organization = $2 and sent_us is null",
            values![case.get(), organization.get(), now.as_microsecond()],
        )
        .await?;
    Ok(rows == 1)
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

/// Everyone for whom something waits.
pub async fn awaited(link: Link<'_>) -> Result<Vec<OrganizationId>, StoreError> {
    let rows: Vec<Number> = link
        .all(
            "select distinct s.organization as number from sending s
             join participant p on p.case_file = s.case_file and p.organization = s.organization
             where s.sent_us is null and p.until_us is null order by 1",
            vec![],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| OrganizationId::new(row.number))
        .collect())
}

/// A case that waits for an organization.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub case: CaseId,
    pub finding: FindingId,
    pub part: finding::coordinate::Part,
    pub stage: Stage,
    pub queued: Timestamp,
}

#[derive(FromQueryResult)]
struct WaitingRow {
    case_file: i64,
    finding: i64,
    role: String,
    stage: String,
    queued_us: i64,
}

/// What waits for `organization`, the most urgent first.
pub async fn waiting(
    link: Link<'_>,
    organization: OrganizationId,
) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<WaitingRow> = link
        .all(
            "select s.case_file, c.finding, p.role, c.stage, s.queued_us from sending s
             join case_file c on c.id = s.case_file join finding f on f.id = c.finding
             join participant p on p.case_file = s.case_file and p.organization = s.organization
             where s.organization = $1 and s.sent_us is null and p.until_us is null and c.key is not null
             order by f.rank desc, f.id",
            values![organization.get()],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting {
                case: CaseId::new(row.case_file),
                finding: FindingId::new(row.finding),
                part: read::word(&row.role)?,
                stage: read::word(&row.stage)?,
                queued: read::time(row.queued_us)?,
            })
        })
        .collect()
}

#[derive(FromQueryResult)]
struct SentRow {
    sent_us: i64,
    open: bool,
}

/// What was sent to `organization` as a vendor and still counts: open, or within the last `since`.
pub async fn sent_to(
    link: Link<'_>,
    organization: OrganizationId,
    since: Timestamp,
) -> Result<Vec<Sent>, StoreError> {
    let rows: Vec<SentRow> = link
        .all(
            "select * from (select s.sent_us, c.stage in ('with-vendor', 'fixing', 'ready', 'triage')
                 and p.until_us is null as open
               from sending s join case_file c on c.id = s.case_file
               join participant p on p.case_file = s.case_file and p.organization = s.organization
               where s.organization = $1 and p.role = 'vendor' and s.sent_us is not null) as sent
             where open or sent_us > $2",
            values![organization.get(), since.as_microsecond()],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Sent {
                at: read::time(row.sent_us)?,
                open: row.open,
            })
        })
        .collect()
}

#[derive(FromQueryResult)]
struct PaceRow {
    opted_out: bool,
    paused_until_us: Option<i64>,
    open_max: Option<i64>,
    per_week_max: Option<i64>,
    needs_proof: bool,
    needs_patch: bool,
    exploited_at_once: bool,
}

/// What `organization` agreed to be sent; `None` where it has said nothing.
pub async fn pace(
    link: Link<'_>,
    organization: OrganizationId,
) -> Result<Option<Pace>, StoreError> {
    let row: Option<PaceRow> = link
        .one(
            "select opted_out, paused_until_us, open_max, per_week_max, needs_proof, needs_patch, exploited_at_once
             from pace where organization = $1",
            values![organization.get()],
        )
        .await?;
    let count = |number: i64| {
        u32::try_from(number).map_err(|_| StoreError::Damaged("a count below zero".into()))
    };
    row.map(|row| {
        Ok(Pace {
            opted_out: row.opted_out,
            paused_until: row.paused_until_us.map(read::time).transpose()?,
            open_max: row.open_max.map(count).transpose()?,
            per_week_max: row.per_week_max.map(count).transpose()?,
            needs_proof: row.needs_proof,
            needs_patch: row.needs_patch,
            exploited_at_once: row.exploited_at_once,
        })
    })
    .transpose()
}

/// Keeps what `organization` agrees to be sent.
pub async fn set_pace(
    link: Link<'_>,
    organization: OrganizationId,
    pace: &Pace,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into pace (organization, opted_out, paused_until_us, open_max, per_week_max, needs_proof, needs_patch,
           exploited_at_once, updated_us)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (organization) do update set opted_out = excluded.opted_out,
           paused_until_us = excluded.paused_until_us, open_max = excluded.open_max,
           per_week_max = excluded.per_week_max, needs_proof = excluded.needs_proof,
           needs_patch = excluded.needs_patch, exploited_at_once = excluded.exploited_at_once,
           updated_us = excluded.updated_us",
        values![
            organization.get(),
            pace.opted_out,
            pace.paused_until.map(Timestamp::as_microsecond),
            pace.open_max.map(i64::from),
            pace.per_week_max.map(i64::from),
            pace.needs_proof,
            pace.needs_patch,
            pace.exploited_at_once,
            now.as_microsecond()
        ],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct ReminderRow {
    regime: String,
    state: String,
    due_us: i64,
}

/// What was said of the clocks of a case: regime, state, due.
pub async fn said(
    link: Link<'_>,
    case: CaseId,
) -> Result<Vec<(Box<str>, Box<str>, Timestamp)>, StoreError> {
    let rows: Vec<ReminderRow> = link
        .all(
            "select regime, state, due_us from reminder where case_file = $1",
            values![case.get()],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.regime.into(), row.state.into(), read::time(row.due_us)?)))
        .collect()
}

/// Says that a reminder went out; `false` where it had.
pub async fn say(
    link: Link<'_>,
    case: CaseId,
    (regime, state, due): (&str, &str, Timestamp),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = link
        .run(
            "insert into reminder (case_file, regime, state, due_us, said_us) values ($1, $2, $3, $4, $5)
             on conflict (case_file, regime, state, due_us) do nothing",
            values![
                case.get(),
                regime,
                state,
                due.as_microsecond(),
                now.as_microsecond()
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Cases that are not over, from after `after` on: what the jobs walk through.
pub async fn open_cases(
    link: Link<'_>,
    after: CaseId,
    limit: i64,
) -> Result<Vec<CaseId>, StoreError> {
    let rows: Vec<Number> = link
        .all(
            "select id as number from case_file where id > $1 and stage not in ('closed', 'withdrawn', 'rejected')
             and key is not null order by id limit $2",
            values![after.get(), limit],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| CaseId::new(row.number))
        .collect())
}
