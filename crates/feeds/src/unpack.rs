//! Documents of one file: itself, compressed, or the members of an archive, one after another.
//!
//! What a file is, its first bytes say: zip, tar, gzip, zstd, xz, bzip2. Nothing is written to disk and one
//! document at a time is in memory. Everything is bounded, and what crosses a bound is told by name. An archive
//! inside an archive is not opened.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use advisory::format::DOCUMENT_BYTES_MAX;

use crate::name;

/// How much of one file is unpacked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One document.
    pub document_bytes_max: usize,
    /// All of an archive.
    pub archive_bytes_max: u64,
    /// Members of an archive.
    pub members_max: u64,
}

impl Default for Limits {
    /// OSV's export of everything holds some 600,000 records in 5 GiB, the CVE list 330,000 in 3 GiB: ten times
    /// that, with headroom.
    fn default() -> Limits {
        Limits {
            document_bytes_max: DOCUMENT_BYTES_MAX,
            archive_bytes_max: 64 << 30,
            members_max: 8_000_000,
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

/// A zstd window of 64 MiB: what `zstd --long=26` needs; `--ultra` alone stays below it.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// Enough to tell every kind of packing; a tar says so at byte 257.
const HEAD_BYTES: usize = 512;

/// How bytes are packed.
#[derive(Clone, Copy, PartialEq)]
enum Packing {
    Zip,
    Tar,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Plain,
}

impl Packing {
    fn of(head: &[u8]) -> Packing {
        match head {
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Packing::Zip,
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Packing::Bzip2,
            _ if head.get(257..262) == Some(b"ustar") => Packing::Tar,
            _ => Packing::Plain,
        }
    }
}

/// Gives every document of `path` to `give`. `label` is how the file is called to people.
pub(crate) fn file(path: &Path, label: &str, limits: &Limits, give: &mut dyn FnMut(Entry<'_>)) {
    if let Err(reason) = open(path, label, limits, give) {
        give(Entry::Unreadable {
            member: "",
            reason: reason.to_string(),
        });
    }
}

/// Reads `bytes` as a file of any packing would be read, for fuzzing.
pub fn fuzz(bytes: &[u8]) {
    let limits = Limits {
        document_bytes_max: 1 << 20,
        archive_bytes_max: 8 << 20,
        members_max: 100,
    };
    let _ = unpack(Cursor::new(bytes.to_vec()), "fuzz", &limits, &mut |_| {});
}

fn open(
    path: &Path,
    label: &str,
    limits: &Limits,
    give: &mut dyn FnMut(Entry<'_>),
) -> io::Result<()> {
    unpack(
        BufReader::with_capacity(64 << 10, File::open(path)?),
        label,
        limits,
        give,
    )
}

fn unpack<R: Read + io::Seek>(
    mut file: R,
    label: &str,
    limits: &Limits,
    give: &mut dyn FnMut(Entry<'_>),
) -> io::Result<()> {
    let head = head_of(&mut file)?;
    let whole = Cursor::new(head.clone()).chain(&mut file);
    let inner: Box<dyn Read + '_> = match Packing::of(&head) {
        Packing::Zip => {
            file.seek(io::SeekFrom::Start(0))?;
            return zip(file, limits, give);
        }
        Packing::Plain => return plain(whole, limits, give),
        Packing::Tar => return tar(whole, limits, give),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(whole))),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::new(whole))),
        Packing::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(whole, true, 128 << 10)),
        Packing::Zstd => {
            let mut unpacked = zstd::Decoder::new(whole)?;
            unpacked.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Box::new(unpacked)
        }
    };
    let mut inner = inner;
    let head = head_of(&mut inner)?;
    let whole = Cursor::new(head.clone()).chain(inner);
    match Packing::of(&head) {
        Packing::Tar => tar(whole, limits, give),
        Packing::Plain => plain(whole, limits, give),
        _ => Err(io::Error::other(format!(
            "`{label}` is packed more than twice; unpack it once"
        ))),
    }
}

fn head_of(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    from.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn plain(from: impl Read, limits: &Limits, give: &mut dyn FnMut(Entry<'_>)) -> io::Result<()> {
    let bytes = bounded(from, limits.document_bytes_max, 0)?;
    give(Entry::Document { member: "", bytes });
    Ok(())
}

/// The whole of `from`, where it is no longer than `max`. `announced` is how long it says it is.
fn bounded(from: impl Read, max: usize, announced: u64) -> io::Result<Vec<u8>> {
    // What is announced is believed up to a MiB, so that a lying header costs no memory.
    let mut bytes = Vec::with_capacity(usize::try_from(announced.min(1 << 20)).unwrap_or(0));
    from.take(max as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() > max {
        true => Err(io::Error::other(format!(
            "document is larger than {max} bytes, which is as much as is read"
        ))),
        false => Ok(bytes),
    }
}

/// What an archive has cost so far.
struct Spent<'a> {
    limits: &'a Limits,
    bytes: u64,
    members: u64,
}

impl Spent<'_> {
    /// Counts a member; an error ends the archive.
    fn member(&mut self, announced: u64) -> io::Result<()> {
        self.members += 1;
        self.bytes = self.bytes.saturating_add(announced);
        if self.members > self.limits.members_max {
            return Err(io::Error::other(format!(
                "archive has more than {} members",
                self.limits.members_max
            )));
        }
        if self.bytes > self.limits.archive_bytes_max {
            let max = self.limits.archive_bytes_max;
            return Err(io::Error::other(format!(
                "archive unpacks to more than {max} bytes"
            )));
        }
        Ok(())
    }
}

fn is_archive(member: &str) -> bool {
    [".zip", ".tar", ".gz", ".tgz", ".zst", ".xz", ".bz2"]
        .iter()
        .any(|ending| member.ends_with(ending))
}

fn zip<R: Read + io::Seek>(
    file: R,
    limits: &Limits,
    give: &mut dyn FnMut(Entry<'_>),
) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(file)
        .map_err(|reason| io::Error::other(format!("not a zip: {reason}")))?;
    let mut spent = Spent {
        limits,
        bytes: 0,
        members: 0,
    };
    for at in 0..archive.len() {
        let mut member = match archive.by_index(at) {
            Ok(member) => member,
            Err(reason) => {
                give(Entry::Unreadable {
                    member: &format!("#{at}"),
                    reason: reason.to_string(),
                });
                continue;
            }
        };
        if member.is_dir() {
            continue;
        }
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        if name::is_beside(&name) || is_archive(&name) {
            give(Entry::Skipped);
            continue;
        }
        let announced = member.size();
        spent.member(announced.min(limits.document_bytes_max as u64))?;
        give(entry(
            &name,
            bounded(&mut member, limits.document_bytes_max, announced),
        ));
    }
    Ok(())
}

fn tar(from: impl Read, limits: &Limits, give: &mut dyn FnMut(Entry<'_>)) -> io::Result<()> {
    let mut archive = tar::Archive::new(from);
    let mut spent = Spent {
        limits,
        bytes: 0,
        members: 0,
    };
    for member in archive.entries()? {
        let mut member = member?;
        let announced = member.size();
        spent.member(announced)?;
        if !member.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        if name::is_beside(&name) || is_archive(&name) {
            give(Entry::Skipped);
            continue;
        }
        give(entry(
            &name,
            bounded(&mut member, limits.document_bytes_max, announced),
        ));
    }
    Ok(())
}

fn entry(member: &str, read: io::Result<Vec<u8>>) -> Entry<'_> {
    match read {
        Ok(bytes) => Entry::Document { member, bytes },
        Err(reason) => Entry::Unreadable {
            member,
            reason: reason.to_string(),
        },
    }
}
