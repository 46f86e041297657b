//! Changes: what a run left in its layer in memory.
//!
//! The layer was written by whoever wants to get out, so no link in it is followed and nothing in it is opened but
//! regular files. Everything inside has ended by now.
//!
//! What is odd: the layer marks a removed file by a device of number 0, and a copied-up file looks like one that was
//! written.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::run::Limits;
use crate::transcript::{CHANGES_MAX, Change, Changed};

/// Folders within folders; deeper ones are counted and not entered.
const DEPTH_MAX: usize = 64;

/// Collects changes.
pub(crate) struct Changes<'a> {
    keep: &'a [Box<str>],
    /// What may still be kept, and still be hashed: sparse files are longer than the layer.
    kept_left: u64,
    hashed_left: u64,
    all: Vec<Change>,
    left_out: u64,
}

impl<'a> Changes<'a> {
    pub(crate) fn new(keep: &'a [Box<str>], limits: &Limits) -> Changes<'a> {
        Changes {
            keep,
            kept_left: limits.kept_bytes,
            hashed_left: limits.disk_bytes.saturating_mul(2),
            all: Vec::new(),
            left_out: 0,
        }
    }

    /// Reads the layer in `upper`.
    pub(crate) fn read(&mut self, upper: &Path) {
        let mut folders = vec![(upper.to_path_buf(), String::new(), 0)];
        while let Some((folder, inside, depth)) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else {
                self.left_out += 1;
                continue;
            };
            for entry in entries.flatten() {
                let name = entry.file_name();
                let path = format!("{inside}/{}", name.to_string_lossy());
                let place = folder.join(&name);
                let Ok(meta) = fs::symlink_metadata(&place) else {
                    self.left_out += 1;
                    continue;
                };
                if self.all.len() >= CHANGES_MAX {
                    self.left_out += 1;
                } else if let Some(change) = self.change(&place, &path, &meta) {
                    self.all.push(change);
                }
                if meta.is_dir() && depth < DEPTH_MAX {
                    folders.push((place, path, depth + 1));
                } else if meta.is_dir() {
                    self.left_out += 1;
                }
            }
        }
    }

    /// What was found, by path, and how much is not named.
    pub(crate) fn all(mut self) -> (Vec<Change>, u64) {
        self.all.sort_by(|one, other| one.path.cmp(&other.path));
        (self.all, self.left_out)
    }

    fn change(&mut self, place: &Path, path: &str, meta: &Metadata) -> Option<Change> {
        let kind = meta.file_type();
        let how = match () {
            () if kind.is_file() => Changed::Written,
            () if kind.is_dir() => Changed::Folder,
            () if kind.is_symlink() => Changed::Link,
            () if kind.is_char_device() && meta.rdev() == 0 => Changed::Removed,
            () => Changed::Other,
        };
        let (mut sha256, mut content) = (None, None);
        if how == Changed::Written && meta.len() <= self.hashed_left {
            self.hashed_left -= meta.len();
            let wanted = self.is_wanted(path) && meta.len() <= self.kept_left;
            if let Some((digest, bytes)) = read(place, meta.len(), wanted) {
                self.kept_left -= bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                sha256 = Some(digest);
                content = bytes;
            }
        }
        Some(Change {
            path: path.into(),
            how,
            bytes: if how == Changed::Written {
                meta.len()
            } else {
                0
            },
            executable: how == Changed::Written && meta.permissions().mode() & 0o111 != 0,
            sha256,
            content,
        })
    }

    fn is_wanted(&self, path: &str) -> bool {
        self.keep.iter().any(|wanted| {
            let wanted = wanted.trim_end_matches('/');
            path.strip_prefix(wanted)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// The digest of a regular file, and its bytes where they are wanted.
fn read(place: &Path, length: u64, wanted: bool) -> Option<(Box<str>, Option<Vec<u8>>)> {
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;
    let mut file: File = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(place)
        .ok()?;
    let mut hash = Sha256::new();
    let mut bytes = wanted.then(|| Vec::with_capacity(usize::try_from(length).unwrap_or(0)));
    let mut buffer = [0; 65_536];
    loop {
        let length = file.read(&mut buffer).ok()?;
        if length == 0 {
            break;
        }
        hash.update(&buffer[..length]);
        if let Some(bytes) = &mut bytes {
            bytes.extend_from_slice(&buffer[..length]);
        }
    }
    let digest: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some((digest.into(), bytes))
}
