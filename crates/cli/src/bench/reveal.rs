//! `seamark bench reveal`: tasks of a sealed suite are opened in a bundle, and nobody chose which.

use std::process::ExitCode;

use ::bench::bundle::reveal::found_from;
use ::bench::bundle::{Audit, Beacon};
use ::bench::measure;

use super::{listed, stopped, verify};
use crate::args;
use crate::failure::{Failure, unreadable, wrong};
use crate::now;
use crate::render::text::counted;

pub fn reveal(asked: &args::bench::Reveal) -> Result<ExitCode, Failure> {
    if asked.output.exists() {
        return Err(wrong(format!(
            "`{}` is there already; name another output",
            asked.output.display()
        )));
    }
    let mut bundle = verify::read(&asked.bundle)?;
    let committed = measure::opening(&asked.log, bundle.run.suite).map_err(stopped)?;
    let audit = match (asked.count, &asked.round, &asked.value, asked.at) {
        (Some(count), Some(round), Some(value), Some(at)) => Some(Audit {
            beacon: Beacon {
                round: round.as_str().into(),
                value: value.as_str().into(),
                at,
            },
            count,
        }),
        _ => None,
    };
    bundle
        .reveal(&committed.tasks, audit)
        .map_err(|refusal| wrong(format!("nothing is opened:{}", listed(&refusal))))?;
    // First the log, whose entry nobody takes back: who opens tasks by one round after another shows that there.
    let mut log = super::log(&asked.log)?;
    let index = measure::say_revealed(&mut bundle, &mut log, now::now()).map_err(stopped)?;
    bundle
        .write(&asked.output)
        .map_err(|error| unreadable(format!("`{}`: {error}", asked.output.display())))?;
    let opened = bundle.revealed.len();
    eprintln!(
        "seamark: `{}` opens {} of {}; entry {index} of the log says which",
        asked.output.display(),
        opened,
        counted(bundle.tasks.len() as u64, "task", "tasks")
    );
    if let Some(audit) = &bundle.audit {
        eprintln!(
            "seamark: had {:.0} % of them been exchanged, one of these would show it with 95 %; whoever holds the tasks compares them with `revealed.json`",
            (found_from(audit.count) * 100.0).ceil()
        );
    }
    Ok(ExitCode::SUCCESS)
}
