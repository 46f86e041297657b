//! How much an archive may cost.

/// Bounds on one archive. The defaults let through every archive we know of that somebody made in good faith.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes it may unpack to. The largest container layers in use (GPU toolkits) have about 10 GiB; 64 GiB
    /// leaves headroom and at 1 GB/s ends after a minute.
    pub bytes_total: u64,
    /// Bytes of one entry that are given to a reader. The largest advisory file we know unpacks to 0.4 GiB
    /// (`all.json` corpora); 1 GiB. Longer entries are listed and can be passed over.
    pub entry_bytes: u64,
    /// Entries. A large image has half a million files, the largest advisory corpus as many records; 4 million.
    pub entries: u64,
    /// Archives inside archives. A war in an ear has libraries as jars: 3.
    pub depth: u32,
    /// How many times its size a compressed stream may unpack to, once it has given [`RATIO_FROM`] bytes. Text
    /// reaches 10 to 30, the most repetitive corpora 100; 250. Gzip can reach 1032, bzip2 and zstd much more.
    pub ratio: u64,
    /// Bytes of a path or of a link's target: `PATH_MAX` on Linux, 4096.
    pub path_bytes: usize,
    /// What paths are relative to.
    pub place: Place,
}

/// What the paths of an archive are relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Some folder that the archive knows nothing of: absolute paths and links that leave the archive are
    /// refused.
    Folder,
    /// The root of a file system, as in container layers: `/etc` is `etc`, and a link is never refused because
    /// it is only ever followed inside that root. Paths with `..` are refused here too.
    Root,
}

/// Below this much output a ratio says nothing: a kilobyte of padding may well come from ten bytes.
pub(crate) const RATIO_FROM: u64 = 64 * MIB;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes_total: 64 * GIB,
            entry_bytes: GIB,
            entries: 4_000_000,
            depth: 3,
            ratio: 250,
            path_bytes: 4096,
            place: Place::Folder,
        }
    }
}

impl Limits {
    /// The limits of an archive inside this one; `None` where that is one too deep.
    pub fn inner(&self) -> Option<Limits> {
        let depth = self.depth.checked_sub(1)?;
        Some(Limits {
            depth,
            ..self.clone()
        })
    }
}

/// A number of bytes for people.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        count if count >= GIB && count.is_multiple_of(GIB) => format!("{} GiB", count / GIB),
        count if count >= MIB && count.is_multiple_of(MIB) => format!("{} MiB", count / MIB),
        count => format!("{count} bytes"),
    }
}
