//! Submit: what did they hand over, in whichever format, and what is wrong with it?
//!
//! A door hands over bytes and a media type; out come drafts, each a [`Report`] or all that is wrong with it.
//! A document is the unit that is taken or refused, except in NDJSON, where each line is ([`Lines`]): a stream of
//! 100,000 reports is never held in memory, and one bad line costs only itself.

mod aixcc;
pub mod bounds;
mod check;
mod crash;
mod diff;
mod fields;
mod json;
mod lines;
mod markdown;
mod ossfuzz;
mod sarif;
mod slice;
mod sniff;

use names::Refusal;

use crate::report::{Report, Target};

pub use check::{check, is_sha256};
pub use crash::read_crash;
pub use lines::Lines;
pub use sniff::{Format, sniff};

use bounds::{DOCUMENT_BYTES_MAX, REPORTS_MAX};

/// What was read of one document.
#[derive(Debug)]
pub struct Read {
    pub format: Format,
    /// In the order they stand.
    pub drafts: Vec<Taken>,
    /// Results that say of themselves that they are no finding: passed, suppressed, gone since the last run.
    pub passed_over: usize,
}

/// One draft and where it stood.
#[derive(Debug)]
pub struct Taken {
    /// `reports[3]`, `runs[0].results[2]`, `line 7`; empty where the document is the report.
    pub place: Box<str>,
    pub draft: Result<Draft, Refusal>,
}

/// A report with what travels beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub report: Report,
    /// The sender's own key for it, so that sending it again is not a second report.
    pub key: Option<Box<str>>,
    /// SHA-256 of what was handed over: of the report's own bytes in JSON and NDJSON, of the whole document elsewhere.
    pub digest: [u8; 32],
    /// The bytes of proofs that came along, each with its place in `report.proofs`.
    pub inputs: Vec<Input>,
}

/// A proof's bytes. Printed as its size, so that no log line holds an exploit.
#[derive(Clone, PartialEq, Eq)]
pub struct Input {
    pub proof: usize,
    pub bytes: Box<[u8]>,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Input({}, {} bytes)", self.proof, self.bytes.len())
    }
}

/// What is said beside a document and holds for every report in it that does not say it itself.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub target: Target,
    pub finders: Vec<Box<str>>,
}

/// Reads a whole document. `Err` where nothing in it can be told apart as a report.
pub fn read(bytes: &[u8], declared: Option<Format>, beside: &Beside) -> Result<Read, Refusal> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Refusal::whole(format!(
            "it is {} bytes long; hand over at most {DOCUMENT_BYTES_MAX} at once, or stream NDJSON",
            bytes.len()
        )));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let format = declared.unwrap_or_else(|| sniff(bytes));
    let mut read = Read {
        format,
        drafts: Vec::new(),
        passed_over: 0,
    };
    match format {
        Format::Json => json::read(bytes, &mut read)?,
        Format::Ndjson => {
            let mut lines = Lines::new();
            read.drafts = lines.push(bytes);
            read.drafts.extend(lines.finish());
        }
        Format::Sarif => sarif::read(bytes, &mut read)?,
        Format::Markdown => markdown::read(bytes, &mut read)?,
        Format::Aixcc => aixcc::read(bytes, &mut read)?,
        Format::Ossfuzz => ossfuzz::read(bytes, &mut read)?,
    }
    if read.drafts.len() > REPORTS_MAX {
        return Err(Refusal::whole(format!(
            "it holds {} reports; hand over at most {REPORTS_MAX} at once",
            read.drafts.len()
        )));
    }
    if read.drafts.is_empty() && read.passed_over == 0 {
        return Err(Refusal::whole("it holds no report"));
    }
    read.settle(beside);
    Ok(read)
}

impl Read {
    /// The reports with their places and no problem, or every problem of every report under its place.
    pub fn all(self) -> Result<Vec<(Box<str>, Draft)>, Refusal> {
        let mut refusal = Refusal::none();
        let mut drafts = Vec::new();
        for taken in self.drafts {
            match taken.draft {
                Ok(draft) => drafts.push((taken.place, draft)),
                Err(problems) => refusal.within(&taken.place, problems),
            }
        }
        refusal.or(drafts)
    }

    fn settle(&mut self, beside: &Beside) {
        for taken in &mut self.drafts {
            taken.settle(beside);
        }
    }
}

impl Taken {
    /// Fills in what was said beside it and checks the whole.
    pub fn settle(&mut self, beside: &Beside) {
        let Ok(draft) = &mut self.draft else { return };
        fill(&mut draft.report, beside);
        if let Err(problems) = check(&draft.report) {
            self.draft = Err(problems);
        }
    }
}

fn fill(report: &mut Report, beside: &Beside) {
    let (own, theirs) = (&mut report.target, &beside.target);
    if own.package.is_none() && own.repository.is_none() && own.product.is_none() {
        own.package.clone_from(&theirs.package);
        own.product.clone_from(&theirs.product);
    }
    own.repository = own.repository.take().or_else(|| theirs.repository.clone());
    own.versions = own.versions.take().or_else(|| theirs.versions.clone());
    own.commit = own.commit.take().or_else(|| theirs.commit.clone());
    if report.provenance.finders.is_empty() {
        report.provenance.finders.clone_from(&beside.finders);
    }
}

#[cfg(test)]
mod tests;
