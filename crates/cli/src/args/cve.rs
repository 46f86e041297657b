//! What can be typed behind `seamark cve`.

use std::num::NonZeroU16;

use clap::{Args, Subcommand};

/// The exit codes of `cve`.
const EXITS: &str = "\
Exit codes:
  0  done
  1  something was refused: by the checks here, or by CVE Services
  2  the command is wrong
  3  CVE Services do not answer, or a document cannot be read";

/// Reserve CVE ids and publish records, as a CNA does with CVE Services.
#[derive(Subcommand, Debug)]
#[command(after_help = EXITS)]
pub enum Cve {
    /// Reserve ids, one a line.
    Reserve(Reserve),
    /// Say whose an id is, and whether its record is published.
    Show(Show),
    /// Check records, and publish, update or reject each as it says; one that is there already is not sent.
    Publish(Publish),
    /// Reject an id that has no record, or whose record was wrong.
    Reject(Reject),
}

/// Where CVE Services are, and who asks.
#[derive(Args, Debug)]
pub struct Account {
    /// CVE Services; `https://cveawg-test.mitre.org/api` is the one to try things with.
    #[arg(
        long,
        value_name = "URL",
        env = "CVE_API_URL",
        default_value = "https://cveawg.mitre.org/api"
    )]
    pub service: String,
    /// The CNA's short name.
    #[arg(long, value_name = "NAME", env = "CVE_ORG")]
    pub org: String,
    /// The user's name there, often an address of mail.
    #[arg(long, value_name = "NAME", env = "CVE_USER")]
    pub user: String,
    /// The user's key. Others on this machine can read what is typed: prefer the variable.
    #[arg(long, value_name = "KEY", env = "CVE_API_KEY", hide_env_values = true)]
    pub key: String,
}

#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Reserve {
    #[command(flatten)]
    pub account: Account,
    /// How many: at most 1,000 at once, and no more than the CNA's quota.
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub count: u16,
    /// The year in the id; this one unless said.
    #[arg(long, value_name = "YEAR")]
    pub year: Option<NonZeroU16>,
    /// Ids that do not follow each other.
    #[arg(long)]
    pub random: bool,
}

#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Show {
    #[command(flatten)]
    pub account: Account,
    /// `CVE-2026-12345`.
    #[arg(value_name = "CVE-ID", required = true)]
    pub ids: Vec<String>,
}

#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Publish {
    #[command(flatten)]
    pub account: Account,
    /// CVE records: files, folders, archives, `-`, or addresses such as a clearinghouse's
    /// `https://house.example/advisories/A-000001.cve.json`.
    #[arg(value_name = "FILE|DIR|URL", required = true)]
    pub sources: Vec<String>,
    /// Ask for states, send nothing, and say what would be sent.
    #[arg(long)]
    pub dry_run: bool,
    /// The container of this organization among `adp` instead of the CNA's: for an Authorized Data Publisher.
    #[arg(long)]
    pub adp: bool,
}

#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Reject {
    #[command(flatten)]
    pub account: Account,
    /// `CVE-2026-12345`.
    #[arg(value_name = "CVE-ID")]
    pub id: String,
    /// Why, for everyone.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The ids to use instead.
    #[arg(long, value_name = "CVE-ID", value_delimiter = ',')]
    pub replaced_by: Vec<String>,
}
