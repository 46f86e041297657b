//! tar: ustar and pax (POSIX.1-2017, `pax`), with the long names of GNU tar.
//!
//! Odd about it: a file is a chain of 512-byte blocks without a list of contents, every number is octal text (or,
//! beyond 8 GiB, binary with its first bit set), and what does not fit into a header stands in an entry before it.
//! Those entries are read here rather than by a library so that a header that claims a name of 10 GB costs a
//! message and not the memory.

use std::io::{self, Read, Seek, SeekFrom};

use crate::entry::Head;
use crate::{Flow, Kind, Unpacked, Walk, path, refused};

pub(crate) const BLOCK: usize = 512;

/// The longest extension: a path and a link of 4096 bytes, and as much again for attributes we do not read
/// (capabilities, SELinux labels, signatures), with headroom.
const EXTENSION_BYTES_MAX: u64 = 256 * 1024;

/// Where blocks come from, and how those that nobody wants are passed over.
pub(crate) trait Source: Read {
    fn skip(&mut self, count: u64) -> io::Result<()>;
    /// Where we are in the file, if what is read lies there as it is.
    fn offset(&self) -> Option<u64>;
    /// Reads on to the end of what was compressed: only there its checksum is, and a bomb may lie behind two
    /// blocks of zeros too.
    fn drain(&mut self) -> io::Result<()>;
}

/// A tar that can only be read in order.
pub(crate) struct Streamed<R: Read>(pub Unpacked<R>);

impl<R: Read> Read for Streamed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Source for Streamed<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        match io::copy(&mut self.0.by_ref().take(count), &mut io::sink())? == count {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn offset(&self) -> Option<u64> {
        None
    }

    fn drain(&mut self) -> io::Result<()> {
        io::copy(&mut self.0, &mut io::sink()).map(|_| ())
    }
}

/// A tar in a file, where what nobody wants is not read.
pub(crate) struct Sought<R> {
    inner: R,
    at: u64,
}

impl<R: Read + Seek> Sought<R> {
    pub fn new(inner: R) -> Sought<R> {
        Sought { inner, at: 0 }
    }
}

impl<R: Read> Read for Sought<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Source for Sought<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let Some(last) = count.checked_sub(1) else {
            return Ok(());
        };
        // One may seek beyond a file's end, so the last byte is read to see that it is there.
        let to = self
            .at
            .checked_add(last)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        self.inner.seek(SeekFrom::Start(to))?;
        self.inner.read_exact(&mut [0])?;
        self.at = to + 1;
        Ok(())
    }

    fn offset(&self) -> Option<u64> {
        Some(self.at)
    }

    fn drain(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether `head`, the first block of a file, begins a tar.
pub(crate) fn begins(head: &[u8]) -> bool {
    Block::of(head).is_some_and(|block| block.is_zero() || block.checksum_fits())
}

/// What the entries before an entry say about it.
#[derive(Default)]
struct Extension {
    path: Option<String>,
    link: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

pub(crate) fn walk<S: Source>(mut source: S, walk: &mut Walk<'_>) -> io::Result<()> {
    let mut extension = Extension::default();
    // What was read but not shown counts too, lest a tar of nothing but extensions is endless.
    let mut extensions = 0u64;
    while let Some(block) = next(&mut source)? {
        let size = block.number(124, 12)?;
        match block.kind() {
            b'x' => pax(&extended(&mut source, size)?, &mut extension),
            b'L' => extension.path = Some(text(&extended(&mut source, size)?)),
            b'K' => extension.link = Some(text(&extended(&mut source, size)?)),
            b'g' | b'V' | b'M' => source.skip(padded(size)?)?,
            _ => {
                let said = std::mem::take(&mut extension);
                if show(&mut source, &block, said, walk)? == Flow::Stop {
                    return Ok(());
                }
                continue;
            }
        }
        extensions += 1;
        if extensions > walk.limits.entries.saturating_mul(4) {
            return Err(refused("more headers than entries could need"));
        }
    }
    source.drain()
}

/// The next header, or `None` at the end.
fn next<S: Source>(source: &mut S) -> io::Result<Option<Block>> {
    let Some(block) = block(source)? else {
        return Ok(None);
    };
    if !block.is_zero() {
        return match block.checksum_fits() {
            true => Ok(Some(block)),
            false => Err(refused(
                "a header's checksum does not fit; it is damaged, or not a tar",
            )),
        };
    }
    match self::block(source)? {
        Some(second) if !second.is_zero() => Err(refused("goes on after a block of zeros")),
        _ => Ok(None),
    }
}

/// One block; `None` where the file ends, as some writers leave the zeros out.
fn block<S: Source>(source: &mut S) -> io::Result<Option<Block>> {
    let mut bytes = [0; BLOCK];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(Block(bytes)))
}

fn show<S: Source>(
    source: &mut S,
    block: &Block,
    said: Extension,
    walk: &mut Walk<'_>,
) -> io::Result<Flow> {
    let written = said.path.unwrap_or_else(|| block.path());
    let kind = kind(block.kind(), &written);
    // As tools agree, links, folders and devices have no body whatever their size says.
    let size = match (kind, block.kind()) {
        (Kind::File, _) | (_, b'S' | b'D') => {
            said.size.map_or_else(|| block.number(124, 12), Ok)?
        }
        (Kind::Other, b'3' | b'4' | b'6') => 0,
        (Kind::Other, _) => said.size.map_or_else(|| block.number(124, 12), Ok)?,
        _ => 0,
    };
    if block.kind() == b'S' || said.sparse {
        walk.count()?;
        walk.refuse(&written, "sparse files are not read".to_owned());
        skip_sparse(source, block)?;
        source.skip(padded(size)?)?;
        return Ok(Flow::Next);
    }
    let link = said.link.unwrap_or_else(|| block.link());
    match named(&written, kind, &link, walk) {
        Ok((path, _)) if path.is_empty() => source.skip(padded(size)?).map(|()| Flow::Next),
        Ok((path, link)) => {
            let head = Head {
                path,
                kind,
                link,
                size: Some(size),
                mode: (block.number(100, 8).unwrap_or(0) & 0o7777) as u32,
                offset: source.offset(),
            };
            body(source, head, size, walk)
        }
        Err(message) => {
            walk.count()?;
            walk.refuse(&written, message);
            source.skip(padded(size)?).map(|()| Flow::Next)
        }
    }
}

fn named(
    written: &str,
    kind: Kind,
    link: &str,
    walk: &Walk<'_>,
) -> Result<(String, String), String> {
    let path = path::relative(written, walk.limits)?;
    let link = match kind {
        Kind::Link | Kind::HardLink => path::target(&path, kind, link, walk.limits)?,
        _ => String::new(),
    };
    Ok((path, link))
}

/// Shows an entry and passes over what the visitor left of it.
fn body<S: Source>(source: &mut S, head: Head, size: u64, walk: &mut Walk<'_>) -> io::Result<Flow> {
    let mut body = Body { source, left: size };
    let flow = walk.show(head, &mut body)?;
    let left = body.left;
    if flow == Flow::Next {
        source.skip(
            left.checked_add(padded(size)? - size)
                .ok_or(io::ErrorKind::UnexpectedEof)?,
        )?;
    }
    Ok(flow)
}

struct Body<'a, S> {
    source: &'a mut S,
    left: u64,
}

impl<S: Source> Read for Body<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = self.left.min(buffer.len() as u64) as usize;
        let buffer = buffer.get_mut(..wanted).unwrap_or_default();
        let count = self.source.read(buffer)?;
        if count == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        Ok(count)
    }
}

fn kind(flag: u8, path: &str) -> Kind {
    match flag {
        // Before ustar a folder was a file whose name ends so.
        b'0' | 0 | b'7' if path.ends_with('/') => Kind::Folder,
        b'0' | 0 | b'7' => Kind::File,
        b'1' => Kind::HardLink,
        b'2' => Kind::Link,
        b'5' => Kind::Folder,
        _ => Kind::Other,
    }
}

/// The body of an extension.
fn extended<S: Source>(source: &mut S, size: u64) -> io::Result<Vec<u8>> {
    if size > EXTENSION_BYTES_MAX {
        return Err(refused(&format!(
            "a header of {size} bytes; at most {EXTENSION_BYTES_MAX} are read"
        )));
    }
    let mut bytes = vec![0; padded(size)? as usize];
    source.read_exact(&mut bytes)?;
    bytes.truncate(size as usize);
    Ok(bytes)
}

/// POSIX.1-2017, pax extended header: records of `length keyword=value\n`, the length counting itself.
fn pax(mut records: &[u8], extension: &mut Extension) {
    while let Some(space) = records.iter().take(20).position(|byte| *byte == b' ') {
        let length = records
            .get(..space)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| digits.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| records.get(space + 1..length)) else {
            return;
        };
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        if let Some(equals) = record.iter().position(|byte| *byte == b'=') {
            let value = record.get(equals + 1..).unwrap_or_default();
            keyword(record.get(..equals).unwrap_or_default(), value, extension);
        }
        records = length
            .and_then(|length| records.get(length..))
            .unwrap_or_default();
    }
}

fn keyword(key: &[u8], value: &[u8], extension: &mut Extension) {
    let value = String::from_utf8_lossy(value);
    match key {
        b"path" => extension.path = Some(value.into_owned()),
        b"linkpath" => extension.link = Some(value.into_owned()),
        b"size" => extension.size = value.parse().ok(),
        b"GNU.sparse.name" => {
            extension.sparse = true;
            extension.path = Some(value.into_owned());
        }
        key => extension.sparse |= key.starts_with(b"GNU.sparse."),
    }
}

/// GNU's old sparse files continue their map in blocks before the body.
fn skip_sparse<S: Source>(source: &mut S, header: &Block) -> io::Result<()> {
    let mut more = header.kind() == b'S' && header.0[482] != 0;
    while more {
        more = block(source)?.ok_or(io::ErrorKind::UnexpectedEof)?.0[504] != 0;
    }
    Ok(())
}

/// `size` rounded up to whole blocks.
fn padded(size: u64) -> io::Result<u64> {
    size.checked_next_multiple_of(BLOCK as u64)
        .ok_or_else(|| refused("an entry of more bytes than there can be"))
}

fn text(bytes: &[u8]) -> String {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// A header.
struct Block([u8; BLOCK]);

impl Block {
    fn of(bytes: &[u8]) -> Option<Block> {
        bytes.first_chunk().copied().map(Block)
    }

    fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    fn field(&self, at: usize, length: usize) -> &[u8] {
        self.0.get(at..at + length).unwrap_or_default()
    }

    fn kind(&self) -> u8 {
        self.0[156]
    }

    /// The sum of all bytes, with those of the checksum as spaces; some old writers summed signed bytes.
    fn checksum_fits(&self) -> bool {
        let Ok(stated) = self.number(148, 8) else {
            return false;
        };
        let bytes = || {
            let before = self.field(0, 148).iter();
            before
                .chain(b"        ")
                .chain(self.field(156, BLOCK - 156))
        };
        let unsigned: u64 = bytes().map(|byte| u64::from(*byte)).sum();
        let signed: i64 = bytes().map(|byte| i64::from(*byte as i8)).sum();
        unsigned == stated || i64::try_from(stated) == Ok(signed)
    }

    fn number(&self, at: usize, length: usize) -> io::Result<u64> {
        let field = self.field(at, length);
        let wrong = || refused("a header with a number that cannot be read");
        if let [first, rest @ ..] = field
            && first & 0x80 != 0
        {
            let value = u64::from(first & 0x7f);
            return rest.iter().try_fold(value, |value, byte| {
                let value = value.checked_mul(256).ok_or_else(wrong)?;
                Ok(value + u64::from(*byte))
            });
        }
        let text = text(field);
        match text.trim() {
            "" => Ok(0),
            digits => u64::from_str_radix(digits, 8).map_err(|_| wrong()),
        }
    }

    /// The name, with ustar's prefix before it. GNU's older headers have other things in the prefix's place.
    fn path(&self) -> String {
        let name = text(self.field(0, 100));
        let prefix = match self.field(257, 6) == b"ustar\0" {
            true => text(self.field(345, 155)),
            false => String::new(),
        };
        match prefix.is_empty() {
            true => name,
            false => format!("{prefix}/{name}"),
        }
    }

    fn link(&self) -> String {
        text(self.field(157, 100))
    }
}
