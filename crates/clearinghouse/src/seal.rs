//! Seal: embargoed texts under the key of the report or case they belong to.

use keys::DataKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Failure, House};

/// A new data key, and the same wrapped for the row it belongs to.
/// `kind` (`report`, `case`) is bound into the wrapping, so that a key cannot be moved to a row of another kind.
pub fn new_key(house: &House, kind: &str) -> (DataKey, keys::Wrapped) {
    let mut dice = house.short_dice();
    let key = DataKey::new(&mut dice);
    let wrapped = house.keys.master().wrap(&key, kind.as_bytes(), &mut dice);
    (key, wrapped)
}

/// The data key of a row. A destroyed one is [`Failure::Hidden`]: what it sealed is no longer there for anyone.
pub fn key(house: &House, kind: &str, wrapped: Option<&[u8]>) -> Result<DataKey, Failure> {
    let wrapped = wrapped.ok_or(Failure::Hidden)?;
    house.unwraps();
    Ok(house.keys.master().unwrap(wrapped, kind.as_bytes())?)
}

/// `value` as JSON, sealed. `what` names the column and is bound in: a sealed title does not open as a message.
pub fn seal<T: Serialize>(house: &House, key: &DataKey, what: &str, value: &T) -> Vec<u8> {
    seal_text(house, key, what, &json(value))
}

/// `value` as JSON.
pub fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("our own types have no keys that JSON lacks")
}

/// What is JSON already, sealed.
pub fn seal_text(house: &House, key: &DataKey, what: &str, plain: &[u8]) -> Vec<u8> {
    key.seal(what.as_bytes(), plain, &mut house.short_dice())
}

/// Opens what [`seal`] sealed.
pub fn open<T: DeserializeOwned>(key: &DataKey, what: &str, sealed: &[u8]) -> Result<T, Failure> {
    let plain = key.open(what.as_bytes(), sealed)?;
    serde_json::from_slice(&plain).map_err(Failure::broken)
}
