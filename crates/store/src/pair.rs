//! Pairs: two findings that may be one, and what became of the question.

use jiff::Timestamp;
use names::{FindingId, MemberId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A question that is new.
#[derive(Clone, Debug)]
pub struct Draft {
    pub newer: FindingId,
    pub older: FindingId,
    /// The report it arose from; its key seals why.
    pub report: ReportId,
    pub state: &'static str,
    pub points: i32,
    pub edition: u16,
    pub sealed: Vec<u8>,
}

/// Two findings that may be one.
#[derive(Clone, Debug)]
pub struct Pair {
    pub id: i64,
    pub newer: FindingId,
    pub older: FindingId,
    pub report: ReportId,
    /// `unsure`, `sibling`, `same`, `apart`.
    pub state: Box<str>,
    pub points: i64,
    pub since: Timestamp,
    pub decider: Option<MemberId>,
    /// The step of decisions that answered it.
    pub answered_in: Option<i64>,
    pub sealed: Vec<u8>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    newer: i64,
    older: i64,
    report: i64,
    state: String,
    points: i64,
    turn_us: i64,
    decider: Option<i64>,
    answered_in: Option<i64>,
    sealed: Vec<u8>,
}

impl Row {
    fn read(self) -> Result<Pair, StoreError> {
        Ok(Pair {
            id: self.id,
            newer: FindingId::new(self.newer),
            older: FindingId::new(self.older),
            report: ReportId::new(self.report),
            state: self.state.into(),
            points: self.points,
            since: crate::read::time(self.turn_us)?,
            decider: self.decider.map(MemberId::new),
            answered_in: self.answered_in,
            sealed: self.sealed,
        })
    }
}

const COLUMNS: &str = "p.id as id, p.newer as newer, p.older as older, p.report as report, p.state as state, p.points as points, p.turn_us as turn_us, p.decider as decider, p.answered_in as answered_in, p.sealed as sealed";

/// What is asked: unsure, both findings stand for themselves, and the key that seals why is there.
/// Of a finding whose reports were all taken back there is nothing to compare.
const WAITING: &str = "from pair p join finding n on n.id = p.newer join finding o on o.id = p.older
    join report r on r.id = p.report
    where p.state = 'unsure' and n.merged_into is null and o.merged_into is null and r.key is not null
    and exists (select 1 from report a where a.finding = n.id and a.key is not null)
    and exists (select 1 from report b where b.finding = o.id and b.key is not null)";

/// Asks new questions; what was asked already stays as it is.
pub async fn insert(link: Link<'_>, drafts: Vec<Draft>, now: Timestamp) -> Result<(), StoreError> {
    let rows = drafts.into_iter().map(|draft| {
        values![
            draft.newer.get(),
            draft.older.get(),
            draft.report.get(),
            draft.state,
            i64::from(draft.points),
            i64::from(draft.edition),
            draft.sealed,
            now.as_microsecond()
        ]
    });
    let columns = [
        "newer", "older", "report", "state", "points", "edition", "sealed", "turn_us",
    ];
    link.insert_or("pair", &columns, rows.collect(), "on conflict do nothing")
        .await
}

/// The question whose turn it is.
pub async fn next(link: Link<'_>) -> Result<Option<Pair>, StoreError> {
    let sql = format!("select {COLUMNS} {WAITING} order by p.turn_us, p.id limit 1");
    let row: Option<Row> = link.one(&sql, vec![]).await?;
    row.map(Row::read).transpose()
}

/// Questions that are counted; nobody answers more in a week.
pub const COUNTED_MAX: i64 = 1_000;

/// How many questions wait, as far as [`COUNTED_MAX`].
pub async fn waiting(link: Link<'_>) -> Result<i64, StoreError> {
    let sql = format!("select count(*) from (select 1 {WAITING} limit $1) as counted");
    link.number(&sql, values![COUNTED_MAX]).await
}

/// How many questions this member answered since then.
pub async fn answered(
    link: Link<'_>,
    member: MemberId,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let sql = "select count(*) from pair where decider = $1 and decided_us >= $2";
    link.number(sql, values![member.get(), since.as_microsecond()])
        .await
}

/// One question.
pub async fn find(link: Link<'_>, id: i64) -> Result<Option<Pair>, StoreError> {
    let sql = format!("select {COLUMNS} from pair p where p.id = $1");
    let row: Option<Row> = link.one(&sql, values![id]).await?;
    row.map(Row::read).transpose()
}

/// Every question about a finding, the first first, at most a hundred.
pub async fn of_finding(link: Link<'_>, finding: FindingId) -> Result<Vec<Pair>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from pair p where p.newer = $1 or p.older = $1 order by p.id limit 100"
    );
    let rows: Vec<Row> = link.all(&sql, values![finding.get()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// The siblings of a finding: the other finding of each pair.
pub async fn siblings(link: Link<'_>, finding: FindingId) -> Result<Vec<FindingId>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from pair p where p.state = 'sibling' and (p.newer = $1 or p.older = $1) order by p.id limit 100"
    );
    let rows: Vec<Row> = link.all(&sql, values![finding.get()]).await?;
    let others = rows.into_iter().map(|row| {
        if row.newer == finding.get() {
            row.older
        } else {
            row.newer
        }
    });
    Ok(others.map(FindingId::new).collect())
}

/// Answers a question, or (`unsure`) asks it again from now on. `step` is the step of decisions that the answer made.
pub async fn answer(
    link: Link<'_>,
    id: i64,
    state: &str,
    decider: Option<MemberId>,
    step: Option<i64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let decided = decider.map(|_| now.as_microsecond());
    link.run(
        "update pair set state = $2, decider = $3, decided_us = $4, turn_us = $5, answered_in = $6 where id = $1",
        values![
            id,
            state,
            decider.map(MemberId::get),
            decided,
            now.as_microsecond(),
            step
        ],
    )
    .await?;
    Ok(())
}

/// Sets two findings apart, whether they were asked about or not; a person said so.
pub async fn set_apart(
    link: Link<'_>,
    draft: Draft,
    decider: Option<MemberId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    link.run(
        "insert into pair (newer, older, report, state, points, edition, sealed, turn_us, decided_us, decider)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
         on conflict (newer, older) do update set state = excluded.state, turn_us = excluded.turn_us,
           decided_us = excluded.decided_us, decider = excluded.decider, answered_in = null",
        values![
            draft.newer.get(),
            draft.older.get(),
            draft.report.get(),
            draft.state,
            i64::from(draft.points),
            i64::from(draft.edition),
            draft.sealed,
            now.as_microsecond(),
            decider.map(MemberId::get)
        ],
    )
    .await?;
    Ok(())
}

/// What was asked about `from` is asked about `into`, by the step that made it a part of that one. What a person set
/// apart from `from` stays apart from `into`, whose flaw is the same.
pub async fn ask_instead(
    link: Link<'_>,
    from: FindingId,
    into: FindingId,
    step: i64,
) -> Result<(), StoreError> {
    for (held, other) in [("newer", "older"), ("older", "newer")] {
        let sql = format!(
            "insert into pair (newer, older, report, state, points, edition, sealed, turn_us, asked_in)
             select case when $2 > {other} then $2 else {other} end, case when $2 > {other} then {other} else $2 end,
               report, state, points, edition, sealed, turn_us, $3
             from pair where {held} = $1 and {other} <> $2 and state in ('unsure', 'sibling', 'apart')
             on conflict do nothing"
        );
        link.run(&sql, values![from.get(), into.get(), step])
            .await?;
    }
    Ok(())
}

/// Takes back what a step asked and answered: its questions go, those that it answered are open again.
pub async fn undo(link: Link<'_>, step: i64, now: Timestamp) -> Result<(), StoreError> {
    link.run(
        "delete from pair where asked_in = $1 and decider is null",
        values![step],
    )
    .await?;
    link.run(
        "update pair set state = 'unsure', decider = null, decided_us = null, answered_in = null, turn_us = $2
         where answered_in = $1",
        values![step, now.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Whether a person still has to say whether `finding` is one that was there before it.
pub async fn is_asked(link: Link<'_>, finding: FindingId) -> Result<bool, StoreError> {
    let count = link
        .number(
            &format!("select count(*) {WAITING} and p.newer = $1"),
            values![finding.get()],
        )
        .await?;
    Ok(count > 0)
}
