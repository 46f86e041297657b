//! How is a history kept?
//!
//! One JSON document, `seamark-history/1`: flaws in the order of their keys, so that equal histories make equal
//! bytes. It is read back as if it came from a stranger: bounded, every entry checked, all problems said.

use super::{Deferral, Event, Flaw, History, Key, deferral};
use crate::bod2604;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema that is written and read.
pub const SCHEMA: &str = "seamark-history/1";

/// A history takes at most this many bytes: 10,000 assets with 100 flaws each at the 500 bytes that a flaw with
/// two events takes, doubled.
pub const HISTORY_BYTES_MAX: usize = 1 << 30;

/// A flaw keeps at most this many events: one a scan, scanned daily, for two years and more. What goes is counted.
pub const EVENTS_MAX: usize = 1_000;

/// What an operator writes into a deferral, and the text of an event, takes at most this many bytes: two pages.
pub const TEXT_BYTES_MAX: usize = 4_096;

/// Problems said in one answer; a damaged file need not be listed line by line.
const PROBLEMS_MAX: usize = 100;

#[derive(Serialize)]
struct Written<'a> {
    schema: &'a str,
    flaws: Vec<Row<'a>>,
    deferrals: Vec<&'a Deferral>,
}

#[derive(Serialize)]
struct Row<'a> {
    key: &'a Key,
    #[serde(flatten)]
    flaw: &'a Flaw,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    schema: String,
    flaws: Vec<serde_json::Value>,
    #[serde(default)]
    deferrals: Vec<serde_json::Value>,
}

impl History {
    /// The document. Equal histories give equal bytes.
    pub fn write(&self) -> Vec<u8> {
        let written = Written {
            schema: SCHEMA,
            flaws: self
                .flaws
                .iter()
                .map(|(key, flaw)| Row { key, flaw })
                .collect(),
            deferrals: self.deferrals.iter().collect(),
        };
        let mut bytes =
            serde_json::to_vec_pretty(&written).expect("strings, numbers and dates are JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a document back. Says all that is wrong with it, a hundred problems at most.
    pub fn read(bytes: &[u8]) -> Result<History, Vec<String>> {
        if bytes.len() > HISTORY_BYTES_MAX {
            return Err(vec![format!(
                "history takes {} bytes; at most {HISTORY_BYTES_MAX} are read",
                bytes.len()
            )]);
        }
        let raw: Raw = serde_json::from_slice(bytes)
            .map_err(|error| vec![format!("history cannot be read as `{SCHEMA}`: {error}")])?;
        let mut problems = Vec::new();
        if raw.schema != SCHEMA {
            problems.push(format!(
                "schema is `{}`; this program reads `{SCHEMA}`",
                raw.schema
            ));
        }
        let mut flaws = BTreeMap::new();
        for (place, value) in raw.flaws.into_iter().enumerate() {
            let place = format!("flaws/{place}");
            match read_flaw(value) {
                Ok((key, flaw)) => {
                    if flaws.insert(key, flaw).is_some() {
                        problems.push(format!("{place}: this flaw is there twice"));
                    }
                }
                Err(faults) => {
                    problems.extend(faults.into_iter().map(|fault| format!("{place}: {fault}")))
                }
            }
        }
        let mut deferrals = Vec::new();
        for (place, value) in raw.deferrals.into_iter().enumerate() {
            match read_deferral(value, &flaws) {
                Ok(deferral) => deferrals.push(deferral),
                Err(faults) => {
                    problems.extend(
                        faults
                            .into_iter()
                            .map(|fault| format!("deferrals/{place}: {fault}")),
                    );
                }
            }
        }
        problems.truncate(PROBLEMS_MAX);
        match problems.is_empty() {
            true => Ok(History { flaws, deferrals }),
            false => Err(problems),
        }
    }
}

fn read_flaw(mut value: serde_json::Value) -> Result<(Key, Flaw), Vec<String>> {
    // `flatten` and `deny_unknown_fields` do not go together, so the key is taken out by hand.
    let key = value
        .as_object_mut()
        .and_then(|object| object.remove("key"))
        .unwrap_or_default();
    let key: Result<Key, _> = serde_json::from_value(key);
    let flaw: Result<Flaw, _> = serde_json::from_value(value);
    let (key, flaw) = match (key, flaw) {
        (Ok(key), Ok(flaw)) => (key, flaw),
        (key, flaw) => {
            let key = key.err().map(|error| format!("key: {error}"));
            let flaw = flaw.err().map(|error| error.to_string());
            return Err(key.into_iter().chain(flaw).collect());
        }
    };
    let faults = flaw_faults(&flaw);
    match faults.is_empty() {
        true => Ok((key, flaw)),
        false => Err(faults),
    }
}

fn read_deferral(
    value: serde_json::Value,
    flaws: &BTreeMap<Key, Flaw>,
) -> Result<Deferral, Vec<String>> {
    let deferral: Deferral =
        serde_json::from_value(value).map_err(|error| vec![error.to_string()])?;
    let mut faults = deferral::faults(&deferral);
    if !flaws.contains_key(&deferral.key) {
        faults.push(format!(
            "`{}` on `{}` is not among the flaws",
            deferral.key.flaw, deferral.key.asset
        ));
    }
    match faults.is_empty() {
        true => Ok(deferral),
        false => Err(faults),
    }
}

fn flaw_faults(flaw: &Flaw) -> Vec<String> {
    let mut faults = Vec::new();
    if flaw.last_seen < flaw.first_detected {
        faults.push("`last_seen` is before `first_detected`".to_owned());
    }
    if flaw
        .resolved
        .is_some_and(|resolved| resolved < flaw.first_detected)
    {
        faults.push("`resolved` is before `first_detected`".to_owned());
    }
    if flaw.facts.detected != Some(flaw.first_detected) {
        faults.push("`facts.detected` is not `first_detected`".to_owned());
    }
    match bod2604::edition(&flaw.edition) {
        None => faults.push(format!(
            "edition `{}` is not known; a newer program wrote it",
            flaw.edition
        )),
        Some(edition) if edition.rows.iter().all(|row| row.number != flaw.row) => {
            faults.push(format!(
                "edition `{}` has no row {}",
                flaw.edition, flaw.row
            ));
        }
        Some(_) => {}
    }
    if flaw.events.is_empty() || flaw.events.len() > EVENTS_MAX {
        faults.push(format!(
            "{} events; a flaw has 1 to {EVENTS_MAX}",
            flaw.events.len()
        ));
    }
    if flaw.events.iter().any(too_long) {
        faults.push(format!(
            "an event's text is longer than {TEXT_BYTES_MAX} bytes"
        ));
    }
    faults
}

fn too_long(event: &Event) -> bool {
    [&event.before, &event.after, &event.why]
        .into_iter()
        .any(|text| text.len() > TEXT_BYTES_MAX)
}

/// For fuzzing: any bytes, read and, where they are a history, written, read again, and used.
pub fn fuzz(bytes: &[u8]) {
    let Ok(mut history) = History::read(bytes) else {
        return;
    };
    let again = History::read(&history.write()).expect("what we write is a history");
    assert_eq!(history, again);
    let now = jiff::Timestamp::UNIX_EPOCH;
    let assets = history
        .flaws()
        .keys()
        .map(|key| key.asset.clone())
        .collect();
    let decisions: Vec<_> = history
        .flaws()
        .keys()
        .filter_map(|key| history.decision(key, now))
        .collect();
    for decision in &decisions {
        let _ = bod2604::explain(decision);
    }
    history.record(now, &assets, &[]);
}
