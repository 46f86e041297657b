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

/// An entry that has no place in the log yet.
#[derive(Clone, Default)]
pub struct Written {
    entry: Vec<u8>,
    /// Salt and body of a sealed one, in the clear.
    opening: Option<Vec<u8>>,
}

/// Writes an entry out, which needs neither its place nor the writer's turn.
pub fn write(house: &House, note: &Note) -> Result<Written, Failure> {
    let body = match note {
        Note::Open(body) => {
            return Ok(Written {
                entry: Entry::Open(Body::of(body)?).bytes(),
                opening: None,
            });
        }
        Note::Sealed(body) => Body::of(body)?,
    };
    let mut salt = [0; tlog::entry::SALT_BYTES];
    house.dice(|dice| dice.fill(&mut salt));
    let opening = Opening::new(salt, body);
    Ok(Written {
        entry: opening.entry().bytes(),
        opening: Some([&opening.salt[..], opening.body.as_str().as_bytes()].concat()),
    })
}

/// Appends `notes` and says the index of the first. Under embargo an act appends the same number of sealed entries
/// whatever it decided, or the length of the public log would tell.
pub async fn append(house: &House, tx: &Tx, notes: &[Note]) -> Result<i64, Failure> {
    let written: Result<Vec<Written>, Failure> =
        notes.iter().map(|note| write(house, note)).collect();
    append_written(house, tx, written?).await
}

/// The same of entries that are written out.
pub async fn append_written(house: &House, tx: &Tx, written: Vec<Written>) -> Result<i64, Failure> {
    let (entries, openings): (Vec<_>, Vec<_>) = written
        .into_iter()
        .map(|one| (one.entry, one.opening))
        .unzip();
    let first = store::log::append(tx.link(), entries).await?;
    let master = house.keys.master();
    let mut dice = house.short_dice();
    let sealed = |(index, plain): (i64, Option<Vec<u8>>)| {
        Some((index, master.seal(&context(index), &plain?, &mut dice)))
    };
    let kept = (first..).zip(openings).filter_map(sealed).collect();
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
