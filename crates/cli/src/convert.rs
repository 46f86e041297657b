//! `seamark convert`: advisories in another format, with what is lost said.
//!
//! One thread reads and unpacks, the others convert, this one writes: a corpus passes through in batches, so that
//! memory holds two of them whatever its size.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use advisory::format::DOCUMENT_BYTES_MAX;
use advisory::{Assigner, BaseScore, Converted, CycloneDx, Form, Format, Publisher, Settings};
use feeds::{Given, Limits};
use rayon::prelude::*;

use crate::args::Convert;
use crate::args::convert::{From, To};
use crate::failure::{Failure, wrong};
use crate::now;
use crate::render::text::{counted, plain};

/// A batch is converted once it holds this much: some hundred records, work enough for every core.
const BATCH_BYTES: usize = 1 << 20;

/// One document to convert, or why there is none.
struct Input {
    label: String,
    found: Result<Vec<u8>, String>,
}

/// What became of one.
struct Outcome {
    label: String,
    converted: Vec<Converted>,
    problems: Vec<String>,
    /// No advisory at all, and not named as one.
    skipped: bool,
}

/// What all of it came to.
#[derive(Default)]
struct Sum {
    documents: usize,
    with_losses: usize,
    unreadable: usize,
    skipped: usize,
}

/// Runs the command.
pub fn convert(asked: &Convert) -> Result<ExitCode, Failure> {
    let settings = settings(asked);
    if let Some(folder) = &asked.output {
        fs::create_dir_all(folder)
            .map_err(|error| wrong(format!("cannot make `{}`: {error}", folder.display())))?;
    }
    let (to_converter, batches) = sync_channel(1);
    let mut out = Out::new(asked);
    std::thread::scope(|scope| {
        scope.spawn(move || read(&asked.files, &to_converter));
        converted(asked, &settings, batches, &mut out)
    })?;
    out.end()
}

fn settings(asked: &Convert) -> Settings<'static> {
    Settings {
        publisher: asked.publisher.as_ref().map(|name| Publisher {
            name: name.clone(),
            namespace: asked.namespace.clone().unwrap_or_default(),
            contact: asked.contact.clone().unwrap_or_default(),
        }),
        assigner: Assigner {
            organization: asked.org_id.clone().unwrap_or_default(),
            short_name: asked.org_name.clone().unwrap_or_default(),
        },
        now: now::now(),
        score: &score,
    }
}

/// The base score of a CVSS vector.
fn score(vector: &str) -> Option<BaseScore> {
    let base = priority::cvss::parse(vector).ok()?.base();
    Some(BaseScore {
        tenths: base.tenths(),
        severity: base.severity().word(),
    })
}

/// Reads everything, in batches.
fn read(files: &[PathBuf], to_converter: &SyncSender<Vec<Input>>) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    let mut give = |input: Input| {
        bytes += input.found.as_ref().map_or(0, Vec::len);
        batch.push(input);
        if bytes < BATCH_BYTES && batch.len() < BATCH_BYTES / 256 {
            return;
        }
        bytes = 0;
        // A converter that is gone has said why.
        let _ = to_converter.send(std::mem::take(&mut batch));
    };
    for file in files {
        if file.as_os_str() == "-" {
            give(stdin());
            continue;
        }
        feeds::documents(file, &Limits::default(), &mut |given| match given {
            Given::Document {
                file,
                member,
                bytes,
            } => give(Input {
                label: label(file, member),
                found: Ok(bytes),
            }),
            Given::Unreadable {
                file,
                member,
                reason,
            } => give(Input {
                label: label(file, member),
                found: Err(reason),
            }),
        });
    }
    let _ = to_converter.send(batch);
}

fn stdin() -> Input {
    let mut bytes = Vec::new();
    let most = DOCUMENT_BYTES_MAX as u64;
    let read = io::stdin().lock().take(most + 1).read_to_end(&mut bytes);
    let found = match read {
        Ok(length) if length as u64 > most => Err(format!(
            "is longer than {most} bytes, which is as much as is read"
        )),
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    };
    Input {
        label: "-".to_owned(),
        found,
    }
}

fn label(file: &str, member: &str) -> String {
    match member {
        "" => file.to_owned(),
        member => format!("{file}: {member}"),
    }
}

/// Converts batches on every core and hands them out in order.
fn converted(
    asked: &Convert,
    settings: &Settings<'_>,
    batches: Receiver<Vec<Input>>,
    out: &mut Out<'_>,
) -> Result<(), Failure> {
    for batch in batches {
        let outcomes: Vec<Outcome> = batch
            .into_par_iter()
            .map(|input| outcome(asked, settings, input))
            .collect();
        for outcome in outcomes {
            out.take(outcome)?;
        }
    }
    Ok(())
}

fn outcome(asked: &Convert, settings: &Settings<'_>, input: Input) -> Outcome {
    let mut made = Outcome {
        label: input.label,
        converted: Vec::new(),
        problems: Vec::new(),
        skipped: false,
    };
    let bytes = match input.found {
        Ok(bytes) => bytes,
        Err(reason) => {
            made.problems.push(reason);
            return made;
        }
    };
    let name = made.label.rsplit(": ").next().unwrap_or_default();
    let Some(format) = asked
        .from
        .map(format)
        .or_else(|| Format::sniff(name, &bytes))
    else {
        let is_named = asked
            .files
            .iter()
            .any(|file| file.as_os_str() == made.label.as_str());
        match is_named {
            true => made.problems.push(
                "is in none of the formats that are read; `--from` says which it is".to_owned(),
            ),
            false => made.skipped = true,
        }
        return made;
    };
    let problems = &mut made.problems;
    // A reader that panics on a hostile document costs that document and a message, not the whole run.
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        advisory::convert(format, &bytes, form(asked.to), settings, &mut |problem| {
            problems.push(match problem.place.as_str() {
                "" => problem.message,
                place => format!("{place}: {}", problem.message),
            });
        })
    }));
    match read {
        Ok(converted) => made.converted = converted,
        Err(_) => made.problems.push(format!(
            "converting it as {format:?} failed in a way it should not; please report the file"
        )),
    }
    if made.converted.is_empty() && made.problems.is_empty() {
        made.problems.push("holds no advisory".to_owned());
    }
    made
}

fn format(from: From) -> Format {
    match from {
        From::Osv => Format::Osv,
        From::Csaf => Format::Csaf,
        From::Cve => Format::Cve,
        From::Nvd => Format::Nvd,
        From::Rustsec => Format::RustSec,
        From::Openvex => Format::OpenVex,
        From::Cyclonedx => Format::CycloneDxVex,
        From::Haskell => Format::Haskell,
        From::FriendsOfPhp => Format::FriendsOfPhp,
        From::Rubysec => Format::RubySec,
        From::Go => Format::GoReport,
    }
}

fn form(to: To) -> Form {
    match to {
        To::Osv => Form::Osv,
        To::Csaf20 => Form::Csaf20,
        To::Csaf21 => Form::Csaf21,
        To::Cve => Form::Cve,
        To::Openvex => Form::OpenVex,
        To::CycloneDx14 => Form::CycloneDx(CycloneDx::V14),
        To::CycloneDx15 => Form::CycloneDx(CycloneDx::V15),
        To::CycloneDx16 => Form::CycloneDx(CycloneDx::V16),
        To::CycloneDx17 => Form::CycloneDx(CycloneDx::V17),
    }
}

/// Where documents go, and what is said beside them.
struct Out<'a> {
    asked: &'a Convert,
    sum: Sum,
    /// Names given in the folder, and how often.
    names: HashMap<String, usize>,
}

impl<'a> Out<'a> {
    fn new(asked: &'a Convert) -> Out<'a> {
        Out {
            asked,
            sum: Sum::default(),
            names: HashMap::new(),
        }
    }

    fn take(&mut self, outcome: Outcome) -> Result<(), Failure> {
        self.sum.skipped += usize::from(outcome.skipped);
        let mut err = io::stderr().lock();
        for problem in &outcome.problems {
            self.sum.unreadable += 1;
            let _ = writeln!(err, "{}: {}", plain(&outcome.label), plain(problem));
        }
        for one in outcome.converted {
            let label = match one.text.is_empty() {
                true => plain(&outcome.label),
                false => format!("{}: {}", plain(&outcome.label), one.name),
            };
            let is_lost = !one.losses.is_empty();
            self.sum.with_losses += usize::from(is_lost);
            if !self.asked.quiet {
                for loss in &one.losses {
                    let _ = writeln!(err, "{label}: lost: {}", plain(loss));
                }
                for change in &one.changes {
                    let _ = writeln!(err, "{label}: changed: {}", plain(change));
                }
            }
            if !one.text.is_empty() {
                self.write(one)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, one: Converted) -> Result<(), Failure> {
        self.sum.documents += 1;
        let Some(folder) = &self.asked.output else {
            if self.sum.documents > 1 {
                return Err(wrong(
                    "there is more than one document, and standard output takes one; `--output DIR` takes any number",
                ));
            }
            io::stdout().lock().write_all(one.text.as_bytes())?;
            return Ok(());
        };
        let path = folder.join(self.own(&one.name));
        write(&path, &one.text)
            .map_err(|error| wrong(format!("cannot write `{}`: {error}", path.display())))
    }

    /// The name, with a number where another document of this run has it.
    fn own(&mut self, name: &str) -> String {
        let count = self.names.entry(name.to_owned()).or_default();
        *count += 1;
        match *count {
            1 => name.to_owned(),
            count => {
                let stem = name.strip_suffix(".json").unwrap_or(name);
                format!("{stem}_{count}.json")
            }
        }
    }

    fn end(self) -> Result<ExitCode, Failure> {
        let sum = &self.sum;
        let mut err = io::stderr().lock();
        if self.asked.output.is_some() || sum.unreadable > 0 {
            let skipped = match sum.skipped {
                0 => String::new(),
                count => format!(", {} no advisories", counted(count as u64, "file", "files")),
            };
            let _ = writeln!(
                err,
                "{} written, {} with losses, {} not readable{skipped}",
                counted(sum.documents as u64, "document", "documents"),
                sum.with_losses,
                sum.unreadable,
            );
        }
        let is_lost = self.asked.strict && sum.with_losses > 0;
        Ok(match (sum.unreadable > 0, is_lost) {
            (true, _) => ExitCode::from(2),
            (false, true) => ExitCode::from(1),
            (false, false) => ExitCode::SUCCESS,
        })
    }
}

/// A document is whole or not there: it is written beside its place first.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("partial");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}
