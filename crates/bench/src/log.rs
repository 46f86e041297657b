//! Log: what does an evaluation log say, whoever wrote it?
//!
//! Inspect's log, schema version 2: as `.eval`, a zip of JSON documents (deflate, or zstd since Inspect 0.3.206), and as
//! `.json`, the same in one document. Odd about it: the reader of the format is Inspect itself, and so older shapes stay
//! valid (`score` for `scores`, `transcript` for `events`, `options` for `params`, pools of messages under two names);
//! an unfinished log has no header, only a journal; and of two entries of one name the last one counts.
//!
//! A [`Log`] keeps every text as it was read. What is asked of it is looked up in there, so that what nobody here knows
//! comes out of [`write_eval`] and [`write_json`] as it went in.

use std::fmt;
use std::path::Path;

use names::Problems;

pub mod eee;
pub mod header;
pub mod json;
pub mod metrics;
pub mod ours;
pub mod read;
pub mod redact;
pub mod resolve;
pub mod same;
pub mod sample;
pub mod write;

mod reduce;
mod thin;
mod zip;

pub use header::{Header, Status};
pub use json::{Document, Json};
pub use metrics::{Computed, Metric, metrics};
pub use read::{header_of, read};
pub use same::differences;
pub use sample::{SampleId, SampleView, Score};
pub use write::{write_eval, write_json};

/// How a log was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A zip of documents.
    Eval,
    /// One document.
    Json,
}

/// An evaluation log.
#[derive(Clone, Debug)]
pub struct Log {
    pub form: Form,
    /// Everything it holds, in its order. A `.json` is one entry without a name.
    entries: Vec<Entry>,
    header: Header,
    /// The samples by epoch and id, as Inspect sorts them.
    samples: Vec<SampleView>,
}

/// One entry of a log.
#[derive(Clone, Debug)]
struct Entry {
    name: Box<str>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Json(Document),
    /// Something that is no JSON, and that Inspect does not write; kept as it is.
    Other(Vec<u8>),
}

/// Why a log is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The log, as the caller named it.
    pub log: Box<str>,
    pub problems: Problems,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`: {}", self.log, self.problems)
    }
}

impl std::error::Error for Refusal {}

/// Where the parts of a `.eval` lie.
pub(crate) mod place {
    pub const START: &str = "_journal/start.json";
    pub const JOURNAL_SUMMARIES: &str = "_journal/summaries/";
    pub const SAMPLES: &str = "samples/";
    pub const SUMMARIES: &str = "summaries.json";
    pub const REDUCTIONS: &str = "reductions.json";
    pub const HEADER: &str = "header.json";
}

impl Log {
    /// What it says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The document the header stands in: `header.json`, the journal's beginning where there is none yet, or the whole of
    /// a `.json`.
    pub fn header_json(&self) -> Json<'_> {
        self.entry(place::HEADER)
            .or_else(|| self.entry(place::START))
            .or_else(|| self.whole())
            .expect("a log without a header is not read")
    }

    /// The samples, by epoch and id.
    pub fn samples(&self) -> &[SampleView] {
        &self.samples
    }

    /// The document of one of [`Log::samples`].
    pub fn sample_json(&self, sample: &SampleView) -> Json<'_> {
        let Some(entry) = self.entries.get(sample.entry) else {
            return self.header_json();
        };
        match (&entry.content, sample.item) {
            (Content::Json(document), None) => document.root(),
            (Content::Json(document), Some(at)) => document.at(at),
            (Content::Other(_), _) => self.header_json(),
        }
    }

    /// Scores over the epochs, as the file states them.
    pub fn reductions(&self) -> Option<Json<'_>> {
        self.entry(place::REDUCTIONS).or_else(|| {
            let header = self.header_json();
            header.some("reductions").or_else(|| {
                header
                    .get("results")
                    .and_then(|results| results.some("sample_reductions"))
            })
        })
    }

    /// A short form of each sample, as the file states it: the consolidated one, else nothing.
    pub fn summaries(&self) -> Option<Json<'_>> {
        self.entry(place::SUMMARIES)
    }

    /// The document of a `.json`.
    fn whole(&self) -> Option<Json<'_>> {
        match (self.form, self.entries.first()) {
            (Form::Json, Some(entry)) => entry.json(),
            _ => None,
        }
    }

    fn entry(&self, name: &str) -> Option<Json<'_>> {
        let named = |entry: &&Entry| &*entry.name == name;
        self.entries.iter().find(named).and_then(Entry::json)
    }
}

impl Entry {
    fn json(&self) -> Option<Json<'_>> {
        match &self.content {
            Content::Json(document) => Some(document.root()),
            Content::Other(_) => None,
        }
    }

    fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Json(document) => document.text().as_bytes(),
            Content::Other(bytes) => bytes,
        }
    }
}

/// The name people know a file by.
fn named(path: &Path) -> Box<str> {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into()
}
