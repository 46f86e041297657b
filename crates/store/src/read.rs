//! Read: a column into the type it was written from; what no version of ours wrote is damage, said as such.

use std::str::FromStr;

use jiff::Timestamp;

use crate::link::StoreError;

/// Microseconds into a time.
pub fn time(us: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(us)
        .map_err(|_| StoreError::Damaged(format!("{us} where a time stands").into()))
}

/// A word into one of a closed list.
pub fn word<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| {
        StoreError::Damaged(format!("an unknown word of {} letters", text.len()).into())
    })
}
