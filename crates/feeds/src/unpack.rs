//! Documents of one file: itself, or the members of an archive or a compressed file, one after another.
//!
//! What a file is, its first bytes say. Nothing is written to disk and one document at a time is in memory. An
//! archive inside an archive is not opened.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use advisory::format::DOCUMENT_BYTES_MAX;
use archive::{Flow, Kind, Refusal};

use crate::name;

/// How much of one file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One document.
    pub document_bytes_max: u64,
    /// Whatever is packed.
    pub archive: archive::Limits,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            document_bytes_max: DOCUMENT_BYTES_MAX as u64,
            archive: archive::Limits::default(),
        }
    }
}

/// What a file holds.
pub(crate) enum Entry<'a> {
    Document {
        member: &'a str,
        bytes: Vec<u8>,
    },
    /// Not opened, by its name.
    Skipped,
    Unreadable {
        member: &'a str,
        reason: String,
    },
}

/// Enough to tell every kind of packing; a tar says so at byte 257.
const HEAD_BYTES: u64 = 512;

/// Gives every document of `path` to `give`. `label` is how the file is called to people.
pub(crate) fn file(path: &Path, label: &str, limits: &Limits, give: &mut dyn FnMut(Entry<'_>)) {
    let opened = File::open(path).and_then(|file| read(BufReader::new(file), label, limits, give));
    if let Err(reason) = opened {
        give(Entry::Unreadable {
            member: "",
            reason: reason.to_string(),
        });
    }
}

fn read<R: Read + Seek>(
    mut from: R,
    label: &str,
    limits: &Limits,
    give: &mut dyn FnMut(Entry<'_>),
) -> io::Result<()> {
    let mut head = Vec::new();
    from.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    from.seek(SeekFrom::Start(0))?;
    match is_packed(&head) {
        true => members(from, label, limits, give),
        false => plain(from, limits, give)?,
    }
    Ok(())
}

fn is_packed(head: &[u8]) -> bool {
    archive::packed(head).is_some()
        || head.starts_with(b"PK\x03\x04")
        || head.get(257..262) == Some(b"ustar")
}

fn plain(from: impl Read, limits: &Limits, give: &mut dyn FnMut(Entry<'_>)) -> io::Result<()> {
    let max = limits.document_bytes_max;
    let mut bytes = Vec::new();
    from.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::other(format!(
            "document is longer than {max} bytes, which is as much as is read"
        )));
    }
    give(Entry::Document { member: "", bytes });
    Ok(())
}

/// Members of an archive. What could not be read of it is told after what could.
fn members<R: Read + Seek>(from: R, label: &str, limits: &Limits, give: &mut dyn FnMut(Entry<'_>)) {
    let max = limits.document_bytes_max;
    let walked = archive::walk(label, from, &limits.archive, &mut |mut entry| {
        if entry.kind == Kind::File {
            if name::is_beside(&entry.path) || name::is_archive(&entry.path) {
                give(Entry::Skipped);
            } else if let Ok(bytes) = entry.content(max) {
                // What cannot be read is kept by the walk, and told below.
                give(Entry::Document {
                    member: &entry.path,
                    bytes,
                });
            }
        }
        Flow::Next
    });
    match walked {
        Ok(summary) => refusals(&summary.refused, summary.refused_count, give),
        Err(refusal) => {
            refusals(&refusal.earlier, refusal.earlier.len() as u64, give);
            refusals(&[refusal], 1, give);
        }
    }
}

fn refusals(refused: &[Refusal], count: u64, give: &mut dyn FnMut(Entry<'_>)) {
    for refusal in refused {
        give(Entry::Unreadable {
            member: &refusal.entry,
            reason: refusal.message.clone(),
        });
    }
    let others = count.saturating_sub(refused.len() as u64);
    if others > 0 {
        give(Entry::Unreadable {
            member: "",
            reason: format!("{others} more members could not be read"),
        });
    }
}
