//! What compressed bytes unpack to, under limits.
//!
//! gzip (RFC 1952), zstd (RFC 8878), xz (file format 1.2), bzip2 1.0. All of them may be several streams one after
//! the other. What a stream asks for in memory is bounded before it is taken: a zstd window of up to 128 MiB,
//! which is what `zstd -d` takes without being asked (level 22 uses it), and 128 MiB for xz, twice what level 9
//! needs.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use crate::limits::{RATIO_FROM, bytes};
use crate::{Limits, refused};

const ZSTD_WINDOW_LOG_MAX: u32 = 27;
const XZ_MEMORY_KIB_MAX: u32 = 128 * 1024;

/// As much as is looked at to tell a compression; the longest magic, of xz, has 6 bytes.
const MAGIC_BYTES_MAX: usize = 6;

/// A compression we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

/// How a file is compressed, going by its first bytes.
pub fn packed(head: &[u8]) -> Option<Packing> {
    match head {
        [0x1f, 0x8b, 8, ..] => Some(Packing::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
        // A zstd stream may begin with a frame that is skipped.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Xz),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Packing::Bzip2),
        _ => None,
    }
}

/// The first bytes, put back before the rest.
type Source<R> = Counted<io::Chain<Cursor<Vec<u8>>, R>>;

enum Codec<R: Read> {
    Plain(BufReader<Source<R>>),
    Gzip(Box<flate2::bufread::MultiGzDecoder<BufReader<Source<R>>>>),
    Zstd(zstd::stream::read::Decoder<'static, BufReader<Source<R>>>),
    Xz(Box<lzma_rust2::XzReader<BufReader<Source<R>>>>),
    Bzip2(bzip2::bufread::MultiBzDecoder<BufReader<Source<R>>>),
}

/// A file, unpacked while it is read.
pub struct Unpacked<R: Read> {
    codec: Codec<R>,
    given: u64,
    bytes_total: u64,
    ratio: u64,
    /// Read ahead by `peek`, not yet given; `ahead_at` of them are.
    ahead: Vec<u8>,
    ahead_at: usize,
}

impl<R: Read> Unpacked<R> {
    pub(crate) fn new(mut reader: R, limits: &Limits) -> io::Result<Unpacked<R>> {
        let mut head = Vec::with_capacity(MAGIC_BYTES_MAX);
        reader
            .by_ref()
            .take(MAGIC_BYTES_MAX as u64)
            .read_to_end(&mut head)?;
        let packing = packed(&head);
        let source = BufReader::with_capacity(
            64 * 1024,
            Counted {
                inner: Cursor::new(head).chain(reader),
                count: 0,
            },
        );
        Ok(Unpacked {
            codec: codec(packing, source)?,
            given: 0,
            bytes_total: limits.bytes_total,
            ratio: limits.ratio,
            ahead: Vec::new(),
            ahead_at: 0,
        })
    }

    pub(crate) fn is_packed(&self) -> bool {
        !matches!(self.codec, Codec::Plain(_))
    }

    /// The next `count` bytes, or as many as there are, which will be read again.
    pub(crate) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.ahead.is_empty() {
            let mut ahead = Vec::with_capacity(count);
            self.by_ref().take(count as u64).read_to_end(&mut ahead)?;
            self.ahead = ahead;
            self.ahead_at = 0;
        }
        Ok(&self.ahead)
    }

    fn taken(&self) -> u64 {
        let source = match &self.codec {
            Codec::Plain(source) => source,
            Codec::Gzip(codec) => codec.get_ref(),
            Codec::Zstd(codec) => codec.get_ref(),
            Codec::Xz(codec) => codec.inner(),
            Codec::Bzip2(codec) => codec.get_ref(),
        };
        source.get_ref().count
    }

    /// Whether what was given is still in proportion to what was taken.
    fn check(&self) -> io::Result<()> {
        if self.given > self.bytes_total {
            return Err(refused(&format!(
                "unpacks to more than {}",
                bytes(self.bytes_total)
            )));
        }
        if self.given > RATIO_FROM && self.given / self.taken().max(1) > self.ratio {
            return Err(refused(&format!(
                "unpacks to more than {} times its size",
                self.ratio
            )));
        }
        Ok(())
    }
}

fn codec<R: Read>(packing: Option<Packing>, source: BufReader<Source<R>>) -> io::Result<Codec<R>> {
    Ok(match packing {
        None => Codec::Plain(source),
        Some(Packing::Gzip) => Codec::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(source))),
        Some(Packing::Bzip2) => Codec::Bzip2(bzip2::bufread::MultiBzDecoder::new(source)),
        Some(Packing::Xz) => Codec::Xz(Box::new(lzma_rust2::XzReader::new_mem_limit(
            source,
            true,
            XZ_MEMORY_KIB_MAX,
        ))),
        Some(Packing::Zstd) => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Codec::Zstd(decoder)
        }
    })
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The xz reader takes a read into nothing for the end of a block.
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(ahead) = self
            .ahead
            .get(self.ahead_at..)
            .filter(|ahead| !ahead.is_empty())
        {
            let count = ahead.len().min(buffer.len());
            if let (Some(to), Some(from)) = (buffer.get_mut(..count), ahead.get(..count)) {
                to.copy_from_slice(from);
            }
            self.ahead_at += count;
            return Ok(count);
        }
        self.check()?;
        let count = match &mut self.codec {
            Codec::Plain(codec) => codec.read(buffer),
            Codec::Gzip(codec) => codec.read(buffer),
            Codec::Zstd(codec) => codec.read(buffer),
            Codec::Xz(codec) => codec.read(buffer),
            Codec::Bzip2(codec) => codec.read(buffer),
        }?;
        self.given += count as u64;
        self.check()?;
        Ok(count)
    }
}

/// A reader that counts what was taken from it.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

/// Unpacks one zip entry's bytes; `None` where we do not read its method.
pub(crate) fn method<'a, R: BufRead + 'a>(
    method: u16,
    source: R,
) -> io::Result<Option<Box<dyn Read + 'a>>> {
    Ok(match method {
        0 => Some(Box::new(source)),
        8 => Some(Box::new(flate2::bufread::DeflateDecoder::new(source))),
        12 => Some(Box::new(bzip2::bufread::BzDecoder::new(source))),
        93 => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Some(Box::new(decoder))
        }
        95 => Some(Box::new(lzma_rust2::XzReader::new_mem_limit(
            source,
            false,
            XZ_MEMORY_KIB_MAX,
        ))),
        _ => None,
    })
}
