//! `seamark bench contamination | copy | trace`: who met a suite, and whose copy leaked.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use ::bench::bundle::Bundle;
use ::bench::canary::{MARKS_BYTES_MAX, Probe, Traced, Watermarks, probe};
use ::bench::measure;
use ::bench::solvability::SOLVABILITY_FILE;
use ::bench::suite::{SUITE_FILE, Suite};
use frontier::contamination::{ContaminationRecord, Gap, Reading, gap};
use frontier::{Digest, Planned, SampleRecord, TaskId, scorecard};
use jiff::civil::Date;

use super::run::{Who, who};
use super::{listed, seal, stopped, verify};
use crate::args;
use crate::failure::{Failure, unreadable, wrong};
use crate::render::text::{counted, plain};
use crate::{now, output};

/// Of a text that is traced.
const TRACED_BYTES_MAX: u64 = 256 << 20;

pub fn contamination(asked: &args::bench::Contamination) -> Result<ExitCode, Failure> {
    let place = seal::place(&asked.suite, &asked.opening)?;
    let suite = super::suite(place.folder())?;
    let Who::Model { model, .. } = who(&asked.model)? else {
        return Err(wrong(format!(
            "`{}` is a script, which has read nothing; name an endpoint",
            asked.model
        )));
    };
    let how = Probe {
        controls: asked.control,
        patience: Duration::from_secs(asked.seconds),
    };
    let dice = &mut keys::SystemDice;
    // What can be refused is read before anything is asked.
    let gaps = gaps(asked)?;
    let mut record = probe(&suite, &*model, how, dice, now::now())
        .map_err(|refusal| wrong(format!("no record is made:{}", listed(&refusal))))?;
    record.gaps = gaps;
    let text = serde_json::to_string_pretty(&record).map_err(|error| wrong(error.to_string()))?;
    output::to(Some(&asked.output), |out| writeln!(out, "{text}"))?;
    output::to(None, |out| said(out, &record))?;
    Ok(ExitCode::from(u8::from(record.reading != Reading::NotMet)))
}

fn said(out: &mut dyn std::io::Write, record: &ContaminationRecord) -> std::io::Result<()> {
    writeln!(out, "{}\n", record.reading.shown())?;
    for one in &record.canaries {
        let whose = one
            .recipient
            .as_deref()
            .map(|name| format!(" ({})", plain(name)));
        let silent = match one.unanswered {
            0 => String::new(),
            count => format!(", {count} not answered"),
        };
        writeln!(
            out,
            "{:22} {} of {} completed{silent}",
            format!("{}{}", one.tier.shown(), whose.unwrap_or_default()),
            one.completed,
            one.asked
        )?;
    }
    if let Some(bits) = record.by_chance_bits {
        writeln!(
            out,
            "\nBy chance so many are completed once in 2^{bits} times."
        )?;
    }
    if record.unfit > 0 {
        let words = counted(u64::from(record.unfit), "canary was", "canaries were");
        writeln!(
            out,
            "{words} not asked about: too little of it is drawn at random."
        )?;
    }
    for gap in &record.gaps {
        let percent = |millionths: i64| format!("{:+.1} %", millionths as f64 / 10_000.0);
        writeln!(
            out,
            "Between {}: {} ({} to {})",
            gap.between,
            percent(gap.difference),
            percent(gap.lower),
            percent(gap.upper)
        )?;
    }
    Ok(())
}

/// What bundles say of it.
fn gaps(asked: &args::bench::Contamination) -> Result<Vec<Gap>, Failure> {
    let mut gaps = Vec::new();
    if let (Some(public), Some(sealed)) = (&asked.public, &asked.sealed) {
        let (public, sealed) = (verify::read(public)?, verify::read(sealed)?);
        gaps.extend(gap(
            "public tasks and sealed ones",
            &public.scorecard,
            &sealed.scorecard,
        ));
    }
    if let (Some(cutoff), Some(bundle)) = (asked.cutoff, &asked.bundle) {
        gaps.extend(by_age(&verify::read(bundle)?, &asked.log, cutoff)?);
    }
    Ok(gaps)
}

/// Tasks that were written up to `cutoff`, less those that were written after it.
fn by_age(bundle: &Bundle, log: &Path, cutoff: Date) -> Result<Option<Gap>, Failure> {
    let committed = measure::opening(log, bundle.run.suite).map_err(stopped)?;
    let mut written: BTreeMap<Digest, Date> = BTreeMap::new();
    for one in &committed.tasks {
        let leaf = one.manifest.leaf(&one.salt);
        let leaf = leaf.map_err(|error| wrong(error.to_string()))?;
        written.insert(leaf, one.manifest.authored_at);
    }
    let is_old = |leaf: &Digest| written.get(leaf).is_some_and(|day| *day <= cutoff);
    let card = |old: bool| {
        let tasks: Vec<Planned> = bundle
            .tasks
            .iter()
            .filter(|one| is_old(&one.leaf) == old)
            .cloned()
            .collect();
        let records: Vec<SampleRecord> = bundle
            .records
            .iter()
            .filter(|one| is_old(&one.task) == old)
            .cloned()
            .collect();
        let card = scorecard(
            bundle.scorecard.run,
            bundle.suite.root,
            &committed.plan,
            &tasks,
            &records,
            None,
        );
        (tasks.len(), card)
    };
    let ((before, old), (after, young)) = (card(true), card(false));
    if before == 0 || after == 0 {
        return Err(wrong(format!(
            "`--cutoff {cutoff}`: {before} tasks of the bundle were written up to then and {after} after it; both are needed"
        )));
    }
    Ok(gap(
        &format!("tasks written up to {cutoff} and younger ones"),
        &old,
        &young,
    ))
}

pub fn copy(asked: &args::bench::Copy) -> Result<ExitCode, Failure> {
    if asked.output.exists() {
        return Err(wrong(format!(
            "`{}` is there already; name another output",
            asked.output.display()
        )));
    }
    let suite = super::suite(&asked.suite)?;
    let is_new = !asked.marks.exists();
    let mut marks = match is_new {
        true => Watermarks::new(&mut keys::SystemDice),
        false => watermarks(&asked.marks)?,
    };
    let count = marks.recipients().len();
    marks
        .add(&asked.recipient)
        .map_err(|refusal| wrong(format!("no copy is made:{}", listed(&refusal))))?;
    // First who has which words: a copy that nobody can trace is never written.
    if is_new {
        seal::secret(&asked.marks, &marks.to_text())?;
    } else if marks.recipients().len() > count {
        let next = asked.marks.with_extension("next");
        seal::secret(&next, &marks.to_text())?;
        fs::rename(&next, &asked.marks)
            .map_err(|error| unreadable(format!("`{}`: {error}", asked.marks.display())))?;
    }
    let recipient = asked.recipient.trim();
    let name = asked
        .output
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let next = asked.output.with_file_name(format!(".{name}.next"));
    let made =
        written(&suite, &marks, recipient, &next).and_then(|()| fs::rename(&next, &asked.output));
    made.map_err(|error| unreadable(format!("`{}`: {error}", asked.output.display())))?;
    eprintln!(
        "seamark: `{}` is the copy of {}, {} with canaries of its own; `{}` tells whose a text is, and stays with you",
        asked.output.display(),
        plain(recipient),
        counted(suite.tasks.len() as u64, "task", "tasks"),
        asked.marks.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn written(suite: &Suite, marks: &Watermarks, recipient: &str, to: &Path) -> std::io::Result<()> {
    // What a copy that was stopped left behind is ours alone.
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to.join("tasks"))?;
    for file in [SUITE_FILE, SOLVABILITY_FILE, measure::PLAN_FILE] {
        let from = suite.folder.join(file);
        if from.exists() {
            fs::copy(from, to.join(file))?;
        }
    }
    for task in &suite.tasks {
        marks
            .marked(task, recipient)
            .write_folder(&to.join("tasks").join(&*task.name))?;
    }
    Ok(())
}

pub fn trace(asked: &args::bench::Trace) -> Result<ExitCode, Failure> {
    super::table_or_json("bench trace", asked.format)?;
    let suite = super::suite(&asked.suite)?;
    let marks = watermarks(&asked.marks)?;
    let ids: Vec<TaskId> = suite.tasks.iter().map(|task| task.id).collect();
    let mut all: Vec<(String, Vec<Traced>)> = Vec::new();
    for path in &asked.texts {
        let text = text(path, TRACED_BYTES_MAX)?;
        all.push((path.display().to_string(), marks.trace(&ids, &text)));
    }
    let found = all.iter().any(|(_, traced)| !traced.is_empty());
    match asked.format {
        args::Format::Json => super::json(
            &all.iter()
                .map(|(file, traced)| serde_json::json!({"file": file, "traced": traced}))
                .collect::<Vec<_>>(),
        )?,
        _ => output::to(None, |out| {
            for (file, traced) in &all {
                if traced.is_empty() {
                    writeln!(out, "{}: of no copy", plain(file))?;
                }
                for one in traced {
                    let how = if one.whole {
                        "the word"
                    } else {
                        "half of the word"
                    };
                    writeln!(
                        out,
                        "{}: from the copy of {} ({how} of task {})",
                        plain(file),
                        plain(&one.recipient),
                        one.task
                    )?;
                }
            }
            Ok(())
        })?,
    }
    Ok(ExitCode::from(u8::from(found)))
}

fn watermarks(path: &Path) -> Result<Watermarks, Failure> {
    Watermarks::read(&text(path, MARKS_BYTES_MAX)?)
        .map_err(|refusal| wrong(format!("`{}`:{}", path.display(), listed(&refusal))))
}

fn text(path: &Path, most: u64) -> Result<String, Failure> {
    let cannot =
        |error: std::io::Error| unreadable(format!("cannot read `{}`: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(cannot)?;
    let read = file
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    match read as u64 <= most {
        true => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        false => Err(wrong(format!(
            "`{}` is longer than {most} bytes",
            path.display()
        ))),
    }
}
