//! Where an image's blobs are: a tar, a compressed tar, or a folder.
//!
//! A tar is looked through once for where its entries begin, and a blob is then read from there. In a compressed one
//! there is no such place, so it is unpacked again for each blob: slow, and without anything written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use archive::{Entry, Flow, Limits};
use rustc_hash::FxHashMap;

use crate::inside;

/// The longest index, manifest or configuration. Registries refuse manifests over 4 MiB; a configuration has a line
/// for each command that built it; 8 MiB.
const DOCUMENT_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// More entries than an image has blobs; a plain tar of a file system is no image.
const ENTRIES_MAX: u64 = 100_000;

pub(super) enum Store {
    Folder(PathBuf),
    Tar {
        path: PathBuf,
        entries: FxHashMap<String, Place>,
    },
}

/// Where an entry is.
pub(super) enum Place {
    At {
        offset: u64,
        size: u64,
    },
    /// In a compressed tar.
    Within,
    /// Old versions of Docker write a layer that occurs twice as a link.
    Link(String),
}

impl Store {
    pub fn open(path: &Path) -> Result<Store, String> {
        let kind = std::fs::metadata(path).map_err(|error| error.to_string())?;
        if kind.is_dir() {
            return Ok(Store::Folder(path.to_path_buf()));
        }
        if !kind.is_file() {
            return Err("neither a file nor a folder".to_owned());
        }
        let mut entries = FxHashMap::default();
        walk(path, &mut |entry| {
            let place = match (entry.kind, entry.offset, entry.size) {
                (archive::Kind::File, Some(offset), Some(size)) => Place::At { offset, size },
                (archive::Kind::File, ..) => Place::Within,
                (archive::Kind::Link, ..) => {
                    let (folder, _) = inside::split(&entry.path);
                    Place::Link(inside::join(folder, &entry.link))
                }
                (archive::Kind::HardLink, ..) => Place::Link(entry.link.clone()),
                _ => return Flow::Next,
            };
            entries.insert(entry.path.clone(), place);
            Flow::Next
        })?;
        Ok(Store::Tar {
            path: path.to_path_buf(),
            entries,
        })
    }

    pub fn has(&self, name: &str) -> bool {
        match self {
            Store::Folder(root) => {
                std::fs::symlink_metadata(root.join(name)).is_ok_and(|it| it.is_file())
            }
            Store::Tar { .. } => self.place(name).is_some(),
        }
    }

    fn place(&self, name: &str) -> Option<(String, &Place)> {
        let Store::Tar { entries, .. } = self else {
            return None;
        };
        let link = |path: &str| match entries.get(path) {
            Some(Place::Link(target)) => Some(format!("/{target}")),
            _ => None,
        };
        let found = inside::resolve(name, &link).ok()?;
        let place = entries.get(&found)?;
        Some((found, place))
    }

    /// Hands the bytes of `name` to `act`.
    pub fn with(
        &self,
        name: &str,
        act: &mut dyn FnMut(&mut dyn Read) -> Result<(), String>,
    ) -> Result<(), String> {
        let words = |error: io::Error| error.to_string();
        let missing = || "it is missing from the archive".to_owned();
        match self {
            Store::Folder(_) if !self.has(name) => Err(missing()),
            Store::Folder(root) => act(&mut File::open(root.join(name)).map_err(words)?),
            Store::Tar { path, .. } => match self.place(name).ok_or_else(missing)? {
                (_, Place::At { offset, size }) => {
                    let mut file = File::open(path).map_err(words)?;
                    file.seek(SeekFrom::Start(*offset)).map_err(words)?;
                    act(&mut file.take(*size))
                }
                (found, _) => {
                    let mut result = Err(missing());
                    walk(path, &mut |mut entry| {
                        if entry.path != found {
                            return Flow::Next;
                        }
                        result = act(&mut entry);
                        Flow::Stop
                    })?;
                    result
                }
            },
        }
    }

    /// A document, whole; `None` where there is none.
    pub fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        if !self.has(name) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.with(name, &mut |reader| {
            let read = reader.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes);
            read.map(|_| ()).map_err(|error| error.to_string())
        })?;
        match bytes.len() as u64 > DOCUMENT_BYTES_MAX {
            true => Err(format!(
                "`{name}` is longer than {DOCUMENT_BYTES_MAX} bytes"
            )),
            false => Ok(Some(bytes)),
        }
    }
}

fn walk(path: &Path, each: &mut dyn FnMut(Entry<'_>) -> Flow) -> Result<(), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let limits = Limits {
        entries: ENTRIES_MAX,
        entry_bytes: u64::MAX,
        ..Limits::default()
    };
    archive::walk("", file, &limits, each)
        .map(|_| ())
        .map_err(|refusal| refusal.message)
}
