//! The advisory index: one immutable file, opened without parsing it.
//!
//! Opening maps the file and checks its header and section table; nothing else is touched. [`Index::verify`]
//! reads all of it against the hash. Everything in between is read where it stands, through checked offsets.

use std::{fmt, io, path::Path};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    layout::{Array, FORMAT, HASH_AT, HASH_END, MAGIC, Section, TABLE_AT},
    map::Bytes,
    wire::{Damage, Reader, u32_at, u64_at},
};

const SECTIONS: usize = Section::ALL.len();

/// A header and a section table of two numbers each.
pub(crate) const HEADER: usize = TABLE_AT + 16 * SECTIONS;

/// An open index.
pub struct Index {
    bytes: Bytes,
    /// Start and end of each section. INVARIANT: inside the file.
    parts: [(usize, usize); SECTIONS],
    edition: Timestamp,
}

/// Why a file cannot serve as an index.
#[derive(Debug)]
pub enum Unusable {
    /// It could not be opened.
    Unreadable(io::Error),
    /// It is something else.
    Foreign,
    /// It is an index of another format.
    Format(u32),
    /// Its end is missing, or its table points outside of it.
    CutShort,
    /// Its bytes are not those that were written.
    Changed,
}

impl fmt::Display for Unusable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::Unreadable(_) => out.write_str("index cannot be read"),
            Unusable::Foreign => out.write_str(
                "file is no advisory index; build one with `seamark index build --from DIR --output FILE`",
            ),
            Unusable::Format(format) => write!(
                out,
                "index has format {format}, this program reads format {FORMAT}; build or fetch it again"
            ),
            Unusable::CutShort => out.write_str("index is cut short; build it or fetch it again"),
            Unusable::Changed => {
                out.write_str("index does not have the hash it was written with; build it or fetch it again")
            }
        }
    }
}

impl std::error::Error for Unusable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Unusable::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

impl Index {
    /// Opens the file at `path` without reading more than its header.
    pub fn open(path: &Path) -> Result<Index, Unusable> {
        Index::check(Bytes::map(path).map_err(Unusable::Unreadable)?)
    }

    /// An index held in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Index, Unusable> {
        Index::check(Bytes::Owned(bytes))
    }

    fn check(bytes: Bytes) -> Result<Index, Unusable> {
        if bytes.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
            return Err(Unusable::Foreign);
        }
        let format = u32_at(&bytes, 8).ok_or(Unusable::CutShort)?;
        if format != FORMAT || u32_at(&bytes, 12) != Some(SECTIONS as u32) {
            return Err(Unusable::Format(format));
        }
        if u64_at(&bytes, 24) != Some(bytes.len() as u64) {
            return Err(Unusable::CutShort);
        }
        let edition = u64_at(&bytes, 16)
            .and_then(|micros| crate::wire::time(micros.cast_signed()))
            .ok_or(Unusable::Changed)?;
        let parts = parts(&bytes).ok_or(Unusable::CutShort)?;
        Ok(Index {
            bytes,
            parts,
            edition,
        })
    }

    /// Reads the whole file and compares its hash.
    pub fn verify(&self) -> Result<(), Unusable> {
        let written = self.bytes.get(HASH_AT..HASH_END);
        match written == Some(hash(&self.bytes).as_slice()) {
            true => Ok(()),
            false => Err(Unusable::Changed),
        }
    }

    /// When it was built.
    pub fn edition(&self) -> Timestamp {
        self.edition
    }

    /// The SHA-256 it was written with, in hexadecimal.
    pub fn digest(&self) -> String {
        let written = self.bytes.get(HASH_AT..HASH_END).unwrap_or_default();
        written.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Its length in bytes.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// How many advisories it holds.
    pub fn advisories(&self) -> u32 {
        let all = self.array(Section::Advisories, crate::layout::record::advisory::SIZE);
        all.len() as u32
    }

    /// The bytes of a section.
    pub(crate) fn part(&self, section: Section) -> &[u8] {
        let (start, end) = self
            .parts
            .get(section as usize)
            .copied()
            .unwrap_or_default();
        self.bytes.get(start..end).unwrap_or_default()
    }

    pub(crate) fn array(&self, section: Section, size: usize) -> Array<'_> {
        Array {
            section,
            bytes: self.part(section),
            size,
        }
    }

    /// A wire record of a section.
    pub(crate) fn wire(&self, section: Section, at: u32) -> Reader<'_> {
        Reader::new(section.name(), self.part(section), at as usize)
    }

    /// An interned text.
    pub(crate) fn text(&self, at: u32) -> Result<&str, Damage> {
        self.wire(Section::Strings, at).text()
    }

    /// An interned text as bytes, for comparing.
    pub(crate) fn text_bytes(&self, at: u32) -> Result<&[u8], Damage> {
        self.wire(Section::Strings, at).slice()
    }
}

fn parts(bytes: &[u8]) -> Option<[(usize, usize); SECTIONS]> {
    let mut parts = [(0, 0); SECTIONS];
    for (number, part) in parts.iter_mut().enumerate() {
        let start = usize::try_from(u64_at(bytes, TABLE_AT + 16 * number)?).ok()?;
        let length = usize::try_from(u64_at(bytes, TABLE_AT + 16 * number + 8)?).ok()?;
        let end = start.checked_add(length)?;
        if start < HEADER || end > bytes.len() {
            return None;
        }
        *part = (start, end);
    }
    Some(parts)
}

/// The SHA-256 of a file without the place where the hash stands.
pub(crate) fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(bytes.get(..HASH_AT).unwrap_or_default());
    hash.update(bytes.get(HASH_END..).unwrap_or_default());
    hash.finalize().into()
}
