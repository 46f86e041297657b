//! What can be typed behind `seamark sandbox`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// The exit codes of `sandbox run`.
const RUN_EXITS: &str = "\
Exit codes:
  0  it ended by itself, with 0
  1  it ended in any other way
  2  the command is wrong
  3  this machine cannot run it under what was asked for";

/// Run something hostile under limits, on this machine.
#[derive(Subcommand, Debug)]
pub enum Sandbox {
    /// Say what this machine can do, and what is missing; exits with 1 where nothing can run.
    Check {
        /// `table` or `json`.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Run a command in the sandbox and say what happened.
    Run(Box<Run>),
}

#[derive(Args, Debug)]
#[command(after_help = RUN_EXITS)]
pub struct Run {
    /// The program, as it is called inside, and its arguments.
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub words: Vec<String>,
    /// A whole system instead of this machine's own tools: a folder, a tar of one, or an OCI layout.
    #[arg(long, value_name = "PATH")]
    pub root: Option<PathBuf>,
    /// A file that is there when it begins, in `/proof` under its own name, or as `FILE=PATH` says.
    #[arg(long = "file", value_name = "FILE")]
    pub files: Vec<String>,
    /// What it reads from standard input; nothing where this is not given.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// A variable of its environment.
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub environment: Vec<String>,
    /// Give it a loopback of its own; else it has no network at all.
    #[arg(long)]
    pub loopback: bool,
    /// Memory of all its processes, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2_048)]
    pub memory: u64,
    /// Time by the clock.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub seconds: u64,
    /// Processes and threads at once.
    #[arg(long, value_name = "COUNT", default_value_t = 128)]
    pub processes: u32,
    /// What it may write, in MiB, all files together; they are in memory.
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub disk: u64,
    /// What is kept of each of its two streams, in KiB.
    #[arg(long, value_name = "KIB", default_value_t = 1_024)]
    pub output: u64,
    /// Do not start without this.
    #[arg(long, value_name = "PROTECTION")]
    pub require: Vec<Protection>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Protections that not every machine gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protection {
    /// The kernel counts the memory of all processes together.
    CountedMemory,
    /// Landlock stands beside the namespaces.
    Landlock,
}
