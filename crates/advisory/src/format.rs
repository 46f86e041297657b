//! Which format a document is in, and the reader for it.

use crate::{Problem, Record};

/// A format we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Osv,
    Csaf,
    Cve,
    RustSec,
    OpenVex,
    CycloneDxVex,
    Kev,
    Epss,
}

impl Format {
    /// The format of a document, by its name's ending and its first bytes; `None` where it is none of ours.
    pub fn sniff(name: &str, head: &[u8]) -> Option<Format> {
        let _ = (name, head);
        None
    }
}

/// Reads one document, record by record.
///
/// `name` is used for its ending and in nothing else. Problems are told as they are met and reading goes on
/// where it can. Bounds: a document larger than the caller's limit never gets here; depth is bounded by 128.
pub fn read(
    format: Format,
    bytes: &[u8],
    record: &mut dyn FnMut(Record),
    problem: &mut dyn FnMut(Problem),
) {
    let _ = (format, bytes, record, problem);
}
