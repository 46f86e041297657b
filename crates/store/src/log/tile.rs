//! Tile: the tree over the entries, and whose turn it is to grow it.

use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};

/// A tile: its level, its place in the level, and its hashes.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Tile {
    pub level: i64,
    pub idx: i64,
    pub hashes: Vec<u8>,
}

/// Takes the sequencer's turn until the write ends, and says how many entries the tiles hold.
///
/// Only inside a write: the row stays locked, so that two nodes never grow the tree at once.
pub async fn hold(link: Link<'_>) -> Result<i64, StoreError> {
    link.number(
        "update log_sequencer set size = size where one = 1 returning size",
        values![],
    )
    .await
}

/// How many entries the tiles hold.
pub async fn size(link: Link<'_>) -> Result<i64, StoreError> {
    link.number("select size from log_sequencer where one = 1", values![])
        .await
}

/// Keeps tiles, each in place of the narrower one that was there, and says that they hold `size` entries.
pub async fn keep(link: Link<'_>, tiles: Vec<Tile>, size: i64) -> Result<(), StoreError> {
    for tile in tiles {
        link.run(
            "insert into log_tile (level, idx, hashes) values ($1, $2, $3) \
             on conflict (level, idx) do update set hashes = excluded.hashes",
            values![tile.level, tile.idx, tile.hashes],
        )
        .await?;
    }
    link.run(
        "update log_sequencer set size = $1 where one = 1",
        values![size],
    )
    .await?;
    Ok(())
}

/// The tiles at these levels and places, those that are there.
///
/// One question each: a proof needs no more than two a level, and a log of 16 million entries has three levels.
pub async fn tiles(link: Link<'_>, places: Vec<(i64, i64)>) -> Result<Vec<Tile>, StoreError> {
    let mut found = Vec::new();
    for (level, idx) in places {
        let tile: Option<Tile> = link
            .one(
                "select level, idx, hashes from log_tile where level = $1 and idx = $2",
                values![level, idx],
            )
            .await?;
        found.extend(tile);
    }
    Ok(found)
}
