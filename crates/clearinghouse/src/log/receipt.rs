//! Receipt: the file with which anyone can check an entry without asking us.

use jiff::{SignedDuration, Timestamp};
use keys::note::{self, Note};
use serde_json::json;
use store::Tx;
use store::log::checkpoint as heads;
use tlog::{Entry, Receipt, proof};

use super::{append, opening, sequence};
use crate::{Failure, House};

/// How far the head that is shown may be behind the latest: six turns of asking the witnesses.
const BEHIND: SignedDuration = SignedDuration::from_mins(1);

/// The receipt for the entry at `index`. `may_open` says whether whoever asks may know what a sealed entry says; what
/// was published, everyone may.
///
/// An entry that no head covers yet is taken into the tree first.
pub async fn receipt(
    house: &House,
    index: u64,
    may_open: bool,
    now: Timestamp,
) -> Result<Receipt, Failure> {
    let at = i64::try_from(index).map_err(|_| Failure::Hidden)?;
    let link = house.store.link();
    if at >= store::log::size(link).await? {
        return Err(Failure::Hidden);
    }
    if at >= store::log::tile::size(link).await? {
        sequence::catch_up(house, now).await?;
    }
    let head = head_over(link, at).await?;
    let size = head.size as u64;
    let tiles = sequence::kept(link, proof::inclusion_tiles(index, size)).await?;
    let proof = proof::inclusion(index, size, &tiles)
        .map_err(|id| Failure::broken(format!("the log lost its tile `{}`", id.path(256))))?;
    let bytes = store::log::entries(link, at, 1).await?.pop();
    let bytes = bytes.ok_or_else(|| Failure::broken(format!("the log lost its entry {index}")))?;
    let entry = Entry::parse(&bytes)?;
    let is_sealed = matches!(entry, Entry::Sealed(_));
    let may_open = is_sealed && (may_open || store::log::is_opened(link, at).await?);
    Ok(Receipt {
        form: Default::default(),
        origin: house.keys.origin().into(),
        key: signer(house, &head)?,
        index,
        entry,
        opening: match may_open {
            true => Some(opening(house, link, at).await?),
            false => None,
        },
        proof,
        checkpoint: with_cosignatures(link, &head).await?.to_string(),
        rotations: house.keys.rotations().map(str::to_owned).collect(),
    })
}

/// Opens the sealed entry at `index` for everyone: an open entry says what it committed to. Once; a second time
/// changes nothing.
pub async fn publish(house: &House, tx: &Tx, index: i64, now: Timestamp) -> Result<(), Failure> {
    let opening = opening(house, tx.link(), index).await?;
    if store::log::open(tx.link(), index, now).await? {
        let body = json!({"act": "log.open", "index": index, "opening": opening, "at": now});
        append(house, tx, &[super::Note::Open(body)]).await?;
    }
    Ok(())
}

/// The head that is shown: the latest that a witness cosigned, with the signatures of all who did, as long as it is
/// no more than a minute behind the latest; else the latest. A log that grows all the time would otherwise never show
/// a cosignature, since asking takes longer than growing.
pub async fn head(house: &House) -> Result<Note, Failure> {
    let link = house.store.link();
    let latest = heads::latest(link).await?.ok_or(Failure::Hidden)?;
    let seen = heads::latest_cosigned(link).await?;
    let behind = |seen: &heads::Checkpoint| latest.signed_us - seen.signed_us;
    let seen = seen.filter(|seen| behind(seen) <= BEHIND.as_micros() as i64);
    with_cosignatures(link, &seen.unwrap_or(latest)).await
}

/// A head over the entry at `index`: the latest one that a witness cosigned, else the latest.
async fn head_over(link: store::Link<'_>, index: i64) -> Result<heads::Checkpoint, Failure> {
    if let Some(head) = heads::latest_cosigned(link).await?
        && head.size > index
    {
        return Ok(head);
    }
    let head = heads::latest(link).await?;
    head.filter(|head| head.size > index)
        .ok_or_else(|| Failure::broken("the log lost its last checkpoint"))
}

/// The key that signed `head`: the present one, or one that was followed.
fn signer(house: &House, head: &heads::Checkpoint) -> Result<String, Failure> {
    let note = Note::parse(&head.note).map_err(Failure::broken)?;
    let keys = house.keys.verifiers();
    let signed = note.verify(&keys).map_err(Failure::broken)?;
    let first = signed.first().expect("a note that verifies has a signer");
    Ok(first.key.to_string())
}

async fn with_cosignatures(
    link: store::Link<'_>,
    head: &heads::Checkpoint,
) -> Result<Note, Failure> {
    let mut note = Note::parse(&head.note).map_err(Failure::broken)?;
    for line in heads::cosignatures(link, head.size).await? {
        for signature in note::signatures(&format!("{line}\n")).map_err(Failure::broken)? {
            note.add(signature);
        }
    }
    Ok(note)
}
