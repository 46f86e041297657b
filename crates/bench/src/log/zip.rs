//! Zip: the documents of a `.eval`, read by as many threads as there are cores, and written the same each time.
//!
//! The room `archive` reads what strangers packed and takes the first of two entries of one name, as everyone does who
//! extracts. Here the last one counts: Inspect appends a sample again when it was run again. So this file reads by the
//! `zip` crate's list, which has it that way, under the limits of that room.

use std::io::{Cursor, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use ::zip::ZipArchive;

/// Bytes of a log as it lies on disk. The largest logs people complain of have 266 MB; 1 GiB.
pub const FILE_BYTES_MAX: u64 = 1 << 30;
/// Bytes that all of it unpacks to. They are all held: 2 GiB.
pub const UNPACKED_BYTES_MAX: u64 = 2 << 30;
/// Entries. Evaluations of 200,000 samples are known; a million.
pub const ENTRIES_MAX: usize = 1_000_000;
/// Bytes of a name: an id of a sample, which has at most 4,096, and what stands around it.
const NAME_BYTES_MAX: usize = 4_200;
/// How many times its size an entry may unpack to, once it has given [`RATIO_FROM`] bytes: as the room `archive` has it.
const RATIO_MAX: u64 = 250;
const RATIO_FROM: u64 = 64 << 20;
/// Entries a thread takes at a time: enough that taking them costs nothing, few enough that all end together.
const TAKEN: usize = 16;
/// Problems that are told; the rest is counted.
const PROBLEMS_MAX: usize = 20;

/// One entry, read or written by somebody.
pub struct Unpacked<T> {
    pub name: Box<str>,
    pub value: T,
}

/// Whether an entry of that name is read.
type Wanted<'w> = &'w (dyn Fn(&str) -> bool + Sync);
/// What becomes of an entry, by its name and its bytes.
type Each<'w, T> = &'w (dyn Fn(&str, Vec<u8>) -> Result<T, String> + Sync);

/// What `each` makes of every entry that `wanted` wants, in the order of the zip's list.
pub fn unpack<T: Send>(
    bytes: &[u8],
    wanted: Wanted<'_>,
    each: Each<'_, T>,
) -> Result<Vec<Unpacked<T>>, Vec<String>> {
    let one = |message: String| vec![message];
    // No list is longer than its records are many; so a list that claims more costs nothing.
    if memchr::memmem::find_iter(bytes, b"PK\x01\x02")
        .nth(ENTRIES_MAX)
        .is_some()
    {
        return Err(one(format!("more than {ENTRIES_MAX} entries")));
    }
    let archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| one(format!("no zip that can be read: {}", words(&error))))?;
    let work = Work {
        next: AtomicUsize::new(0),
        left: AtomicU64::new(UNPACKED_BYTES_MAX),
        done: Mutex::new(Done {
            values: Vec::with_capacity(archive.len()),
            problems: Vec::new(),
        }),
        wanted,
        each,
    };
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8)
        .min(archive.len().div_ceil(TAKEN))
        .max(1);
    thread::scope(|scope| {
        for _ in 1..threads {
            let archive = archive.clone();
            scope.spawn(|| work.take_all(archive));
        }
        work.take_all(archive.clone());
    });
    let Done {
        mut values,
        mut problems,
    } = work
        .done
        .into_inner()
        .unwrap_or_else(|broken| broken.into_inner());
    if !problems.is_empty() {
        problems.sort();
        let more = problems.len().saturating_sub(PROBLEMS_MAX);
        let mut told: Vec<String> = problems
            .into_iter()
            .take(PROBLEMS_MAX)
            .map(|(_, problem)| problem)
            .collect();
        if more > 0 {
            told.push(format!("and {more} more entries"));
        }
        return Err(told);
    }
    values.sort_by_key(|(at, _)| *at);
    Ok(values.into_iter().map(|(_, value)| value).collect())
}

struct Work<'w, T> {
    next: AtomicUsize,
    /// Bytes that may still be unpacked.
    left: AtomicU64,
    done: Mutex<Done<T>>,
    wanted: Wanted<'w>,
    each: Each<'w, T>,
}

struct Done<T> {
    values: Vec<(usize, Unpacked<T>)>,
    problems: Vec<(usize, String)>,
}

impl<T: Send> Work<'_, T> {
    /// Takes entries until there are none.
    fn take_all(&self, mut archive: ZipArchive<Cursor<&[u8]>>) {
        let (mut values, mut problems) = (Vec::new(), Vec::new());
        loop {
            let from = self.next.fetch_add(TAKEN, Ordering::Relaxed);
            if from >= archive.len() {
                break;
            }
            for at in from..(from + TAKEN).min(archive.len()) {
                match self.take(&mut archive, at) {
                    Ok(Some(value)) => values.push((at, value)),
                    Ok(None) => (),
                    Err(problem) => problems.push((at, problem)),
                }
            }
        }
        let mut done = self
            .done
            .lock()
            .unwrap_or_else(|broken| broken.into_inner());
        done.values.append(&mut values);
        done.problems.append(&mut problems);
    }

    fn take(
        &self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        at: usize,
    ) -> Result<Option<Unpacked<T>>, String> {
        let name: Box<str> = match archive.name_for_index(at) {
            Some(Ok(name)) => name.into(),
            _ => return Err("an entry whose name is not text".to_owned()),
        };
        if name.len() > NAME_BYTES_MAX {
            return Err(format!(
                "`{}…`: its name is longer than {NAME_BYTES_MAX} bytes",
                shortened(&name)
            ));
        }
        if name.ends_with('/') || !(self.wanted)(&name) {
            return Ok(None);
        }
        let told = |problem: String| format!("`{}`: {problem}", shortened(&name));
        let entry = archive.by_index(at).map_err(|error| told(words(&error)))?;
        // What a header claims is no reason to take memory: beyond the first MiB we grow as bytes arrive.
        let mut content = Vec::with_capacity(entry.size().min(1 << 20) as usize);
        let packed = entry.compressed_size();
        let mut metered = Metered {
            inner: entry,
            left: &self.left,
            packed,
            given: 0,
        };
        metered
            .read_to_end(&mut content)
            .map_err(|error| told(error.to_string()))?;
        let value = (self.each)(&name, content).map_err(told)?;
        Ok(Some(Unpacked { name, value }))
    }
}

/// An entry's bytes, as long as they are within what the whole log may cost.
struct Metered<'l, R> {
    inner: R,
    left: &'l AtomicU64,
    packed: u64,
    given: u64,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)? as u64;
        self.given += count;
        let enough = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(count)
            });
        if enough.is_err() {
            return Err(std::io::Error::other("the log unpacks to more than 2 GiB"));
        }
        if self.given > RATIO_FROM && self.given / self.packed.max(1) > RATIO_MAX {
            let message = format!("unpacks to more than {RATIO_MAX} times its size");
            return Err(std::io::Error::other(message));
        }
        Ok(count as usize)
    }
}

/// A zip of `entries`, the same bytes for the same entries: no times, one level, one order.
///
/// By zstd, as Inspect writes them since 0.3.206: in a transcript every text stands two or three times, and its window
/// reaches from one to the next where that of deflate, 32 KiB, does not. APPNOTE 6.3.10, in the sections it has there.
pub fn pack<'e>(entries: impl Iterator<Item = (&'e str, &'e [u8])>) -> Vec<u8> {
    let mut packer = Packer::new();
    let entries: Vec<Packed> = entries
        .map(|(name, bytes)| packer.one(name, bytes))
        .collect();
    together(entries.iter())
}

/// Packs one entry after another.
pub struct Packer(zstd::bulk::Compressor<'static>);

/// An entry that is packed.
pub struct Packed {
    name: Box<str>,
    crc: u32,
    size: u32,
    bytes: Vec<u8>,
}

impl Packer {
    pub fn new() -> Packer {
        Packer(zstd::bulk::Compressor::new(LEVEL).expect("the level is one that zstd has"))
    }

    pub fn one(&mut self, name: &str, bytes: &[u8]) -> Packed {
        Packed {
            name: name.into(),
            crc: crc(bytes),
            size: size(bytes.len()),
            bytes: self
                .0
                .compress(bytes)
                .expect("memory takes what zstd makes of memory"),
        }
    }
}

/// The zip of `entries`, in their order.
pub fn together<'e>(entries: impl Iterator<Item = &'e Packed>) -> Vec<u8> {
    let (mut out, mut list, mut count) = (Vec::new(), Vec::new(), 0u64);
    for entry in entries {
        let record = Record {
            name: &entry.name,
            crc: entry.crc,
            packed: size(entry.bytes.len()),
            size: entry.size,
            at: size(out.len()),
        };
        record.local(&mut out);
        out.extend(&entry.bytes);
        record.listed(&mut list);
        count += 1;
    }
    let at = out.len() as u64;
    out.extend(&list);
    end(&mut out, count, list.len() as u64, at);
    out
}

/// zstd's own default; 6 takes three times as long for a twentieth less.
const LEVEL: i32 = 3;
/// 4.4.5: Zstandard.
const METHOD: u16 = 93;
/// 4.4.3.2: 6.3, since when there is Zstandard.
const VERSION: u16 = 63;
/// 4.4.6: 1 January 1980, midnight.
const DATE: u16 = 0x21;
/// 4.4.2 and 4.4.15: made by Unix; a file that its owner writes and everybody reads.
const UNIX: u16 = 3 << 8;
const MODE: u32 = 0o100_644 << 16;

struct Record<'n> {
    name: &'n str,
    crc: u32,
    packed: u32,
    size: u32,
    at: u32,
}

/// No log is read that has more than 2 GiB, and none is made that could not be read.
fn size(length: usize) -> u32 {
    u32::try_from(length).expect("a log has less than 4 GiB")
}

impl Record<'_> {
    /// 4.3.7: what stands before the bytes.
    fn local(&self, out: &mut Vec<u8>) {
        out.extend(b"PK\x03\x04");
        self.common(out);
        out.extend(self.name.as_bytes());
    }

    /// 4.3.12: what stands in the list.
    fn listed(&self, out: &mut Vec<u8>) {
        out.extend(b"PK\x01\x02");
        out.extend((UNIX | VERSION).to_le_bytes());
        self.common(out);
        // Comment, disk, attributes of text.
        out.extend([0; 6]);
        out.extend(MODE.to_le_bytes());
        out.extend(self.at.to_le_bytes());
        out.extend(self.name.as_bytes());
    }

    fn common(&self, out: &mut Vec<u8>) {
        let name = u16::try_from(self.name.len()).expect("names are bounded where they are made");
        // 4.4.4, bit 11: the name is UTF-8.
        for number in [VERSION, 1 << 11, METHOD, 0, DATE] {
            out.extend(number.to_le_bytes());
        }
        for number in [self.crc, self.packed, self.size] {
            out.extend(number.to_le_bytes());
        }
        out.extend(name.to_le_bytes());
        out.extend([0; 2]);
    }
}

/// 4.3.14 to 4.3.16: where the list is, in 64 bits as well where 16 do not count the entries.
fn end(out: &mut Vec<u8>, count: u64, bytes: u64, at: u64) {
    let end_at = out.len() as u64;
    let short = u16::try_from(count).unwrap_or(u16::MAX);
    if short == u16::MAX {
        out.extend(b"PK\x06\x06");
        out.extend(44u64.to_le_bytes());
        out.extend((UNIX | VERSION).to_le_bytes());
        out.extend(VERSION.to_le_bytes());
        out.extend([0; 8]);
        for number in [count, count, bytes, at] {
            out.extend(number.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        out.extend([0; 4]);
        out.extend(end_at.to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    out.extend(short.to_le_bytes());
    out.extend(short.to_le_bytes());
    out.extend(size(bytes as usize).to_le_bytes());
    out.extend(size(at as usize).to_le_bytes());
    out.extend([0; 2]);
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn words(error: &::zip::result::ZipError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// A name for a message: what a stranger wrote, without control characters, at most 80 letters.
pub fn shortened(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(80)
        .collect()
}
