//! What can be typed behind `seamark engagement`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use names::{EngagementId, OrganizationId};

/// Leave an engagement about a model by a statement that is signed away from the clearinghouse.
#[derive(Subcommand, Debug)]
pub enum Engagement {
    /// Make the key that a developer leaves by; its public line is printed, and goes into the engagement.
    Key(Key),
    /// Sign a withdrawal, and bring it where a server is named. Nobody asks why.
    Leave(Leave),
}

#[derive(Args, Debug)]
pub struct Key {
    /// What it is called: a name of yours, with no space and no `+`, such as `larkspur.example/leave`.
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// The file for the private half, which is not there yet; only you can read it.
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct Leave {
    /// `E-000123`.
    #[arg(value_name = "ENGAGEMENT")]
    pub engagement: EngagementId,
    /// You, as the clearinghouse numbers organizations: `O-000004`.
    #[arg(long, value_name = "ORGANIZATION")]
    pub developer: OrganizationId,
    /// The origin of the clearinghouse's log: the same number elsewhere is another engagement.
    #[arg(long, value_name = "ORIGIN")]
    pub log: String,
    /// The private half of the key, as `seamark engagement key` wrote it.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The clearinghouse to bring it to; without one it is written, for anybody to bring. It cannot be taken back, so it
    /// goes nowhere that is not typed here: `SEAMARK_SERVER` is not read.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Where to write it, also where it is brought; standard output unless said.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The moment to write into it instead of now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}
