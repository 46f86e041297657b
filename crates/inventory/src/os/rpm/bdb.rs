//! Berkeley DB's hash, as rpm kept its `Packages` in (Berkeley DB 5.3, `dbinc/db_page.h`).
//!
//! Odd about it: numbers have the byte order of the machine that wrote it. Buckets do not matter here: every page of
//! the hash is looked at, and each second item is a header, mostly in a chain of overflow pages of its own.

use super::{Each, HEADER_BYTES_MAX};

const MAGIC_HASH: u32 = 0x0006_1561;
const PAGE_HEADER_BYTES: usize = 26;

/// Page types.
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH: u8 = 13;

/// Item types.
const ITEM_HERE: u8 = 1;
const ITEM_OFF_PAGE: u8 = 3;

pub(super) fn begins(bytes: &[u8]) -> bool {
    matches!(
        bytes.get(12..16),
        Some([0x61, 0x15, 0x06, 0] | [0, 0x06, 0x15, 0x61])
    )
}

/// The file, and how its numbers are written.
struct Book<'a> {
    bytes: &'a [u8],
    page_bytes: usize,
    little: bool,
}

impl<'a> Book<'a> {
    fn open(bytes: &'a [u8]) -> Result<Book<'a>, String> {
        let mut book = Book {
            bytes,
            page_bytes: 0,
            little: true,
        };
        book.little = book.u32(bytes, 12) == Some(MAGIC_HASH);
        if bytes.get(24) != Some(&0) {
            return Err("it is encrypted".to_owned());
        }
        // Pages have 512 bytes to 64 KiB, a power of two.
        let size = book.u32(bytes, 20).unwrap_or(0) as usize;
        if !size.is_power_of_two() || !(512..=65536).contains(&size) {
            return Err(format!(
                "its pages have {size} bytes; 512 to 65536 are possible"
            ));
        }
        book.page_bytes = size;
        Ok(book)
    }

    fn page(&self, number: usize) -> Option<&'a [u8]> {
        let at = number.checked_mul(self.page_bytes)?;
        self.bytes.get(at..at.checked_add(self.page_bytes)?)
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let number = super::u16_le(bytes, at)?;
        Some(if self.little {
            number
        } else {
            number.swap_bytes()
        })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let number = super::u32_le(bytes, at)?;
        Some(if self.little {
            number
        } else {
            number.swap_bytes()
        })
    }

    /// Where item `index` of a page begins.
    fn item_at(&self, page: &[u8], index: usize) -> Option<usize> {
        self.u16(page, PAGE_HEADER_BYTES + index * 2)
            .map(usize::from)
    }

    /// The value at item `index`, if it is one.
    fn value(&self, page: &'a [u8], index: usize) -> Option<Result<Vec<u8>, String>> {
        let at = self.item_at(page, index)?;
        let item = page.get(at..)?;
        match *item.first()? {
            ITEM_HERE => {
                // Items grow from the page's end, so each ends where the one before it begins.
                let end = match index.checked_sub(1) {
                    Some(before) => self.item_at(page, before)?,
                    None => self.page_bytes,
                };
                page.get(at + 1..end).map(|value| Ok(value.to_vec()))
            }
            ITEM_OFF_PAGE => {
                let number = self.u32(item, 4)?;
                let size = self.u32(item, 8)?;
                Some(self.chain(number as usize, size as usize))
            }
            _ => None,
        }
    }

    /// A value in overflow pages, each of which names the next.
    fn chain(&self, first: usize, size: usize) -> Result<Vec<u8>, String> {
        let damaged = || "a chain of its pages is damaged".to_owned();
        if size > HEADER_BYTES_MAX.min(self.bytes.len()) {
            return Err(damaged());
        }
        let mut value = Vec::with_capacity(size);
        let mut number = first;
        while value.len() < size {
            let page = self.page(number).ok_or_else(damaged)?;
            let used = self.u16(page, 22).map_or(0, usize::from);
            let part = page
                .get(PAGE_HEADER_BYTES..PAGE_HEADER_BYTES.saturating_add(used))
                .filter(|part| page.get(25) == Some(&OVERFLOW) && !part.is_empty())
                .ok_or_else(damaged)?;
            value.extend_from_slice(part);
            number = self.u32(page, 16).ok_or_else(damaged)? as usize;
        }
        value.truncate(size);
        Ok(value)
    }
}

pub(super) fn read(bytes: &[u8], each: Each<'_>) -> Result<(), String> {
    let book = Book::open(bytes)?;
    let mut wrong = None;
    // What is read in all stays in proportion to the file, even where chains share their pages.
    let mut left = bytes.len().saturating_mul(2);
    for number in 1..bytes.len() / book.page_bytes {
        let Some(page) = book.page(number) else {
            break;
        };
        if !matches!(page.get(25), Some(&HASH | &HASH_UNSORTED)) {
            continue;
        }
        let items = book.u16(page, 20).map_or(0, usize::from);
        for index in (1..items.min(book.page_bytes / 2)).step_by(2) {
            match book.value(page, index) {
                // The value of key 0 is the largest number in use, no header.
                Some(Ok(value)) if value.len() <= 8 => {}
                Some(Ok(value)) => {
                    left = left
                        .checked_sub(value.len())
                        .ok_or("its packages share their pages")?;
                    each(&value);
                }
                Some(Err(why)) => wrong = Some(why),
                None => wrong = Some("an item of a page is damaged".to_owned()),
            }
        }
    }
    wrong.map_or(Ok(()), Err)
}
