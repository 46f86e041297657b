//! Serve: the files by which anyone follows the log (C2SP tlog-tiles).

use tlog::TileId;
use tlog::tile::{Asked, WIDTH, bundle};

use super::sequence;
use crate::{Failure, House};

/// The bytes of a tile or a bundle of entries; [`Failure::Hidden`] where the log does not reach that far.
///
/// A narrower tile is the beginning of the one that is kept, so every tile that was ever served still is.
pub async fn file(house: &House, asked: Asked) -> Result<Vec<u8>, Failure> {
    let link = house.store.link();
    // "Clients MUST NOT fetch arbitrary partial tiles": only what a signed head covers is there.
    let size = store::log::tile::size(link).await? as u64;
    let id = TileId {
        level: asked.level.unwrap_or(0),
        index: asked.index,
    };
    if asked.width > id.width(size) {
        return Err(Failure::Hidden);
    }
    if asked.level.is_none() {
        let (first, count) = ((asked.index * WIDTH) as i64, asked.width as i64);
        let entries = store::log::entries(link, first, count).await?;
        return Ok(bundle(entries.iter().map(Vec::as_slice)));
    }
    let kept = sequence::kept(link, vec![id]).await?.remove(&id);
    let hashes = kept.and_then(|kept| kept.get(..asked.width as usize).map(tlog::tile::bytes));
    hashes.ok_or_else(|| Failure::broken(format!("the log lost its tile `{}`", id.path(WIDTH))))
}
