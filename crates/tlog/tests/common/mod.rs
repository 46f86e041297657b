//! What the tests share: the tree as RFC 6962 defines it, and logs that grew.

use std::collections::BTreeMap;

use tlog::hash::{self, Hash, leaf, node};
use tlog::{TileId, Tree, integrate};

pub type Kept = BTreeMap<TileId, Vec<Hash>>;

/// RFC 6962, section 2.1: MTH, word by word.
pub fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => hash::empty(),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&mth(left), &mth(right))
        }
    }
}

/// The largest power of two below `size`.
pub fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

pub fn leaves(count: usize) -> Vec<Hash> {
    (0..count)
        .map(|at| leaf(format!("entry {at}").as_bytes()))
        .collect()
}

/// A log that grew by `steps`, and the tiles it kept.
pub fn grown(steps: impl IntoIterator<Item = usize>) -> (Tree, Kept) {
    let steps: Vec<usize> = steps.into_iter().collect();
    let all = leaves(steps.iter().sum());
    let (mut tree, mut kept, mut at) = (Tree::default(), Kept::new(), 0);
    for step in steps {
        let (written, next) = integrate(&tree, all[at..at + step].iter().copied());
        for (id, hashes) in written {
            let before = kept.insert(id, hashes.clone()).unwrap_or_default();
            assert!(hashes.starts_with(&before) && hashes.len() > before.len());
        }
        (tree, at) = (next, at + step);
    }
    (tree, kept)
}
