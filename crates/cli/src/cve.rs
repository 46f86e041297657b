//! `seamark cve`: what a CNA does with CVE Services (API 2.x), and nothing of it twice.
//!
//! A record is checked here first, so that all that is wrong is told at once; then the state of its id says whether it
//! is new, changed or there already. Broken off, the command is asked again.

mod record;
mod service;

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::args::cve::{Cve, Publish, Reject, Reserve, Show};
use crate::failure::{Failure, wrong};
use crate::lint::gather::{Batch, each_batch};
use crate::now;
use crate::render::text::{counted, plain};

use record::Record;
use service::{Held, Service, State};

/// Ids in words of the CVE Program.
const FORM: &str = "an id is such as `CVE-2026-12345`";

pub fn cve(asked: &Cve) -> Result<ExitCode, Failure> {
    match asked {
        Cve::Reserve(asked) => reserve(asked),
        Cve::Show(asked) => show(asked),
        Cve::Publish(asked) => publish(asked),
        Cve::Reject(asked) => reject(asked),
    }
}

fn reserve(asked: &Reserve) -> Result<ExitCode, Failure> {
    let service = Service::new(&asked.account)?;
    let year = asked.year.map_or_else(
        || {
            now::now()
                .to_zoned(jiff::tz::TimeZone::UTC)
                .year()
                .to_string()
        },
        |year| year.to_string(),
    );
    let (ids, left) = service.reserve(asked.count, &year, asked.random)?;
    let mut out = io::stdout().lock();
    for id in &ids {
        writeln!(out, "{}", plain(id))?;
    }
    if let Some(left) = left {
        eprintln!("seamark: {left} more can be reserved");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(asked: &Show) -> Result<ExitCode, Failure> {
    let service = Service::new(&asked.account)?;
    checked(asked.ids.iter())?;
    let mut out = io::stdout().lock();
    let mut unknown = 0;
    for id in &asked.ids {
        match service.held(id)? {
            Some(Held { state, owner, .. }) => {
                writeln!(out, "{id}  {}  {}", state.word(), plain(&owner))?;
            }
            None => {
                unknown += 1;
                writeln!(out, "{id}  unknown")?;
            }
        }
    }
    Ok(ExitCode::from(u8::from(unknown > 0)))
}

fn checked<'a>(mut ids: impl Iterator<Item = &'a String>) -> Result<(), Failure> {
    match ids.find(|id| !names::id::is_cve(id)) {
        Some(id) => Err(wrong(format!("`{}`: {FORM}", plain(id)))),
        None => Ok(()),
    }
}

fn reject(asked: &Reject) -> Result<ExitCode, Failure> {
    let service = Service::new(&asked.account)?;
    checked(std::iter::once(&asked.id).chain(&asked.replaced_by))?;
    if asked.reason.trim().is_empty() {
        return Err(wrong("--reason: everyone is told why; write a sentence"));
    }
    let mut container = json!({"rejectedReasons": [{"lang": "en", "value": asked.reason.trim()}]});
    if !asked.replaced_by.is_empty() {
        container["replacedBy"] = json!(asked.replaced_by);
    }
    let record = Record {
        id: asked.id.clone(),
        is_rejected: true,
        container,
    };
    let mut tally = Tally::default();
    let said = one(&service, &record, Which::Cna, false)?;
    tally.add(&asked.id, &said);
    Ok(tally.code())
}

/// Whose container of a record is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Cna,
    Adp,
}

/// What became of one record.
enum Done {
    /// Sent, as a sentence's end.
    Sent(&'static str),
    /// It would be.
    Would(&'static str),
    Already,
    Refused(Vec<String>),
}

#[derive(Default)]
struct Tally {
    done: u64,
    already: u64,
    refused: u64,
    unreadable: u64,
    passed_over: u64,
}

impl Tally {
    fn add(&mut self, label: &str, done: &Done) {
        let label = plain(label);
        match done {
            Done::Sent(what) => {
                self.done += 1;
                println!("{label}: {what}");
            }
            Done::Would(what) => {
                self.done += 1;
                println!("{label}: would be {what}");
            }
            Done::Already => {
                self.already += 1;
                println!("{label}: there already, word for word");
            }
            Done::Refused(problems) => {
                self.refused += 1;
                println!("{label}: refused");
                for problem in problems {
                    println!("    {}", plain(problem));
                }
            }
        }
    }

    fn code(&self) -> ExitCode {
        ExitCode::from(match (self.unreadable, self.refused) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 3,
        })
    }
}

fn publish(asked: &Publish) -> Result<ExitCode, Failure> {
    let service = Service::new(&asked.account)?;
    let which = match asked.adp {
        true => Which::Adp,
        false => Which::Cna,
    };
    let mut tally = Tally::default();
    let mut broken = None;
    each_batch(&asked.sources, &mut |batch: Batch| {
        for found in batch {
            let read = match &found.content {
                Err(why) => {
                    eprintln!("seamark: `{}`: {}", plain(&found.file), plain(why));
                    tally.unreadable += 1;
                    continue;
                }
                // Other forms of the same advisory stand beside it.
                Ok(bytes) if !found.is_named && !record::is_one(bytes) => {
                    tally.passed_over += 1;
                    continue;
                }
                Ok(bytes) => record::read(bytes, which, &asked.account.org),
            };
            let done = match read {
                Err(problems) => Ok(Done::Refused(problems)),
                Ok(record) => one(&service, &record, which, asked.dry_run),
            };
            match done {
                Ok(done) => tally.add(&found.file, &done),
                Err(failure) => {
                    broken = Some(failure);
                    return false;
                }
            }
        }
        true
    });
    if let Some(failure) = broken {
        return Err(failure);
    }
    let mut said = vec![format!(
        "{} {}",
        counted(tally.done, "record", "records"),
        if asked.dry_run {
            "would be sent"
        } else {
            "sent"
        }
    )];
    if tally.already > 0 {
        said.push(format!("{} there already", tally.already));
    }
    said.push(format!("{} refused", tally.refused));
    if tally.passed_over > 0 {
        said.push(format!(
            "{} passed over as no CVE records",
            tally.passed_over
        ));
    }
    eprintln!("seamark: {}", said.join(", "));
    Ok(tally.code())
}

/// One record, as far as it has to be sent.
fn one(service: &Service, record: &Record, which: Which, dry_run: bool) -> Result<Done, Failure> {
    let Some(held) = service.held(&record.id)? else {
        let why = format!("{} was never reserved", record.id);
        return Ok(Done::Refused(vec![why]));
    };
    if which == Which::Cna && !service.is_own(&held) {
        let why = format!(
            "{} is of `{}`; only who reserved an id publishes it",
            record.id, held.owner
        );
        return Ok(Done::Refused(vec![why]));
    }
    let (method, path, what) = match (which, record.is_rejected, held.state) {
        (Which::Adp, ..) if held.state != State::Published => {
            let why = format!("{} has no record yet that could be added to", record.id);
            return Ok(Done::Refused(vec![why]));
        }
        (Which::Adp, ..) => ("PUT", "adp", "added to"),
        (Which::Cna, true, State::Reserved) => ("POST", "reject", "rejected"),
        (Which::Cna, true, _) => ("PUT", "reject", "rejected"),
        (Which::Cna, false, State::Reserved) => ("POST", "cna", "published"),
        (Which::Cna, false, State::Published) => ("PUT", "cna", "updated"),
        (Which::Cna, false, State::Rejected) => {
            let why = format!(
                "{} was rejected; whoever takes it up again writes to the CVE Program first",
                record.id
            );
            return Ok(Done::Refused(vec![why]));
        }
    };
    let published = match held.state {
        State::Reserved => None,
        _ => service.published(&record.id)?,
    };
    let container = record.of(service.organization()?);
    if published.is_some_and(|published| record::says_the_same(&published, which, &container)) {
        return Ok(Done::Already);
    }
    if dry_run {
        return Ok(Done::Would(what));
    }
    let body = match which {
        Which::Cna => json!({ "cnaContainer": container }),
        Which::Adp => json!({ "adpContainer": container }),
    };
    Ok(match service.send(method, &record.id, path, &body)? {
        Ok(()) => Done::Sent(what),
        Err(problems) => Done::Refused(problems),
    })
}

/// A member's text; empty where there is none.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
