//! Show: what a proof showed, for those who may see the proof, and for nobody else.

use finding::validate::{Outcome, State};
use jiff::Timestamp;
use names::{CaseId, ReportId, ValidationId};
use policy::{Action, Thing};
use serde_json::Value;
use store::Link;
use store::validation::Validation;

use super::{reach, thing};
use crate::coordinate::desk::{Desk, Seat};
use crate::{Actor, Failure, House, seal};

/// A list shows at most this many.
pub const LISTED_MAX: usize = 200;

/// A validation, for whoever may see its proof.
#[derive(Clone, Debug)]
pub struct Shown {
    pub id: ValidationId,
    pub report: ReportId,
    /// The case that its report is in, where the reader may know of it.
    pub case: Option<CaseId>,
    /// SHA-256 of the proof, in hexadecimal.
    pub sha256: Box<str>,
    /// How long the proof is.
    pub bytes: i64,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub asked: Timestamp,
    pub asked_index: i64,
    /// Who asked, by name; nobody where the report brought it along.
    pub asked_by: Option<Box<str>>,
    /// How often it was begun.
    pub attempt: i64,
    pub ended: Option<Timestamp>,
    pub ended_index: Option<i64>,
    /// All that the prover said; nothing where it did not come to an end.
    pub result: Option<Value>,
    pub has_minimized: bool,
    /// SHA-256 of the signed statement, as the log has it.
    pub statement_sha256: Option<Box<str>>,
    pub may_ask: bool,
    pub may_cancel: bool,
}

/// A line of a list.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: ValidationId,
    pub report: ReportId,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub asked: Timestamp,
    pub ended: Option<Timestamp>,
    pub attempt: i64,
}

/// A line, and which proof it is of.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// SHA-256 of the proof, in hexadecimal.
    pub sha256: Box<str>,
    pub line: Line,
}

/// Bytes that are handed out, never shown.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// One validation.
pub async fn show(
    house: &House,
    actor: &Actor,
    id: ValidationId,
    now: Timestamp,
) -> Result<Shown, Failure> {
    let link = house.store.link();
    let row = store::validation::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    let report = reach(house, link, actor, row.report, now).await?;
    let (thing, case) = thing(house, link, actor, &report, now).await?;
    shown(house, link, actor, (row, &thing, case)).await
}

/// Those of a case's reports whose proofs whoever sits in `seat` may see, the oldest first.
pub(crate) async fn of_case(
    house: &House,
    actor: &Actor,
    desk: &Desk,
    seat: &Seat,
    now: Timestamp,
) -> Result<Vec<Shown>, Failure> {
    let link = house.store.link();
    let mut all = Vec::new();
    for row in store::validation::of_finding(link, desk.row.finding).await? {
        let report = store::report::find(link, row.report)
            .await?
            .ok_or(Failure::Hidden)?;
        let thing = super::from_seat(desk, seat, &report, now);
        if house.may(actor, Action::SeeProof, &thing) {
            all.push(shown(house, link, actor, (row, &thing, Some(desk.row.id))).await?);
        }
    }
    Ok(all)
}

/// What waits, runs and is over, after `after`, for who runs this house.
pub async fn list(
    house: &House,
    actor: &Actor,
    after: Option<ValidationId>,
) -> Result<Vec<Line>, Failure> {
    house.authorize(actor, Action::SeeQueue, &Thing::instance())?;
    let after = after.unwrap_or(ValidationId::new(0));
    let rows = store::validation::list(house.store.link(), after, LISTED_MAX as i64).await?;
    Ok(rows.iter().map(Line::of).collect())
}

/// Those of one report's proofs, the oldest first, each with the proof's SHA-256.
pub async fn of_report(
    house: &House,
    actor: &Actor,
    report: ReportId,
    now: Timestamp,
) -> Result<Vec<Rerun>, Failure> {
    let link = house.store.link();
    reach(house, link, actor, report, now).await?;
    let rows = store::validation::of_report(link, report).await?;
    let rerun = |row: &Validation| Rerun {
        sha256: finding::hex(&row.digest).into(),
        line: Line::of(row),
    };
    Ok(rows.iter().map(rerun).collect())
}

impl Line {
    fn of(row: &Validation) -> Line {
        Line {
            id: row.id,
            report: row.report,
            state: row.state,
            outcome: row.outcome,
            asked: row.asked,
            ended: row.ended,
            attempt: row.attempt,
        }
    }
}

async fn shown(
    house: &House,
    link: Link<'_>,
    actor: &Actor,
    (row, thing, case): (Validation, &Thing, Option<CaseId>),
) -> Result<Shown, Failure> {
    let held = store::proof::find(link, row.report, &row.digest).await?;
    let asked_by = match row.organization {
        Some(id) => store::organization::find(link, id)
            .await?
            .map(|found| found.name),
        None => None,
    };
    let statement = envelope(house, link, &row).await?;
    Ok(Shown {
        id: row.id,
        report: row.report,
        case,
        sha256: finding::hex(&row.digest).into(),
        bytes: held.map_or(0, |held| held.length),
        state: row.state,
        outcome: row.outcome,
        asked: row.asked,
        asked_index: row.asked_index,
        asked_by,
        attempt: row.attempt,
        ended: row.ended,
        ended_index: row.ended_index,
        result: result(house, link, &row).await?,
        has_minimized: row.has_minimized,
        statement_sha256: statement.map(|bytes| finding::hex(&keys::sha256(&[&bytes])).into()),
        may_ask: row.state.is_over() && house.may(actor, Action::Validate, thing),
        may_cancel: !row.state.is_over() && house.may(actor, Action::CancelValidation, thing),
    })
}

/// What the prover said; nothing where it did not come to an end, or the report's key is destroyed.
pub(crate) async fn result(
    house: &House,
    link: Link<'_>,
    row: &Validation,
) -> Result<Option<Value>, Failure> {
    let plain = unsealed(house, link, row, "result", row.result.as_deref()).await?;
    let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(Failure::broken);
    plain.map(read).transpose()
}

/// The signed statement, in the bytes that the log has the hash of.
pub(crate) async fn envelope(
    house: &House,
    link: Link<'_>,
    row: &Validation,
) -> Result<Option<Vec<u8>>, Failure> {
    unsealed(house, link, row, "statement", row.statement.as_deref()).await
}

async fn unsealed(
    house: &House,
    link: Link<'_>,
    row: &Validation,
    column: &str,
    sealed: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let report = store::report::find(link, row.report)
        .await?
        .ok_or(Failure::Hidden)?;
    if report.key.is_none() {
        return Ok(None);
    }
    let key = seal::key(house, "report", report.key.as_deref())?;
    let what = format!("validation {column} {}", row.id.get());
    Ok(Some(key.open(what.as_bytes(), sealed)?))
}

/// The proof itself, to be run elsewhere.
pub async fn bundle(
    house: &House,
    actor: &Actor,
    id: ValidationId,
    now: Timestamp,
) -> Result<File, Failure> {
    let row = seen(house, actor, id, now).await?;
    let link = house.store.link();
    let report = store::report::find(link, row.report)
        .await?
        .ok_or(Failure::Hidden)?;
    let key = seal::key(house, "report", report.key.as_deref())?;
    let held = store::proof::find(link, row.report, &row.digest).await?;
    let held = held.ok_or(Failure::Hidden)?;
    let bytes = super::opened(link, &key, &held).await?;
    let ending = if super::is_bundle(&bytes) {
        "tar.zst"
    } else {
        "bin"
    };
    Ok(File {
        name: format!("{id}-proof.{ending}"),
        bytes,
    })
}

/// The smallest input that shows the flaw.
pub async fn minimized(
    house: &House,
    actor: &Actor,
    id: ValidationId,
    now: Timestamp,
) -> Result<File, Failure> {
    let row = seen(house, actor, id, now).await?;
    let link = house.store.link();
    let sealed = store::validation::minimized(link, id).await?;
    let bytes = unsealed(house, link, &row, "minimized", sealed.as_deref()).await?;
    Ok(File {
        name: format!("{id}-minimized.bin"),
        bytes: bytes.ok_or(Failure::Hidden)?,
    })
}

/// The signed statement: a DSSE envelope as JSON, in the very bytes that the log has the hash of.
pub async fn statement(
    house: &House,
    actor: &Actor,
    id: ValidationId,
    now: Timestamp,
) -> Result<File, Failure> {
    let row = seen(house, actor, id, now).await?;
    let link = house.store.link();
    let bytes = unsealed(house, link, &row, "statement", row.statement.as_deref()).await?;
    Ok(File {
        name: format!("{id}-statement.dsse.json"),
        bytes: bytes.ok_or(Failure::Hidden)?,
    })
}

/// The public key that statements are signed with, as a verifier key line.
pub fn key(house: &House) -> Result<String, Failure> {
    let key = keys::statement::key(house.keys.master(), house.keys.origin());
    Ok(key.map_err(Failure::broken)?.verifier().to_string())
}

async fn seen(
    house: &House,
    actor: &Actor,
    id: ValidationId,
    now: Timestamp,
) -> Result<Validation, Failure> {
    let link = house.store.link();
    let row = store::validation::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    reach(house, link, actor, row.report, now).await?;
    Ok(row)
}
