//! `seamark`: the door for defenders and finders.
//!
//! Reads the clock once, shuts the network where asked to, and turns what rooms say into words and exit codes.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

mod args;
mod authorization;
mod bench;
mod config;
mod convert;
mod crashes;
#[cfg(feature = "lint")]
mod cve;
mod engagement;
mod explain;
mod failure;
mod feeds;
mod gather;
mod history;
mod index;
mod known;
#[cfg(feature = "lint")]
mod lint;
mod now;
mod offline;
mod output;
mod plan;
mod progress;
mod prove;
mod render;
mod sandbox;
mod scan;
mod submit;
mod verify;
mod vex;

use args::{Authorization, Command, Seamark};
use failure::Failure;

fn main() -> ExitCode {
    // This program is its own sandbox's supervisor, and the first process inside.
    if let Some(code) = ::sandbox::entered() {
        return code;
    }
    let asked = Seamark::parse();
    let done = match asked.command {
        Command::Scan(asked) => scan::scan(&asked),
        Command::Plan(asked) => plan::plan(&asked),
        Command::Explain(asked) => explain::explain(&asked),
        Command::Index(asked) => index::index(asked),
        Command::Feeds(asked) => feeds::feeds(asked),
        Command::Verify(asked) => verify::verify(&asked),
        Command::Authorization(Authorization::Verify(asked)) => {
            authorization::verify(&asked, now::now())
        }
        Command::Engagement(asked) => engagement::engagement(&asked),
        Command::Submit(asked) => submit::submit(&asked),
        Command::Prove(asked) => prove::prove(&asked),
        Command::Crashes(asked) => crashes::crashes(&asked),
        Command::Convert(asked) => convert::convert(&asked),
        Command::Sandbox(asked) => sandbox::sandbox(&asked),
        Command::Bench(asked) => bench::bench(&asked),
        #[cfg(feature = "lint")]
        Command::Cve(asked) => cve::cve(&asked),
        #[cfg(feature = "lint")]
        Command::Lint(asked) => lint::lint(&asked),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Seamark::command(), "seamark", &mut io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|failure| {
        // A reader that went away (`| head`) is no failure of ours.
        if !failure.closed {
            let _ = writeln!(io::stderr(), "seamark: {}", failure.message);
        }
        ExitCode::from(failure.code)
    })
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure {
            code: 2,
            closed: error.kind() == io::ErrorKind::BrokenPipe,
            message: error.to_string(),
        }
    }
}
