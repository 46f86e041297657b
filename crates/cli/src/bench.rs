//! `seamark bench`: what a model can do, measured so that others can check it.

mod canary;
mod card;
mod check;
mod logs;
mod reveal;
mod run;
mod seal;
mod verify;
mod watch;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use ::bench::measure::Stopped;
use ::bench::{Evidence, measure};
use frontier::plan::Window;
use jiff::{Timestamp, ToSpan as _};

use crate::args::{self, Bench, Format};
use crate::failure::{Failure, unreadable, wrong};
use crate::render::text::{counted, wrap};
use crate::{now, output};

/// What an evaluator's own log is called, unless they take that of a clearinghouse.
const ORIGIN: &str = "seamark.local/evidence";

/// Does what was asked for.
pub fn bench(asked: &Bench) -> Result<ExitCode, Failure> {
    match asked {
        Bench::Check(asked) => check::check(asked),
        Bench::Commit(asked) => commit(asked),
        Bench::Run(asked) => run::run(asked),
        Bench::Verify(asked) => verify::verify(asked),
        Bench::Report(asked) => verify::report(asked),
        Bench::Reveal(asked) => reveal::reveal(asked),
        Bench::Holder(asked) => seal::holder(asked),
        Bench::Seal(asked) => seal::seal(asked),
        Bench::Share(asked) => seal::share(asked),
        Bench::Contamination(asked) => canary::contamination(asked),
        Bench::Copy(asked) => canary::copy(asked),
        Bench::Trace(asked) => canary::trace(asked),
        Bench::Import(asked) => logs::import(asked),
        Bench::Export(asked) => logs::export(asked),
    }
}

fn commit(asked: &args::bench::Commit) -> Result<ExitCode, Failure> {
    let place = seal::place(&asked.suite, &asked.opening)?;
    let suite = suite(place.folder())?;
    let plan = plan(asked.plan.as_deref(), place.folder())?;
    let now = now::now();
    let from = asked.from.unwrap_or(now);
    let window = Window {
        not_before: from,
        not_after: until(asked.until, from)?,
    };
    if window.not_after < now {
        return Err(wrong(
            "the suite may not be used any more: `--until` is past",
        ));
    }
    let reviewers = asked
        .reviewer
        .iter()
        .map(|name| name.as_str().into())
        .collect();
    let mut log = log(&asked.log)?;
    let place = asked.log.as_path();
    let committed = measure::commit(
        &suite,
        &plan,
        window,
        reviewers,
        (&mut log, place),
        &mut keys::SystemDice,
        now,
    )
    .map_err(stopped)?;
    let digest = committed
        .commitment
        .digest()
        .map_err(|error| wrong(error.to_string()))?;
    output::to(None, |out| {
        writeln!(
            out,
            "committed to {}",
            counted(u64::from(committed.commitment.count()), "task", "tasks")
        )?;
        writeln!(out, "commitment        {digest}")?;
        writeln!(out, "root              {}", committed.commitment.root)?;
        writeln!(out, "rule, salted      {}", committed.commitment.plan.rule)?;
        writeln!(
            out,
            "valid             {} to {}",
            window.not_before, window.not_after
        )?;
        writeln!(out, "log               {}", asked.log.display())?;
        writeln!(out, "its key           {}", log.key())?;
        writeln!(out, "your own key      {}", log.fingerprint())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn until(said: Option<Timestamp>, from: Timestamp) -> Result<Timestamp, Failure> {
    match said {
        Some(until) if until <= from => Err(wrong("`--until` is not after `--from`")),
        Some(until) => Ok(until),
        None => from
            .checked_add((365 * 24).hours())
            .map_err(|error| wrong(error.to_string())),
    }
}

/// The suite in `folder`.
fn suite(folder: &Path) -> Result<::bench::suite::Suite, Failure> {
    ::bench::suite::Suite::read_folder(folder).map_err(|refusal| {
        wrong(format!(
            "`{}` is no suite that can be run:{}",
            folder.display(),
            listed(&refusal)
        ))
    })
}

fn plan(said: Option<&Path>, suite: &Path) -> Result<frontier::Plan, Failure> {
    let path = said.map_or_else(|| suite.join(measure::PLAN_FILE), Path::to_path_buf);
    measure::read_plan(&path).map_err(stopped)
}

fn log(folder: &Path) -> Result<Evidence, Failure> {
    Evidence::open(folder, ORIGIN, &mut keys::SystemDice)
        .map_err(|error| unreadable(error.to_string()))
}

fn stopped(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Refused(_) => wrong(stopped.to_string()),
        Stopped::Log(_) | Stopped::File(..) => unreadable(stopped.to_string()),
    }
}

/// Every problem, a line each.
fn listed(refusal: &names::Refusal) -> String {
    let mut all = String::new();
    for problem in refusal.iter() {
        let (field, message) = (
            crate::render::text::plain(&problem.field),
            crate::render::text::plain(&problem.message),
        );
        match field.as_str() {
            "" => all.push_str(&format!("\n  {message}")),
            field => all.push_str(&format!("\n  `{field}` {message}")),
        }
    }
    all
}

fn table_or_json(command: &str, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table | Format::Json => Ok(()),
        _ => Err(wrong(format!("`{command}` prints as `table` or `json`"))),
    }
}

fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    output::to(None, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// Each text as an item, wrapped.
fn items<T: AsRef<str>>(out: &mut dyn Write, texts: &[T]) -> io::Result<()> {
    for text in texts {
        for (number, line) in wrap(&crate::render::text::plain(text.as_ref()), 76)
            .into_iter()
            .enumerate()
        {
            let lead = if number == 0 { "  - " } else { "    " };
            writeln!(out, "{lead}{line}")?;
        }
    }
    Ok(())
}
