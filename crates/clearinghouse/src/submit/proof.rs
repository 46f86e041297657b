//! Proof: the bytes that show a flaw, uploaded in pieces that a broken line does not lose.
//!
//! A report names its proofs by hash and length; that is what makes an upload, so it needs no other beginning and no
//! id of its own. Each piece is sealed under the report's key as it comes and is durable when it is acknowledged.

use finding::known;
use finding::report::ProofMark;
use jiff::{SignedDuration, Timestamp};
use keys::DataKey;
use names::ReportId;
use policy::Action;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::Tx;
use store::proof::Proof;

use super::prepare::{SealedInput, term};
use super::reach;
use crate::log::{self, Note};
use crate::{Actor, Failure, House, seal, validate};

/// One piece: a second on a line of 32 Mbit/s, and what one request may hold in memory.
pub const PIECE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// An upload that stands still this long is forgotten; it can begin again.
const STANDS_STILL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub sha256: Box<str>,
    /// Where the next piece begins.
    pub offset: u64,
    pub length: u64,
    pub complete: bool,
}

/// How far the proof of this hash is; its sender asks after a broken line.
pub async fn progress(
    house: &House,
    actor: &Actor,
    report: ReportId,
    sha256: &str,
) -> Result<Progress, Failure> {
    let (_, mark, digest) = named(house, actor, Action::SeeReport, report, sha256).await?;
    let held = store::proof::find(house.store.link(), report, &digest).await?;
    Ok(say(&mark, held.as_ref()))
}

/// Takes the piece that begins at `offset`.
pub async fn receive(
    house: &House,
    actor: &Actor,
    report: ReportId,
    sha256: &str,
    offset: u64,
    piece: &[u8],
    now: Timestamp,
) -> Result<Progress, Failure> {
    if piece.is_empty() || piece.len() > PIECE_BYTES_MAX {
        let message = format!("a piece has from 1 to {PIECE_BYTES_MAX} bytes");
        return Err(Failure::refused("", message));
    }
    let (key, mark, digest) = named(house, actor, Action::AddProof, report, sha256).await?;
    // Sealed before the writer's turn: the offset is bound in, and checked again inside.
    let at = i64::try_from(offset).unwrap_or(i64::MAX);
    let sealed = seal_chunk(house, &key, &digest, at, piece);
    let tx = house.store.write().await?;
    let link = tx.link();
    if store::proof::find(link, report, &digest).await?.is_none() {
        let length = i64::try_from(mark.bytes).unwrap_or(i64::MAX);
        store::proof::begin(link, report, &digest, length, now).await?;
    }
    let held = store::proof::find(link, report, &digest)
        .await?
        .ok_or_else(|| Failure::broken("an upload that was just begun"))?;
    fits(&held, at, piece.len())?;
    let count = i64::try_from(piece.len()).unwrap_or(i64::MAX);
    store::proof::add(link, &held, count, sealed, now).await?;
    if at + count == held.length {
        finish(house, &tx, &key, &held, now).await?;
    }
    let held = store::proof::find(link, report, &digest).await?;
    let wrong = held.is_none();
    tx.commit().await?;
    if wrong {
        return Err(Failure::refused(
            "sha256",
            "all bytes are here and do not have this hash; they were dropped, send them again from 0",
        ));
    }
    Ok(say(&mark, held.as_ref()))
}

/// Forgets uploads that stand still, at most a hundred at once; says how many.
pub async fn expire(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let before = now.saturating_sub(STANDS_STILL).unwrap_or(Timestamp::MIN);
    let tx = house.store.write().await?;
    let stale = store::proof::stale(tx.link(), before, 100).await?;
    for one in &stale {
        store::proof::delete(tx.link(), one.report, &one.digest).await?;
    }
    tx.commit().await?;
    Ok(stale.len())
}

/// Keeps a whole proof that came inside its report.
pub(super) async fn keep(
    tx: &Tx,
    report: ReportId,
    input: SealedInput,
    now: Timestamp,
) -> Result<(), Failure> {
    let link = tx.link();
    // The same input may stand twice in one report.
    if store::proof::find(link, report, &input.digest)
        .await?
        .is_some()
    {
        return Ok(());
    }
    store::proof::begin(link, report, &input.digest, input.length, now).await?;
    if input.is_bundle {
        validate::expect(tx, report, now).await?;
    }
    let held = Proof {
        report,
        digest: input.digest,
        length: input.length,
        received: 0,
        complete: false,
    };
    store::proof::add(link, &held, input.length, input.body, now).await?;
    Ok(store::proof::complete(link, report, &held.digest).await?)
}

/// A piece under the report's key, bound to its proof and its place in it.
pub(super) fn seal_chunk(
    house: &House,
    key: &DataKey,
    digest: &[u8],
    at: i64,
    piece: &[u8],
) -> Vec<u8> {
    house.dice(|dice| key.seal(context(digest, at).as_bytes(), piece, dice))
}

fn context(digest: &[u8], at: i64) -> String {
    format!("proof {} {at}", finding::hex(digest))
}

/// The piece of a proof that begins at `at` or next after it, opened, with where it begins.
pub(crate) async fn piece(
    link: store::Link<'_>,
    key: &DataKey,
    held: &Proof,
    at: i64,
) -> Result<Option<(i64, Vec<u8>)>, Failure> {
    let found = store::proof::chunk(link, held.report, &held.digest, at).await?;
    match found {
        Some((from, sealed)) => {
            let plain = key.open(context(&held.digest, from).as_bytes(), &sealed)?;
            Ok(Some((from, plain)))
        }
        None => Ok(None),
    }
}

/// Whether a piece goes on where the upload stands.
fn fits(held: &Proof, at: i64, count: usize) -> Result<(), Failure> {
    if at != held.received {
        let message = format!(
            "the upload stands at {}; send what begins there",
            held.received
        );
        return Err(Failure::refused("offset", message));
    }
    let left = usize::try_from(held.length - held.received).unwrap_or(0);
    if count > left {
        let message = format!(
            "{count} bytes are more than the {left} that are missing of the {} declared",
            held.length
        );
        return Err(Failure::refused("offset", message));
    }
    Ok(())
}

/// Reads it once through: right bytes become evidence, wrong ones are dropped.
async fn finish(
    house: &House,
    tx: &Tx,
    key: &DataKey,
    held: &Proof,
    now: Timestamp,
) -> Result<(), Failure> {
    let link = tx.link();
    let mut hash = Sha256::new();
    let mut all = Vec::with_capacity(usize::try_from(held.length).unwrap_or(0));
    let mut at = 0;
    while let Some((from, piece)) = piece(link, key, held, at).await? {
        hash.update(&piece);
        at = from + i64::try_from(piece.len()).unwrap_or(i64::MAX);
        all.extend(piece);
    }
    if hash.finalize().as_slice() != held.digest {
        return Ok(store::proof::delete(link, held.report, &held.digest).await?);
    }
    store::proof::complete(link, held.report, &held.digest).await?;
    if validate::is_bundle(&all) {
        validate::expect(tx, held.report, now).await?;
    }
    let blind = &house.evidence;
    let terms: Vec<[u8; 16]> = known::proof(&all)
        .iter()
        .map(|one| term(blind, one))
        .collect();
    let holders = store::evidence::holders(link, &terms).await?;
    if holders.iter().any(|holder| holder.report != held.report) {
        store::report::mark_known(link, held.report).await?;
    }
    if holders.iter().all(|holder| holder.report != held.report) {
        let own = terms.into_iter().map(|term| (held.report, term)).collect();
        store::evidence::insert(link, own).await?;
    }
    let body = json!({
        "act": "prove", "report": held.report, "sha256": finding::hex(&held.digest),
        "bytes": held.length, "at": now,
    });
    log::append(house, tx, &[Note::Sealed(body)]).await?;
    Ok(())
}

/// The proof that a report names, with the report's key.
async fn named(
    house: &House,
    actor: &Actor,
    action: Action,
    report: ReportId,
    sha256: &str,
) -> Result<(DataKey, ProofMark, [u8; 32]), Failure> {
    let found = reach(house, actor, action, report).await?;
    let key = seal::key(house, "report", found.key.as_deref())?;
    let body: finding::Report = seal::open(&key, "report body", &found.body)?;
    let mark = body.proofs.into_iter().find(|mark| &*mark.sha256 == sha256);
    let digest = finding::unhex32(sha256);
    let (mark, digest) = mark.zip(digest).ok_or(Failure::Hidden)?;
    Ok((key, mark, digest))
}

fn say(mark: &ProofMark, held: Option<&Proof>) -> Progress {
    Progress {
        sha256: mark.sha256.clone(),
        offset: held.map_or(0, |held| u64::try_from(held.received).unwrap_or(0)),
        length: mark.bytes,
        complete: held.is_some_and(|held| held.complete),
    }
}
