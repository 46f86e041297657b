//! Rotation: a change of the log's key is said in the log itself.
//!
//! `keys` makes the new key and the statement while no house is open; the next house that opens finds
//! it here, before the new key signs anything.

use jiff::Timestamp;
use serde_json::json;

use super::{Note, append};
use crate::{Failure, House};

/// Appends the statements of rotations that do not stand in the log yet, and says how many there were.
pub async fn record(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let tx = house.store.write().await?;
    let known = store::log::checkpoint::rotations(tx.link()).await?;
    let known = usize::try_from(known).map_err(Failure::broken)?;
    let notes: Vec<&str> = house.keys.rotations().collect();
    if known > notes.len() {
        return Err(Failure::broken(format!(
            "the log knows {known} changes of its key, and the folder of keys {}: older keys were restored",
            notes.len()
        )));
    }
    let new = notes.iter().zip(1..).skip(known);
    for (note, number) in new {
        let body = json!({"act": "log.rotate", "number": number, "note": note, "at": now});
        let index = append(house, &tx, &[Note::Open(body)]).await?;
        store::log::checkpoint::rotated(tx.link(), number, index).await?;
    }
    tx.commit().await?;
    Ok(notes.len() - known)
}
