//! Tree: how does the log grow, at a cost of what is new alone?

use crate::hash::{self, Hash, node};
use crate::proof::Tiles;
use crate::tile::{LEVELS_MAX, TileId, WIDTH};

/// The right edge of a log's tree: all that is needed to append to it and to know its root.
///
/// At most 255 hashes a level: 24 KiB for a log of 16 million entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    // Invariant: level `l` has the `size / 256^l mod 256` hashes of its partial tile, and the last level has some.
    edge: Vec<Vec<Hash>>,
}

/// A tile to be kept: its place and its hashes, which begin with those it had before.
pub type Written = (TileId, Vec<Hash>);

/// Appends `leaves`, the hashes of new entries in their order: the tiles to keep, and the tree that is then.
///
/// Costs one hash for each new entry and less than one for the levels above, and writes each tile that changed
/// once. A tile replaces the narrower one in its place.
pub fn integrate(tree: &Tree, leaves: impl IntoIterator<Item = Hash>) -> (Vec<Written>, Tree) {
    let mut grown = tree.clone();
    let mut written = Vec::new();
    for leaf in leaves {
        grown.push(leaf, &mut written);
    }
    for (level, hashes) in grown.edge.iter().enumerate() {
        let had = tree.edge.get(level).map_or(0, Vec::len);
        let is_same_tile = grown.tile(level).index == tree.tile(level).index;
        let is_unchanged = hashes.is_empty() || (is_same_tile && had == hashes.len());
        if !is_unchanged {
            written.push((grown.tile(level), hashes.clone()));
        }
    }
    (written, grown)
}

impl Tree {
    /// The tree of `size` entries whose tiles were kept; names the first tile that is missing or too narrow.
    pub fn read(size: u64, tiles: &impl Tiles) -> Result<Tree, TileId> {
        let mut tree = Tree {
            size,
            edge: Vec::new(),
        };
        for id in Tree::edge_tiles(size) {
            let width = id.width(size) as usize;
            tree.edge.resize(usize::from(id.level) + 1, Vec::new());
            let kept = tiles.tile(id).and_then(|kept| kept.get(..width));
            tree.edge[usize::from(id.level)] = kept.ok_or(id)?.to_vec();
        }
        Ok(tree)
    }

    /// The tiles that [`Tree::read`] reads.
    pub fn edge_tiles(size: u64) -> Vec<TileId> {
        let partial = |level: u8| {
            let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
            let index = hashes / WIDTH;
            (!hashes.is_multiple_of(WIDTH)).then_some(TileId { level, index })
        };
        (0..LEVELS_MAX).filter_map(partial).collect()
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash over all of it (RFC 6962, section 2.1).
    pub fn root(&self) -> Hash {
        // The subtrees on the right edge, from the smallest to the largest.
        let mut root: Option<Hash> = None;
        for hashes in &self.edge {
            let mut left = &hashes[..];
            while !left.is_empty() {
                let width = 1 << left.len().trailing_zeros();
                let (before, subtree) = left.split_at(left.len() - width);
                let subtree = perfect(subtree);
                root = Some(root.map_or(subtree, |right| node(&subtree, &right)));
                left = before;
            }
        }
        root.unwrap_or_else(hash::empty)
    }

    fn push(&mut self, leaf: Hash, written: &mut Vec<Written>) {
        let mut hash = leaf;
        for level in 0.. {
            if level == self.edge.len() {
                self.edge.push(Vec::new());
            }
            self.edge[level].push(hash);
            if (self.edge[level].len() as u64) < WIDTH {
                break;
            }
            let full = std::mem::take(&mut self.edge[level]);
            hash = perfect(&full);
            written.push((self.tile(level), full));
        }
        self.size += 1;
    }

    /// The tile at the right edge of `level`.
    fn tile(&self, level: usize) -> TileId {
        let bits = 8 * (level as u32 + 1);
        TileId {
            level: level as u8,
            index: self.size.checked_shr(bits).unwrap_or(0),
        }
    }
}

/// The root over a power of two of hashes.
pub(crate) fn perfect(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two());
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        for at in 0..row.len() / 2 {
            row[at] = node(&row[2 * at], &row[2 * at + 1]);
        }
        row.truncate(row.len() / 2);
    }
    row[0]
}
