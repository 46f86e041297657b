//! `seamark bench check`: does every task of a suite work?

use std::io::{IsTerminal as _, stderr};
use std::process::ExitCode;

use ::bench::check::{Asked, Checked, Progress, TaskChecked, check as check_all};
use ::bench::solvability::SOLVABILITY_FILE;
use frontier::Outcome;
use sandbox::Cancel;
use serde_json::json;

use crate::args::{self, Format};
use crate::failure::Failure;
use crate::output;
use crate::render::text::plain;

pub fn check(asked: &args::bench::Check) -> Result<ExitCode, Failure> {
    super::table_or_json("bench check", asked.format)?;
    let suite = super::suite(&asked.suite)?;
    let how = Asked {
        runs: asked.runs,
        jobs: asked.jobs.unwrap_or(Asked::default().jobs),
        only: asked.task.iter().map(|word| word.as_str().into()).collect(),
    };
    let shows = !asked.quiet && stderr().is_terminal();
    let mut tell = |progress: Progress<'_>| {
        if let (true, Progress::Done(task, done, all)) = (shows, progress) {
            eprint!("\r\x1b[K{done}/{all} {}", task.name);
        }
    };
    let checked = check_all(
        &suite,
        &how,
        &mut keys::SystemDice,
        &Cancel::default(),
        &mut tell,
    );
    if shows {
        eprint!("\r\x1b[K");
    }
    if asked.write {
        let text = checked.solvability(&suite).text();
        output::to(Some(&asked.suite.join(SOLVABILITY_FILE)), |out| {
            out.write_all(text.as_bytes())
        })?;
    }
    match asked.format {
        Format::Json => super::json(&told(&checked))?,
        _ => table(&checked)?,
    }
    Ok(ExitCode::from(u8::from(!checked.is_well())))
}

fn table(checked: &Checked) -> Result<(), Failure> {
    output::to(None, |out| {
        let width = checked
            .tasks
            .iter()
            .map(|task| task.name.len())
            .max()
            .unwrap_or(0);
        for task in &checked.tasks {
            writeln!(out, "{:width$}  {}", plain(&task.name), words(task))?;
            super::items(out, &task.faults)?;
        }
        writeln!(out, "\n{}", checked.closing())
    })
}

fn words(task: &TaskChecked) -> String {
    let shown = &task.shown;
    let wrong = match shown.wrong {
        Outcome::Failed => "wrong one fails",
        Outcome::Solved => "WRONG ONE PASSES",
    };
    let cheat = match shown.cheat_caught {
        Some(sign) if sign == shown.cheat_expected => format!("cheat caught ({sign})"),
        Some(sign) => format!("CHEAT CAUGHT AS {sign}"),
        None => "CHEAT NOT CAUGHT".to_owned(),
    };
    format!(
        "solved {}/{}, {wrong}, {cheat}, {:.1} s",
        shown.solved,
        shown.runs,
        task.milliseconds as f64 / 1e3
    )
}

fn told(checked: &Checked) -> serde_json::Value {
    let tasks: Vec<_> = checked
        .tasks
        .iter()
        .map(|task| json!({"name": task.name, "shown": task.shown, "faults": task.faults, "milliseconds": task.milliseconds}))
        .collect();
    json!({"tasks": tasks, "works": checked.is_well(), "closing": checked.closing()})
}
