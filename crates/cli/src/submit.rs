//! `seamark submit`: hands over reports to a clearinghouse and keeps the receipts beside the files.
//!
//! Sent again, a report is no second report: the clearinghouse knows it by its bytes. So whatever breaks off is simply
//! asked again, and what has a receipt already is not sent at all.

pub(crate) mod ask;
mod lines;
mod precommit;
mod proofs;
mod receipts;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use feeds::door::Door;
use serde_json::Value;

use crate::args::Submit;
use crate::failure::{Failure, wrong};
use crate::progress::counting;

use ask::{Spoken, ask};
use receipts::Receipts;

/// What came of it all.
#[derive(Default)]
struct Tally {
    taken: usize,
    again: usize,
    refused: usize,
    passed_over: u64,
    /// Why some wait before they reach their maintainer, and how many for that.
    held: BTreeMap<String, usize>,
}

/// Everything that one run works with.
struct Run<'a> {
    asked: &'a Submit,
    door: Door,
    tally: Tally,
    bar: indicatif::ProgressBar,
}

/// Hands over what was asked for.
pub fn submit(asked: &Submit) -> Result<ExitCode, Failure> {
    let door = Door::new(&asked.server, token(asked)?).map_err(|error| wrong(error.to_string()))?;
    let mut run = Run {
        asked,
        door,
        tally: Tally::default(),
        bar: counting("reports", asked.quiet),
    };
    for file in files(&asked.files)? {
        if asked.check {
            precommit::check(&mut run, &file)?;
        } else if asked.precommit {
            precommit::precommit(&mut run, &file)?;
        } else if is_lines(&file) {
            lines::submit(&mut run, &file)?;
        } else {
            document(&mut run, &file)?;
        }
    }
    run.bar.finish_and_clear();
    let tally = &run.tally;
    if !asked.check {
        let what = match (asked.dry_run, asked.precommit) {
            (true, _) => "would be taken",
            (_, true) => "committed to",
            _ => "taken",
        };
        let mut said = format!("{} {what}, {} refused", tally.taken, tally.refused);
        if tally.again > 0 {
            said += &format!(", {} there already", tally.again);
        }
        if tally.passed_over > 0 {
            said += &format!(", {} passed over as no findings", tally.passed_over);
        }
        writeln!(io::stderr(), "{said}")?;
        for (why, count) in &tally.held {
            writeln!(io::stderr(), "{count} not sent on yet: {why}")?;
        }
    }
    Ok(ExitCode::from(u8::from(tally.refused > 0)))
}

/// A document of another format is taken whole or not at all.
fn document(run: &mut Run<'_>, file: &Path) -> Result<(), Failure> {
    let bytes = read(file)?;
    let mut receipts = Receipts::open(file)?;
    let digest = receipts::sha256(&bytes);
    if !run.asked.dry_run && receipts.has(0, &digest) {
        run.tally.again += 1;
        return Ok(());
    }
    let path = run.path();
    let headers = [("content-type", media_type(file))];
    let said = ask(&run.door, "POST", &path, &headers, &bytes)?;
    match said {
        Spoken::Refused(problems) => {
            run.tally.refused += 1;
            refuse(&file.display().to_string(), &problems)
        }
        Spoken::Well(answer) => {
            let all = answer.get("receipts").and_then(Value::as_array);
            let all = all.map(Vec::as_slice).unwrap_or_default();
            let over = answer.get("passed_over").and_then(Value::as_u64);
            run.tally.passed_over += over.unwrap_or(0);
            run.tally.taken += all.len();
            run.bar.inc(all.len() as u64);
            for receipt in all.iter().filter(|_| !run.asked.dry_run) {
                run.tally.hear(receipt);
                receipts.keep(0, &digest, receipt)?;
                proofs::upload(run, receipt, None)?;
            }
            Ok(())
        }
    }
}

impl Tally {
    /// Counts why a report that was taken waits, as its receipt says.
    fn hear(&mut self, receipt: &Value) {
        let held = receipt
            .pointer("/maintainer/held")
            .and_then(Value::as_array);
        for why in held.into_iter().flatten().filter_map(Value::as_str) {
            *self.held.entry(why.to_owned()).or_default() += 1;
        }
    }
}

impl Run<'_> {
    /// The address, with what is said beside the reports.
    fn path(&self) -> String {
        let mut path = String::from("/reports.json");
        let mut joint = '?';
        let asked = self.asked;
        for (name, value) in [
            ("package", asked.package.as_deref()),
            ("repository", asked.repository.as_deref()),
            ("finder", asked.finder.as_deref()),
            ("check", asked.dry_run.then_some("true")),
        ] {
            if let Some(value) = value {
                path += &format!("{joint}{name}={}", encoded(value));
                joint = '&';
            }
        }
        path
    }
}

/// Percent-encoded for a query (RFC 3986, 3.4): all but letters, digits and what is reserved for nothing.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            other => out += &format!("%{other:02X}"),
        }
    }
    out
}

/// Says what is wrong, one line a problem, each with its place.
fn refuse(place: &str, problems: &[(String, String)]) -> Result<(), Failure> {
    let mut out = io::stderr().lock();
    for (field, message) in problems {
        let field = plain(field);
        let joint = if field.is_empty() { "" } else { ": " };
        writeln!(out, "{place}: {field}{joint}{}", plain(message))?;
    }
    Ok(())
}

/// What a server wrote, without characters that move a cursor.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn token(asked: &Submit) -> Result<Option<String>, Failure> {
    match &asked.token_file {
        None => Ok(asked.token.clone()),
        Some(file) => {
            let text = fs::read_to_string(file)
                .map_err(|error| wrong(format!("cannot read `{}`: {error}", file.display())))?;
            Ok(Some(text.trim().to_owned()))
        }
    }
}

/// The formats of files that a folder is searched for, and the media type each is sent as. JSON and text say
/// themselves which they are.
const KINDS: &[(&str, &str)] = &[
    ("ndjson", "application/x-ndjson"),
    ("jsonl", "application/x-ndjson"),
    ("json", "application/json"),
    ("sarif", "application/sarif+json"),
    ("md", "text/markdown"),
    ("txt", "text/plain"),
    ("log", "text/plain"),
];

fn media_type(file: &Path) -> &'static str {
    let ending = file.extension().unwrap_or_default().to_string_lossy();
    let found = KINDS.iter().find(|(known, _)| *known == ending);
    found.map_or("application/json", |(_, media)| media)
}

fn is_lines(file: &Path) -> bool {
    media_type(file) == "application/x-ndjson"
}

/// Files as given; of folders those of known formats, sorted. What we wrote ourselves is never sent.
fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in given {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let listed = fs::read_dir(path)
            .map_err(|error| wrong(format!("cannot list `{}`: {error}", path.display())))?;
        let mut found: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        found.retain(|file| {
            let ending = file.extension().unwrap_or_default().to_string_lossy();
            file.is_file()
                && KINDS.iter().any(|(known, _)| *known == ending)
                && !receipts::is_ours(file)
        });
        found.sort();
        all.extend(found);
    }
    Ok(all)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| wrong(format!("cannot read `{}`: {error}", file.display())))
}
