//! Puts sections into a file, and the file in the place of the old one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use crate::{
    build::Failure,
    index::{HEADER, hash},
    layout::{FORMAT, HASH_AT, HASH_END, MAGIC, Section, TABLE_AT},
};

/// The bytes of each section, in the order of [`Section::ALL`].
pub type Parts = Vec<Vec<u8>>;

/// The file that holds `parts`.
pub fn file(parts: &Parts, edition: Timestamp) -> Result<Vec<u8>, Failure> {
    let total: usize = parts.iter().map(|part| part.len() + 8).sum();
    let mut bytes = Vec::with_capacity(HEADER + total);
    bytes.resize(HEADER, 0);
    let mut table = Vec::new();
    for (section, part) in Section::ALL.iter().zip(parts) {
        if part.len() >= u32::MAX as usize {
            return Err(Failure::TooLarge(section.name()));
        }
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        table.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        table.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    let length = bytes.len() as u64;
    put(&mut bytes, 0, MAGIC);
    put(&mut bytes, 8, &FORMAT.to_le_bytes());
    put(&mut bytes, 12, &(Section::ALL.len() as u32).to_le_bytes());
    put(&mut bytes, 16, &edition.as_microsecond().to_le_bytes());
    put(&mut bytes, 24, &length.to_le_bytes());
    put(&mut bytes, TABLE_AT, &table);
    let hash = hash(&bytes);
    put(&mut bytes, HASH_AT, &hash);
    Ok(bytes)
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    let place = bytes.get_mut(at..at + what.len());
    place
        .expect("the header was made long enough")
        .copy_from_slice(what);
}

/// The hash a file was written with, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    let hash = bytes.get(HASH_AT..HASH_END).unwrap_or_default();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes `bytes` the content of `path`.
///
/// A scan that has the old file mapped keeps it. If we stop before the rename, the old file stands and a file
/// with our process's number in its name is left beside it, which the next write of that number takes over.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path)?;
    let written = write_synced(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is half written serves nobody; that it could not be removed adds nothing to the first error.
        let _ = fs::remove_file(&beside);
        return written;
    }
    sync_folder(path)
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.new", std::process::id()));
    Ok(path.with_file_name(hidden))
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
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
