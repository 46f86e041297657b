//! What a scan says: rows, the actions that end them, and everything that was not known.
//!
//! One struct serves the terminal, JSON, SARIF, VEX, CSV and the printed page, so that they cannot differ.
//! Documented for programs in `docs/scan.schema.json`.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// The schema's name; a change that breaks readers gets another number.
pub const SCHEMA: &str = "seamark.scan/1";

/// Everything a scan found out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub schema: String,
    /// `seamark 0.1.0`.
    pub tool: String,
    pub generated: Option<Timestamp>,
    pub organization: String,
    /// Which rule dates the work: `bod-26-04`.
    pub regime: String,
    pub index: IndexFacts,
    pub assets: Vec<AssetFacts>,
    pub summary: Summary,
    pub actions: Vec<Action>,
    /// One flaw on one component or device of one asset each, most urgent first.
    pub rows: Vec<Row>,
    /// What could not be compared, and so is neither safe nor unsafe.
    pub uncompared: Vec<Uncompared>,
    /// What someone must answer before the plan can be sure.
    pub questions: Vec<Question>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What is different from the last scan.
    pub changes: Vec<Change>,
    /// Everything that was read, where it was asked for (`--components`); empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Listed>,
}

/// A component that was read, whether anything is known of it or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Listed {
    pub asset: String,
    /// Ecosystem with release, `Debian:12`; empty where no database answers for it.
    pub ecosystem: String,
    pub name: String,
    pub version: String,
    pub purl: String,
    pub arch: String,
    /// The source package of a distribution's binary package, with its version.
    pub source: String,
    pub source_version: String,
    pub groups: Vec<String>,
    pub place: Place,
}

/// The index that was used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IndexFacts {
    /// When it was built.
    pub edition: String,
    /// SHA-256 of its content, hexadecimal.
    pub digest: String,
    pub advisories: u64,
    pub sources: Vec<String>,
    /// The newest KEV catalog and EPSS day it holds; empty where it holds none.
    pub kev_catalog: String,
    pub epss_date: String,
    /// Days between its newest source and this scan.
    pub age_days: i64,
}

/// An asset as scanned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AssetFacts {
    pub name: String,
    pub owner: String,
    pub environment: String,
    /// `None`: nobody has said.
    pub exposed: Option<bool>,
    pub components: u64,
    pub devices: u64,
    pub open: u64,
}

/// The figures a board reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub components: u64,
    pub devices: u64,
    pub open: u64,
    pub answered: u64,
    pub deferred: u64,
    pub flaws: u64,
    pub overdue: u64,
    pub within_3_days: u64,
    pub within_14_days: u64,
    pub within_60_days: u64,
    pub on_upgrade: u64,
    pub exploited: u64,
    pub to_confirm: u64,
    pub triage: u64,
}

/// One flaw on one component or device of one asset.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Row {
    /// Stable between scans: sixteen hexadecimal digits of a SHA-256 over asset, flaw and subject.
    pub id: String,
    /// The flaw's name: its CVE where it has one.
    pub flaw: String,
    /// All its CVEs; an erratum of a distribution may bundle several.
    pub cves: Vec<String>,
    pub aliases: Vec<String>,
    pub title: String,
    /// `unmaintained`, `unsound`, `notice`, `malicious`; empty for a vulnerability.
    pub informational: String,
    pub advisories: Vec<AdvisoryRef>,
    pub asset: String,
    pub owner: String,
    pub subject: Subject,
    pub locations: Vec<Place>,
    /// Why it matches, in words: `2.14.1 is from 2.13.0 on and before 2.15.0`.
    pub basis: String,
    pub confidence: Confidence,
    /// What speaks for a match that is not exact, in words.
    pub confidence_reasons: Vec<String>,
    /// The smallest version above the installed one that ends this row.
    pub fix: Option<String>,
    pub help: Vec<Help>,
    pub facts: RowFacts,
    pub priority: Priority,
    pub answers: Vec<Answer>,
    pub state: State,
    pub contradictions: Vec<Contradiction>,
    pub first_seen: Option<Date>,
    pub references: Vec<String>,
}

/// An advisory that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisoryRef {
    pub id: String,
    pub document: Option<String>,
    pub publisher: String,
    pub modified: Option<Timestamp>,
}

/// What it is on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// `component` or `device`.
    pub kind: String,
    /// Ecosystem with release, `Debian:12`; empty for devices.
    pub ecosystem: String,
    pub name: String,
    pub version: String,
    pub purl: String,
    /// The source package of a distribution's binary package; empty where it has the same name.
    pub source: String,
    pub vendor: String,
    pub model: String,
    pub serial: String,
    pub site: String,
    /// How many of it.
    pub count: u32,
    /// `dev`, `optional`: where a lockfile says that it is not in production.
    pub groups: Vec<String>,
}

/// Where it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub path: String,
    pub platform: String,
    pub layer: String,
    /// From 1; 0 where lines mean nothing.
    pub line: u32,
}

/// How sure the match is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    #[default]
    Exact,
    /// Confirm the model.
    Likely,
    Unknown,
}

/// What helps beside a fixed version.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Help {
    /// `vendor fix`, `mitigation`, `workaround`, `no fix planned`, `none available`, `fix planned`.
    pub kind: String,
    pub text: String,
    pub url: String,
}

/// What is known of the flaw, with its source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowFacts {
    pub kev_added: Option<Date>,
    pub kev_due: Option<Date>,
    pub ransomware: bool,
    /// Probability of exploitation within 30 days, 0 to 1.
    pub epss: Option<f64>,
    pub epss_percentile: Option<f64>,
    pub exploitation: Option<String>,
    pub automatable: Option<bool>,
    /// `total` or `partial`.
    pub technical_impact: Option<String>,
    /// Base score, 0.0 to 10.0, highest of its newest CVSS version.
    pub cvss: Option<f64>,
    pub cvss_vector: String,
    pub severity: String,
}

/// When it is due, by which row of which table, and on which facts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Priority {
    /// `cisa:BOD2604:1.0.0`.
    pub edition: String,
    /// The table's own row number, 1 to 16.
    pub row: Option<u8>,
    /// `3 days and forensic triage`, `on system upgrade`.
    pub timeline: String,
    pub days: Option<u32>,
    /// Last day, UTC; `None`: on system upgrade.
    pub due: Option<Date>,
    pub overdue: bool,
    /// When the clock started, and what started it: `KEV addition`, `detection`.
    pub started: Option<Date>,
    pub started_by: String,
    /// KEV's own date, beside ours.
    pub kev_due: Option<Date>,
    pub triage: Option<Triage>,
    /// In plain words: what to do by when, and why.
    pub why: Vec<String>,
    /// The row, the edition, and what stands beside.
    pub notes: Vec<String>,
    /// Facts nobody had, and what was taken instead.
    pub assumed: Vec<Assumed>,
}

/// Forensic triage owed, with its three times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    /// Which assets: within 2 hours.
    pub scope_by: Option<Timestamp>,
    /// Volatile evidence, before patching: within 24 hours.
    pub preserve_by: Option<Timestamp>,
    /// No evidence, suspected or confirmed: within 72 hours.
    pub decide_by: Option<Timestamp>,
}

/// A fact nobody had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumed {
    pub fact: String,
    pub taken: String,
    pub why: String,
    /// Who could answer.
    pub ask: String,
}

/// A VEX statement about this row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// `not affected`, `fixed`, `affected`, `under investigation`.
    pub status: String,
    pub justification: String,
    pub reason: String,
    pub action: String,
    pub author: String,
    pub timestamp: Option<Timestamp>,
    pub document: String,
}

/// Where a row stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum State {
    #[default]
    Open,
    /// A statement says not affected or fixed, and none says otherwise.
    Answered,
    /// Someone decided that it waits.
    Deferred,
}

/// Two sources that cannot both be right.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contradiction {
    pub about: String,
    pub one: String,
    pub other: String,
}

/// What to do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Action {
    pub kind: ActionKind,
    /// In plain words: `Upgrade log4j-core to 2.15.0`.
    pub title: String,
    /// The version to move to; empty where none is known.
    pub to: String,
    /// The earliest date any row of it has.
    pub due: Option<Date>,
    pub overdue: bool,
    pub timeline: String,
    pub triage: Option<Triage>,
    pub exploited: bool,
    pub places: Vec<ActionPlace>,
    /// What to do where no fix exists, once each.
    pub steps: Vec<String>,
    /// Plain words on why now.
    pub why: Vec<String>,
    /// How the date came about: row, edition, what was assumed, what stands beside.
    pub notes: Vec<String>,
    /// Ids of the rows it ends.
    pub rows: Vec<String>,
    pub flaws: Vec<String>,
}

/// Where an action is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActionPlace {
    pub asset: String,
    pub owner: String,
    /// `libc6`, `FortiGate firewall FGT-60F`.
    pub what: String,
    pub from: String,
    pub count: u32,
    pub due: Option<Date>,
}

/// The kinds of action, most binding first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ActionKind {
    /// Move to a version that ends the rows.
    #[default]
    Upgrade,
    /// No fix: reduce what can happen.
    Mitigate,
    /// Nothing helps but another product.
    Replace,
    /// Look at the device: is it this model?
    Confirm,
}

/// Something that could not be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Uncompared {
    pub asset: String,
    pub name: String,
    pub version: String,
    /// How many advisories name it.
    pub advisories: u32,
    pub why: String,
}

/// A question only its owner can answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Question {
    pub asset: String,
    pub owner: String,
    pub text: String,
    /// How many rows it would change.
    pub rows: u64,
}

/// Something that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    pub path: String,
    pub line: u32,
    pub message: String,
    /// Whether the inventory is incomplete because of it.
    pub lost: bool,
}

/// What is different from the last scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// `new`, `resolved`, `reopened`, `re-dated`.
    pub kind: String,
    pub asset: String,
    pub flaw: String,
    pub subject: String,
    pub why: String,
    pub when: Option<Date>,
    pub due_before: Option<Date>,
    pub due_now: Option<Date>,
}
