//! Repeats: which entries of a list stand there twice?

use std::collections::BTreeMap;

use crate::at::At;

/// Each entry that repeats an earlier one by `what`, with the number of the first, counted from 1.
pub fn repeats<'a, K: Ord>(
    entries: impl Iterator<Item = At<'a>>,
    what: impl Fn(&At<'a>) -> Option<K>,
) -> Vec<(At<'a>, usize)> {
    let mut first: BTreeMap<K, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, entry) in entries.enumerate() {
        let Some(key) = what(&entry) else { continue };
        match first.get(&key) {
            Some(earlier) => found.push((entry, earlier + 1)),
            None => {
                first.insert(key, index);
            }
        }
    }
    found
}
