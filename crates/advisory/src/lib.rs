//! Our [`Advisory`], and a file for each format it is read from; those it is published in are written too.
//!
//! A format's own type never leaves this crate. Everything read becomes a [`Record`]; what cannot be read
//! becomes a [`Problem`] that names the place and costs no other record.
//! Pure: bytes in, records out; no I/O, no clock.

use jiff::Timestamp;
use names::{Cpe, Ecosystem, Purl};

pub mod alias;
pub mod format;
pub mod fuzz;

mod convert;
mod csaf;
mod cve;
mod cyclonedx_vex;
mod document;
mod documents;
mod epss;
mod friends_of_php;
mod front_matter;
mod golang;
mod haskell;
mod identify;
mod json;
mod kev;
mod lookup;
mod nvd;
mod openvex;
mod osv;
mod publication;
mod rubysec;
mod rustsec;
mod spans;
mod time;
mod unheld;
mod value;

pub use convert::{Converted, Form, Settings, convert, write};
pub use cve::{Assigner, Container};
pub use cyclonedx_vex::CycloneDx;
pub use document::{Document, DocumentKind, DocumentState, Flaw, Note, PublisherRole};
pub use documents::{Heard, documents};
pub use format::{Format, read};
pub use publication::{
    BaseScore, Credit, CreditRole, Justification, Publication, Publisher, Revision, Written,
};

/// Writes `publication` as one OSV record.
pub fn write_osv(publication: &Publication) -> Written {
    osv::write(publication)
}

/// Writes `publication` as a CSAF 2.0 document. `score` reads a CVSS vector, because CSAF asks for the number.
pub fn write_csaf(publication: &Publication, score: &dyn Fn(&str) -> Option<BaseScore>) -> Written {
    csaf::write(&Document::from(publication), csaf::Edition::V20, score)
}

/// Writes `publication` as a CSAF 2.1 document.
pub fn write_csaf_21(
    publication: &Publication,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    csaf::write(&Document::from(publication), csaf::Edition::V21, score)
}

/// Writes `publication` as an OpenVEX 0.2 document; nothing where it would state nothing.
pub fn write_openvex(publication: &Publication) -> Written {
    openvex::write(&Document::from(publication))
}

/// Writes `publication` as a CVE record (5.2); nothing where the flaw has no CVE id.
pub fn write_cve(
    publication: &Publication,
    assigner: &Assigner,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    cve::write(publication, assigner, score)
}

/// Whether `text` can be the id of an organization of the CVE Program: a UUID of version 4.
pub fn is_organization(text: &str) -> bool {
    cve::is_organization(text)
}

/// Writes one container of a CVE record by itself, as CVE Services take it.
pub fn write_cve_container(
    publication: &Publication,
    which: Container,
    assigner: &Assigner,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    cve::write_container(publication, which, assigner, score)
}

/// Writes `publication` as CycloneDX of an edition.
pub fn write_cyclonedx(
    publication: &Publication,
    edition: CycloneDx,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    cyclonedx_vex::write(&Document::from(publication), edition, score)
}

/// What a document says, one piece at a time.
#[derive(Clone, Debug)]
pub enum Record {
    /// A flaw and what it affects.
    Advisory(Box<Advisory>),
    /// A VEX statement: someone says how a product stands to a flaw.
    Statement(Box<Statement>),
    /// One entry of CISA's Known Exploited Vulnerabilities catalog.
    Kev(Kev),
    /// One score of a daily EPSS file.
    Epss(Epss),
}

/// Something that could not be read. Reported and counted, never fatal to its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the document: a JSON pointer, a line, a record's id; empty for the whole of it.
    pub place: String,
    /// What is wrong and what would have been right, lower case, no full stop.
    pub message: String,
}

/// A flaw as one document tells it. A document about several flaws makes several of these.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advisory {
    /// The record's own id: `RUSTSEC-2024-0001`, `CVE-2024-3094`, `ALSA-2024:1234`. For a flaw inside a CSAF
    /// document: the CVE, else `DOCUMENT#n`.
    pub id: String,
    /// The document it stands in, where that has an id of its own: `ICSA-24-102-01`.
    pub document: Option<String>,
    /// Other ids of the same flaw. Joined transitively: one flaw is one row.
    pub aliases: Vec<String>,
    /// Ids of the flaws that this record packages fixes for (OSV `upstream`, and `related` CVEs of distributions).
    /// Not joined: one erratum may fix many flaws.
    pub upstream: Vec<String>,
    /// Ids that are merely near.
    pub related: Vec<String>,
    /// Who published it: `RustSec`, `CISA`, `Siemens ProductCERT`.
    pub publisher: String,
    /// One line.
    pub title: String,
    /// Text of a stranger, as written (Markdown or plain). Data, never instructions.
    pub details: String,
    pub published: Option<Timestamp>,
    pub modified: Option<Timestamp>,
    /// Set where the publisher took it back.
    pub withdrawn: Option<Timestamp>,
    pub affected: Vec<Affected>,
    pub severities: Vec<Severity>,
    /// `CWE-79`.
    pub weaknesses: Vec<String>,
    /// CISA's answers, from an ADP container or a CSAF 2.1 SSVC selection.
    pub ssvc: Option<Ssvc>,
    /// A `kev` entry inside the record itself (CISA's ADP container), kept apart from the catalog.
    pub kev_date_added: Option<jiff::civil::Date>,
    pub references: Vec<Reference>,
    /// What helps: fixes, mitigations, workarounds.
    pub remediations: Vec<Remediation>,
    /// `unmaintained`, `unsound`, `notice` of RustSec; `malicious` of OSV's MAL- records; empty for a vulnerability.
    pub informational: String,
}

/// What is affected, and in which versions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Affected {
    pub target: Target,
    /// Versions named one by one. Where ranges and this disagree, what is named here wins.
    pub versions: Vec<String>,
    pub ranges: Vec<AffectedRange>,
    /// How it stands; [`Status::Affected`] for everything but CSAF and VEX.
    pub status: Status,
    /// Module stream an rpm must belong to, `nodejs:18`; empty when it does not matter.
    pub module: String,
    /// Architectures it is restricted to; empty for all.
    pub arches: Vec<String>,
    /// Severity of this package only.
    pub severities: Vec<Severity>,
    /// Indexes into [`Advisory::remediations`] that hold for this target; empty means all unrestricted ones.
    pub remediations: Vec<u32>,
    /// Functions or imports the flaw is confined to (OSV `ecosystem_specific`), for the reader's information.
    pub symbols: Vec<String>,
}

/// What an advisory is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Target {
    /// A package of an ecosystem.
    Package {
        ecosystem: Ecosystem,
        name: String,
        purl: Option<Purl>,
    },
    /// A product of a vendor: CSAF product trees, CVE `affected`.
    Product(Box<Product>),
    /// A source repository, for commit ranges.
    Repository { url: String },
    /// Nothing that could be read.
    #[default]
    Nothing,
}

/// A vendor's product, from a CSAF product tree (branches flattened) or a CVE record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Product {
    pub vendor: String,
    /// The product's name; families and hosts above it are in `family`.
    pub name: String,
    pub family: String,
    /// Order codes, model and SKU numbers, with the wildcards they were written with (`*`, `?`).
    pub models: Vec<String>,
    pub serial_numbers: Vec<String>,
    pub cpes: Vec<Cpe>,
    pub purls: Vec<Purl>,
    /// The name of the thing it is installed on or part of (CSAF relationships); empty when none.
    pub installed_on: String,
    /// The product id it has inside its document, for joining statements.
    pub document_id: String,
}

/// A range as written, in intervals; keys are made by whoever knows the scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct AffectedRange {
    pub scheme: RangeScheme,
    /// As OSV events, sorted as written.
    pub intervals: Vec<versions::Interval<String>>,
}

/// Whose order a range follows.
#[derive(Clone, Debug, PartialEq)]
pub enum RangeScheme {
    /// The target ecosystem's own.
    Ecosystem,
    /// This one.
    Scheme(versions::Scheme),
    /// Commits of a repository: resolved by equality with listed commits only.
    Git { repository: String },
    /// Text that is no range anyone defined (`all versions before the June patch`). Kept; never compared.
    Unreadable(String),
}

/// How a product stands to a flaw. The words of CSAF 2.0 section 3.2.3.9 and OpenVEX 0.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Affected,
    Fixed,
    NotAffected,
    UnderInvestigation,
    /// CSAF `recommended`: a version to move to.
    Recommended,
}

/// A score as published.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Severity {
    /// The vector: `CVSS:3.1/AV:N/…`, or a 2.0 vector without prefix. Empty where only a word is given.
    pub vector: String,
    /// The word: `critical`, `important`, `unimportant`. Empty where a vector is given.
    pub word: String,
    /// Who scored it.
    pub source: String,
}

/// CISA's SSVC answers as published.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Ssvc {
    /// `none`, `poc`, `active`.
    pub exploitation: Option<String>,
    pub automatable: Option<bool>,
    /// `true` for total, `false` for partial.
    pub technical_impact_total: Option<bool>,
    pub timestamp: Option<Timestamp>,
    /// `CISA-ADP`, or the CSAF document's publisher.
    pub source: String,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Reference {
    /// `advisory`, `fix`, `report`, `evidence`, `web`, as OSV has them, lower case.
    pub kind: String,
    pub url: String,
}

/// What helps.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Remediation {
    pub kind: RemediationKind,
    pub text: String,
    pub url: String,
    pub date: Option<Timestamp>,
    /// Whether something must be restarted: CSAF `restart_required.category`.
    pub restart: String,
}

/// CSAF 2.1 section 3.2.4.12.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RemediationKind {
    VendorFix,
    OptionalPatch,
    #[default]
    Mitigation,
    Workaround,
    NoFixPlanned,
    NoneAvailable,
    FixPlanned,
}

/// A VEX statement from a file or a feed. It answers a match; it never deletes one.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The flaw's id, and every alias the statement gives.
    pub flaws: Vec<String>,
    pub status: Status,
    /// `component_not_present`, `vulnerable_code_not_in_execute_path`, … (OpenVEX and CSAF flags share them).
    pub justification: String,
    /// Why, in the author's words.
    pub impact: String,
    /// What to do, in the author's words.
    pub action: String,
    /// What the statement is about; empty means whatever document it travels in.
    pub products: Vec<Target>,
    /// Versions of the products it holds for. With `ranges` empty too: those inside purl or CPE, else all.
    pub versions: Vec<String>,
    pub ranges: Vec<AffectedRange>,
    /// Components within the products that it is about; empty for the products themselves.
    pub subcomponents: Vec<Target>,
    pub author: String,
    pub timestamp: Option<Timestamp>,
    /// The document's id.
    pub document: String,
}

/// One KEV entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kev {
    pub cve: String,
    pub vendor: String,
    pub product: String,
    pub name: String,
    pub date_added: jiff::civil::Date,
    pub due_date: Option<jiff::civil::Date>,
    /// `Known`, or anything else.
    pub ransomware: bool,
    /// The catalog's `forensicTriage` field where it has one.
    pub forensic_triage: Option<bool>,
    pub required_action: String,
    pub notes: String,
    /// `catalogVersion` and release date of the catalog it was read from.
    pub catalog: String,
}

/// One EPSS score. Millionths, so that equal files make equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epss {
    pub cve: String,
    /// Probability of exploitation in the next 30 days, in millionths (0 to 1,000,000).
    pub epss_millionths: u32,
    /// Percentile, in millionths.
    pub percentile_millionths: u32,
    /// The file's `score_date`.
    pub date: jiff::civil::Date,
}
