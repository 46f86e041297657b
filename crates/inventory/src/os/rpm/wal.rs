//! SQLite's write-ahead log (sqlite.org/fileformat2.html, 4): pages that are newer than those in the file.
//!
//! A log that was left behind by a machine that stopped is part of the database. A frame counts if its salts are those
//! of the log's header and a frame at or after it commits; checksums are not compared, as a wrong page can
//! only cost what a wrong database could.

use rustc_hash::FxHashMap;

use super::u32_be;

pub(super) const NAME: &str = "rpmdb.sqlite-wal";

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

pub(super) struct Log<'a> {
    pages: FxHashMap<u32, &'a [u8]>,
}

impl<'a> Log<'a> {
    pub fn open(bytes: &'a [u8], page_bytes: usize) -> Option<Log<'a>> {
        let header = bytes.get(..HEADER_BYTES)?;
        let fits = matches!(u32_be(header, 0)?, 0x377f_0682 | 0x377f_0683)
            && u32_be(header, 8)? as usize == page_bytes;
        let salts = header.get(16..24)?;
        let mut log = Log {
            pages: FxHashMap::default(),
        };
        let mut pending = Vec::new();
        let frames = bytes.get(HEADER_BYTES..).filter(|_| fits)?;
        for frame in frames.chunks_exact(FRAME_HEADER_BYTES + page_bytes) {
            if frame.get(8..16) != Some(salts) {
                break;
            }
            pending.push((u32_be(frame, 0)?, frame.get(FRAME_HEADER_BYTES..)?));
            let commits = u32_be(frame, 4)? != 0;
            if commits {
                log.pages.extend(pending.drain(..));
            }
        }
        Some(log)
    }

    pub fn page(&self, number: u32) -> Option<&'a [u8]> {
        self.pages.get(&number).copied()
    }

    pub fn pages(&self) -> usize {
        self.pages.len()
    }
}
