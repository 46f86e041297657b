//! Recent: the entries as a person looks through them, the newest first.

use tlog::Entry;

use crate::{Failure, House};

/// The last `count` entries below `end`, each with its index, the newest first.
pub async fn below(house: &House, end: u64, count: u64) -> Result<Vec<(u64, Entry)>, Failure> {
    let first = end.saturating_sub(count);
    let entries =
        store::log::entries(house.store.link(), first as i64, (end - first) as i64).await?;
    let mut read = Vec::with_capacity(entries.len());
    for (bytes, index) in entries.iter().zip(first..) {
        read.push((index, Entry::parse(bytes)?));
    }
    read.reverse();
    Ok(read)
}
