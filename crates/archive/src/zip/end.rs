//! Where a zip's list of entries is: its end record, and zip64's.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Fields, read_at};
use crate::refused;

/// 4.3.16: the end record has 22 bytes and a comment of up to 65,535.
const END_BYTES: usize = 22;
const END_BYTES_MAX: u64 = 22 + 65_535;

/// Where the list of entries is.
pub(crate) struct End {
    pub at: u64,
    pub size: u64,
    pub count: u64,
    /// Bytes before the archive, in self-extracting ones; offsets do not count them.
    pub before: u64,
    pub file_bytes: u64,
}

/// The end record, if the file has one.
pub(crate) fn end<R: Read + Seek>(reader: &mut R) -> io::Result<Option<End>> {
    let file_bytes = reader.seek(SeekFrom::End(0))?;
    let from = file_bytes.saturating_sub(END_BYTES_MAX);
    reader.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    reader.by_ref().take(END_BYTES_MAX).read_to_end(&mut tail)?;
    let found = (0..tail.len().saturating_sub(END_BYTES - 1))
        .rev()
        .find(|at| {
            let record = Fields(tail.get(*at..).unwrap_or_default());
            record.0.starts_with(b"PK\x05\x06")
                && record
                    .u16(20)
                    .is_some_and(|comment| usize::from(comment) <= record.0.len() - END_BYTES)
        });
    let Some(found) = found else {
        return Ok(None);
    };
    let record = Fields(tail.get(found..).unwrap_or_default());
    let end_at = from + found as u64;
    let (Some(count), Some(size), Some(at)) = (record.u16(10), record.u32(12), record.u32(16))
    else {
        return Ok(None);
    };
    let short = End {
        at: u64::from(at),
        size: u64::from(size),
        count: u64::from(count),
        before: 0,
        file_bytes,
    };
    let end = match count == u16::MAX || size == u32::MAX || at == u32::MAX {
        true => end64(reader, end_at, file_bytes)?.unwrap_or(short),
        false => End {
            before: end_at.saturating_sub(short.at.saturating_add(short.size)),
            ..short
        },
    };
    match end
        .at
        .checked_add(end.size)
        .is_some_and(|list_end| list_end <= end_at)
    {
        true => Ok(Some(end)),
        false => Err(refused("its list of entries lies outside of it")),
    }
}

/// 4.3.14 and 4.3.15: the zip64 end record, found through its locator 20 bytes before the end record.
fn end64<R: Read + Seek>(reader: &mut R, end_at: u64, file_bytes: u64) -> io::Result<Option<End>> {
    let Some(locator_at) = end_at.checked_sub(20) else {
        return Ok(None);
    };
    let locator = read_at(reader, locator_at, 20)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let wrong = || refused("its zip64 end record cannot be read");
    let at = Fields(&locator).u64(8).ok_or_else(wrong)?;
    // In self-extracting archives the stated place is off by what stands before; the record ends at the locator.
    for at in [at, locator_at.saturating_sub(56)] {
        if at.checked_add(56).is_none_or(|end| end > locator_at) {
            continue;
        }
        let record = read_at(reader, at, 56)?;
        let fields = Fields(&record);
        if let (true, Some(count), Some(size), Some(list_at)) = (
            record.starts_with(b"PK\x06\x06"),
            fields.u64(32),
            fields.u64(40),
            fields.u64(48),
        ) {
            let before = at.saturating_sub(list_at.saturating_add(size));
            return Ok(Some(End {
                at: list_at,
                size,
                count,
                before,
                file_bytes,
            }));
        }
    }
    Err(wrong())
}
