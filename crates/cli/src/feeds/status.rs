//! `seamark feeds status`: how fresh each source is, what failed, and where two of them differ.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use ::scan::contradiction::Contradiction;
use feeds::follow::State;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::is_json;
use crate::args::feeds::Status;
use crate::failure::{Failure, unreadable};
use crate::render::text::{counted, thousands};
use crate::{now, output};

pub fn status(asked: &Status) -> Result<ExitCode, Failure> {
    let is_json = is_json(asked.format)?;
    let now = asked.as_of.unwrap_or_else(now::now);
    let all = feeds::follow::status(&asked.folder).map_err(|reason| {
        unreadable(format!(
            "cannot read `{}`: {reason}",
            asked.folder.display()
        ))
    })?;
    let mut states = Vec::new();
    let mut damaged = Vec::new();
    for state in all {
        match state {
            Ok(state) => states.push(state),
            Err(reason) => damaged.push(reason),
        }
    }
    if states.is_empty() && damaged.is_empty() {
        return Err(unreadable(format!(
            "`{}` follows nothing; `seamark feeds follow SOURCE --into {}` begins",
            asked.folder.display(),
            asked.folder.display()
        )));
    }
    let differences = differences(&states);
    output::to(None, |out| match is_json {
        true => {
            let sources: Vec<Value> = states
                .iter()
                .map(|(folder, state)| value(folder, state, now))
                .collect();
            let whole =
                json!({ "sources": sources, "damaged": damaged, "contradictions": differences });
            serde_json::to_writer_pretty(&mut *out, &whole)?;
            writeln!(out)
        }
        false => {
            for (folder, state) in &states {
                tell(folder, state, now, out)?;
            }
            for reason in &damaged {
                writeln!(out, "damaged: {reason}")?;
            }
            for found in &differences {
                let words: Vec<String> = found
                    .words
                    .iter()
                    .map(|word| format!("{} says {}", word.source, word.says))
                    .collect();
                writeln!(out, "differs: {}: {}", found.about, words.join("; "))?;
            }
            Ok(())
        }
    })?;
    let is_old = |state: &State| {
        asked.max_age_hours.is_some_and(|hours| {
            let age = state
                .reached
                .map(|reached| now.as_second().saturating_sub(reached.as_second()));
            state.failed.is_some() || age.is_none_or(|age| age > i64::from(hours) * 3_600)
        })
    };
    match damaged.is_empty() && !states.iter().any(|(_, state)| is_old(state)) {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::from(1)),
    }
}

/// Where two sources hold one version of one document, and the bytes differ: both cannot be what was published.
fn differences(states: &[(PathBuf, State)]) -> Vec<Contradiction> {
    let found = feeds::follow::differences(states.iter().map(|(_, state)| state));
    found
        .into_iter()
        .map(|difference| ::scan::contradiction::copies(difference.about, difference.words))
        .collect()
}

/// Documents by something that is said of them.
fn by(
    state: &State,
    what: impl Fn(&feeds::follow::Document) -> Option<String>,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for said in state.documents.values().filter_map(what) {
        *counts.entry(said).or_default() += 1;
    }
    counts
}

fn labels(state: &State) -> BTreeMap<String, u64> {
    by(state, |document| document.label.clone())
}

fn count(state: &State, is: impl Fn(&feeds::follow::Document) -> bool) -> u64 {
    state
        .documents
        .values()
        .filter(|document| is(document))
        .count() as u64
}

fn value(folder: &std::path::Path, state: &State, now: Timestamp) -> Value {
    let age = |time: Timestamp| now.as_second().saturating_sub(time.as_second());
    json!({
        "source": state.source().to_string(),
        "folder": folder,
        "title": state.title,
        "via": state.via,
        "asked": state.asked,
        "reached": state.reached,
        "reached_seconds_ago": state.reached.map(age),
        "changed": state.changed,
        "complete": state.is_complete,
        "failed": state.failed,
        "documents": state.documents.len(),
        "listed": state.listed,
        "signed": count(state, |document| document.signed.is_some()),
        "unlisted": count(state, |document| document.unlisted.is_some()),
        "labels": labels(state),
        "restricted": state.restricted,
        "keys": state.keys,
        "problems": state.problems,
        "problems_beyond": state.problems_beyond,
        "notes": state.notes,
    })
}

fn tell(
    folder: &std::path::Path,
    state: &State,
    now: Timestamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = if state.title.is_empty() {
        String::new()
    } else {
        format!("  {}", state.title)
    };
    writeln!(out, "{}{title}", state.source())?;
    writeln!(out, "  folder     {}", folder.display())?;
    writeln!(out, "  reached    {}", when(state.reached, now))?;
    writeln!(out, "  changed    {}", when(state.changed, now))?;
    let mut parts = Vec::new();
    let signed = count(state, |document| document.signed.is_some());
    if signed > 0 {
        parts.push(format!("{} signed", thousands(signed)));
    }
    for (label, count) in labels(state) {
        parts.push(format!("{} labelled TLP:{label}", thousands(count)));
    }
    let unlisted = count(state, |document| document.unlisted.is_some());
    if unlisted > 0 {
        parts.push(format!("{} no longer listed", thousands(unlisted)));
    }
    let parts = if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    };
    writeln!(
        out,
        "  documents  {} of {} listed{parts}",
        thousands(state.documents.len() as u64),
        thousands(state.listed)
    )?;
    if let Some(via) = &state.via {
        writeln!(out, "  via        {via}")?;
    }
    if state.restricted > 0 {
        let count = counted(state.restricted, "document is", "documents are");
        writeln!(out, "  not taken  {count} not for everyone")?;
    }
    if let Some(reason) = &state.failed {
        writeln!(out, "  failed     {reason}")?;
    }
    for told in &state.problems {
        writeln!(out, "  problem    {}: {}", told.about, told.reason)?;
    }
    if state.problems_beyond > 0 {
        writeln!(
            out,
            "  problem    {} more",
            thousands(state.problems_beyond)
        )?;
    }
    for note in &state.notes {
        writeln!(out, "  note       {note}")?;
    }
    Ok(())
}

fn when(time: Option<Timestamp>, now: Timestamp) -> String {
    let Some(time) = time else {
        return "never".to_owned();
    };
    let seconds = now.as_second().saturating_sub(time.as_second()).max(0) as u64;
    let ago = match seconds {
        0..120 => "now".to_owned(),
        120..7_200 => format!("{} ago", counted(seconds / 60, "minute", "minutes")),
        7_200..172_800 => format!("{} ago", counted(seconds / 3_600, "hour", "hours")),
        _ => format!("{} ago", counted(seconds / 86_400, "day", "days")),
    };
    format!("{time:.0} ({ago})")
}
