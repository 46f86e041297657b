//! Bundle: a manifest and the files beside it, as a folder or as one packed file.
//!
//! A folder and the file that is packed of it are the same bundle: the digest is over each file's path, hash and
//! whether it may be executed, in the order of paths, and over nothing else.

mod check;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

use archive::{Flow, Kind};
use names::Refusal;
use names::problem::quoted;
use sha2::{Digest, Sha256};

pub(crate) use check::is_argument;

use crate::manifest::{FORMAT, MANIFEST_FILE, Manifest, is_path};

/// All files of a bundle together. A worker holds one in memory and hands it to each run; small system images have
/// 100 MiB, twice that with headroom.
pub const BUNDLE_BYTES_MAX: u64 = 256 << 20;

/// Files of a bundle; the sandbox gives a run 20,000.
pub const FILES_MAX: usize = 20_000;

/// A packed bundle: what the door takes as one proof.
pub const PACKED_BYTES_MAX: u64 = 64 << 20;

/// Folders inside folders.
const DEPTH_MAX: usize = 64;

/// A claim with everything that it takes to re-run it. Printed as its digest, so that no log line holds an exploit.
// Invariant: every path that the manifest names is there.
#[derive(Clone, PartialEq, Eq)]
pub struct Bundle {
    manifest: Manifest,
    files: BTreeMap<Box<str>, File>,
    digest: Box<str>,
}

/// A file of a bundle.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    pub bytes: Vec<u8>,
    pub is_executable: bool,
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Bundle({}, {} files)", self.digest, self.files.len())
    }
}

impl Bundle {
    /// Of files by path, [`MANIFEST_FILE`] among them.
    pub fn of(files: BTreeMap<Box<str>, File>) -> Result<Bundle, Refusal> {
        let Some(text) = files.get(MANIFEST_FILE) else {
            return Err(Refusal::whole(format!(
                "holds no `{MANIFEST_FILE}` at its top; `seamark prove --new` writes one"
            )));
        };
        let text = std::str::from_utf8(&text.bytes)
            .map_err(|_| Refusal::of(MANIFEST_FILE, "is not UTF-8"))?;
        let manifest = Manifest::read(text)?;
        check::check(&manifest, &files)?;
        let digest = digest(&files).into();
        Ok(Bundle {
            manifest,
            files,
            digest,
        })
    }

    /// Of a folder. Links are refused: they would point out of it on another machine.
    pub fn read_folder(folder: &Path) -> Result<Bundle, Refusal> {
        let mut files = BTreeMap::new();
        let mut left = BUNDLE_BYTES_MAX;
        folder_files(folder, "", &mut files, &mut left, 0)?;
        Bundle::of(files)
    }

    /// Of a packed file: a tar, plain or compressed.
    pub fn read_packed(bytes: &[u8]) -> Result<Bundle, Refusal> {
        if bytes.len() as u64 > PACKED_BYTES_MAX {
            return Err(Refusal::whole(format!(
                "has {} bytes; at most {PACKED_BYTES_MAX} are read",
                bytes.len()
            )));
        }
        let limits = archive::Limits {
            bytes_total: BUNDLE_BYTES_MAX + (FILES_MAX as u64) * 1024,
            entry_bytes: BUNDLE_BYTES_MAX,
            entries: FILES_MAX as u64 * 2,
            depth: 0,
            ..archive::Limits::default()
        };
        let mut files = BTreeMap::new();
        let mut refusal = Refusal::none();
        let mut left = BUNDLE_BYTES_MAX;
        let walked = archive::walk("bundle", Cursor::new(bytes), &limits, &mut |mut entry| {
            match entry.kind {
                Kind::Folder => {}
                Kind::File if files.contains_key(entry.path.as_str()) => {
                    refusal.add(entry.path.as_str(), "stands there twice");
                }
                Kind::File => match entry.content(left) {
                    Ok(bytes) => {
                        left -= bytes.len() as u64;
                        let is_executable = entry.mode & 0o111 != 0;
                        files.insert(
                            entry.path.as_str().into(),
                            File {
                                bytes,
                                is_executable,
                            },
                        );
                    }
                    Err(error) => refusal.add(entry.path.as_str(), error.to_string()),
                },
                Kind::Link | Kind::HardLink | Kind::Other => {
                    refusal.add(
                        entry.path.as_str(),
                        "is a link or a device; a bundle holds files and folders",
                    );
                }
            }
            match refusal.is_empty() {
                true => Flow::Next,
                false => Flow::Stop,
            }
        });
        match walked {
            Ok(summary) => {
                for one in summary.refused {
                    refusal.add(one.entry, one.message);
                }
            }
            Err(error) => refusal.add("", error.message),
        }
        refusal.or(())?;
        check_paths(&files)?;
        Bundle::of(files)
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256, 64 lower-case hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// All of it, by path.
    pub fn files(&self) -> &BTreeMap<Box<str>, File> {
        &self.files
    }

    /// The input, which [`check::check`] has found there.
    pub fn input(&self) -> &[u8] {
        let file = self.files.get(&self.manifest.input.file);
        file.map_or(&[], |file| &file.bytes)
    }

    /// Packed as `tar.zst`: the same bundle makes the same bytes.
    pub fn pack(&self) -> std::io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, file) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(file.bytes.len() as u64);
            header.set_mode(if file.is_executable { 0o755 } else { 0o644 });
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            tar.append_data(&mut header, &**path, file.bytes.as_slice())?;
        }
        zstd::encode_all(tar.into_inner()?.as_slice(), PACKING_LEVEL)
    }
}

/// Binaries come to a third; higher levels take ten times as long for a twentieth.
const PACKING_LEVEL: i32 = 9;

/// SHA-256 over the edition and a line for each file.
fn digest(files: &BTreeMap<Box<str>, File>) -> String {
    let mut all = Sha256::new();
    all.update(format!("{FORMAT}\n"));
    for (path, file) in files {
        let hash = finding::hex(&Sha256::digest(&file.bytes));
        let mode = if file.is_executable { 'x' } else { '-' };
        all.update(format!("{hash} {mode} {path}\n"));
    }
    finding::hex(&all.finalize())
}

fn check_paths(files: &BTreeMap<Box<str>, File>) -> Result<(), Refusal> {
    let mut refusal = Refusal::none();
    if files.len() > FILES_MAX {
        refusal.add(
            "",
            format!("has {} files; at most {FILES_MAX} are read", files.len()),
        );
    }
    for path in files.keys().filter(|path| !is_path(path)) {
        refusal.add("", format!("{} is no path of a bundle", quoted(path)));
    }
    refusal.or(())
}

fn folder_files(
    folder: &Path,
    at: &str,
    files: &mut BTreeMap<Box<str>, File>,
    left: &mut u64,
    depth: usize,
) -> Result<(), Refusal> {
    let broken = |error: std::io::Error| Refusal::of(at, format!("cannot be read: {error}"));
    if depth > DEPTH_MAX {
        return Err(Refusal::of(
            at,
            format!("folders stand more than {DEPTH_MAX} deep"),
        ));
    }
    for entry in std::fs::read_dir(folder).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let name = entry.file_name();
        let path = match (name.to_str(), at) {
            (None, _) => return Err(Refusal::of(at, "holds a name that is not UTF-8")),
            (Some(name), "") => name.to_owned(),
            (Some(name), at) => format!("{at}/{name}"),
        };
        if !is_path(&path) {
            return Err(Refusal::whole(format!(
                "{} is no path of a bundle",
                quoted(&path)
            )));
        }
        let kind = entry.file_type().map_err(broken)?;
        if kind.is_dir() {
            folder_files(&entry.path(), &path, files, left, depth + 1)?;
        } else if kind.is_file() {
            if files.len() == FILES_MAX {
                return Err(Refusal::whole(format!("has more than {FILES_MAX} files")));
            }
            let file = file(&entry.path(), *left).map_err(|why| Refusal::of(path.as_str(), why))?;
            *left -= file.bytes.len() as u64;
            files.insert(path.into(), file);
        } else {
            return Err(Refusal::of(
                path.as_str(),
                "is a link or a device; a bundle holds files and folders",
            ));
        }
    }
    Ok(())
}

fn file(path: &Path, most: u64) -> Result<File, String> {
    let words = |error: std::io::Error| format!("cannot be read: {error}");
    let open = std::fs::File::open(path).map_err(words)?;
    let is_executable = is_executable(&open.metadata().map_err(words)?);
    let mut bytes = Vec::new();
    open.take(most + 1).read_to_end(&mut bytes).map_err(words)?;
    if bytes.len() as u64 > most {
        return Err(format!(
            "makes the bundle longer than {BUNDLE_BYTES_MAX} bytes"
        ));
    }
    Ok(File {
        bytes,
        is_executable,
    })
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests;
