//! Writes an index: records in, one file out, the same bytes for the same records in any order.
//!
//! Records are packed as they come and wait in memory; then they are sorted, the outdated and the doubled are
//! dropped, and one pass interns, numbers and groups what is left. Nothing is numbered before it is sorted, so
//! neither the order nor the number of threads that read the records shows in the file.

use std::{fmt, io, path::Path};

use advisory::{Kev, Record};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    assemble::assemble,
    cve,
    fact::EpssRow,
    original::{self, Original},
    pack::{Packed, pack},
    spill::Spill,
    statement,
    wire::Writer,
    write,
};

/// Where records came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Source {
    pub name: String,
    /// Its own date, or that of its newest record.
    pub date: Option<Timestamp>,
    /// SHA-256 of what was read, in hexadecimal, where it was one file.
    pub digest: String,
    pub records: u64,
    /// Records that could not be read.
    pub problems: u64,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub edition: Timestamp,
    pub digest: String,
    pub bytes: u64,
    pub advisories: u64,
    /// Records that a newer or equal one of the same id replaced.
    pub replaced: u64,
    pub flaws: u64,
    pub packages: u64,
    pub products: u64,
    pub rows: u64,
    pub statements: u64,
    pub kev: u64,
    pub epss: u64,
    /// Records kept as their databases wrote them.
    pub originals: u64,
    /// KEV entries and EPSS scores whose id is no CVE.
    pub unnumbered: u64,
}

/// Why no index was written.
#[derive(Debug)]
pub enum Failure {
    /// References are 32 bits: a section of 4 GiB cannot be addressed.
    TooLarge(&'static str),
    /// The file could not be written.
    Unwritable(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::TooLarge(part) => {
                write!(
                    out,
                    "index would need more than 4 GiB for its `{part}`; leave out sources"
                )
            }
            Failure::Unwritable(_) => out.write_str("index cannot be written"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Failure::Unwritable(error) => Some(error),
            Failure::TooLarge(_) => None,
        }
    }
}

/// Records on their way into an index.
pub struct Builder {
    pub(crate) now: Timestamp,
    pub(crate) sources: Vec<Source>,
    pub(crate) packed: Vec<Packed>,
    /// Packed statements, each after the number of its source.
    pub(crate) statements: Vec<Box<[u8]>>,
    pub(crate) kev: Vec<(u64, Kev)>,
    pub(crate) epss: Vec<EpssRow>,
    pub(crate) spill: Spill,
    unnumbered: u64,
}

impl Builder {
    /// An empty index of the edition `now`.
    pub fn new(now: Timestamp) -> Builder {
        Builder {
            now,
            sources: Vec::new(),
            packed: Vec::new(),
            statements: Vec::new(),
            kev: Vec::new(),
            epss: Vec::new(),
            spill: Spill::default(),
            unnumbered: 0,
        }
    }

    /// Says what is known of a source; it may be said before or after its records.
    pub fn source(&mut self, name: &str, date: Option<Timestamp>, digest: &str) {
        let source = self.source_mut(name).1;
        source.date = date.or(source.date);
        source.digest = digest.to_owned();
    }

    /// Counts records of a source that could not be read.
    pub fn problems(&mut self, source: &str, count: u64) {
        self.source_mut(source).1.problems += count;
    }

    /// Takes a record. Whoever names the source decides what replaces what: of two records with one id,
    /// document and source the newer is kept; of two sources, both.
    pub fn add(&mut self, source: &str, record: Record) {
        self.add_original(source, record, None);
    }

    /// The same, and keeps `json`, the record in OSV as its database wrote it, to be given out as it is. Whoever calls
    /// this has seen that it is one JSON object.
    pub fn add_original(&mut self, source: &str, record: Record, json: Option<&[u8]>) {
        let (number, source) = self.source_mut(source);
        source.records += 1;
        match record {
            Record::Advisory(advisory) => {
                source.date = source.date.max(advisory.modified);
                let mut packed = pack(number, &advisory, &mut self.spill);
                packed.original = json.map(|json| original::put(&advisory, json, &mut self.spill));
                self.packed.push(packed);
            }
            Record::Statement(statement) => {
                let mut out = Writer::default();
                statement::pack(&mut out, &statement);
                self.statements.push(out.0.into());
            }
            Record::Kev(kev) => match cve::number(&kev.cve) {
                Some(number) => self.kev.push((number, kev)),
                None => self.unnumbered += 1,
            },
            Record::Epss(epss) => match cve::number(&epss.cve) {
                Some(number) => self.epss.push(EpssRow {
                    number,
                    date: epss.date,
                    score: epss.epss_millionths,
                    percentile: epss.percentile_millionths,
                }),
                None => self.unnumbered += 1,
            },
        }
    }

    /// Writes the index to `path`: a finished file takes the place of the old one, or nothing changes.
    pub fn finish(self, path: &Path) -> Result<Summary, Failure> {
        write::replace(path, |out| self.write(out))
    }

    /// The index as bytes.
    pub fn finish_bytes(self) -> Result<(Vec<u8>, Summary), Failure> {
        let mut out = io::Cursor::new(Vec::new());
        let summary = self.write(&mut out)?;
        Ok((out.into_inner(), summary))
    }

    fn write(mut self, out: &mut (impl io::Write + io::Seek)) -> Result<Summary, Failure> {
        let unnumbered = self.unnumbered;
        let replaced = self.settle();
        self.spill.settle().map_err(Failure::Unwritable)?;
        let (parts, summary) = assemble(self)?;
        let (bytes, hash) = write::file(parts, summary.edition, out)?;
        Ok(Summary {
            bytes,
            digest: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            unnumbered,
            replaced,
            ..summary
        })
    }

    fn source_mut(&mut self, name: &str) -> (u32, &mut Source) {
        // The last is asked first: records come source by source.
        let found = self.sources.iter().rposition(|source| source.name == name);
        let number = found.unwrap_or_else(|| {
            self.sources.push(Source {
                name: name.to_owned(),
                ..Source::default()
            });
            self.sources.len() - 1
        });
        let source = self.sources.get_mut(number);
        (number as u32, source.expect("it was found or pushed"))
    }

    /// Puts everything into its order and drops what is replaced; says how many that were.
    fn settle(&mut self) -> u64 {
        self.settle_sources();
        let key = |packed: &Packed| (packed.source, packed.modified);
        self.packed.sort_by(|a, b| {
            let names = (&a.id, &a.document, &a.publisher).cmp(&(&b.id, &b.document, &b.publisher));
            names
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| a.print.cmp(&b.print))
                .then_with(|| Original::order(&a.original).cmp(&Original::order(&b.original)))
        });
        self.statements.sort();
        self.statements.dedup();
        let before = self.packed.len();
        let all = std::mem::take(&mut self.packed);
        for packed in all {
            keep(&mut self.packed, packed);
        }
        (before - self.packed.len()) as u64
    }

    /// Sources by name, and every record's number after it.
    fn settle_sources(&mut self) {
        let mut order: Vec<usize> = (0..self.sources.len()).collect();
        let name = |n: usize| self.sources.get(n).map(|source| source.name.as_str());
        order.sort_by(|&a, &b| name(a).cmp(&name(b)));
        let mut new = vec![0u32; order.len()];
        for (to, &from) in order.iter().enumerate() {
            if let Some(slot) = new.get_mut(from) {
                *slot = to as u32;
            }
        }
        for packed in &mut self.packed {
            packed.source = new.get(packed.source as usize).copied().unwrap_or(0);
        }
        self.sources.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

/// Appends `packed` to what is kept of the sorted records, in place of an older one of its name.
///
/// Equal content of another source is dropped: the same record came by two ways.
fn keep(kept: &mut Vec<Packed>, packed: Packed) {
    // Two publishers may call their records by one CVE: a CNA's record and a database's are both kept.
    let same_name = |other: &Packed| {
        (&other.id, &other.document, &other.publisher)
            == (&packed.id, &packed.document, &packed.publisher)
    };
    let mut rivals = kept.iter_mut().rev().take_while(|other| same_name(other));
    if let Some(same) = rivals.find(|other| other.print == packed.print) {
        same.original = same.original.or(packed.original);
        return;
    }
    while kept.last().is_some_and(|last| {
        same_name(last) && last.source == packed.source && last.modified < packed.modified
    }) {
        kept.pop();
    }
    kept.push(packed);
}
