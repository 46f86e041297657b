//! `seamark lint FILE|DIR|URL…`: all that is wrong with advisories and VEX, with its line.

pub(crate) mod gather;
mod online;
mod sarif;
mod text;

use std::io::{self, Write};
use std::process::ExitCode;

use lint::{Problem, Report, Settings, Severity, Untested};
use rayon::prelude::*;
use serde::Serialize;

use crate::args::lint::{self as args, Form};
use crate::failure::{Failure, wrong};
use crate::now;
use gather::{Batch, Found};
use online::Online;

/// What is said of one file. These are the names a program reads.
#[derive(Serialize)]
struct Told {
    file: String,
    format: Option<lint::Format>,
    edition: Option<String>,
    problems: Vec<Problem>,
    untested: Vec<Untested>,
    /// Nothing could be checked: it is in no form that is known, or was not there.
    #[serde(skip)]
    is_unreadable: bool,
}

pub fn lint(asked: &args::Lint) -> Result<ExitCode, Failure> {
    let online = asked.online.then(Online::default);
    let settings = Settings {
        format: asked.kind.map(format),
        csaf_2_1: match asked.edition {
            args::Edition::Csd03 => lint::Csaf21::Csd03,
            args::Edition::Draft => lint::Csaf21::Draft,
        },
        groups: groups(&asked.only),
        resolver: online.as_ref().map(|online| online as &dyn lint::Resolve),
        ..Settings::at(asked.as_of.unwrap_or_else(now::now))
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut form: Box<dyn Print> = match asked.format {
        Form::Text => Box::new(text::Text::default()),
        Form::Json => Box::new(Json { is_first: true }),
        Form::Sarif => Box::new(sarif::Sarif::default()),
    };
    let mut sum = Sum::default();
    let mut broken = None;
    form.begin(&mut out)?;
    gather::each_batch(&asked.sources, &mut |batch: Batch| {
        let told: Vec<Option<Told>> = batch
            .par_iter()
            .map(|found| told(found, &settings, asked))
            .collect();
        sum.passed_over += told.iter().filter(|one| one.is_none()).count() as u64;
        for one in told.into_iter().flatten() {
            if let Err(error) = sum
                .add(&one, &mut out)
                .and_then(|()| form.one(&one, &mut out))
            {
                broken.get_or_insert(error);
                return false;
            }
        }
        true
    });
    if let Some(error) = broken {
        return Err(error.into());
    }
    form.end(&sum, &mut out)?;
    out.flush()?;
    if sum.passed_over > 0 && !asked.quiet {
        let files = crate::render::text::counted(sum.passed_over, "file", "files");
        eprintln!(
            "seamark: {files} passed over, of no format that is checked; a file that is named is always tried"
        );
    }
    if sum.files == 0 {
        return Err(wrong(
            "nothing was checked: no file there is of a format that is known",
        ));
    }
    Ok(ExitCode::from(sum.code()))
}

/// How what is said is printed, one file after another.
trait Print {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;
    fn one(&mut self, told: &Told, out: &mut dyn Write) -> io::Result<()>;
    fn end(&mut self, sum: &Sum, out: &mut dyn Write) -> io::Result<()>;
}

/// All files together.
#[derive(Default)]
struct Sum {
    files: u64,
    clean: u64,
    unreadable: u64,
    passed_over: u64,
    errors: u64,
    warnings: u64,
    notes: u64,
}

impl Sum {
    fn add(&mut self, told: &Told, out: &mut dyn Write) -> io::Result<()> {
        self.files += 1;
        self.clean += u64::from(told.problems.is_empty());
        self.unreadable += u64::from(told.is_unreadable);
        for problem in &told.problems {
            *match problem.severity {
                Severity::Error => &mut self.errors,
                Severity::Warning => &mut self.warnings,
                Severity::Information => &mut self.notes,
            } += 1;
        }
        if told.is_unreadable {
            // Its reason goes where a person looks as well; what was printed before it comes first.
            out.flush()?;
            let why = told
                .problems
                .first()
                .map_or("it cannot be read", |problem| &*problem.message);
            eprintln!(
                "seamark: `{}`: {}",
                crate::render::text::plain(&told.file),
                crate::render::text::plain(why)
            );
        }
        Ok(())
    }

    fn code(&self) -> u8 {
        match (self.unreadable, self.clean == self.files) {
            (0, true) => 0,
            (0, false) => 1,
            _ => 2,
        }
    }
}

/// What is said of one document; nothing of a file that was only met in a folder and is of no format known here.
fn told(found: &Found, settings: &Settings<'_>, asked: &args::Lint) -> Option<Told> {
    let (name, bytes) = match &found.content {
        Ok(bytes) => (found.name.as_str(), bytes),
        Err(why) => return Some(unreadable(&found.file, why.clone())),
    };
    match lint::check(name, bytes, settings) {
        Ok(report) => Some(of_report(found.file.clone(), report, asked)),
        Err(_) if !found.is_named => None,
        Err(unknown) => Some(unreadable(&found.file, unknown.why)),
    }
}

fn of_report(file: String, report: Report, asked: &args::Lint) -> Told {
    let is_unreadable = report.is_unread();
    let Report {
        format,
        edition,
        mut problems,
        untested,
    } = report;
    let least = match asked.severity {
        args::Severity::Error => Severity::Error,
        args::Severity::Warning => Severity::Warning,
        args::Severity::Information => Severity::Information,
    };
    problems.retain(|problem| problem.severity <= least);
    Told {
        file,
        format,
        edition: Some(edition.into_owned()),
        problems,
        untested,
        is_unreadable,
    }
}

fn unreadable(file: &str, why: String) -> Told {
    let problem = Problem {
        test: "file".into(),
        group: lint::Group::Syntax,
        severity: Severity::Error,
        pointer: String::new(),
        line: 1,
        column: 1,
        message: why,
    };
    Told {
        file: file.to_owned(),
        format: None,
        edition: None,
        problems: vec![problem],
        untested: Vec::new(),
        is_unreadable: true,
    }
}

fn format(kind: args::Kind) -> lint::Format {
    match kind {
        args::Kind::Csaf => lint::Format::Csaf,
        args::Kind::Osv => lint::Format::Osv,
        args::Kind::Cve => lint::Format::Cve,
        args::Kind::Openvex => lint::Format::OpenVex,
        args::Kind::Cyclonedx => lint::Format::CycloneDx,
    }
}

fn groups(only: &[args::Group]) -> lint::Groups {
    if only.is_empty() {
        return lint::Groups::ALL;
    }
    let group = |group: &args::Group| match group {
        args::Group::Schema => lint::Group::Schema,
        args::Group::Mandatory => lint::Group::Mandatory,
        args::Group::Optional => lint::Group::Optional,
        args::Group::Recommended => lint::Group::Recommended,
        args::Group::Informative => lint::Group::Informative,
    };
    only.iter()
        .map(group)
        .fold(lint::Groups::NONE, lint::Groups::with)
}

/// An array with one object a file.
struct Json {
    is_first: bool,
}

impl Print for Json {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "[")
    }

    fn one(&mut self, told: &Told, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}", if self.is_first { "\n" } else { ",\n" })?;
        self.is_first = false;
        Ok(serde_json::to_writer_pretty(out, told)?)
    }

    fn end(&mut self, _sum: &Sum, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}]", if self.is_first { "" } else { "\n" })
    }
}
