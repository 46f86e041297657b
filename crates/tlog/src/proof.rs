//! Proof: is this entry in that tree, and is this tree the beginning of that one?
//!
//! Proofs are made from tiles; they are verified by RFC 9162, sections 2.1.3.2 and 2.1.4.2, whose
//! trees are those of RFC 6962. To make one from a database: ask for its tiles, fetch them, and
//! hand them in.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use crate::hash::{Hash, node};
use crate::tile::TileId;
use crate::tree::perfect;

/// Longest proof: one hash for each level of a tree of less than 2^63 entries, which is as many as a witness takes
/// (C2SP tlog-witness, "add-checkpoint").
pub const HASHES_MAX: usize = 63;

/// Where tiles come from.
pub trait Tiles {
    /// The hashes of this tile, as many as are kept.
    fn tile(&self, id: TileId) -> Option<&[Hash]>;
}

impl Tiles for BTreeMap<TileId, Vec<Hash>> {
    fn tile(&self, id: TileId) -> Option<&[Hash]> {
        self.get(&id).map(Vec::as_slice)
    }
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The entry's index is not below the tree's size.
    Index { index: u64, size: u64 },
    /// The tree has fewer entries than the one it should continue.
    Shrank { from: u64, to: u64 },
    /// Nothing follows from a tree without entries.
    Empty,
    /// Too few or too many hashes for these sizes.
    Length,
    /// The hashes do not lead to the tree's root.
    Root,
    /// The hashes do not lead to the root of the smaller tree: it is no beginning of the larger one.
    Forked,
}

/// The tiles that a proof for the entry at `index` in a tree of `size` is made of.
pub fn inclusion_tiles(index: u64, size: u64) -> Vec<TileId> {
    tiles_of(&inclusion_ranges(index, size))
}

/// The proof that the entry at `index` is in the tree of `size`; names a tile that is missing.
pub fn inclusion(index: u64, size: u64, tiles: &impl Tiles) -> Result<Vec<Hash>, TileId> {
    let ranges = inclusion_ranges(index, size);
    ranges.into_iter().map(|it| range_root(it, tiles)).collect()
}

/// The tiles that a proof from `from` to `to` entries is made of.
pub fn consistency_tiles(from: u64, to: u64) -> Vec<TileId> {
    tiles_of(&consistency_ranges(from, to))
}

/// The proof that the tree of `from` entries is the beginning of that of `to`; names a tile that is missing.
pub fn consistency(from: u64, to: u64, tiles: &impl Tiles) -> Result<Vec<Hash>, TileId> {
    let ranges = consistency_ranges(from, to);
    ranges.into_iter().map(|it| range_root(it, tiles)).collect()
}

/// The root of the first `size` entries, from tiles; names a tile that is missing.
pub fn root(size: u64, tiles: &impl Tiles) -> Result<Hash, TileId> {
    match size {
        0 => Ok(crate::hash::empty()),
        _ => range_root(0..size, tiles),
    }
}

/// Whether `proof` shows that the entry with hash `leaf` is at `index` in the tree of `size` with `root`
/// (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    // 1. "Compare leaf_index from the inclusion_proof_v2 structure against tree_size."
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    // 2. to 3.
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    // 4. "For each value p in the inclusion_path array"
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            // "until either LSB(fn) is set or fn is 0"
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    // 5. "Compare sn to 0. Compare r against the root_hash."
    match (last, hash == root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// Whether `proof` shows that the tree of `from` entries with `old` is the beginning of that of `to` with `new`
/// (RFC 9162, section 2.1.4.2).
pub fn verify_consistency(
    (from, old): (u64, Hash),
    (to, new): (u64, Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if to < from {
        return Err(ProofError::Shrank { from, to });
    }
    if from == to {
        return match (proof, old == new) {
            ([], true) => Ok(()),
            ([], false) => Err(ProofError::Forked),
            _ => Err(ProofError::Length),
        };
    }
    if from == 0 {
        return Err(ProofError::Empty);
    }
    // 1. to 2. "If first is an exact power of 2, then prepend first_hash to the consistency_path array."
    let is_power = from.is_power_of_two();
    let mut path = proof.iter().copied();
    let first = if is_power { Some(old) } else { path.next() };
    let first = first.ok_or(ProofError::Length)?;
    // 3. to 5.
    let (mut at, mut last) = (from - 1, to - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut of_old, mut of_new) = (first, first);
    // 6.
    for hash in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            of_old = node(&hash, &of_old);
            of_new = node(&hash, &of_new);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            of_new = node(&of_new, &hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    // 7. "verify that the fr calculated is equal to the first_hash, … sr … second_hash, and that sn is 0"
    match (last, of_old == old, of_new == new) {
        (0, true, true) => Ok(()),
        (0, false, _) => Err(ProofError::Forked),
        (0, true, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// RFC 6962, section 2.1.1: the siblings on the way from the entry to the root, as the entries below each.
fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut low, mut high) = (0, size);
    let mut ranges = Vec::new();
    while high - low > 1 && index < size {
        let middle = low + split(high - low);
        if index < middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// RFC 6962, section 2.1.2, SUBPROOF.
fn consistency_ranges(from: u64, to: u64) -> Vec<Range<u64>> {
    let (mut low, mut high) = (0, to);
    let mut ranges = Vec::new();
    if from == 0 || from >= to {
        return ranges;
    }
    while from != high {
        let middle = low + split(high - low);
        if from <= middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    // The verifier knows the old tree's root already where all of the old tree is one subtree.
    if low > 0 {
        ranges.push(low..high);
    }
    ranges.reverse();
    ranges
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The root over the entries of `range`, which begins where a subtree of its size can.
fn range_root(range: Range<u64>, tiles: &impl Tiles) -> Result<Hash, TileId> {
    let mut root = None;
    for subtree in subtrees(range).into_iter().rev() {
        let hash = subtree.root(tiles)?;
        root = Some(root.map_or(hash, |right| node(&hash, &right)));
    }
    Ok(root.expect("no range of a proof is empty"))
}

fn tiles_of(ranges: &[Range<u64>]) -> Vec<TileId> {
    let subtrees = ranges.iter().cloned().flat_map(subtrees);
    let mut tiles: Vec<TileId> = subtrees.map(|subtree| subtree.tile().0).collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

/// A subtree of 2^`height` entries from `start`, which is a multiple of that.
struct Subtree {
    height: u32,
    start: u64,
}

impl Subtree {
    /// The tile it is in, and the hashes of that tile it is over.
    fn tile(&self) -> (TileId, Range<usize>) {
        let (level, inside) = (self.height / 8, self.height % 8);
        let first = self.start >> (8 * level);
        let id = TileId {
            level: level as u8,
            index: first / 256,
        };
        let at = (first % 256) as usize;
        (id, at..at + (1 << inside))
    }

    fn root(&self, tiles: &impl Tiles) -> Result<Hash, TileId> {
        let (id, range) = self.tile();
        let hashes = tiles.tile(id).and_then(|hashes| hashes.get(range));
        hashes.map(perfect).ok_or(id)
    }
}

/// `range` as whole subtrees, largest first.
fn subtrees(range: Range<u64>) -> Vec<Subtree> {
    let mut start = range.start;
    let mut subtrees = Vec::new();
    while start < range.end {
        let height = 63 - (range.end - start).leading_zeros();
        subtrees.push(Subtree { height, start });
        start += 1 << height;
    }
    subtrees
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofError::Index { index, size } => {
                write!(f, "entry {index} is not in a tree of {size} entries")
            }
            ProofError::Shrank { from, to } => {
                write!(f, "the log shrank from {from} to {to} entries")
            }
            ProofError::Empty => f.write_str("nothing follows from a tree without entries"),
            ProofError::Length => {
                f.write_str("the proof has too few or too many hashes for a tree of this size")
            }
            ProofError::Root => f.write_str("the proof does not lead to the root that was signed"),
            ProofError::Forked => {
                f.write_str("the log forked: the earlier tree is no beginning of the later one")
            }
        }
    }
}

impl std::error::Error for ProofError {}
