//! Sequence: entries become a tree, and the log signs for it.
//!
//! An act appends its entries in its own transaction and waits for nothing. Shortly after, a sequencer
//! reads what is new, writes the tiles that changed and signs the new head, all in one transaction of its own: if
//! it stops at any write, nothing of the batch happened, and the next one begins where the tiles end.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use store::log::checkpoint as heads;
use store::log::tile as tiles;
use tlog::{Checkpoint, Hash, TileId, Tree};

use crate::{Failure, House};

/// Entries of one batch. Each has at most 64 KiB, so a batch holds at most 64 MiB in memory, and in practice 100 KiB.
const BATCH_ENTRIES_MAX: i64 = 1024;
/// How long heads that nobody cosigned are kept. A receipt carries its own, so only who compares recent ones needs them.
const HEADS_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// What a batch did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integrated {
    /// How many entries the tree had before.
    pub from: u64,
    /// How many it has now.
    pub to: u64,
}

/// Takes the entries that are new into the tree and signs the new head; one bounded batch.
///
/// Nodes that do this at once take turns.
pub async fn integrate(house: &House, now: Timestamp) -> Result<Integrated, Failure> {
    let tx = house.store.write_aside().await?;
    let link = tx.link();
    let size = tiles::hold(link).await?;
    let entries = store::log::entries(link, size, BATCH_ENTRIES_MAX).await?;
    let last = heads::latest(link).await?;
    let tree = tree(house, link, size as u64, last.as_ref()).await?;
    if entries.is_empty() && last.is_some() {
        return Ok(Integrated {
            from: tree.size(),
            to: tree.size(),
        });
    }
    let leaves = entries.iter().map(|entry| tlog::hash::leaf(entry));
    let (written, grown) = tlog::integrate(&tree, leaves);
    let written = written.into_iter().map(|(id, hashes)| tiles::Tile {
        level: i64::from(id.level),
        idx: id.index as i64,
        hashes: tlog::tile::bytes(&hashes),
    });
    let head = Checkpoint::new(house.keys.origin(), grown.size(), grown.root());
    let note = head.sign(house.keys.log()).to_string();
    let to = grown.size() as i64;
    tiles::keep(link, written.collect(), to).await?;
    heads::keep(link, to, &head.root.0, &note, now).await?;
    heads::forget(link, now.saturating_sub(HEADS_KEPT).unwrap_or(now)).await?;
    // Durable from here. If we stop before, the next batch finds the same entries again and signs the same tree.
    tx.commit().await?;
    Ok(Integrated {
        from: tree.size(),
        to: grown.size(),
    })
}

/// Takes in all that is new, batch after batch, and says how many entries the tree then has.
pub async fn catch_up(house: &House, now: Timestamp) -> Result<u64, Failure> {
    loop {
        let done = integrate(house, now).await?;
        if done.to - done.from < BATCH_ENTRIES_MAX as u64 {
            return Ok(done.to);
        }
    }
}

/// The tree that the tiles hold, which is the one that was signed last.
///
/// "A log MUST not sign any checkpoint which is inconsistent with any checkpoint it previously signed": whoever changed
/// a tile or a head in the database is found here, before anything more is signed.
async fn tree(
    house: &House,
    link: store::Link<'_>,
    size: u64,
    last: Option<&heads::Checkpoint>,
) -> Result<Tree, Failure> {
    let kept = kept(link, Tree::edge_tiles(size)).await?;
    let tree = Tree::read(size, &kept)
        .map_err(|id| Failure::broken(format!("the log lost its tile `{}`", id.path(256))))?;
    let Some(last) = last else {
        return match size {
            0 => Ok(tree),
            _ => Err(Failure::broken("the log lost its last checkpoint")),
        };
    };
    let note = keys::note::Note::parse(&last.note).map_err(Failure::broken)?;
    let keys = house.keys.verifiers();
    let (head, _) = Checkpoint::open(&note, &keys).map_err(Failure::broken)?;
    if (head.size, head.root) != (tree.size(), tree.root()) {
        return Err(Failure::broken(format!(
            "the tiles of the log are not what was signed at {} entries",
            head.size
        )));
    }
    Ok(tree)
}

/// Tiles from the store, as the tree reads them.
pub(crate) async fn kept(
    link: store::Link<'_>,
    ids: Vec<TileId>,
) -> Result<BTreeMap<TileId, Vec<Hash>>, Failure> {
    // Gathered before the wait: a closure that borrows would not let the future move between threads.
    let places: Vec<(i64, i64)> = ids
        .iter()
        .map(|id| (i64::from(id.level), id.index as i64))
        .collect();
    let mut kept = BTreeMap::new();
    for tile in tiles::tiles(link, places).await? {
        let id = TileId {
            level: tile.level as u8,
            index: tile.idx as u64,
        };
        let hashes = tlog::tile::hashes(&tile.hashes);
        let hashes = hashes.ok_or_else(|| {
            Failure::broken(format!("the tile `{}` of the log is damaged", id.path(256)))
        })?;
        kept.insert(id, hashes);
    }
    Ok(kept)
}
