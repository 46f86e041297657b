//! `seamark feeds follow`: bring a folder up to what its sources have.

use std::io::{self, Write};
use std::process::ExitCode;

use feeds::follow::{Asked, Kind, Outcome, Settings, Source, State};
use serde_json::{Value, json};

use super::credentials::credentials;
use super::{is_json, shut};
use crate::args::feeds::Follow;
use crate::failure::{Failure, unreadable, wrong};
use crate::render::text::counted;
use crate::{now, output};

pub fn follow(asked: &Follow) -> Result<ExitCode, Failure> {
    let is_json = is_json(asked.format)?;
    let sources = sources(asked)?;
    let needs = sources
        .iter()
        .any(|source| source.kind != Kind::Folder)
        .then_some("following");
    shut(asked.offline, needs)?;
    let credentials = credentials(asked.credentials.as_deref())?;
    let mut settings = Settings::default();
    settings.documents_max = asked.documents_max.unwrap_or(settings.documents_max);
    settings.source_seconds_max = asked
        .source_seconds_max
        .unwrap_or(settings.source_seconds_max);
    let what = Asked {
        into: &asked.into,
        credentials: &credentials,
        settings: &settings,
        now: asked.as_of.unwrap_or_else(now::now),
    };
    let mut outcomes = Vec::new();
    for source in &sources {
        let outcome = feeds::follow::follow(source, &what);
        if !is_json {
            output::to(None, |out| tell(&outcome, "", out))?;
        }
        outcomes.push(outcome);
    }
    if is_json {
        let all: Vec<Value> = outcomes.iter().map(value).collect();
        output::to(None, |out| {
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)
        })?;
    }
    match outcomes.iter().all(is_whole) {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::from(1)),
    }
}

/// What was typed, or what the folder follows already. All that is wrong is said at once.
fn sources(asked: &Follow) -> Result<Vec<Source>, Failure> {
    if asked.sources.is_empty() {
        let known = feeds::follow::status(&asked.into).map_err(|reason| {
            unreadable(format!("cannot read `{}`: {reason}", asked.into.display()))
        })?;
        let mut sources = Vec::new();
        for state in known {
            let (_, state) = state.map_err(unreadable)?;
            // Who is named by an aggregator is followed with it.
            if state.via.is_none() {
                sources.push(state.source());
            }
        }
        return match sources.is_empty() {
            true => Err(wrong(format!(
                "`{}` follows nothing yet; name a source",
                asked.into.display()
            ))),
            false => Ok(sources),
        };
    }
    let mut wrongs = Vec::new();
    let mut sources = Vec::new();
    for text in &asked.sources {
        match Source::parse(text) {
            Ok(source) if !sources.contains(&source) => sources.push(source),
            Ok(_) => {}
            Err(reason) => wrongs.push(reason),
        }
    }
    match wrongs.is_empty() {
        true => Ok(sources),
        false => Err(wrong(wrongs.join("\n         "))),
    }
}

/// Whether everything was brought. What is not for us is nothing that went wrong.
fn is_whole(outcome: &Outcome) -> bool {
    let is_complete = state(outcome).is_some_and(|state| state.problems.is_empty());
    outcome.failed.is_none() && is_complete && outcome.parties.iter().all(is_whole)
}

fn state(outcome: &Outcome) -> Option<State> {
    let all = feeds::follow::status(&outcome.folder).ok()?;
    all.into_iter().next()?.ok().map(|(_, state)| state)
}

/// Problems that are shown; all stand in `feeds status`.
const SHOWN: usize = 5;

fn tell(outcome: &Outcome, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let brought = outcome.brought;
    let parts = [
        (brought.new, "new"),
        (brought.changed, "changed"),
        (brought.unchanged, "unchanged"),
        (brought.refused, "not taken"),
        (brought.restricted, "not for everyone"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let what = if parts.is_empty() {
        "nothing changed".to_owned()
    } else {
        parts.join(", ")
    };
    writeln!(out, "{indent}{}: {what}", outcome.source)?;
    if let Some(reason) = &outcome.failed {
        writeln!(
            out,
            "{indent}  failed: {reason}; what was there before is kept"
        )?;
    }
    if let Some(state) = state(outcome) {
        for told in state.problems.iter().take(SHOWN) {
            writeln!(out, "{indent}  {}: {}", told.about, told.reason)?;
        }
        let more = state.problems_beyond + state.problems.len().saturating_sub(SHOWN) as u64;
        if more > 0 {
            writeln!(
                out,
                "{indent}  {}",
                counted(more, "more problem", "more problems")
            )?;
        }
        for note in state.notes.iter().take(SHOWN) {
            writeln!(out, "{indent}  note: {note}")?;
        }
    }
    for party in &outcome.parties {
        tell(party, "  ", out)?;
    }
    Ok(())
}

fn value(outcome: &Outcome) -> Value {
    let brought = outcome.brought;
    json!({
        "source": outcome.source,
        "folder": outcome.folder,
        "new": brought.new,
        "changed": brought.changed,
        "unchanged": brought.unchanged,
        "refused": brought.refused,
        "restricted": brought.restricted,
        "failed": outcome.failed,
        "problems": state(outcome).map(|state| state.problems),
        "parties": outcome.parties.iter().map(value).collect::<Vec<_>>(),
    })
}
