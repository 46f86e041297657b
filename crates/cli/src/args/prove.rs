//! What can be typed behind `seamark prove`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

/// The exit codes of `prove`.
const EXITS: &str = "\
Exit codes:
  0  proven, and a patch that was given held in everything it was asked
  1  not reproduced, flaky or a different flaw; or the patch did not hold
  2  the command or the bundle is wrong
  3  it cannot run here";

/// Run what a proof claims, in the sandbox, and say what it shows and what it does not.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct Prove {
    /// A proof bundle: a folder with a `proof.toml`, or the same packed as `.tar.zst`.
    #[arg(value_name = "BUNDLE", required_unless_present = "new")]
    pub bundle: Option<PathBuf>,
    /// Write a bundle to fill in, into a folder that is not there yet.
    #[arg(long, value_name = "DIR", conflicts_with = "bundle")]
    pub new: Option<PathBuf>,
    /// With `--new`: begin with what is in this file, an AIxCC proof, an OSS-Fuzz testcase or any crash input.
    #[arg(long, value_name = "FILE", requires = "new")]
    pub import: Option<PathBuf>,
    /// Independent runs of each build.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    pub runs: u32,
    /// Runs that making the input small may take; 0 leaves it as it is.
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    pub minimize: u32,
    /// Do not look through the history of versions.
    #[arg(long)]
    pub no_bisect: bool,
    /// A unified diff to check: does it build, end the proof, pass the tests, and hold against variants?
    #[arg(long, value_name = "DIFF")]
    pub patch: Option<PathBuf>,
    /// Variants of the input that a patch is tried with.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub variants: u32,
    /// 64 hexadecimal digits that secrets and variants are drawn from, to repeat a validation to the letter.
    #[arg(long, value_name = "HEX")]
    pub seed: Option<String>,
    /// Keep the input, made small where that was possible.
    #[arg(long, value_name = "FILE")]
    pub keep_input: Option<PathBuf>,
    /// Write what was done as an in-toto Statement, unsigned.
    #[arg(long, value_name = "FILE")]
    pub statement: Option<PathBuf>,
    /// Pack the bundle as `.tar.zst` and run nothing.
    #[arg(long, value_name = "FILE")]
    pub pack: Option<PathBuf>,
    /// Print what each run wrote.
    #[arg(long)]
    pub transcript: bool,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// No progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Read crash reports (sanitizers, debuggers, runtimes, CASR), name each crash, and put together what one flaw made.
#[derive(Args, Debug)]
pub struct Crashes {
    /// Files, and folders of them.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
