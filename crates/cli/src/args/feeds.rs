//! What can be typed behind `seamark feeds`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::Format;

/// The exit codes of `feeds`.
const EXITS: &str = "\
Exit codes:
  0  follow: everything was brought; status: all of it is fresh; check: the role is fulfilled
  1  follow: something was not taken, and what was there before is kept; status, check: not so
  2  the command, a source or the file of credentials is wrong
  3  the folder cannot be read, or nothing of CSAF is found there";

/// Follow those who publish advisories, and check who provides CSAF.
#[derive(Subcommand, Debug)]
#[command(after_help = EXITS)]
pub enum Feeds {
    /// Bring a folder up to what its sources have; `seamark index build --from DIR` reads it.
    Follow(Follow),
    /// Say how fresh each source is, what failed, and where two of them differ.
    Status(Status),
    /// Say all that is wrong with a CSAF provider or aggregator, by requirement (CSAF 2.0 and 2.1, 7.1).
    Check(Check),
}

#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Follow {
    /// A domain or `provider-metadata.json` of a CSAF provider, an `aggregator.json`, `osv:PyPI`, `cve`, `kev`,
    /// `epss`, any other https address of a file or archive, or a folder. Without one: all that DIR follows.
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Where documents are kept, each source in a folder of its own.
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// What opens documents that are not for everyone (docs/feeds.md); readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Documents of one source, the newest first.
    #[arg(long, value_name = "COUNT")]
    pub documents_max: Option<usize>,
    /// Seconds for one source; what is left is for the next time.
    #[arg(long, value_name = "SECONDS")]
    pub source_seconds_max: Option<u64>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Shut the network for this process; then only folders of this machine can be followed.
    #[arg(long)]
    pub offline: bool,
    /// The moment to reckon with instead of now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}

#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Status {
    /// The folder that was given to `follow`.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Exit with 1 where a source was not reached for this long, or failed.
    #[arg(long, value_name = "HOURS")]
    pub max_age_hours: Option<u32>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The moment to reckon with instead of now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}

#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Check {
    /// A domain, a `provider-metadata.json` or an `aggregator.json`.
    #[arg(value_name = "PROVIDER")]
    pub provider: String,
    /// Documents that are looked at, the newest first.
    #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
    pub documents_max: usize,
    /// What opens documents that are not for everyone.
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Refused: a check asks servers.
    #[arg(long)]
    pub offline: bool,
    /// The moment to reckon with instead of now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}
