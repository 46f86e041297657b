//! zip (PKWARE APPNOTE 6.3.10), with zip64.
//!
//! Odd about it: the list of entries is at the end, and every entry says all of it again before its bytes. The list
//! decides here, as it does for everyone who extracts; so sizes are known even where a writer put them behind the
//! bytes (data descriptors). The list is read piece by piece: an archive of a million entries costs no more
//! memory than one of ten, but for 8 bytes an entry to tell names that occur twice.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use crate::codec;
use crate::entry::Head;
use crate::limits::{RATIO_FROM, bytes};
use crate::{Flow, Kind, Walk, path, refused};

mod end;
mod record;

use end::End;
pub(crate) use end::end;
use record::{Record, record};

/// How much of the list is read at once; the longest record has 46 and three times 65,535 bytes.
const LIST_PIECE_BYTES: usize = 512 * 1024;

/// Whether `head` is how a zip begins: with an entry, or with the end of an empty one.
pub(crate) fn begins(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

pub(crate) fn walk<R: Read + Seek>(mut reader: R, walk: &mut Walk<'_>) -> io::Result<()> {
    let Some(end) = end(&mut reader)? else {
        return Err(refused("a zip without its end; it may have been cut off"));
    };
    if end.count > walk.limits.entries {
        return Err(refused(&format!(
            "more than {} entries",
            walk.limits.entries
        )));
    }
    let mut archive = Archive {
        reader: BufReader::with_capacity(128 * 1024, reader),
        end,
        given: 0,
        seen: HashSet::new(),
        hasher: RandomState::new(),
    };
    archive.walk(walk)
}

struct Archive<R> {
    reader: BufReader<R>,
    end: End,
    /// Unpacked bytes, of all entries.
    given: u64,
    /// Hashes of names.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl<R: Read + Seek> Archive<R> {
    fn walk(&mut self, walk: &mut Walk<'_>) -> io::Result<()> {
        let (mut read, mut met) = (0u64, 0u64);
        while read < self.end.size {
            let piece = self.piece(read)?;
            let mut rest = piece.as_slice();
            while let Some(length) = record::length(rest, self.end.size - read)? {
                let Some(bytes) = rest.get(..length) else {
                    break;
                };
                let record = record(bytes)?;
                if self.show(record, walk)? == Flow::Stop {
                    return Ok(());
                }
                rest = rest.get(length..).unwrap_or_default();
                read += length as u64;
                met += 1;
            }
            if rest.len() == piece.len() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        match met == self.end.count {
            true => Ok(()),
            false => Err(refused(&format!(
                "lists {met} entries where its end says {}",
                self.end.count
            ))),
        }
    }

    /// The list from `read` on, as much as is read at once.
    fn piece(&mut self, read: u64) -> io::Result<Vec<u8>> {
        let count = (self.end.size - read).min(LIST_PIECE_BYTES as u64) as usize;
        let at = self
            .end
            .before
            .checked_add(self.end.at)
            .and_then(|at| at.checked_add(read));
        read_at(
            &mut self.reader,
            at.ok_or(io::ErrorKind::UnexpectedEof)?,
            count,
        )
    }

    fn show(&mut self, record: Record, walk: &mut Walk<'_>) -> io::Result<Flow> {
        walk.count()?;
        match self.open(&record, walk) {
            Ok((head, _)) if head.path.is_empty() => Ok(Flow::Next),
            Ok((head, at)) => self.body(head, &record, at, walk),
            Err(message) => {
                walk.refuse(&record.name, message);
                Ok(Flow::Next)
            }
        }
    }

    /// What an entry is and where its bytes begin, or why it is refused.
    fn open(&mut self, record: &Record, walk: &Walk<'_>) -> Result<(Head, u64), String> {
        let path = path::relative(&record.name.replace('\\', "/"), walk.limits)?;
        // 4.4.4: bit 0, encrypted; bit 13, the list itself is.
        if record.flags & 0x2001 != 0 {
            return Err("is encrypted; unpack it with its password first".to_owned());
        }
        if !path.is_empty() && !self.seen.insert(self.hasher.hash_one(&path)) {
            return Err("a second entry of that name; the first one counts".to_owned());
        }
        let at = self.body_at(record).map_err(|error| crate::words(&error))?;
        let kind = match record.mode & 0o170_000 {
            _ if record.name.ends_with(['/', '\\']) => Kind::Folder,
            0 | 0o100_000 => Kind::File,
            0o120_000 => Kind::Link,
            0o040_000 => Kind::Folder,
            _ => Kind::Other,
        };
        let mut head = Head {
            path,
            kind,
            size: Some(record.size),
            mode: record.mode & 0o7777,
            ..Head::default()
        };
        if kind == Kind::Link {
            let target = self.target(record, at, walk)?;
            head.link = path::target(&head.path, kind, &target, walk.limits)?;
        }
        Ok((head, at))
    }

    /// A link's target is what the file would hold.
    fn target(&mut self, record: &Record, at: u64, walk: &Walk<'_>) -> Result<String, String> {
        let max = walk.limits.path_bytes as u64;
        let mut target = Vec::new();
        self.unpack(record, at, walk)
            .and_then(|body| body.take(max + 1).read_to_end(&mut target))
            .map_err(|error| crate::words(&error))?;
        String::from_utf8(target).map_err(|_| "link target is not UTF-8".to_owned())
    }

    /// 4.3.7: an entry's own header has 30 bytes, its name and its extra fields.
    fn body_at(&mut self, record: &Record) -> io::Result<u64> {
        let wrong = || refused("its header is not where the list says");
        let at = record.at.checked_add(self.end.before).ok_or_else(wrong)?;
        seek(&mut self.reader, at)?;
        let mut header = [0; 30];
        self.reader.read_exact(&mut header)?;
        let fields = Fields(&header);
        match (fields.u16(26), fields.u16(28)) {
            (Some(name), Some(extra)) if header.starts_with(b"PK\x03\x04") => at
                .checked_add(30 + u64::from(name) + u64::from(extra))
                .filter(|at| {
                    at.checked_add(record.packed)
                        .is_some_and(|end| end <= self.end.file_bytes)
                })
                .ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    fn unpack<'a>(
        &'a mut self,
        record: &Record,
        at: u64,
        walk: &Walk<'_>,
    ) -> io::Result<Body<Box<dyn Read + 'a>>> {
        seek(&mut self.reader, at)?;
        let source = self.reader.by_ref().take(record.packed);
        let Some(inner) = codec::method(record.method, source)? else {
            return Err(refused(&format!(
                "compressed by method {}; stored, deflate, bzip2, zstd and xz are read",
                record.method
            )));
        };
        Ok(Body {
            inner,
            crc: flate2::Crc::new(),
            crc_stated: record.crc,
            size: record.size,
            given: 0,
            packed: record.packed,
            ratio: walk.limits.ratio,
            bytes_left: walk.limits.bytes_total.saturating_sub(self.given),
            bytes_total: walk.limits.bytes_total,
        })
    }

    fn body(
        &mut self,
        head: Head,
        record: &Record,
        at: u64,
        walk: &mut Walk<'_>,
    ) -> io::Result<Flow> {
        if self.given > walk.limits.bytes_total {
            return Err(refused(&format!(
                "unpacks to more than {}",
                bytes(walk.limits.bytes_total)
            )));
        }
        // Entries may share their bytes, so that each is in proportion and all together are not.
        if self.given > RATIO_FROM && self.given / self.end.file_bytes.max(1) > walk.limits.ratio {
            return Err(refused(&format!(
                "unpacks to more than {} times its size",
                walk.limits.ratio
            )));
        }
        let mut body = match self.unpack(record, at, walk) {
            Ok(body) => body,
            Err(error) => {
                walk.refuse(&record.name, crate::words(&error));
                return Ok(Flow::Next);
            }
        };
        let flow = walk.show(head, &mut body)?;
        let given = body.given;
        drop(body);
        self.given += given;
        Ok(flow)
    }
}

/// Moves within what is buffered where that is possible: entries mostly lie in the order of the list.
fn seek<R: Read + Seek>(reader: &mut BufReader<R>, to: u64) -> io::Result<()> {
    let at = reader.stream_position()?;
    let by = i128::from(to) - i128::from(at);
    match i64::try_from(by) {
        Ok(by) => reader.seek_relative(by),
        Err(_) => reader.seek(SeekFrom::Start(to)).map(|_| ()),
    }
}

/// An entry's bytes; at their end they are compared with the size and the checksum the list states.
struct Body<R> {
    inner: R,
    crc: flate2::Crc,
    crc_stated: u32,
    size: u64,
    given: u64,
    packed: u64,
    ratio: u64,
    bytes_left: u64,
    bytes_total: u64,
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The xz reader takes a read into nothing for the end of a block.
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.inner.read(buffer)?;
        self.given += count as u64;
        self.crc.update(buffer.get(..count).unwrap_or_default());
        if self.given > self.size {
            return Err(refused("unpacks to more than the list says"));
        }
        if self.given > self.bytes_left {
            let message = format!("unpacks to more than {}", bytes(self.bytes_total));
            return Err(refused(&message));
        }
        if self.given > RATIO_FROM && self.given / self.packed.max(1) > self.ratio {
            let message = format!("unpacks to more than {} times its size", self.ratio);
            return Err(refused(&message));
        }
        if count == 0 {
            if self.given < self.size {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if self.crc.sum() != self.crc_stated {
                return Err(refused("its checksum does not fit; it is damaged"));
            }
        }
        Ok(count)
    }
}

fn read_at<R: Read + Seek>(reader: &mut R, at: u64, count: usize) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; count];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Little-endian numbers at fixed places.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    fn u16(&self, at: usize) -> Option<u16> {
        self.bytes(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Option<u64> {
        self.bytes(at).map(u64::from_le_bytes)
    }
}
