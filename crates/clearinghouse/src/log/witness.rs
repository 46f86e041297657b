//! Witness: the log is shown to others, who sign that it only grew.
//!
//! The door carries the request and brings the answer; what to ask and what an answer is worth is decided here.

use jiff::{SignedDuration, Timestamp};
use keys::note::{Note, VerifierKey};
use store::log::checkpoint as heads;
use tlog::proof;
use tlog::witness::{self, Answer};

use super::sequence;
use crate::{Failure, House};

/// How long a witness that failed is left alone: whoever restarts one is seen again within five minutes, and one that
/// says no for a reason is not asked thousands of times a day.
const REST: SignedDuration = SignedDuration::from_mins(5);

/// A request to one witness.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The body to post to its `add-checkpoint`.
    pub body: String,
    size: i64,
    note: Note,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It cosigned, and its signature is kept.
    Cosigned,
    /// It saw less than we thought; ask again.
    AskAgain,
    /// It did not cosign, and says why. A person should know.
    Not(Box<str>),
}

/// What to ask the witness `key` now; nothing where it cosigned the latest head already.
pub async fn ask(house: &House, key: &VerifierKey) -> Result<Option<Ask>, Failure> {
    let link = house.store.link();
    let Some(head) = heads::latest(link).await? else {
        return Ok(None);
    };
    let seen = heads::witness(link, &key.to_string()).await?;
    let old = seen.map_or(0, |seen| seen.size);
    if old == head.size || head.size == 0 {
        return Ok(None);
    }
    // A witness that saw more than there is: it is asked from the start, and its answer will say so.
    let (old, size) = (old as u64, head.size as u64);
    let old = if old < size { old } else { 0 };
    let tiles = sequence::kept(link, proof::consistency_tiles(old, size)).await?;
    let proof = proof::consistency(old, size, &tiles)
        .map_err(|id| Failure::broken(format!("the log lost its tile `{}`", id.path(256))))?;
    let note = Note::parse(&head.note).map_err(Failure::broken)?;
    Ok(Some(Ask {
        body: witness::request(old, &proof, &note),
        size: head.size,
        note,
    }))
}

/// Whether the witness `key` is to be asked now: not where it failed a moment ago.
pub async fn is_due(house: &House, key: &VerifierKey, now: Timestamp) -> Result<bool, Failure> {
    let seen = heads::witness(house.store.link(), &key.to_string()).await?;
    let Some(seen) = seen.filter(|seen| seen.failure.is_some()) else {
        return Ok(true);
    };
    let rested = now.saturating_sub(REST).unwrap_or(now);
    Ok(seen.asked_us <= rested.as_microsecond())
}

/// Notes that the witness `key` gave no answer, and why.
pub async fn unreached(
    house: &House,
    key: &VerifierKey,
    why: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write_aside().await?;
    heads::asked(tx.link(), &key.to_string(), None, Some(why), now).await?;
    tx.commit().await?;
    Ok(())
}

/// How far a witness is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub name: Box<str>,
    /// The size of the log that it last cosigned; 0 where it never did.
    pub size: u64,
    /// Whether the last time it was asked ended well.
    pub is_well: bool,
}

/// How far each of `keys` is.
pub async fn standing(house: &House, keys: &[VerifierKey]) -> Result<Vec<Standing>, Failure> {
    let mut all = Vec::with_capacity(keys.len());
    for key in keys {
        let seen = heads::witness(house.store.link(), &key.to_string()).await?;
        all.push(Standing {
            name: key.name().into(),
            size: seen.as_ref().map_or(0, |seen| seen.size as u64),
            is_well: seen.is_some_and(|seen| seen.failure.is_none()),
        });
    }
    Ok(all)
}

/// Keeps what the witness `key` answered.
pub async fn answered(
    house: &House,
    key: &VerifierKey,
    ask: &Ask,
    (status, body): (u16, &str),
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let tx = house.store.write_aside().await?;
    let (link, name) = (tx.link(), key.to_string());
    let outcome = match witness::answer(status, body, &ask.note, key) {
        Ok(Answer::Cosigned(lines)) => {
            let first = lines.first().expect("a cosignature that verified is there");
            heads::cosigned(link, ask.size, &name, &first.to_string(), now).await?;
            Outcome::Cosigned
        }
        Ok(Answer::Behind(size)) if size <= ask.size as u64 => {
            heads::asked(link, &name, Some(size as i64), None, now).await?;
            Outcome::AskAgain
        }
        Ok(Answer::Behind(size)) => {
            let why = format!(
                "the witness saw a log of {size} entries, and this one has {}: a backup was restored, or the log was split",
                ask.size
            );
            heads::asked(link, &name, None, Some(&why), now).await?;
            Outcome::Not(why.into())
        }
        Err(error) => {
            let why = error.to_string();
            heads::asked(link, &name, None, Some(&why), now).await?;
            Outcome::Not(why.into())
        }
    };
    tx.commit().await?;
    Ok(outcome)
}
