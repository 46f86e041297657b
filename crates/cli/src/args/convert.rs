//! What can be typed behind `seamark convert`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The exit codes of `convert`.
const EXITS: &str = "\
Exit codes:
  0  everything was converted
  1  something was lost (only with --strict)
  2  the command is wrong, or something could not be read or written; the rest was converted";

/// Write advisories in another format, and say what that format cannot hold.
///
/// Files, folders, archives and `-` for standard input; what is lost is said on standard error, each loss once a
/// document. Within one format a document is carried over member by member; CSAF 2.0 becomes 2.1 by the rules of its
/// conformance clause 18.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Convert {
    /// Advisories: OSV, CSAF, CVE, OpenVEX, CycloneDX, RustSec, Haskell, RubySec, FriendsOfPHP, Go, NVD.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What to write.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: To,
    /// What they are in, where their content should not decide.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<From>,
    /// A folder for one file a document, named as the format asks; standard output takes one document.
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Who publishes the result, where it is not who published the document.
    #[arg(long, value_name = "NAME", requires = "namespace")]
    pub publisher: Option<String>,
    /// A URL under the publisher's control.
    #[arg(long, value_name = "URL", requires = "publisher")]
    pub namespace: Option<String>,
    /// How to reach the publisher.
    #[arg(long, value_name = "TEXT", requires = "publisher")]
    pub contact: Option<String>,
    /// The organization's UUID at the CVE Program, for CVE records of who has none in the document.
    #[arg(long, value_name = "UUID")]
    pub org_id: Option<String>,
    /// Its short name there.
    #[arg(long, value_name = "NAME")]
    pub org_name: Option<String>,
    /// Exit with 1 where anything is lost.
    #[arg(long)]
    pub strict: bool,
    /// Say only how much was lost, and what could not be read.
    #[arg(long, short)]
    pub quiet: bool,
}

/// A format and edition that is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum To {
    Osv,
    #[value(name = "csaf-2.0")]
    Csaf20,
    #[value(name = "csaf-2.1")]
    Csaf21,
    Cve,
    Openvex,
    #[value(name = "cyclonedx-1.4")]
    CycloneDx14,
    #[value(name = "cyclonedx-1.5")]
    CycloneDx15,
    #[value(name = "cyclonedx-1.6")]
    CycloneDx16,
    #[value(name = "cyclonedx-1.7")]
    CycloneDx17,
}

/// A format that is read.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum From {
    Osv,
    Csaf,
    Cve,
    Nvd,
    Rustsec,
    Openvex,
    Cyclonedx,
    Haskell,
    #[value(name = "friendsofphp")]
    FriendsOfPhp,
    Rubysec,
    Go,
}
