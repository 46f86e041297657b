//! What can be typed behind `seamark lint`.

use clap::{Args, ValueEnum};
use jiff::Timestamp;

/// The exit codes of `lint`.
const EXITS: &str = "\
Exit codes:
  0  nothing is wrong
  1  something is wrong
  2  something cannot be read, or the command is wrong; all else was checked and told";

/// Say all that is wrong with advisories and VEX: CSAF, OSV, CVE, OpenVEX, CycloneDX.
///
/// Each document is held against the schema of its format and against what its standard asks beyond it, all at once,
/// each with its line. No socket is opened, unless an address is given or --online asks whether links answer.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Lint {
    /// Files, folders of them (every `.json` there), archives (zip, tar, gzip, zstd, xz, bzip2), addresses that
    /// begin with `https://`, or `-` for standard input.
    #[arg(value_name = "FILE|DIR|URL", required = true)]
    pub sources: Vec<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    /// Only rules of these kinds.
    #[arg(long, value_enum, value_name = "GROUP", value_delimiter = ',')]
    pub only: Vec<Group>,
    /// Only what weighs as much as this, or more.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t)]
    pub severity: Severity,
    /// Which text of CSAF 2.1, which is still moving.
    #[arg(long, value_enum, value_name = "EDITION", default_value_t)]
    pub edition: Edition,
    /// The format that documents are held to be of, whatever they say themselves.
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    pub kind: Option<Kind>,
    /// Ask whether the addresses in documents answer: at most 500 of them, one at a time.
    #[arg(long)]
    pub online: bool,
    /// The moment to reckon with instead of now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
    /// No notes on standard error about what was passed over.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// For a person: by file, line and column.
    #[default]
    Text,
    /// For a program: an array with one object a file.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The standard's JSON schema.
    Schema,
    /// What must hold.
    Mandatory,
    /// What should hold, by CSAF 2.0.
    Optional,
    /// What should hold.
    Recommended,
    /// What is good to know.
    Informative,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
    #[default]
    Information,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edition {
    /// Committee Specification Draft 03 of 2026-07-29.
    #[default]
    Csd03,
    /// The editors' draft after it.
    Draft,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Csaf,
    Osv,
    Cve,
    Openvex,
    Cyclonedx,
}
