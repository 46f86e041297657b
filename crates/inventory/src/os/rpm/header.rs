//! A package's header (rpm's `docs/manual/format_header.md`, 4.20): how many entries, how many bytes, the entries
//! (tag, type, offset, count), the bytes. All numbers big-endian.

use super::u32_be;

/// An entry of the index.
const ENTRY_BYTES: usize = 16;

/// What one package says of itself; empty where it does not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub release: &'a str,
    pub epoch: Option<u32>,
    pub arch: &'a str,
    pub source: &'a str,
    pub module: &'a str,
}

impl<'a> Header<'a> {
    /// `None` where the header is damaged or names no package.
    pub fn read(blob: &'a [u8]) -> Option<Header<'a>> {
        let count = usize::try_from(u32_be(blob, 0)?).ok()?;
        let size = usize::try_from(u32_be(blob, 4)?).ok()?;
        let data_at = count.checked_mul(ENTRY_BYTES)?.checked_add(8)?;
        let entries = blob.get(8..data_at)?;
        let data = blob.get(data_at..data_at.checked_add(size)?)?;
        let mut header = Header::default();
        for entry in entries.chunks_exact(ENTRY_BYTES) {
            let at = usize::try_from(u32_be(entry, 8)?).ok()?;
            match u32_be(entry, 0)? {
                1000 => header.name = text(data, at)?,
                1001 => header.version = text(data, at)?,
                1002 => header.release = text(data, at)?,
                1003 => header.epoch = u32_be(data, at),
                1022 => header.arch = text(data, at)?,
                1044 => header.source = text(data, at)?,
                5096 => header.module = text(data, at)?,
                _ => {}
            }
        }
        (!header.name.is_empty() && !header.version.is_empty()).then_some(header)
    }
}

fn text(data: &[u8], at: usize) -> Option<&str> {
    let rest = data.get(at..)?;
    let end = memchr::memchr(0, rest)?;
    std::str::from_utf8(rest.get(..end)?).ok()
}
