//! What `seamarkd` is told on its command line and in the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use url::Url;

/// Run a clearinghouse: one flaw, one case, however many found it.
///
/// Started without arguments it listens on 127.0.0.1:8790, keeps its data in `./seamark-data`, and prints a link
/// that makes the first administrator.
#[derive(Debug, Parser)]
#[command(name = "seamarkd", version, max_term_width = 100)]
pub struct Args {
    /// Folder for the database, the keys and uploaded files
    #[arg(
        long,
        value_name = "DIR",
        env = "SEAMARKD_DATA_DIR",
        default_value = "seamark-data",
        global = true
    )]
    pub data_dir: PathBuf,

    /// Settings file; `seamarkd.toml` in the data folder where it exists
    #[arg(long, value_name = "FILE", env = "SEAMARKD_SETTINGS", global = true)]
    pub settings: Option<PathBuf>,

    /// Where the database is: `sqlite:FILE` or `postgres://…`; a SQLite file in the data folder unless said
    #[arg(
        long,
        value_name = "URL",
        env = "SEAMARKD_DATABASE",
        hide_env_values = true,
        global = true
    )]
    pub database: Option<String>,

    /// How log lines are written to standard error
    #[arg(
        long,
        value_name = "FORMAT",
        env = "SEAMARKD_LOG",
        default_value = "text",
        global = true
    )]
    pub log: LogFormat,

    /// Address to listen on
    #[arg(long, value_name = "ADDRESS:PORT", env = "SEAMARKD_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Address that people reach this at, as in links; what it listens on unless said
    #[arg(long, value_name = "URL", env = "SEAMARKD_URL")]
    pub url: Option<Url>,

    /// Second address, for `/metrics` alone
    #[arg(long, value_name = "ADDRESS:PORT", env = "SEAMARKD_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,

    /// Others' advisories to answer from at `/v1/query`, beside our own: what `seamark index build --originals` wrote
    #[arg(long, value_name = "FILE", env = "SEAMARKD_ADVISORIES")]
    pub advisories: Option<PathBuf>,

    /// Fill an empty house with an invented example, and print a link for each role
    #[arg(long)]
    pub demo: bool,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What else it does than run.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write all of the house into a new file, also while it runs; the keys are never in it
    Backup {
        /// The file, which is not there yet
        file: PathBuf,
    },
    /// Put a backup into an empty database, and check it
    Restore {
        /// The file that `backup` wrote
        file: PathBuf,
    },
    /// Make the tables what this version needs, and say which steps ran
    Migrate,
    /// Look whether everything is there, agrees with itself, and opens under the keys; also while it runs
    Check,
    /// Give the log a new key, for which the old one signs
    RotateLogKey,
    /// Make a new OpenPGP key for what is provided; the old one stays served, and what it signed stays signed
    RotateOpenpgpKey,
    /// Re-run proofs that wait, until told to stop; as many of these as there are machines for it
    Worker {
        /// Proofs at a time; as `seamarkd.toml` says unless said
        #[arg(long, value_name = "COUNT")]
        at_once: Option<usize>,
    },
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
