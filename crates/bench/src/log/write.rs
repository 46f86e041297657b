//! Write: a log as Inspect's two forms, with nothing lost and the same bytes each time.

use std::collections::HashSet;
use std::fmt;

use super::json::Json;
use super::sample::SampleView;
use super::{Content, Entry, Form, Log, place, thin, zip};

/// The log as a `.eval`: its entries as they were read. From a `.json`, the same documents apart from each other.
pub fn write_eval(log: &Log) -> Vec<u8> {
    match log.form {
        Form::Eval => zip::pack(
            log.entries
                .iter()
                .map(|entry| (&*entry.name, entry.bytes())),
        ),
        Form::Json => {
            let entries = apart(log);
            zip::pack(
                entries
                    .iter()
                    .map(|(name, text)| (name.as_str(), text.as_bytes())),
            )
        }
    }
}

/// The log as a `.json`: the text as it was read. From a `.eval`, its documents as one.
pub fn write_json(log: &Log) -> Vec<u8> {
    match (log.form, log.entries.first()) {
        (Form::Json, Some(entry)) => entry.bytes().to_vec(),
        _ => together(log).into_bytes(),
    }
}

/// The entries a `.eval` has, out of one document.
fn apart(log: &Log) -> Vec<(String, String)> {
    let root = log.header_json();
    let head = |except: &[&str]| {
        members(
            root.members()
                .filter(|(name, _)| !except.iter().any(|one| name.is(one))),
        )
    };
    let start = |name: &&str| {
        root.get(name)
            .map(|value| format!("\"{name}\":{}", value.raw()))
    };
    let start: Vec<String> = ["version", "eval", "plan"]
        .iter()
        .filter_map(start)
        .collect();
    let mut entries = vec![(place::START.to_owned(), format!("{{{}}}", start.join(",")))];
    let samples: Vec<&SampleView> = last(log);
    for sample in &samples {
        entries.push((
            sample_name(sample),
            log.sample_json(sample).raw().to_owned(),
        ));
    }
    if !samples.is_empty() {
        let summaries = thin::summaries(samples.iter().map(|one| log.sample_json(one)));
        entries.push((
            format!("{}1.json", place::JOURNAL_SUMMARIES),
            summaries.clone(),
        ));
        entries.push((place::SUMMARIES.to_owned(), summaries));
    }
    if let Some(reductions) = log.reductions() {
        entries.push((place::REDUCTIONS.to_owned(), reductions.raw().to_owned()));
    }
    entries.push((place::HEADER.to_owned(), head(&["samples", "reductions"])));
    entries
}

/// Of several samples of one id and epoch the last one, as Inspect's reader has it: a zip names each once.
fn last(log: &Log) -> Vec<&SampleView> {
    let mut seen = HashSet::new();
    let latest = log.samples().iter().rev();
    let mut kept: Vec<&SampleView> = latest
        .filter(|sample| seen.insert(sample_name(sample)))
        .collect();
    kept.reverse();
    kept
}

/// The one document that the entries of a `.eval` make.
fn together(log: &Log) -> String {
    let header = log.header_json();
    let mut text = members(
        header
            .members()
            .filter(|(name, _)| !name.is("samples") && !name.is("reductions")),
    );
    // The closing brace.
    text.pop();
    if header.get("status").is_none() {
        text.push_str(",\"status\":\"started\"");
    }
    text.push_str(",\"samples\":[");
    for (at, sample) in log.samples().iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(log.sample_json(sample).raw());
    }
    text.push(']');
    if let Some(reductions) = log.reductions() {
        text.push_str(",\"reductions\":");
        text.push_str(reductions.raw());
    }
    text.push('}');
    text
}

fn members<'d>(members: impl Iterator<Item = (Json<'d>, Json<'d>)>) -> String {
    let all: Vec<String> = members
        .map(|(name, value)| format!("{}:{}", name.raw(), value.raw()))
        .collect();
    format!("{{{}}}", all.join(","))
}

/// Where a sample lies in a `.eval`.
fn sample_name(sample: &SampleView) -> String {
    name_of(&sample.id, sample.epoch)
}

/// Where the sample of that id and epoch lies in a `.eval`.
pub(super) fn name_of(id: &impl fmt::Display, epoch: i64) -> String {
    format!("{}{id}_epoch_{epoch}.json", place::SAMPLES)
}

impl Log {
    /// Every entry by its name, with its bytes; the document of a `.json` has none.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries
            .iter()
            .map(|entry: &Entry| (&*entry.name, entry.bytes()))
    }

    /// Entries that are no JSON.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(|entry| matches!(entry.content, Content::Other(_)))
            .map(|entry| &*entry.name)
    }
}
