//! Log: every act leaves an entry, open or sealed, in the transaction of what it changed.

use serde_json::Value;
use store::Tx;
use tlog::{Body, Entry, Opening};

pub mod check;
pub mod receipt;
pub mod recent;
pub mod rotation;
pub mod sequence;
pub mod serve;
pub mod witness;

use crate::{Failure, House};

/// What an act says to the log.
#[derive(Clone, Debug)]
pub enum Note {
    /// Everyone may read it.
    Open(Value),
    /// Only its salted hash is public, until it is opened at publication.
    Sealed(Value),
}

/// Appends `notes` and says the index of the first. Under embargo an act appends the same number of sealed entries
/// whatever it decided, or the length of the public log would tell.
pub async fn append(house: &House, tx: &Tx, notes: &[Note]) -> Result<i64, Failure> {
    let mut entries = Vec::with_capacity(notes.len());
    let mut openings = Vec::new();
    for (place, note) in (0i64..).zip(notes) {
        match note {
            Note::Open(body) => entries.push(Entry::Open(Body::new(body)?).bytes()),
            Note::Sealed(body) => {
                let mut salt = [0; tlog::entry::SALT_BYTES];
                house.dice(|dice| dice.fill(&mut salt));
                let opening = Opening::new(salt, Body::new(body)?);
                entries.push(opening.entry().bytes());
                openings.push((place, opening));
            }
        }
    }
    let first = store::log::append(tx.link(), &entries).await?;
    let kept = house.dice(|dice| {
        openings
            .iter()
            .map(|(place, opening)| {
                let index = first + place;
                let mut plain = opening.salt.to_vec();
                plain.extend(opening.body.as_str().bytes());
                let sealed = house.keys.master().seal(&context(index), &plain, dice);
                (index, sealed)
            })
            .collect()
    });
    store::log::keep_openings(tx.link(), kept).await?;
    Ok(first)
}

/// What opens the sealed entry at `index`; [`Failure::Hidden`] where none is kept.
pub async fn opening(house: &House, link: store::Link<'_>, index: i64) -> Result<Opening, Failure> {
    let sealed = store::log::opening(link, index)
        .await?
        .ok_or(Failure::Hidden)?;
    unsealed(house, index, &sealed)
}

/// The opening of the entry at `index`, from its sealed bytes.
pub fn unsealed(house: &House, index: i64, sealed: &[u8]) -> Result<Opening, Failure> {
    let plain = house.keys.master().open(&context(index), sealed)?;
    let (salt, body) = plain
        .split_first_chunk()
        .ok_or_else(|| Failure::broken("an opening without a salt"))?;
    let body = std::str::from_utf8(body).map_err(Failure::broken)?;
    Ok(Opening::new(*salt, Body::parse(body)?))
}

/// Bound into the sealing, so that an opening does not open another entry.
fn context(index: i64) -> Vec<u8> {
    format!("opening {index}").into_bytes()
}
