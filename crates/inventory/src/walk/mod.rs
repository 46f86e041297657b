//! What is on this disk: a folder, a mounted root, the machine we run on, or files that somebody names.
//!
//! A tree is walked once, in parallel, for which files are lists; those are then read in parallel and reported in the
//! order of their paths, so that two scans of the same tree say the same. Links are not followed: what they
//! lead to is met where it is. Nothing but regular files is opened, lest a pipe keeps us waiting.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ignore::{DirEntry, WalkBuilder, WalkState};
use rayon::prelude::*;

use crate::kind::{self, Kind};
use crate::{Listing, Location, Problem, Sink, binary, bundle, image};

mod disk;
mod named;

use disk::{Disk, Neighbours};
use named::{compressed, named};

/// What is walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// A folder or a file; a file that is an image, or a folder that is one, is read as such.
    Path(PathBuf),
    /// The root of a system: a mounted disk, or `/`.
    System(PathBuf),
    /// An image that was saved.
    Image(PathBuf),
}

/// How trees are walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Leave out what `.gitignore` and its like leave out.
    pub gitignore: bool,
    /// Do not enter other file systems that are mounted below.
    pub one_file_system: bool,
    /// Look into programs for what they were built from.
    pub binaries: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            gitignore: false,
            one_file_system: false,
            binaries: true,
        }
    }
}

/// Files that are read before anything is reported: enough to keep every core busy, few enough to hold.
const BATCH: usize = 128;

/// What [`kind::sniff`] is shown.
const HEAD_BYTES: u64 = 8 * 1024;

/// Folders of a running system that hold no files.
const NOT_ON_DISK: &[&str] = &["proc", "sys", "dev", "run"];

/// Lists what is found in `roots`. `progress` is told, from several threads, how many files were met so far.
pub fn walk(
    roots: &[Root],
    options: &Options,
    progress: &(dyn Fn(u64) + Sync),
    sink: &mut dyn Sink,
) {
    let met = AtomicU64::new(0);
    let walk = Walk {
        options,
        met: &met,
        progress,
    };
    for root in roots {
        match root {
            Root::Image(path) => image::read(path, &shown(path), sink),
            Root::System(path) => walk.tree(path, true, sink),
            Root::Path(path) => match std::fs::metadata(path) {
                Err(error) => sink.problem(lost(path, error.to_string())),
                Ok(kind) if kind.is_dir() && path.join("oci-layout").is_file() => {
                    image::read(path, &shown(path), sink)
                }
                Ok(kind) if kind.is_dir() => walk.tree(path, is_machine(path), sink),
                Ok(kind) if kind.is_file() => named(path, options, sink),
                Ok(_) => sink.problem(lost(path, "neither a file nor a folder".to_owned())),
            },
        }
    }
}

/// A path as the user named it.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

fn location(path: &Path) -> Location {
    Location {
        path: shown(path),
        ..Location::default()
    }
}

fn lost(path: &Path, message: String) -> Problem {
    Problem {
        location: location(path),
        message,
        lost: true,
    }
}

fn is_machine(path: &Path) -> bool {
    path.canonicalize()
        .is_ok_and(|path| path.parent().is_none())
}

/// What a file is read as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    List(Kind),
    /// Its name says that it may be a list; how it begins decides.
    Perhaps,
    /// The same, compressed.
    Compressed,
    Bundle,
    Program,
}

struct Found {
    path: PathBuf,
    role: Role,
}

struct Walk<'a> {
    options: &'a Options,
    met: &'a AtomicU64,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Walk<'_> {
    fn tree(&self, root: &Path, is_system: bool, sink: &mut dyn Sink) {
        let (mut found, problems) = self.find(root, is_system);
        problems
            .into_iter()
            .for_each(|problem| sink.problem(problem));
        found.sort_by(|one, other| one.path.cmp(&other.path));
        let beside = Disk {
            root: root.to_path_buf(),
            is_system,
            folder: None,
        };
        let mut batch = Vec::with_capacity(BATCH);
        for file in found {
            // What is read as a stream may be larger than memory, so its findings are passed on at once.
            if matches!(file.role, Role::List(kind) if kind::streams(kind))
                || matches!(file.role, Role::Perhaps | Role::Compressed)
            {
                flush(&mut batch, &beside, sink);
                read(&file, &beside, sink);
                continue;
            }
            batch.push(file);
            if batch.len() == BATCH {
                flush(&mut batch, &beside, sink);
            }
        }
        flush(&mut batch, &beside, sink);
    }

    /// Every file below `root` that may be a list, in no order.
    fn find(&self, root: &Path, is_system: bool) -> (Vec<Found>, Vec<Problem>) {
        let found = Mutex::new(Vec::new());
        let problems = Mutex::new(Vec::new());
        let skipped: Vec<PathBuf> = match is_system {
            true => NOT_ON_DISK.iter().map(|folder| root.join(folder)).collect(),
            false => Vec::new(),
        };
        let walker = WalkBuilder::new(root)
            .standard_filters(false)
            .parents(self.options.gitignore)
            .git_ignore(self.options.gitignore)
            .git_exclude(self.options.gitignore)
            .ignore(self.options.gitignore)
            .require_git(false)
            .follow_links(false)
            .same_file_system(self.options.one_file_system)
            .filter_entry(move |entry| !skipped.iter().any(|path| path == entry.path()))
            .build_parallel();
        walker.run(|| {
            Box::new(|entry| {
                match entry {
                    Ok(entry) => {
                        if let Some(file) = self.role(entry) {
                            push(&found, file);
                        }
                    }
                    Err(error) => push(&problems, unreadable(root, &error)),
                }
                WalkState::Continue
            })
        });
        let mut problems = problems.into_inner().unwrap_or_default();
        problems.sort_by(|one, other| one.location.cmp(&other.location));
        (found.into_inner().unwrap_or_default(), problems)
    }

    fn role(&self, entry: DirEntry) -> Option<Found> {
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            return None;
        }
        let met = self.met.fetch_add(1, Ordering::Relaxed) + 1;
        if met.is_multiple_of(1024) {
            (self.progress)(met);
        }
        let text = entry.path().to_string_lossy();
        let role = match kind::of(&text) {
            Some(kind) => Role::List(kind),
            None if bundle::is_bundle(&text) => Role::Bundle,
            None if may_be_list(&text) => Role::Perhaps,
            None if is_compressed_list(&text) => Role::Compressed,
            None if self.options.binaries && entry.metadata().is_ok_and(|it| is_program(&it)) => {
                Role::Program
            }
            None => return None,
        };
        drop(text);
        Some(Found {
            path: entry.into_path(),
            role,
        })
    }
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    if let Ok(mut list) = list.lock() {
        list.push(item);
    }
}

fn unreadable(root: &Path, error: &ignore::Error) -> Problem {
    let mut path = root;
    let mut inner = error;
    loop {
        inner = match inner {
            ignore::Error::WithPath { path: at, err } => {
                path = at;
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    lost(path, format!("cannot be read: {inner}"))
}

/// Names that package databases and bills of materials bear where they were copied to.
fn may_be_list(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if matches!(name, "status" | "installed" | "Packages" | "Packages.db") {
        return true;
    }
    let name = name.to_ascii_lowercase();
    let is_document = [".json", ".xml", ".jsonld", ".txt"]
        .iter()
        .any(|ending| name.ends_with(ending));
    is_document
        && ["bom", "spdx", "cyclonedx"]
            .iter()
            .any(|word| name.contains(word))
}

/// `sbom.json.xz` and its like.
fn is_compressed_list(path: &str) -> bool {
    let packed = [".gz", ".xz", ".zst", ".bz2"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending));
    packed.is_some_and(|stem| may_be_list(stem) || kind::of(stem).is_some_and(kind::streams))
}

#[cfg(unix)]
fn is_program(file: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o111 != 0 && file.len() > 64
}

#[cfg(not(unix))]
fn is_program(file: &Metadata) -> bool {
    file.len() > 64
}

/// Reads a batch in parallel and reports it in order.
fn flush(batch: &mut Vec<Found>, beside: &Disk, sink: &mut dyn Sink) {
    let read: Vec<Listing> = batch
        .par_iter()
        .map(|file| {
            let mut listing = Listing::default();
            read(file, beside, &mut listing);
            listing
        })
        .collect();
    batch.clear();
    read.into_iter().for_each(|listing| report(listing, sink));
}

fn read(found: &Found, disk: &Disk, sink: &mut dyn Sink) {
    if let Err(error) = try_read(found, disk, sink) {
        sink.problem(lost(&found.path, format!("cannot be read: {error}")));
    }
}

fn try_read(found: &Found, disk: &Disk, sink: &mut dyn Sink) -> std::io::Result<()> {
    let mut file = open(&found.path)?;
    let location = location(&found.path);
    let role = match found.role {
        Role::Perhaps => match kind::sniff(&head(&mut file)?) {
            Some(kind) => Role::List(kind),
            None => return Ok(()),
        },
        role => role,
    };
    match role {
        Role::List(kind) if kind::streams(kind) => {
            kind::read_stream(kind, &location, &mut file, sink)
        }
        Role::List(kind) => {
            let max = kind::bytes_max(kind);
            let Some(bytes) = whole(file, max)? else {
                sink.problem(lost(&found.path, format!("longer than {max} bytes")));
                return Ok(());
            };
            let neighbours = Neighbours {
                disk,
                folder: disk.folder(&found.path),
            };
            kind::read_beside(kind, &location, &bytes, &neighbours, sink);
        }
        Role::Bundle => bundle::read_file(file, &location, sink),
        Role::Program => {
            if binary::begins(&head(&mut file)?) {
                binary::read_file(file, &location, sink);
            }
        }
        Role::Compressed => {
            compressed(&found.path, sink);
        }
        Role::Perhaps => {}
    }
    Ok(())
}

/// Opens a regular file and nothing else, also where somebody replaced it since it was met.
fn open(path: &Path) -> std::io::Result<File> {
    match std::fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(std::io::Error::other("not a regular file")),
    }
}

fn head(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// All of a file; `None` if it is longer than `max`.
fn whole(file: impl Read, max: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= max).then_some(bytes))
}

fn report(listing: Listing, sink: &mut dyn Sink) {
    listing
        .components
        .into_iter()
        .for_each(|it| sink.component(it));
    listing.devices.into_iter().for_each(|it| sink.device(it));
    listing.problems.into_iter().for_each(|it| sink.problem(it));
}
