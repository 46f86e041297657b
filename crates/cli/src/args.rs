//! What can be typed. `--help` is written here, once.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::{Timestamp, civil::Date};

pub mod bench;
pub mod convert;
#[cfg(feature = "lint")]
pub mod cve;
pub mod engagement;
pub mod feeds;
#[cfg(feature = "lint")]
pub mod lint;
pub mod prove;
pub mod sandbox;

pub use bench::Bench;
pub use convert::Convert;
pub use engagement::Engagement;
pub use feeds::Feeds;
pub use prove::{Crashes, Prove};
pub use sandbox::{Protection, Sandbox};

/// What you own, matched to what is known, as a dated plan.
///
/// Seamark reads inventories (lockfiles, SBOMs, package databases, images, device lists), matches them against an
/// index of advisories on this machine, and says what to do, in which order, by which date, and why.
#[derive(Parser, Debug)]
#[command(name = "seamark", version, max_term_width = 100, after_help = EXITS)]
pub struct Seamark {
    #[command(subcommand)]
    pub command: Command,
}

/// The exit codes, which scripts rely on.
const EXITS: &str = "\
Exit codes:
  0  done, and nothing that --fail-on asks about
  1  done, and --fail-on holds
  2  the command or a setting is wrong
  3  advisories or the index cannot be read
  4  something of the inventory could not be read (only with --strict)
`seamark verify` has its own; see `seamark verify --help`.";

/// The exit codes of `verify`.
const VERIFY_EXITS: &str = "\
Exit codes:
  0  every receipt proves that its entry is in the log
  1  a receipt proves nothing (with --strict: or not all that receipts can)
  2  the command or a key is wrong
  3  a receipt cannot be read";

/// The exit codes of `submit`.
const SUBMIT_EXITS: &str = "\
Exit codes:
  0  everything was taken, and a receipt kept for each report
  1  something was refused; what and why stands on standard error
  2  the command or a file is wrong
  3  the clearinghouse cannot be reached; asked again, the command goes on where it stopped";

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Read what you own and print the dated plan.
    Scan(Box<Scan>),
    /// Show the plan of the last scan again, or record a decision in it.
    Plan(Plan),
    /// Say what is known of one flaw, and from whom.
    Explain(Explain),
    /// Build, update and look into the advisory index.
    #[command(subcommand)]
    Index(Index),
    /// Follow those who publish advisories, and check who provides CSAF.
    #[command(subcommand)]
    Feeds(Feeds),
    /// Check receipts of a clearinghouse, offline: what they prove, and what they do not.
    Verify(Verify),
    /// Tell an authorized scan from an attack.
    #[command(subcommand)]
    Authorization(Authorization),
    /// Leave an engagement about a model by a statement that is signed away from the clearinghouse.
    #[command(subcommand)]
    Engagement(Engagement),
    /// Hand over reports to a clearinghouse, and keep the receipts.
    Submit(Submit),
    /// Run what a proof claims, and say what it shows and what it does not.
    Prove(Box<Prove>),
    /// Say what went wrong in each crash report, and which are one flaw's as far as stacks tell.
    Crashes(Crashes),
    /// Write advisories in another format, and say what is lost.
    Convert(Convert),
    /// Run something hostile under limits, and say what happened.
    #[command(subcommand)]
    Sandbox(Sandbox),
    /// Measure what a model can do, so that others can check the number.
    #[command(subcommand)]
    Bench(Bench),
    /// Say all that is wrong with advisories and VEX: CSAF, OSV, CVE, OpenVEX, CycloneDX.
    #[cfg(feature = "lint")]
    Lint(lint::Lint),
    /// Reserve CVE ids and publish records, as a CNA does.
    #[cfg(feature = "lint")]
    #[command(subcommand)]
    Cve(cve::Cve),
    /// Print a completion script for a shell.
    Completions {
        /// The shell it is for.
        shell: clap_complete::Shell,
    },
}

#[derive(Args, Debug)]
pub struct Scan {
    /// Files and folders: lockfiles, SBOMs, package databases, image archives, device lists.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A container image archive (docker save or OCI layout, file or folder).
    #[arg(long, value_name = "ARCHIVE")]
    pub image: Vec<PathBuf>,
    /// A mounted root file system; `/` for the running machine.
    #[arg(long, value_name = "DIR")]
    pub root: Vec<PathBuf>,
    /// A device list: CSV with a row of column names.
    #[arg(long, value_name = "CSV")]
    pub devices: Vec<PathBuf>,
    /// VEX statements that answer matches (OpenVEX, CSAF, CycloneDX).
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<PathBuf>,
    #[command(flatten)]
    pub known: Known,
    /// Settings: assets, exposure, owners. Default: `seamark.toml` in the first PATH or above it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Whether the internet reaches what is scanned, where `seamark.toml` does not say.
    #[arg(long, value_name = "ANSWER")]
    pub exposed: Option<Answer>,
    /// List everything that was read in the JSON, also what nothing is known of.
    #[arg(long)]
    pub components: bool,
    /// Leave out what `.gitignore` leaves out.
    #[arg(long)]
    pub gitignore: bool,
    #[command(flatten)]
    pub keep: Keep,
    #[command(flatten)]
    pub show: Show,
    /// Shut the network for this process, by the kernel, before anything is read.
    #[arg(long)]
    pub offline: bool,
    /// Exit with 1 where an open row is at least this urgent.
    #[arg(long, value_name = "URGENCY")]
    pub fail_on: Option<Urgency>,
    /// Exit with 4 where something of the inventory could not be read.
    #[arg(long)]
    pub strict: bool,
}

/// Where advisories come from.
#[derive(Args, Debug)]
pub struct Known {
    /// The advisory index, made by `seamark index build`.
    #[arg(long, value_name = "FILE", env = "SEAMARK_INDEX")]
    pub index: Option<PathBuf>,
}

/// What is kept between scans.
#[derive(Args, Debug)]
pub struct Keep {
    /// Where first sightings and decisions are kept. Default: `.seamark/history.json` beside `seamark.toml`.
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// Keep nothing: every flaw counts as first seen now.
    #[arg(long, conflicts_with = "history")]
    pub no_history: bool,
    /// The moment to reckon with instead of now, to recompute an earlier plan (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}

/// How it is shown.
#[derive(Args, Debug, Default)]
pub struct Show {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write it to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only what is new or changed since this day, or since the last scan (`last`).
    #[arg(long, value_name = "DATE|last")]
    pub since: Option<Since>,
    /// Every row, with its advisories and facts, under its action.
    #[arg(long)]
    pub all: bool,
    /// No progress and no notes on standard error.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person: 80 columns, readable without color.
    #[default]
    Table,
    /// For a program; the schema is docs/scan.schema.json.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// CycloneDX 1.6 with vulnerabilities.
    CyclonedxVex,
    /// OpenVEX 0.2.0.
    Openvex,
    /// One line a row.
    Csv,
    /// One page to print, for a board.
    Html,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Any open row.
    Any,
    /// Due within 60 days.
    #[value(name = "60-days")]
    Days60,
    /// Due within 14 days.
    #[value(name = "14-days")]
    Days14,
    /// Due within 3 days.
    #[value(name = "3-days")]
    Days3,
    /// Past its date.
    Overdue,
    /// Known to be exploited (in KEV).
    Kev,
}

/// A day, or the last scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    Last,
    Day(Date),
}

impl std::str::FromStr for Since {
    type Err = String;
    fn from_str(text: &str) -> Result<Since, String> {
        if text == "last" {
            return Ok(Since::Last);
        }
        text.parse()
            .map(Since::Day)
            .map_err(|_| format!("`{text}` is no day; write `2026-11-20`, or `last`"))
    }
}

#[derive(Args, Debug)]
pub struct Plan {
    #[command(subcommand)]
    pub decision: Option<Decide>,
    /// The last scan's result. Default: `.seamark/last.json` beside `seamark.toml`.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Settings, to find the last result beside.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Where decisions are kept. Default: `.seamark/history.json` beside `seamark.toml`.
    #[arg(long, value_name = "FILE", global = true)]
    pub history: Option<PathBuf>,
    /// Only this owner's work.
    #[arg(long)]
    pub owner: Option<String>,
    /// Only this asset's work.
    #[arg(long)]
    pub asset: Option<String>,
    /// Only what is due by this day.
    #[arg(long, value_name = "DATE")]
    pub due_by: Option<Date>,
    #[command(flatten)]
    pub show: Show,
}

#[derive(Subcommand, Debug)]
pub enum Decide {
    /// Record that a flaw on an asset waits, until when and why. It reopens by itself when its conditions change.
    Defer {
        /// The flaw: `CVE-2024-3094` or any of its other names.
        flaw: String,
        /// The asset it is deferred on.
        #[arg(long)]
        asset: String,
        /// The last day of the deferral.
        #[arg(long, value_name = "DATE")]
        until: Date,
        /// Why, for whoever audits it.
        #[arg(long)]
        reason: String,
        /// Who decided.
        #[arg(long)]
        by: String,
    },
    /// Take a deferral back.
    Reopen {
        /// The flaw.
        flaw: String,
        /// The asset.
        #[arg(long)]
        asset: String,
        /// Who decided.
        #[arg(long)]
        by: String,
    },
}

#[derive(Args, Debug)]
pub struct Explain {
    /// Any name of the flaw: `CVE-2021-44228`, `GHSA-jfh8-c2jp-5v3q`, `ALSA-2023:0304`, `ICSA-24-102-01`.
    pub id: String,
    #[command(flatten)]
    pub known: Known,
    /// Settings, to find the advisories named there.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The moment to reckon with instead of now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}

/// Check receipts of a clearinghouse, offline: what they prove, and what they do not.
///
/// A receipt proves that a log committed to an entry. Whose log it is, only a key that came by another way can tell:
/// give it with --key. By when, and that everyone is shown the same log, a witness tells: give its key as well.
#[derive(Args, Debug)]
#[command(after_help = VERIFY_EXITS)]
pub struct Verify {
    /// Receipts, folders of them (every `.json` there), or `-` for standard input.
    #[arg(value_name = "RECEIPT", required = true)]
    pub receipts: Vec<PathBuf>,
    /// The key of the log or of a witness, `NAME+ID+KEY`. May be given again.
    #[arg(long, value_name = "VKEY")]
    pub key: Vec<String>,
    /// A file of such keys, one a line; lines that begin with `#` are comments.
    #[arg(long, value_name = "FILE")]
    pub keys: Vec<PathBuf>,
    /// Take nothing as proven that no given key signed, and nothing that no given witness cosigned.
    #[arg(long)]
    pub strict: bool,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The exit codes of `authorization verify`.
const AUTHORIZATION_EXITS: &str = "\
Exit codes:
  0  the target's owner allowed this scan
  1  not: treat it as a scan without a token
  2  the command or a key is wrong
  3  a file cannot be read, or the list of those taken back cannot be trusted";

#[derive(Subcommand, Debug)]
pub enum Authorization {
    /// Check the token that a scanner presents in its header `Seamark-Authorization`, offline.
    Verify(Box<VerifyAuthorization>),
}

/// Check the token that a scanner presents in its header `Seamark-Authorization`, offline.
///
/// A token says who may scan what, when, from where and how, and is signed by the clearinghouse through which the
/// target's owner allowed it. Its key must come by another way than the token. Whether it was taken back, only the
/// list at `/.well-known/seamark-authorization/revoked` can tell: fetch it as often as that matters.
#[derive(Args, Debug)]
#[command(after_help = AUTHORIZATION_EXITS)]
pub struct VerifyAuthorization {
    /// The token, or `-` for standard input.
    #[arg(value_name = "TOKEN")]
    pub token: String,
    /// A key that is trusted to sign authorizations: `NAME+ID+KEY`, or a file of such keys. May be given again.
    #[arg(long, value_name = "VKEY", required = true)]
    pub key: Vec<String>,
    /// The organization that the target belongs to, as the clearinghouse numbers it: `O-000007`.
    #[arg(long, value_name = "ORGANIZATION")]
    pub owner: names::OrganizationId,
    /// What is being scanned: `192.0.2.7`, `host:www.example.org`, `asset:Name`. All names of the one thing.
    #[arg(long, value_name = "TARGET", required = true)]
    pub target: Vec<String>,
    /// The address that the scan comes from.
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<std::net::IpAddr>,
    /// The list of those taken back, as it was fetched.
    #[arg(long, value_name = "FILE")]
    pub revoked: Option<PathBuf>,
    /// The moment to reckon with instead of now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Subcommand, Debug)]
pub enum Index {
    /// Build an index from folders, files, archives and addresses.
    Build {
        /// A folder, file, archive (zip, tar, tar.zst) or https address, or a folder that `seamark feeds` keeps.
        /// May be given again.
        #[arg(long, value_name = "SOURCE", required = true, num_args = 1..)]
        from: Vec<String>,
        /// The index to write. Replaced in one step.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Where fetched files are kept for the next update.
        #[arg(long, value_name = "DIR")]
        cache: Option<PathBuf>,
        /// Print every record that could not be read, not only how many.
        #[arg(long)]
        problems: bool,
        /// No progress.
        #[arg(long, short)]
        quiet: bool,
        /// The moment to date the index with instead of now (RFC 3339): the same input then makes the same bytes.
        #[arg(long, value_name = "TIME")]
        as_of: Option<Timestamp>,
        /// Keep OSV records as they were written too, for `seamarkd --advisories` to serve.
        #[arg(long)]
        originals: bool,
    },
    /// Read the sources of an index again and replace it where something changed.
    Update {
        /// The index.
        #[arg(value_name = "FILE")]
        index: PathBuf,
        /// Where fetched files are kept.
        #[arg(long, value_name = "DIR")]
        cache: Option<PathBuf>,
        /// No progress.
        #[arg(long, short)]
        quiet: bool,
    },
    /// What an index holds, from where, and how old it is.
    Info {
        /// The index.
        #[arg(value_name = "FILE")]
        index: PathBuf,
        /// Read all of it and check its digest.
        #[arg(long)]
        verify: bool,
        /// `table` or `json`.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What changed from one index to another.
    Diff {
        /// The older index.
        old: PathBuf,
        /// The newer index.
        new: PathBuf,
        /// `table` or `json`.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Hand over reports: NDJSON, JSON, SARIF, Markdown, competition bundles, fuzzers' testcases.
#[derive(Args, Debug)]
#[command(after_help = SUBMIT_EXITS)]
pub struct Submit {
    /// Files, and folders of them: `.ndjson`, `.jsonl`, `.json`, `.sarif`, `.md`, `.txt`, `.log`.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The clearinghouse.
    #[arg(long, value_name = "URL", env = "SEAMARK_SERVER")]
    pub server: String,
    /// The token that acts for you. Others on this machine can read what is typed: prefer the file or the variable.
    #[arg(
        long,
        value_name = "TOKEN",
        env = "SEAMARK_TOKEN",
        hide_env_values = true
    )]
    pub token: Option<String>,
    /// A file that holds the token.
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub token_file: Option<PathBuf>,
    /// The package that reports are about which name none: `pkg:cargo/serde@1.0.0`.
    #[arg(long, value_name = "PURL")]
    pub package: Option<String>,
    /// The repository that reports are about which name none.
    #[arg(long, value_name = "URL")]
    pub repository: Option<String>,
    /// Whom to credit where a report says nobody, verbatim.
    #[arg(long, value_name = "NAME")]
    pub finder: Option<String>,
    /// Upload the proofs that reports name, from the files of this folder.
    #[arg(long, value_name = "DIR")]
    pub proofs: Option<PathBuf>,
    /// Only say what would be refused; nothing is taken.
    #[arg(long, conflicts_with_all = ["precommit", "check", "proofs"])]
    pub dry_run: bool,
    /// Hand over a hash of each line now; content and salt stay here, beside the file.
    #[arg(long, conflicts_with = "check")]
    pub precommit: bool,
    /// Ask whether these inputs are known; they stay here.
    #[arg(long)]
    pub check: bool,
    /// No progress on standard error.
    #[arg(long, short)]
    pub quiet: bool,
}
