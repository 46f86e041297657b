//! Tile: how is the tree cut into files that never change?
//!
//! C2SP tlog-tiles (<https://c2sp.org/tlog-tiles>): 256 hashes a tile; level 0 holds the hashes of
//! entries, each level above the roots of full tiles below. A partial tile is the beginning of the
//! full one, so whoever keeps the widest can serve them all.

use std::fmt::Write as _;

use crate::hash::Hash;

/// Hashes of a full tile.
pub const WIDTH: u64 = 256;
/// Levels that a tree of less than 2^64 entries can have.
pub const LEVELS_MAX: u8 = 8;

/// Which tile: its level, and its place in the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    pub level: u8,
    pub index: u64,
}

/// What a path below the log's address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `None` for a bundle of entries, else the level of the tile.
    pub level: Option<u8>,
    pub index: u64,
    /// 256 for a full one.
    pub width: u64,
}

impl TileId {
    /// How many hashes this tile has in a tree of `size` entries; 0 where there is none.
    pub fn width(self, size: u64) -> u64 {
        let hashes = size.checked_shr(8 * u32::from(self.level)).unwrap_or(0);
        let before = self.index.saturating_mul(WIDTH);
        hashes.saturating_sub(before).min(WIDTH)
    }

    /// Its path with `width` hashes: `tile/0/x001/234.p/5`.
    pub fn path(self, width: u64) -> String {
        path(&format!("tile/{}", self.level), self.index, width)
    }
}

/// The path of the bundle at `index` with `width` entries: `tile/entries/x001/234.p/5`.
pub fn bundle_path(index: u64, width: u64) -> String {
    path("tile/entries", index, width)
}

/// A bundle: each entry after its length in 16 bits ("Log entries").
///
/// The entries are at most [`crate::entry::ENTRY_BYTES_MAX`] long.
pub fn bundle<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Vec<u8> {
    let mut bundle = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).expect("an entry has at most 65,535 bytes");
        bundle.extend(length.to_be_bytes());
        bundle.extend(entry);
    }
    bundle
}

/// The entries of a bundle; `None` where it is cut short.
pub fn entries(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bundle = rest;
    }
    bundle.is_empty().then_some(entries)
}

/// Hashes as a tile's bytes.
pub fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile's bytes; `None` where they are not 1 to 256 whole hashes.
pub fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    let is_whole = rest.is_empty() && (1..=WIDTH as usize).contains(&hashes.len());
    is_whole.then(|| hashes.iter().copied().map(Hash).collect())
}

/// What `path`, such as `tile/0/x001/234.p/5`, asks for; `None` where no log has such a path.
pub fn parse(path: &str) -> Option<Asked> {
    let mut parts: Vec<&str> = path.strip_prefix("tile/")?.split('/').collect();
    let level = match parts.remove(0) {
        "entries" => None,
        level => Some(number(level, 63)? as u8),
    };
    let mut width = WIDTH;
    if let [.., last, partial] = &mut parts[..]
        && let Some(base) = last.strip_suffix(".p")
    {
        width = number(partial, WIDTH - 1).filter(|width| *width > 0)?;
        *last = base;
        parts.pop();
    }
    let (last, before) = parts.split_last()?;
    let mut index = digits(last)?;
    let mut scale: u64 = 1;
    for part in before.iter().rev() {
        scale = scale.checked_mul(1000)?;
        let part = digits(part.strip_prefix('x')?)?;
        index = index.checked_add(part.checked_mul(scale)?)?;
    }
    // "x000/001" is not how 1 is written.
    let is_plain = before.first().is_none_or(|first| *first != "x000");
    let index = is_plain.then_some(index)?;
    Some(Asked {
        level,
        index,
        width,
    })
}

/// "Zero-padded 3-digit path elements. All but the last path element MUST begin with an `x`."
fn path(before: &str, index: u64, width: u64) -> String {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    let mut path = before.to_owned();
    for (at, group) in groups.iter().enumerate().rev() {
        let mark = if at == 0 { "" } else { "x" };
        let _ = write!(path, "/{mark}{group:03}");
    }
    if width < WIDTH {
        let _ = write!(path, ".p/{width}");
    }
    path
}

fn digits(text: &str) -> Option<u64> {
    let is_group = text.len() == 3 && text.bytes().all(|it| it.is_ascii_digit());
    is_group.then(|| text.parse().ok())?
}

/// A number without leading zeroes.
fn number(text: &str, max: u64) -> Option<u64> {
    let number: u64 = text.parse().ok().filter(|number| *number <= max)?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(path: &str, expected: Expect) {
        let said = match parse(path) {
            None => "no path of a log".to_owned(),
            Some(Asked {
                level,
                index,
                width,
            }) => format!("{level:?} {index} {width}"),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn paths_are_read() {
        check("tile/0/000", expect!["Some(0) 0 256"]);
        check("tile/63/x001/x234/067", expect!["Some(63) 1234067 256"]);
        check("tile/entries/x001/234.p/5", expect!["None 1234 5"]);
        check("tile/1/000.p/255", expect!["Some(1) 0 255"]);
    }

    #[test]
    fn a_path_is_written_in_one_way() {
        for path in [
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/001/234",
            "tile/0/x001",
            "tile/0/x000/001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/05",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000/5",
            "tile/0",
            "tile/0/",
            "tile//000",
            "tile",
            "",
            "checkpoint",
            "tile/0/+01",
            "tile/entries/000.p/1/2",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            check(path, expect!["no path of a log"]);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for index in [0, 1, 999, 1000, 1_234_067, u64::MAX / 256] {
            for width in [1, 255, 256] {
                let tile = TileId { level: 3, index };
                let asked = Asked {
                    level: Some(3),
                    index,
                    width,
                };
                assert_eq!(parse(&tile.path(width)), Some(asked));
                let asked = Asked {
                    level: None,
                    ..asked
                };
                assert_eq!(parse(&bundle_path(index, width)), Some(asked));
            }
        }
    }

    /// The specification's example under "Partial Tiles".
    #[test]
    fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
        let width = |level, index| TileId { level, index }.width(70_000);
        assert_eq!((width(0, 272), width(0, 273), width(0, 274)), (256, 112, 0));
        assert_eq!(
            (width(1, 0), width(1, 1), width(2, 0), width(3, 0)),
            (256, 17, 1, 0)
        );
        let of_256 = |level| TileId { level, index: 0 }.width(256);
        assert_eq!((of_256(0), of_256(1), of_256(2)), (256, 1, 0));
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written() {
        let whole = bundle([&b"one"[..], b"", b"three"]);
        assert_eq!(whole, b"\0\x03one\0\0\0\x05three");
        assert_eq!(entries(&whole).unwrap(), [&b"one"[..], b"", b"three"]);
        assert_eq!(entries(&whole[..whole.len() - 1]), None);
        assert_eq!(entries(&whole[..1]), None);
        assert_eq!(hashes(&[0; 31]), None);
        assert_eq!(hashes(&[]), None);
        assert_eq!(hashes(&[0; 257 * 32]), None);
    }
}
