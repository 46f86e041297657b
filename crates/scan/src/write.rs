//! Puts sections into a file, and the file in the place of the old one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    build::Failure,
    index::HEADER,
    layout::{FORMAT, HASH_AT, HASH_END, MAGIC, Section, TABLE_AT},
    spill::{Place, Spill},
};

/// What a file is made of.
pub struct Parts {
    /// The bytes of each section, in the order of [`Section::ALL`]; none for the details and the originals.
    pub sections: Vec<Vec<u8>>,
    /// The details wait on disk, in this order.
    pub details: Vec<Place>,
    pub details_length: u64,
    /// As do the originals.
    pub originals: Vec<Place>,
    pub originals_length: u64,
    pub spill: Spill,
}

impl Parts {
    fn lengths(&self) -> impl Iterator<Item = (Section, u64)> + '_ {
        let lengths = Section::ALL.iter().zip(&self.sections);
        lengths.map(|(section, part)| match section {
            Section::Details => (*section, self.details_length),
            Section::OriginalBytes => (*section, self.originals_length),
            section => (*section, part.len() as u64),
        })
    }
}

/// How much is written at once. Linux caches a file in pieces as large as it was written in, up to 2 MiB, and maps
/// a whole piece where one byte of it is touched: with pieces of this size a scan has a third of that resident.
const PIECE_BYTES: usize = 64 * 1024;

/// Writes the file that holds `parts` to `out`, and says its length and hash.
///
/// Each part's memory is given back once it is written: an index is as large as all else a build holds.
pub fn file(
    mut parts: Parts,
    edition: Timestamp,
    out: &mut (impl Write + Seek),
) -> Result<(u64, [u8; 32]), Failure> {
    let header = header(&parts, edition)?;
    let mut hash = Sha256::new();
    hash.update(header.get(..HASH_AT).unwrap_or_default());
    hash.update(header.get(HASH_END..).unwrap_or_default());
    let mut length = header.len() as u64;
    out.write_all(&header).map_err(Failure::Unwritable)?;
    let mut put = |bytes: &[u8]| {
        hash.update(bytes);
        length += bytes.len() as u64;
        let gap = length.next_multiple_of(8) - length;
        let mut pieces = bytes.chunks(PIECE_BYTES);
        pieces
            .try_for_each(|piece| out.write_all(piece))
            .map(|()| gap)
    };
    let mut gap = 0;
    for (section, part) in Section::ALL.iter().zip(parts.sections) {
        put([0; 8].get(..gap as usize).unwrap_or_default()).map_err(Failure::Unwritable)?;
        gap = put(&part).map_err(Failure::Unwritable)?;
        let waiting = match section {
            Section::Details => &*parts.details,
            Section::OriginalBytes => &*parts.originals,
            _ => &[],
        };
        for place in waiting {
            let bytes = parts.spill.read(*place).map_err(Failure::Unwritable)?;
            gap = put(&bytes).map_err(Failure::Unwritable)?;
        }
    }
    let hash: [u8; 32] = hash.finalize().into();
    out.seek(SeekFrom::Start(HASH_AT as u64))
        .and_then(|_| out.write_all(&hash))
        .map_err(Failure::Unwritable)?;
    Ok((length, hash))
}

/// The header and section table, with zeros for the hash.
fn header(parts: &Parts, edition: Timestamp) -> Result<Vec<u8>, Failure> {
    let mut length = HEADER as u64;
    let mut table = Vec::new();
    for (section, bytes) in parts.lengths() {
        // Originals are addressed by 64 bits; every reference into the others has 32.
        if bytes >= u64::from(u32::MAX) && section != Section::OriginalBytes {
            return Err(Failure::TooLarge(section.name()));
        }
        length = length.next_multiple_of(8);
        table.extend_from_slice(&length.to_le_bytes());
        table.extend_from_slice(&bytes.to_le_bytes());
        length += bytes;
    }
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&FORMAT.to_le_bytes());
    header.extend_from_slice(&(Section::ALL.len() as u32).to_le_bytes());
    header.extend_from_slice(&edition.as_microsecond().to_le_bytes());
    header.extend_from_slice(&length.to_le_bytes());
    header.resize(TABLE_AT, 0);
    header.extend_from_slice(&table);
    Ok(header)
}

/// Makes what `fill` writes the content of `path`.
///
/// A scan that has the old file mapped keeps it. If we stop before the rename, the old file stands and a file
/// with our process's number in its name is left beside it, which the next write of that number takes over.
pub fn replace<T>(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let beside = beside(path).map_err(Failure::Unwritable)?;
    let filled = write_synced(&beside, fill).and_then(|filled| {
        fs::rename(&beside, path).map_err(Failure::Unwritable)?;
        Ok(filled)
    });
    if filled.is_err() {
        // What is half written serves nobody; that it could not be removed adds nothing to the first error.
        let _ = fs::remove_file(&beside);
        return filled;
    }
    sync_folder(path).map_err(Failure::Unwritable)?;
    filled
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.new", std::process::id()));
    Ok(path.with_file_name(hidden))
}

fn write_synced<T>(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true);
    let mut out = BufWriter::new(options.open(path).map_err(Failure::Unwritable)?);
    let filled = fill(&mut out)?;
    let file = out
        .into_inner()
        .map_err(|error| Failure::Unwritable(error.into_error()))?;
    file.sync_all().map_err(Failure::Unwritable)?;
    Ok(filled)
}

/// Makes the rename durable. Where folders cannot be opened (Windows), the rename is as durable as it gets.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match File::open(folder) {
        Ok(folder) => folder.sync_all(),
        Err(_) => Ok(()),
    }
}
