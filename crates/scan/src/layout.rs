//! What stands where in an index file?
//!
//! ```text
//!   0  "seamark" 0x01
//!   8  format, u32             12  number of sections, u32
//!  16  edition, i64 microseconds since 1970
//!  24  length of the file, u64
//!  32  SHA-256 of everything else in the file
//!  64  for each section: offset u64, length u64
//!      the sections, each at a multiple of 8
//! ```
//!
//! All numbers little-endian. A section is an array of fixed records, read by [`record`] fields, or a run of
//! records written by `wire`. References are u32: an index into an array, or an offset into a run.

use crate::wire::{Damage, u32_at, u64_at};

pub const MAGIC: &[u8; 8] = b"seamark\x01";
/// Raised with every change of meaning; a file of another format is refused by name.
pub const FORMAT: u32 = 2;
pub const HASH_AT: usize = 32;
pub const HASH_END: usize = 64;
pub const TABLE_AT: usize = 64;
/// A reference to nothing.
pub const NONE: u32 = u32::MAX;

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// A part of the file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Section { $($(#[$doc])* $name),* }
        impl Section {
            pub const ALL: &'static [Section] = &[$(Section::$name),*];
            pub fn name(self) -> &'static str { match self { $(Section::$name => $text),* } }
        }
    };
}

sections! {
    /// Where the records came from (wire).
    Sources = "sources",
    /// Interned texts (wire).
    Strings = "strings",
    /// Interned versions: key and text (wire).
    Versions = "versions",
    /// Open-addressed table of package names: [`slot`].
    Slots = "slots",
    /// [`package`], sorted by kind and name.
    Packages = "packages",
    /// [`row`], grouped by package, then by product.
    Rows = "rows",
    /// [`interval`], grouped by row.
    Intervals = "intervals",
    /// Offsets into versions, grouped by row, sorted by key.
    Listed = "listed",
    /// [`advisory`], sorted by id.
    Advisories = "advisories",
    /// Indexes of rows, grouped by advisory.
    AdvisoryRows = "advisory-rows",
    /// What is read only when an advisory is shown (wire).
    Details = "details",
    /// [`flaw`], sorted by canonical id.
    Flaws = "flaws",
    /// Ids of flaws as strings, grouped by flaw, the canonical one first.
    FlawIds = "flaw-ids",
    /// Indexes of advisories, grouped by flaw.
    FlawAdvisories = "flaw-advisories",
    /// [`id`], sorted by text.
    Ids = "ids",
    /// [`epss`], sorted by CVE.
    Epss = "epss",
    /// [`fact`], sorted by CVE: KEV entries.
    Kev = "kev",
    /// KEV entries (wire).
    KevText = "kev-text",
    /// The catalogs that were read, oldest first (wire).
    Catalogs = "catalogs",
    /// [`fact`], sorted by CVE: SSVC answers and severities.
    Facts = "facts",
    /// SSVC answers and severities (wire).
    FactText = "fact-text",
    /// [`commit`], sorted by hash.
    Commits = "commits",
    /// [`product`].
    Products = "products",
    /// Products (wire).
    ProductText = "product-text",
    /// [`term`], sorted by text: the words of products' names.
    Terms = "terms",
    /// Indexes of products, grouped by term.
    Postings = "postings",
    /// [`cpe`], sorted by text: `part:vendor:product` and the product that has it.
    Cpes = "cpes",
    /// Offsets of statements.
    Statements = "statements",
    /// VEX statements (wire).
    StatementText = "statement-text",
    /// [`original`], one for each advisory in their order; empty where the index was built without originals.
    Originals = "originals",
    /// For each original: what a list says of it, then its JSON. Addressed by 64 bits.
    OriginalBytes = "original-bytes",
}

/// Fields of the fixed records: `SIZE` is a record's length, the others are offsets in it.
pub mod record {
    pub mod slot {
        pub const SIZE: usize = 8;
        /// Upper half of the name's hash.
        pub const HASH: usize = 0;
        /// Index of the package, or `NONE`.
        pub const PACKAGE: usize = 4;
    }
    pub mod package {
        pub const SIZE: usize = 16;
        pub const KIND: usize = 0;
        pub const NAME: usize = 4;
        pub const ROWS: usize = 8;
        pub const COUNT: usize = 12;
    }
    pub mod row {
        pub const SIZE: usize = 44;
        pub const ADVISORY: usize = 0;
        /// Index of its package, or of its product where the flag says so.
        pub const OWNER: usize = 4;
        pub const RELEASE: usize = 8;
        pub const MODULE: usize = 12;
        pub const ARCHES: usize = 16;
        pub const INTERVALS: usize = 20;
        pub const INTERVALS_COUNT: usize = 24;
        pub const LISTED: usize = 28;
        pub const LISTED_COUNT: usize = 32;
        /// Which of its advisory's `affected` it was.
        pub const AFFECTED: usize = 36;
        /// Scheme, status, flags: a byte each, and one to spare.
        pub const SMALL: usize = 40;
    }
    pub mod interval {
        pub const SIZE: usize = 12;
        pub const INTRODUCED: usize = 0;
        pub const END: usize = 4;
        /// Kind of end, scheme: a byte each, and two to spare.
        pub const SMALL: usize = 8;
    }
    pub mod advisory {
        pub const SIZE: usize = 80;
        pub const ID: usize = 0;
        pub const DOCUMENT: usize = 4;
        pub const PUBLISHER: usize = 8;
        pub const TITLE: usize = 12;
        pub const SOURCE: usize = 16;
        pub const FLAW: usize = 20;
        pub const ROWS: usize = 24;
        pub const ROWS_COUNT: usize = 28;
        pub const DETAIL: usize = 32;
        pub const INFORMATIONAL: usize = 36;
        pub const PUBLISHED: usize = 40;
        pub const MODIFIED: usize = 48;
        pub const WITHDRAWN: usize = 56;
        /// First 16 bytes of the SHA-256 of the record, to tell whether it changed.
        pub const PRINT: usize = 64;
    }
    pub mod flaw {
        pub const SIZE: usize = 16;
        pub const IDS: usize = 0;
        pub const IDS_COUNT: usize = 4;
        pub const ADVISORIES: usize = 8;
        pub const ADVISORIES_COUNT: usize = 12;
    }
    pub mod id {
        pub const SIZE: usize = 12;
        pub const TEXT: usize = 0;
        pub const SENSE: usize = 4;
        pub const TARGET: usize = 8;
    }
    pub mod epss {
        pub const SIZE: usize = 20;
        pub const CVE: usize = 0;
        pub const SCORE: usize = 8;
        pub const PERCENTILE: usize = 12;
        /// `YYYYMMDD`.
        pub const DATE: usize = 16;
    }
    pub mod fact {
        pub const SIZE: usize = 12;
        pub const CVE: usize = 0;
        pub const TEXT: usize = 8;
    }
    pub mod commit {
        pub const SIZE: usize = 36;
        /// SHA-1 filled up with zeros, or SHA-256.
        pub const HASH: usize = 0;
        pub const HASH_LENGTH: usize = 32;
        pub const ROW: usize = 32;
    }
    pub mod original {
        pub const SIZE: usize = 16;
        /// Where its bytes begin, u64.
        pub const AT: usize = 0;
        /// How many of them are what a list says of it.
        pub const BRIEF: usize = 8;
        /// How many more are its JSON; 0 where there is none.
        pub const JSON: usize = 12;
    }
    pub mod product {
        pub const SIZE: usize = 12;
        pub const TEXT: usize = 0;
        pub const ROWS: usize = 4;
        pub const COUNT: usize = 8;
    }
    pub mod term {
        pub const SIZE: usize = 12;
        pub const TEXT: usize = 0;
        pub const POSTINGS: usize = 4;
        pub const COUNT: usize = 8;
    }
    pub mod cpe {
        pub const SIZE: usize = 8;
        pub const TEXT: usize = 0;
        pub const PRODUCT: usize = 4;
    }
}

/// A section as an array of fixed records.
#[derive(Clone, Copy)]
pub struct Array<'a> {
    pub section: Section,
    pub bytes: &'a [u8],
    pub size: usize,
}

impl<'a> Array<'a> {
    pub fn len(&self) -> usize {
        self.bytes.len().checked_div(self.size).unwrap_or(0)
    }

    fn damage(&self, index: usize) -> Damage {
        Damage {
            place: self.section.name(),
            at: (index as u64).saturating_mul(self.size as u64),
        }
    }

    /// The bytes of one record.
    pub fn get(&self, index: usize) -> Result<&'a [u8], Damage> {
        index
            .checked_mul(self.size)
            .and_then(|start| self.bytes.get(start..start.checked_add(self.size)?))
            .ok_or(self.damage(index))
    }

    pub fn u32(&self, index: usize, field: usize) -> Result<u32, Damage> {
        u32_at(self.get(index)?, field).ok_or(self.damage(index))
    }

    pub fn u64(&self, index: usize, field: usize) -> Result<u64, Damage> {
        u64_at(self.get(index)?, field).ok_or(self.damage(index))
    }

    /// `count` indexes from `start` on, all of them in the array.
    pub fn range(&self, start: u32, count: u32) -> Result<std::ops::Range<usize>, Damage> {
        let (start, count) = (start as usize, count as usize);
        match start.checked_add(count) {
            Some(end) if end <= self.len() => Ok(start..end),
            _ => Err(self.damage(start)),
        }
    }

    /// The first index at which `before` no longer holds; the array is sorted by it.
    pub fn partition(
        &self,
        mut before: impl FnMut(usize) -> Result<bool, Damage>,
    ) -> Result<usize, Damage> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if before(middle)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}
