//! SQLite's file format (sqlite.org/fileformat2.html, 3.50), as much of it as one table of blobs needs.
//!
//! Odd about it: page 1 begins with the file's header, numbers in records are of variable length, and a long record
//! continues in a chain of overflow pages.

use super::wal::Log;
use super::{Each, HEADER_BYTES_MAX, u16_be, u32_be};

pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// 1.6: page types of tables.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// A database: the file, and above it what its write-ahead log changed.
struct Database<'a> {
    bytes: &'a [u8],
    log: Option<Log<'a>>,
    page_bytes: usize,
    /// 1.3.4: what is left of a page for content.
    usable: usize,
}

pub(super) fn read(bytes: &[u8], log: Option<&[u8]>, each: Each<'_>) -> Result<(), String> {
    // 1.3.2: 1 stands for 65536.
    let page_bytes = match u16_be(bytes, 16).ok_or("it is cut off")? {
        1 => 65536,
        size => usize::from(size),
    };
    if !page_bytes.is_power_of_two() || page_bytes < 512 {
        return Err(format!(
            "its pages have {page_bytes} bytes; 512 to 65536 are possible"
        ));
    }
    let reserved = usize::from(bytes.get(20).copied().unwrap_or(0));
    let usable = page_bytes
        .checked_sub(reserved)
        .filter(|usable| *usable >= 480)
        .ok_or("its pages have no room")?;
    let database = Database {
        bytes,
        log: log.and_then(|log| Log::open(log, page_bytes)),
        page_bytes,
        usable,
    };
    let root = database.root("Packages")?;
    database.rows(root, &mut |record| match column(record, 1) {
        Some(blob) => each(blob),
        None => each(&[]),
    })
}

impl Database<'_> {
    fn page(&self, number: u32) -> Option<&[u8]> {
        if let Some(page) = self.log.as_ref().and_then(|log| log.page(number)) {
            return Some(page);
        }
        let at = (number.checked_sub(1)? as usize).checked_mul(self.page_bytes)?;
        self.bytes.get(at..at.checked_add(self.page_bytes)?)
    }

    fn pages(&self) -> usize {
        let logged = self.log.as_ref().map_or(0, Log::pages);
        (self.bytes.len() / self.page_bytes).saturating_add(logged)
    }

    /// 2.6: the schema is a table of type, name, table's name, root page and text.
    fn root(&self, table: &str) -> Result<u32, String> {
        let mut found = None;
        self.rows(1, &mut |record| {
            let is = |index, want: &str| column(record, index) == Some(want.as_bytes());
            if is(0, "table") && is(1, table) {
                found = column(record, 3).map(|bytes| {
                    bytes
                        .iter()
                        .fold(0u32, |value, byte| value << 8 | u32::from(*byte))
                });
            }
        })?;
        found.ok_or_else(|| format!("it has no table `{table}`"))
    }

    /// Every record of the table at `root`, in order. Each page is read once, so that a page that claims to be its own
    /// child ends the reading.
    fn rows(&self, root: u32, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        let damaged = || "one of its pages is damaged".to_owned();
        let mut left = self.pages();
        let mut open = vec![root];
        while let Some(number) = open.pop() {
            left = left.checked_sub(1).ok_or_else(damaged)?;
            let page = self.page(number).ok_or_else(damaged)?;
            let at = if number == 1 { 100 } else { 0 };
            let kind = *page.get(at).ok_or_else(damaged)?;
            let cells = usize::from(u16_be(page, at + 3).ok_or_else(damaged)?);
            let cell_at = |index: usize, header: usize| {
                u16_be(page, at + header + index * 2).map(usize::from)
            };
            match kind {
                INTERIOR => {
                    open.push(u32_be(page, at + 8).ok_or_else(damaged)?);
                    for index in (0..cells).rev() {
                        let cell = cell_at(index, 12).ok_or_else(damaged)?;
                        open.push(u32_be(page, cell).ok_or_else(damaged)?);
                    }
                    if open.len() > self.pages() {
                        return Err(damaged());
                    }
                }
                LEAF => {
                    for index in 0..cells {
                        let cell = cell_at(index, 8).ok_or_else(damaged)?;
                        let record = self.record(page, cell).ok_or_else(damaged)?;
                        each(&record);
                    }
                }
                _ => return Err(damaged()),
            }
        }
        Ok(())
    }

    /// 1.6: a leaf's cell has the record's size, its number, and as much of it as fits.
    fn record(&self, page: &[u8], at: usize) -> Option<Vec<u8>> {
        let (size, at) = varint(page, at)?;
        let (_, at) = varint(page, at)?;
        let size = usize::try_from(size).ok()?;
        if size > HEADER_BYTES_MAX.min(self.pages().saturating_mul(self.page_bytes)) {
            return None;
        }
        let (most, least) = (self.usable - 35, (self.usable - 12) * 32 / 255 - 23);
        if size <= most {
            return page.get(at..at.checked_add(size)?).map(<[u8]>::to_vec);
        }
        let here = least + (size - least) % (self.usable - 4);
        let here = if here > most { least } else { here };
        let mut record = Vec::with_capacity(size);
        record.extend_from_slice(page.get(at..at + here)?);
        let mut next = u32_be(page, at + here)?;
        while record.len() < size {
            let page = self.page(next)?;
            let part = page.get(4..self.usable)?;
            record.extend_from_slice(part.get(..part.len().min(size - record.len()))?);
            next = u32_be(page, 0)?;
        }
        Some(record)
    }
}

/// 2.1: a record is a header of types and the values in the same order; the bytes of one of them.
fn column(record: &[u8], index: usize) -> Option<&[u8]> {
    let (header, mut at) = varint(record, 0)?;
    let header = usize::try_from(header).ok()?;
    let mut value_at = header;
    let mut met = 0;
    while at < header {
        let (kind, next) = varint(record, at)?;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            text => (text - 12) / 2,
        };
        let end = value_at.checked_add(usize::try_from(size).ok()?)?;
        if met == index {
            return record.get(value_at..end);
        }
        (value_at, at, met) = (end, next, met + 1);
    }
    None
}

/// 1.6: seven bits a byte, most significant first; a ninth byte has eight.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (index, byte) in bytes.get(at..)?.iter().take(9).enumerate() {
        if index == 8 {
            return Some((value << 8 | u64::from(*byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_to_nine_bytes() {
        assert_eq!(varint(&[0x7f], 0), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00], 0), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9], 0), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x81], 0), None);
    }
}
