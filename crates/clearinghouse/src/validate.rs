//! Validate: a proof is re-run, by a worker that nobody trusts with more than that, and what it showed is signed.
//!
//! Whoever hands over a bundle need not ask ([`arrive`]); staff asks for any proof, a finder for their own
//! ([`request`]). Workers take what waits under a lease ([`work`]); what came of it is written once, with one entry of
//! the log, by whoever still has the lease then ([`record`]).
//!
//! The log is public, so each asking and each end is one sealed entry, whatever the proof showed.

mod record;
mod show;
pub mod work;

use finding::coordinate::Scope;
use finding::validate::State;
use jiff::Timestamp;
use keys::DataKey;
use names::{CaseId, ReportId, ValidationId};
use policy::{Action, Thing};
use serde_json::json;
use store::proof::Proof;
use store::validation::{Draft, Ended, Validation};
use store::{Link, Tx};

use crate::coordinate::desk::{Desk, Seat, load};
use crate::log::{self, Note};
use crate::submit::proof;
use crate::{Actor, Failure, House, seal};

pub(crate) use record::checked;
pub use record::{Proved, record};
pub use show::{
    File, LISTED_MAX, Line, Rerun, Shown, bundle, key, list, minimized, of_report, show, statement,
};
pub(crate) use show::{envelope, of_case, result};

/// The kind of job.
const KIND: &str = "validate";

/// Reports whose bundles are asked about in one round.
const ROUND: i64 = 100;

/// Re-runs that one organization's reports get in a day by themselves, and that its people may ask for: at a minute each
/// that is what one worker does in two thirds of a day. What is beyond waits for staff to ask.
pub const PER_DAY_MAX: i64 = 1_000;

/// How a Zstandard frame begins (RFC 8878, 3.1.1), which every bundle is.
const BUNDLE_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether a proof looks like a bundle, which says itself how it is run.
pub fn is_bundle(bytes: &[u8]) -> bool {
    bytes.starts_with(&BUNDLE_MAGIC)
}

/// Writes down that `report` brought a bundle, in the transaction that keeps it.
pub(crate) async fn expect(tx: &Tx, report: ReportId, now: Timestamp) -> Result<(), Failure> {
    let subjects = [report.to_string()];
    Ok(store::job::add(tx.link(), KIND, &subjects, now).await?)
}

/// Asks for the re-run of each bundle that came with a report and was not asked about; says how many. Run by the house.
pub async fn arrive(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let due = store::job::due(house.store.link(), KIND, ROUND, now).await?;
    let mut count = 0;
    for job in due {
        let report: ReportId = job.subject.parse().map_err(Failure::broken)?;
        let tx = house.store.write().await?;
        // Where another node was first, nothing of this one's happens.
        if store::job::done(tx.link(), job.id).await? {
            count += ask_all(house, &tx, report, now).await?;
            tx.commit().await?;
        }
    }
    Ok(count)
}

async fn ask_all(
    house: &House,
    tx: &Tx,
    report: ReportId,
    now: Timestamp,
) -> Result<usize, Failure> {
    let link = tx.link();
    let row = store::report::find(link, report).await?;
    let Some(row) = row.filter(|row| row.key.is_some()) else {
        return Ok(0);
    };
    let key = seal::key(house, "report", row.key.as_deref())?;
    let asked = store::validation::of_report(link, report).await?;
    let mut count = 0;
    for held in store::proof::of_report(link, report).await? {
        let is_asked = asked.iter().any(|one| one.digest == held.digest);
        if is_asked || !held.complete {
            continue;
        }
        let first = proof::piece(link, &key, &held, 0).await?;
        let begins = first.is_some_and(|(_, bytes)| is_bundle(&bytes));
        if begins && uses(link, &row, now).await? {
            ask(house, tx, &Actor::House, report, held.digest, now).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Uses one of the day's re-runs of a report's organization; `false` where none is left.
async fn uses(
    link: Link<'_>,
    report: &store::report::Report,
    now: Timestamp,
) -> Result<bool, Failure> {
    let day = now.as_second().div_euclid(86_400);
    let used = store::quota::used(link, report.organization, KIND, day).await?;
    if used < PER_DAY_MAX {
        store::quota::add(link, report.organization, KIND, day, 1).await?;
    }
    Ok(used < PER_DAY_MAX)
}

/// Asks for a proof to be re-run.
pub async fn request(
    house: &House,
    actor: &Actor,
    report: ReportId,
    sha256: &str,
    now: Timestamp,
) -> Result<ValidationId, Failure> {
    let tx = house.store.write().await?;
    let link = tx.link();
    let row = reach(house, link, actor, report, now).await?;
    let thing = thing(house, link, actor, &row, now).await?.0;
    house.authorize(actor, Action::Validate, &thing)?;
    let digest = finding::unhex32(sha256).ok_or(Failure::Hidden)?.to_vec();
    let held = store::proof::find(link, report, &digest).await?;
    let held = held.ok_or_else(|| {
        let message = "its bytes are not here yet; whoever handed over the report sends them";
        Failure::refused("sha256", message)
    })?;
    if !held.complete {
        let message = format!(
            "{} of its {} bytes are here; the rest is missing",
            held.received, held.length
        );
        return Err(Failure::refused("sha256", message));
    }
    let before = store::validation::of_report(link, report).await?;
    let waits = |one: &&Validation| one.digest == digest && !one.state.is_over();
    if let Some(waits) = before.iter().find(waits) {
        let message = format!(
            "{} re-runs it already, and is {}",
            waits.id,
            waits.state.shown()
        );
        return Err(Failure::refused("sha256", message));
    }
    let is_staff = actor.member().is_some_and(|member| member.staff);
    if !is_staff && !uses(link, &row, now).await? {
        let message = format!(
            "{PER_DAY_MAX} re-runs a day are used; ask again tomorrow, or ask the coordinator to"
        );
        return Err(Failure::refused("quota", message));
    }
    let id = ask(house, &tx, actor, report, digest, now).await?;
    tx.commit().await?;
    Ok(id)
}

async fn ask(
    house: &House,
    tx: &Tx,
    actor: &Actor,
    report: ReportId,
    digest: Vec<u8>,
    now: Timestamp,
) -> Result<ValidationId, Failure> {
    let body = json!({
        "act": "validate.ask", "report": report, "sha256": finding::hex(&digest), "by": actor.mark(), "at": now,
    });
    let asked_index = log::append(house, tx, &[Note::Sealed(body)]).await?;
    let draft = Draft {
        report,
        digest,
        asked: now,
        organization: actor.organization(),
        member: actor.member().map(|member| member.id),
        asked_index,
    };
    Ok(store::validation::insert(tx.link(), draft).await?)
}

/// Ends one that is not over. Its worker learns of it at its next sign of life, and what it found is dropped.
pub async fn cancel(
    house: &House,
    actor: &Actor,
    id: ValidationId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let link = tx.link();
    let seen = store::validation::find(link, id)
        .await?
        .ok_or(Failure::Hidden)?;
    let row = reach(house, link, actor, seen.report, now).await?;
    let thing = thing(house, link, actor, &row, now).await?.0;
    house.authorize(actor, Action::CancelValidation, &thing)?;
    if seen.state.is_over() {
        let message = format!("is {} already", seen.state.shown());
        return Err(Failure::refused("", message));
    }
    if !end_without(house, &tx, &seen, State::Cancelled, now).await? {
        // Dropped without a commit: the log has no word of what did not happen.
        let message = "a worker has just shown a sign of life; cancel it again";
        return Err(Failure::refused("", message));
    }
    Ok(tx.commit().await?)
}

/// Ends `seen` without an outcome, where it is still as seen; says whether it was. Where it was not, nothing of this
/// transaction may be kept: its entry for the log may be written by then.
pub(crate) async fn end_without(
    house: &House,
    tx: &Tx,
    seen: &Validation,
    state: State,
    now: Timestamp,
) -> Result<bool, Failure> {
    let link = tx.link();
    let is = store::validation::find(link, seen.id).await?;
    // A sign of life since then moved the end of the lease.
    if !is.is_some_and(|is| is_same(&is, seen) && is.lease <= seen.lease) {
        return Ok(false);
    }
    let body = json!({
        "act": format!("validate.{}", state.as_str()), "validation": seen.id, "report": seen.report,
        "sha256": finding::hex(&seen.digest), "at": now,
    });
    let log_index = log::append(house, tx, &[Note::Sealed(body)]).await?;
    let ended = Ended {
        state,
        at: now,
        log_index,
        outcome: None,
        result: None,
        minimized: None,
        statement: None,
    };
    Ok(store::validation::end(link, seen, ended).await?)
}

/// Whether it is still the same attempt of the same worker, or still nobody's.
fn is_same(one: &Validation, other: &Validation) -> bool {
    (one.state, &one.worker, one.attempt) == (other.state, &other.worker, other.attempt)
}

/// All bytes of a proof, opened.
async fn opened(link: Link<'_>, key: &DataKey, held: &Proof) -> Result<Vec<u8>, Failure> {
    let (mut bytes, mut at) = (Vec::new(), 0);
    while let Some((from, piece)) = proof::piece(link, key, held, at).await? {
        at = from + i64::try_from(piece.len()).unwrap_or(i64::MAX);
        bytes.extend(piece);
    }
    Ok(bytes)
}

/// The report, for whoever may see its proofs; else there is no such thing.
pub(crate) async fn reach(
    house: &House,
    link: Link<'_>,
    actor: &Actor,
    report: ReportId,
    now: Timestamp,
) -> Result<store::report::Report, Failure> {
    let row = store::report::find(link, report)
        .await?
        .ok_or(Failure::Hidden)?;
    let (thing, _) = thing(house, link, actor, &row, now).await?;
    house.reveal(actor, Action::SeeProof, &thing)?;
    Ok(row)
}

/// A report as the policy sees it for `actor`, with the part that their organization plays in its case, and that case
/// where they may know of it.
pub(crate) async fn thing(
    house: &House,
    link: Link<'_>,
    actor: &Actor,
    report: &store::report::Report,
    now: Timestamp,
) -> Result<(Thing, Option<CaseId>), Failure> {
    let bare = Thing::report(report.organization);
    // A finder's own is theirs whatever its case; what an answer costs tells them nothing of it.
    if actor.organization() == Some(report.organization) {
        return Ok((bare, None));
    }
    let case = match report.finding {
        Some(finding) => store::case::of_finding(link, finding).await?,
        None => None,
    };
    let Some(case) = case.filter(|case| case.key.is_some()) else {
        return Ok((bare, None));
    };
    let desk = load(house, link, case.id).await?;
    match desk.seat(house, actor, now) {
        Ok(seat) => Ok((from_seat(&desk, &seat, report, now), Some(case.id))),
        Err(Failure::Hidden) => Ok((bare, None)),
        Err(other) => Err(other),
    }
}

/// A report of a case as the policy sees it for whoever sits in `seat`.
fn from_seat(desk: &Desk, seat: &Seat, report: &store::report::Report, now: Timestamp) -> Thing {
    let all = seat.view.proofs == Scope::Everything;
    let bare = Thing::report(report.organization);
    desk.thing(bare, seat, now).told(seat.view.flaw && all)
}
