//! Report: what was found in one document, and by which edition of which standard.

use std::borrow::Cow;

use serde::Serialize;

/// What a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csaf,
    Osv,
    Cve,
    OpenVex,
    CycloneDx,
}

/// Which text of a standard a document was held against, as its publisher names it: `CSAF 2.1 CSD03`.
pub type Edition = Cow<'static, str>;

/// What kind of rule spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// It is no document of its kind at all: not JSON, deeper or larger than the bounds.
    Syntax,
    /// The standard's JSON schema.
    Schema,
    /// Must hold (CSAF 6.1).
    Mandatory,
    /// Should hold: CSAF 2.0, 6.2.
    Optional,
    /// Should hold: CSAF 2.1, 6.2; other standards' SHOULD.
    Recommended,
    /// Good to know (CSAF 6.3).
    Informative,
}

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Information,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The rule, by its clause (`6.1.1`) or our name for it (`osv.range.order`); `schema` and `json` for those.
    pub test: Cow<'static, str>,
    pub group: Group,
    pub severity: Severity,
    /// A JSON pointer (RFC 6901) to a member that exists; empty for the whole document.
    pub pointer: String,
    /// Counted from 1, where the value at `pointer` begins.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    /// What is wrong and what would have been right, lower case, no full stop.
    pub message: String,
}

/// A rule that could not be run on this document, which is no success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untested {
    pub test: Cow<'static, str>,
    pub why: String,
}

/// The edition of what could not be read at all.
pub(crate) const UNREAD: &str = "JSON (RFC 8259)";

impl Report {
    /// Whether the document is no JSON, so that nothing in it was checked.
    pub fn is_unread(&self) -> bool {
        self.edition == UNREAD
    }
}

/// All of it, in the order of the document's lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `None` where it could not be told.
    pub format: Option<Format>,
    pub edition: Edition,
    pub problems: Vec<Problem>,
    pub untested: Vec<Untested>,
}
