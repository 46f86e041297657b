//! Read what strangers packed, under limits.
//!
//! One reader over zip, tar, gzip, zstd, xz and bzip2, told apart by how they begin. Everything is bounded:
//! bytes, entries, depth, ratio, path length. A path that climbs out or a link that points out is refused by
//! name and the rest is read on; nothing is ever written. What an archive costs in memory does not depend on
//! its size, nor on what its headers claim.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

mod codec;
mod entry;
pub mod fuzz;
mod limits;
mod path;
mod tar;
mod zip;

pub use codec::{Packing, Unpacked, packed};
pub use entry::{Entry, Kind};
pub use limits::{Limits, Place};

/// Whether a visitor wants the next entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Next,
    Stop,
}

/// What a walk met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries that were shown to the visitor.
    pub entries: u64,
    /// Entries that were refused, or could not be read to their end; at most [`REFUSALS_MAX`] of them.
    pub refused: Vec<Refusal>,
    /// How many were refused in all.
    pub refused_count: u64,
}

/// How many refusals are kept by name: enough to see the pattern, too few to fill the memory.
pub const REFUSALS_MAX: usize = 100;

/// Why an archive, or one entry of it, is not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The archive, as the caller named it.
    pub archive: String,
    /// The entry as the archive spells it, shortened; empty where it is the archive itself.
    pub entry: String,
    pub message: String,
    /// Entries that were refused before the archive itself had to be.
    pub earlier: Vec<Refusal>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry.is_empty() {
            true => write!(out, "`{}`: {}", self.archive, self.message),
            false => write!(
                out,
                "`{}` in `{}`: {}",
                self.entry, self.archive, self.message
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// Shows every entry of the archive in `reader` to `each`.
///
/// Reads zip, tar, and tar in gzip, zstd, xz or bzip2. A single compressed file is an archive of one entry that
/// bears the archive's name without its last extension. What goes wrong with one entry, also while the visitor
/// reads it, is in the summary; what ends the walk is the error.
pub fn walk<R: Read + Seek>(
    name: &str,
    mut reader: R,
    limits: &Limits,
    each: &mut dyn FnMut(Entry<'_>) -> Flow,
) -> Result<Summary, Refusal> {
    let mut walk = Walk::new(name, limits, each);
    let ended = match begin(&mut reader) {
        Ok(head) if zip::begins(&head) => zip::walk(reader, &mut walk),
        Ok(head) if codec::packed(&head).is_none() && !tar::begins(&head) => {
            match zip::end(&mut reader) {
                Ok(Some(_)) => zip::walk(reader, &mut walk),
                Ok(None) => Err(unknown()),
                Err(error) => Err(error),
            }
        }
        Ok(head) if tar::begins(&head) => tar::walk(tar::Sought::new(reader), &mut walk),
        Ok(_) => stream(reader, &mut walk),
        Err(error) => Err(error),
    };
    walk.end(ended)
}

/// As [`walk`], for what can only be read once, from its beginning. A zip is refused: its list is at its end.
pub fn walk_stream<R: Read>(
    name: &str,
    reader: R,
    limits: &Limits,
    each: &mut dyn FnMut(Entry<'_>) -> Flow,
) -> Result<Summary, Refusal> {
    let mut walk = Walk::new(name, limits, each);
    let ended = stream(reader, &mut walk);
    walk.end(ended)
}

/// Reads a single file that may be compressed, going by how it begins; one that is not passes unchanged.
///
/// Reading fails with a message in words once the limits of bytes or ratio are passed.
pub fn decompress<R: Read>(name: &str, reader: R, limits: &Limits) -> Result<Unpacked<R>, Refusal> {
    Unpacked::new(reader, limits).map_err(|error| Refusal {
        archive: name.to_owned(),
        message: words(&error),
        ..Refusal::default()
    })
}

fn stream<R: Read>(reader: R, walk: &mut Walk<'_>) -> io::Result<()> {
    let mut unpacked = Unpacked::new(reader, walk.limits)?;
    let head = unpacked.peek(tar::BLOCK)?;
    let (is_tar, is_zip) = (tar::begins(head), zip::begins(head));
    if is_tar {
        tar::walk(tar::Streamed(unpacked), walk)
    } else if unpacked.is_packed() {
        one(unpacked, walk)
    } else if is_zip {
        Err(refused("a zip cannot be read from a stream; give the file"))
    } else {
        Err(unknown())
    }
}

/// A single compressed file, shown as the one entry it is.
fn one<R: Read>(mut unpacked: Unpacked<R>, walk: &mut Walk<'_>) -> io::Result<()> {
    let file = walk.name.rsplit('/').next().unwrap_or_default();
    let inner = file
        .rsplit_once('.')
        .map_or(file, |(stem, _)| stem)
        .to_owned();
    let head = entry::Head {
        path: inner,
        kind: Kind::File,
        size: None,
        ..entry::Head::default()
    };
    walk.show(head, &mut unpacked).map(|_| ())
}

/// The first bytes of `reader`, which stands at its beginning again afterwards.
fn begin<R: Read + Seek>(reader: &mut R) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(0))?;
    let mut head = Vec::with_capacity(tar::BLOCK);
    reader
        .by_ref()
        .take(tar::BLOCK as u64)
        .read_to_end(&mut head)?;
    reader.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// One walk under way: who looks, under which limits, and what was refused.
struct Walk<'a> {
    name: &'a str,
    limits: &'a Limits,
    each: &'a mut dyn FnMut(Entry<'_>) -> Flow,
    summary: Summary,
}

impl<'a> Walk<'a> {
    fn new(
        name: &'a str,
        limits: &'a Limits,
        each: &'a mut dyn FnMut(Entry<'_>) -> Flow,
    ) -> Walk<'a> {
        Walk {
            name,
            limits,
            each,
            summary: Summary::default(),
        }
    }

    /// Shows one entry; its reader's failure is noted, and ends the walk only where the next read fails too.
    fn show(&mut self, head: entry::Head, body: &mut dyn Read) -> io::Result<Flow> {
        self.count()?;
        let path = head.path.clone();
        let mut failure = None;
        let entry = Entry::new(head, body, self.limits.entry_bytes, &mut failure);
        let flow = (self.each)(entry);
        self.summary.entries += 1;
        if let Some(message) = failure {
            self.refuse(&path, message);
        }
        Ok(flow)
    }

    fn count(&self) -> io::Result<()> {
        let met = self.summary.entries + self.summary.refused_count;
        match met < self.limits.entries {
            true => Ok(()),
            false => Err(refused(&format!(
                "more than {} entries",
                self.limits.entries
            ))),
        }
    }

    fn refuse(&mut self, entry: &str, message: String) {
        self.summary.refused_count += 1;
        if self.summary.refused.len() < REFUSALS_MAX {
            self.summary.refused.push(Refusal {
                archive: self.name.to_owned(),
                entry: path::shortened(entry),
                message,
                earlier: Vec::new(),
            });
        }
    }

    fn end(self, ended: io::Result<()>) -> Result<Summary, Refusal> {
        match ended {
            Ok(()) => Ok(self.summary),
            Err(error) => Err(Refusal {
                archive: self.name.to_owned(),
                entry: String::new(),
                message: words(&error),
                earlier: self.summary.refused,
            }),
        }
    }
}

/// An error that says no in our words.
fn refused(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn unknown() -> io::Error {
    refused("neither zip nor tar, nor compressed with gzip, zstd, xz or bzip2")
}

/// What an error means to the person whose archive it is.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "ends too early; it may have been cut off".to_owned(),
        _ => {
            let text = error.to_string();
            let mut letters = text.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_lowercase().chain(letters).collect()
            })
        }
    }
}
