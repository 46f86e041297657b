//! Submit: a finder hands over what they found, and holds a receipt.
//!
//! One report or a thousand are one transaction ([`take`]); many who hand over one each are gathered into one
//! ([`Gathering`]). What costs time, sealing and hashing, is done before the writer's turn begins.

mod check;
mod gather;
mod precommit;
mod prepare;
pub(crate) mod proof;
mod turn;
mod view;
mod wish;
mod withdraw;

use finding::submit::Draft;
use finding::{Report, hex};
use jiff::{SignedDuration, Timestamp};
use names::{Refusal, ReportId};
use policy::{Action, Thing};
use serde::Serialize;

use crate::actor::Member;
use crate::{Actor, Failure, House};

pub use check::{Answer, claim_check};
pub use gather::Gathering;
pub use precommit::{Committed, commit, reveal};
pub use prepare::{Prepared, foresee, prepare};
pub use proof::{Progress, expire, progress, receive};
pub use view::{Handed, Status, list, show};
pub use wish::Wished;
pub use withdraw::{Withdrawal, withdraw};

use turn::within;

/// Reports of one transaction. A thousand of 2 KiB are sealed, inserted and logged in some 50 ms, and that long every
/// other writer waits.
pub const CHUNK_MAX: usize = 1_000;

/// Reports of one document, which is taken whole or not at all: five chunks, and as long again nobody else writes.
/// What is longer is streamed as NDJSON.
pub const DOCUMENT_REPORTS_MAX: usize = 5 * CHUNK_MAX;

/// A key is a word of the sender's: a run and a number, a URL, a hash.
const KEY_BYTES_MAX: usize = 256;

/// Someone reads a report by then: three days, over a weekend too.
const READ_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// The same where the finder saw it used against someone.
const READ_WITHIN_EXPLOITED: SignedDuration = SignedDuration::from_hours(24);

/// What the finder holds in hand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Receipt {
    pub report: ReportId,
    /// Its entry's place in the log.
    pub log_index: i64,
    /// SHA-256 of what was received, in hexadecimal.
    #[serde(serialize_with = "as_hex")]
    pub digest: [u8; 32],
    pub received: Timestamp,
    /// Someone of the clearinghouse reads it by then.
    pub read_by: Timestamp,
    /// It was there already, under the same key: this is the same receipt again.
    pub again: bool,
    /// What the maintainer asks for, and what becomes of it now.
    pub maintainer: Wished,
}

/// Takes one report. The same key again gives the same receipt.
pub async fn submit(
    house: &House,
    actor: &Actor,
    report: &Report,
    idempotency: &str,
    digest: [u8; 32],
    now: Timestamp,
) -> Result<Receipt, Failure> {
    let draft = Draft {
        report: report.clone(),
        key: Some(idempotency.into()),
        digest,
        inputs: Vec::new(),
    };
    let prepared = prepare(house, actor, draft, None, now)?;
    let mut all = take(house, vec![prepared]).await?;
    all.pop()
        .unwrap_or_else(|| Err(Failure::broken("one report and no answer")))
}

/// Takes all of a document or none of it, and says everything that keeps it from being taken. `key` is the document's
/// own, where its sender gave one.
pub async fn submit_all(
    house: &House,
    actor: &Actor,
    drafts: Vec<(Box<str>, Draft)>,
    key: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Receipt>, Failure> {
    if drafts.len() > DOCUMENT_REPORTS_MAX {
        let message = format!(
            "it holds {} reports; a document holds at most {DOCUMENT_REPORTS_MAX}, more are streamed as NDJSON",
            drafts.len()
        );
        return Err(Failure::refused("", message));
    }
    let (places, drafts): (Vec<Box<str>>, Vec<Draft>) = drafts.into_iter().unzip();
    let mut prepared = Vec::with_capacity(drafts.len());
    let mut refusal = Refusal::none();
    for (at, draft) in drafts.into_iter().enumerate() {
        let key = key.map(|key| {
            if at == 0 {
                key.to_owned()
            } else {
                format!("{key}#{at}")
            }
        });
        match prepare(house, actor, draft, key.as_deref(), now) {
            Ok(one) => prepared.push(one),
            Err(Failure::Refused(problems)) => refusal.within(&places[at], problems),
            Err(other) => return Err(other),
        }
    }
    if !refusal.is_empty() {
        return Err(refusal.into());
    }
    let wished = wish::of_all(house.store.link(), &prepared).await?;
    let tx = house.store.write().await?;
    let mut receipts = Vec::with_capacity(prepared.len());
    let answers = within(house, &tx, prepared, wished).await?;
    for (taken, place) in answers.into_iter().zip(&places) {
        match taken {
            Ok(receipt) => receipts.push(receipt),
            Err(Failure::Refused(problems)) => refusal.within(place, problems),
            Err(other) => return Err(other),
        }
    }
    if !refusal.is_empty() {
        // Dropped without a commit: nothing of it happened.
        return Err(refusal.into());
    }
    tx.commit().await?;
    Ok(receipts)
}

/// Takes `all` in one transaction, each for itself: what one is refused for costs no other. `Err` where none was taken.
pub async fn take(
    house: &House,
    all: Vec<Prepared>,
) -> Result<Vec<Result<Receipt, Failure>>, Failure> {
    let wished = wished(house, &all).await?;
    let tx = house.store.write().await?;
    let answers = within(house, &tx, all, wished).await?;
    // Durable from here. If the answer is lost, the same key gives the same receipt.
    tx.commit().await?;
    Ok(answers)
}

/// What the finder of each is told, as far as nobody looked before ([`foresee`]).
async fn wished(house: &House, all: &[Prepared]) -> Result<Vec<Wished>, Failure> {
    let foreseen: Option<Vec<Wished>> = all.iter().map(|one| one.wished.clone()).collect();
    match foreseen {
        Some(wished) => Ok(wished),
        None => wish::of_all(house.store.link(), all).await,
    }
}

/// Who may hand over, as a member of their organization.
fn may<'a>(house: &House, actor: &'a Actor, action: Action) -> Result<&'a Member, Failure> {
    house.authorize(actor, action, &Thing::instance())?;
    actor.member().ok_or(Failure::Denied)
}

/// A report that they may do `action` to; else there is no such thing.
async fn reach(
    house: &House,
    actor: &Actor,
    action: Action,
    id: ReportId,
) -> Result<store::report::Report, Failure> {
    let found = store::report::find(house.store.link(), id).await?;
    let found = found.ok_or(Failure::Hidden)?;
    house.reveal(actor, action, &Thing::report(found.organization))?;
    Ok(found)
}

/// Days since 1970, UTC.
fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(86_400)
}

/// What is said to someone who used up what they may.
fn over(what: &str, used: i64, most: i64, day: i64) -> Failure {
    let next = Timestamp::from_second((day + 1) * 86_400).unwrap_or(Timestamp::MAX);
    Failure::refused(
        "quota",
        format!("{used} of {most} {what} a day are used; the count begins again at {next}"),
    )
}

fn as_hex<S: serde::Serializer>(digest: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&hex(digest))
}
