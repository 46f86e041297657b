//! What can be typed behind `seamark bench`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

use super::Format;

/// The exit codes of `bench`.
const EXITS: &str = "\
Exit codes:
  0  done, and everything that was checked holds
  1  a task does not work, a run is not complete, a bundle is not what it says, a suite was met or a copy leaked
  2  the command, a suite, a plan or an endpoint is wrong
  3  a file cannot be read or written, or the sandbox cannot run here";

/// Measure what a model can do, with tasks that may stay secret, so that others can check the number.
#[derive(Subcommand, Debug)]
#[command(after_help = EXITS)]
pub enum Bench {
    /// Show that every task of a suite works: solved by its solution each time, not by the wrong one, cheats caught.
    Check(Check),
    /// Fix a suite and its plan in your log before anything is run on it.
    Commit(Commit),
    /// Run a model on a suite: commit, run, decide; write an Inspect log and a bundle that others can check.
    Run(Box<Run>),
    /// Check a bundle, offline: every number is computed again, or the digest that blocks it is named.
    Verify(VerifyBundle),
    /// Say what a bundle or an evaluation log shows.
    Report(Report),
    /// Open tasks of a sealed suite in a bundle: all at retirement, or those that a public beacon chooses for an audit.
    Reveal(Reveal),
    /// Make your keys as a holder of sealed suites.
    Holder(Holder),
    /// Seal a suite to holders of different organizations, some of whom together open it.
    Seal(Seal),
    /// Open your share of a sealed suite, to bring it where the suite is run.
    Share(Share),
    /// Ask a model whether it met a suite: canaries it should not know, and what it solves better than it should.
    Contamination(Box<Contamination>),
    /// Make one recipient's copy of a suite, whose canaries name them.
    Copy(Copy),
    /// Say whose copy a text came from.
    Trace(Trace),
    /// Take over tasks of other harnesses (inspect_cyber, Harbor).
    Import(Import),
    /// Write an evaluation log in another form.
    Export(Export),
}

#[derive(Args, Debug)]
pub struct Check {
    /// The suite's folder.
    #[arg(value_name = "DIR", default_value = "examples/practice")]
    pub suite: PathBuf,
    /// Only tasks whose names hold this. May be given again.
    #[arg(long, value_name = "WORD")]
    pub task: Vec<String>,
    /// Runs of each solution.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    pub runs: u32,
    /// Tasks at once; as many as there are cores where nothing is said.
    #[arg(long, value_name = "COUNT")]
    pub jobs: Option<usize>,
    /// Write what was shown beside the suite, as `solvability.json`: without it no task runs.
    #[arg(long)]
    pub write: bool,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// No progress.
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Args, Debug)]
pub struct Commit {
    /// The suite's folder, or a sealed suite with the shares that open it.
    #[arg(long, value_name = "PATH")]
    pub suite: PathBuf,
    #[command(flatten)]
    pub opening: Opening,
    /// The log's folder: keys, entries, and what opens the commitments.
    #[arg(long, value_name = "DIR", default_value = "evidence")]
    pub log: PathBuf,
    /// The plan, where it is not the suite's `plan.toml`.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// From when the suite may be used; now where nothing is said.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// Until when; a year from its beginning where nothing is said.
    #[arg(long, value_name = "TIME")]
    pub until: Option<Timestamp>,
    /// Who read the tasks and the plan. May be given again.
    #[arg(long, value_name = "NAME")]
    pub reviewer: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Run {
    /// The suite's folder, or a sealed suite with the shares that open it.
    #[arg(long, value_name = "PATH")]
    pub suite: PathBuf,
    #[command(flatten)]
    pub opening: Opening,
    /// The address of an endpoint, a file that describes one, or a script: `oracle`, `null`, `random`, `refuse`,
    /// `cheat`, `wrong`.
    #[arg(long, value_name = "MODEL")]
    pub model: String,
    /// The log to write, in Inspect's form. Beside it: `FILE.run` (what it needs to go on) and `FILE.bundle`.
    #[arg(long, value_name = "FILE.eval")]
    pub output: PathBuf,
    /// Your log of commitments; `evidence` beside the output where nothing is said.
    #[arg(long, value_name = "DIR")]
    pub log: Option<PathBuf>,
    /// The plan, where it is not the suite's `plan.toml`.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// How the model is tried (TOML; docs/benchmark.md): without it BELOW is never said.
    #[arg(long, value_name = "FILE")]
    pub elicitation: Option<PathBuf>,
    /// The digest of the model's weights, where you hold them.
    #[arg(long, value_name = "SHA256")]
    pub weights: Option<frontier::Digest>,
    /// Attempts at once.
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    pub connections: usize,
    /// At most so many answers an attempt, if the task does not say fewer.
    #[arg(long, value_name = "COUNT")]
    pub turns: Option<u32>,
    /// At most so many tokens an attempt.
    #[arg(long, value_name = "COUNT")]
    pub tokens: Option<u64>,
    /// At most so many seconds an attempt.
    #[arg(long, value_name = "COUNT")]
    pub seconds: Option<u64>,
    /// At most so many dollars for the whole run, where the endpoint has a price.
    #[arg(long, value_name = "DOLLARS")]
    pub dollars: Option<String>,
    /// Temperature, as it is sent.
    #[arg(long, value_name = "NUMBER")]
    pub temperature: Option<String>,
    /// How hard the model should think, as it is sent.
    #[arg(long, value_name = "WORD")]
    pub reasoning_effort: Option<String>,
    /// A folder with your own agent, which drives the model instead of our loop.
    #[arg(long, value_name = "DIR", requires = "agent_command")]
    pub agent: Option<PathBuf>,
    /// What starts it, such as `python3 /agent/main.py`.
    #[arg(long, value_name = "WORDS", num_args = 1.., requires = "agent")]
    pub agent_command: Vec<String>,
    /// Show how far it is as a page of this machine, such as `127.0.0.1:8791`: counts alone.
    #[arg(long, value_name = "ADDRESS")]
    pub watch: Option<SocketAddr>,
    /// Leave the threshold rule out of the bundle.
    #[arg(long)]
    pub withhold_rule: bool,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// No progress.
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Args, Debug)]
pub struct VerifyBundle {
    /// The bundle's folder.
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The key of the log or of a witness, `NAME+ID+KEY`. May be given again.
    #[arg(long, value_name = "VKEY")]
    pub key: Vec<String>,
    /// The SHA-256 by which you know the evaluator's own key, as `seamark bench commit` prints it.
    #[arg(long, value_name = "SHA256")]
    pub signer: Option<frontier::Digest>,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["all", "count"])))]
pub struct Reveal {
    /// The bundle's folder; it stays as it is.
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The folder of the log that the suite was committed to in.
    #[arg(long, value_name = "DIR", default_value = "evidence")]
    pub log: PathBuf,
    /// Open every task: the suite is retired.
    #[arg(long)]
    pub all: bool,
    /// Open so many, chosen by the beacon: 29 find a tenth exchanged with 95 %, 59 a twentieth.
    #[arg(long, value_name = "COUNT", requires_all = ["round", "value", "at"])]
    pub count: Option<u32>,
    /// The beacon and its round, agreed on before it was published, such as `drand quicknet 23000000`.
    #[arg(long, value_name = "WORDS", conflicts_with = "all")]
    pub round: Option<String>,
    /// What it published, in hexadecimal.
    #[arg(long, value_name = "HEX", conflicts_with = "all")]
    pub value: Option<String>,
    /// When, as the beacon says (RFC 3339).
    #[arg(long, value_name = "TIME", conflicts_with = "all")]
    pub at: Option<Timestamp>,
    /// The bundle to write, with the tasks opened.
    #[arg(long, short, value_name = "BUNDLE")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct Report {
    /// A bundle's folder, or an evaluation log (`.eval`, `.json`).
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What opens a sealed suite.
#[derive(Args, Debug)]
pub struct Opening {
    /// A share of the sealed suite, as its holder opened it. May be given again.
    #[arg(long, value_name = "FILE")]
    pub share: Vec<PathBuf>,
    /// Where the suite stands while it is open; `/dev/shm` where nothing is said.
    #[arg(long, value_name = "DIR")]
    pub open_in: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Holder {
    /// A person or an office.
    #[arg(long)]
    pub name: String,
    /// Whose they are: no two holders of an opening may be of one.
    #[arg(long)]
    pub organization: String,
    /// The secret file to write, which stays with the holder; beside it the public one, `FILE.public`.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct Seal {
    /// The suite's folder, whose `suite.toml` says `sealed = true`.
    #[arg(long, value_name = "DIR")]
    pub suite: PathBuf,
    /// A holder's public file. May be given again.
    #[arg(long, value_name = "FILE", required = true)]
    pub holder: Vec<PathBuf>,
    /// How many holders open it together.
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    pub needed: u8,
    /// The sealed suite to write.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct Share {
    /// The sealed suite.
    #[arg(value_name = "SEALED")]
    pub sealed: PathBuf,
    /// Your secret file.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The share to write; whoever has enough of them reads the suite.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct Contamination {
    /// The suite's folder, or a sealed suite with the shares that open it.
    #[arg(long, value_name = "PATH")]
    pub suite: PathBuf,
    #[command(flatten)]
    pub opening: Opening,
    /// The address of an endpoint, or a file that describes one. It is shown the first half of every canary.
    #[arg(long, value_name = "MODEL")]
    pub model: String,
    /// Words of the same form that stand nowhere, asked about like the others.
    #[arg(long, value_name = "COUNT", default_value_t = 60)]
    pub control: u32,
    /// At most so many seconds for an answer.
    #[arg(long, value_name = "COUNT", default_value_t = 120)]
    pub seconds: u64,
    /// A bundle of public tasks, to be compared with `--sealed`.
    #[arg(long, value_name = "BUNDLE", requires = "sealed")]
    pub public: Option<PathBuf>,
    /// A bundle of sealed tasks that match the public ones.
    #[arg(long, value_name = "BUNDLE", requires = "public")]
    pub sealed: Option<PathBuf>,
    /// The last day of the model's training: of `--bundle`, older tasks are compared with younger ones.
    #[arg(long, value_name = "DAY", requires = "bundle")]
    pub cutoff: Option<Date>,
    /// A bundle of this model.
    #[arg(long, value_name = "BUNDLE", requires = "cutoff")]
    pub bundle: Option<PathBuf>,
    /// The folder of the log that the bundle's suite was committed to in: it says when tasks were written.
    #[arg(long, value_name = "DIR", default_value = "evidence")]
    pub log: PathBuf,
    /// The record to write, as JSON.
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct Copy {
    /// The suite's folder.
    #[arg(long, value_name = "DIR")]
    pub suite: PathBuf,
    /// Whose copy it is.
    #[arg(long, value_name = "NAME")]
    pub recipient: String,
    /// The secret file that words are drawn by; made where it is not there yet.
    #[arg(long, value_name = "FILE")]
    pub marks: PathBuf,
    /// The folder to write.
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct Trace {
    /// Texts that turned up somewhere.
    #[arg(value_name = "FILE", required = true)]
    pub texts: Vec<PathBuf>,
    /// The suite's folder.
    #[arg(long, value_name = "DIR")]
    pub suite: PathBuf,
    /// The secret file that words are drawn by.
    #[arg(long, value_name = "FILE")]
    pub marks: PathBuf,
    /// `table` or `json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct Import {
    /// The folder of a task of another harness.
    #[arg(value_name = "DIR")]
    pub from: PathBuf,
    /// A folder of tasks, such as `SUITE/tasks`; what is there already is not written over.
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
}

/// A form of evaluation logs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogForm {
    /// Inspect's zip.
    Eval,
    /// Inspect's one document.
    Json,
    /// Every Eval Ever 0.3.0: a document, and a line for each sample.
    Eee,
}

#[derive(Args, Debug)]
pub struct Export {
    /// An evaluation log (`.eval`, `.json`).
    #[arg(value_name = "LOG")]
    pub log: PathBuf,
    /// The form to write.
    #[arg(long = "as", value_enum)]
    pub form: LogForm,
    /// The file to write; a folder for `eee`.
    #[arg(long, value_name = "PATH")]
    pub output: PathBuf,
    /// Who evaluated, for `eee`.
    #[arg(long, value_name = "NAME", default_value = "unknown")]
    pub organization: String,
    /// Who made the model, for `eee`.
    #[arg(long, value_name = "NAME", default_value = "unknown")]
    pub developer: String,
}
