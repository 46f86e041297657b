//! `seamark feeds check`: all that is wrong with a CSAF provider, by requirement.

use std::io::{self, Write};
use std::process::ExitCode;

use feeds::check::{Outcome, Report, Settings, Severity};

use super::credentials::credentials;
use super::{is_json, shut};
use crate::args::feeds::Check;
use crate::failure::{Failure, unreadable};
use crate::{now, output};

pub fn check(asked: &Check) -> Result<ExitCode, Failure> {
    let is_json = is_json(asked.format)?;
    shut(asked.offline, Some("checking a provider"))?;
    let following = feeds::follow::Settings::default();
    let settings = Settings {
        fetch: following.fetch,
        documents_max: asked.documents_max,
        connections_max: following.connections_max,
        document_bytes_max: following.document_bytes_max,
        credentials: credentials(asked.credentials.as_deref())?,
        validate: VALIDATE,
        now: asked.as_of.unwrap_or_else(now::now),
    };
    let report = feeds::check::check(&asked.provider, &settings).map_err(unreadable)?;
    output::to(None, |out| match is_json {
        true => {
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)
        }
        false => tell(&report, out),
    })?;
    match report.fulfills_role {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::from(1)),
    }
}

#[cfg(feature = "lint")]
const VALIDATE: Option<feeds::check::Validate> = Some(validate);

#[cfg(not(feature = "lint"))]
const VALIDATE: Option<feeds::check::Validate> = None;

/// What `seamark lint` says is an error.
#[cfg(feature = "lint")]
fn validate(name: &str, bytes: &[u8], now: jiff::Timestamp) -> Vec<String> {
    let settings = lint::Settings {
        format: Some(lint::Format::Csaf),
        groups: lint::Groups::basic(),
        ..lint::Settings::at(now)
    };
    match lint::check(name, bytes, &settings) {
        Err(unreadable) => vec![unreadable.why],
        Ok(report) => report
            .problems
            .iter()
            .map(|problem| {
                format!(
                    "{}:{} {}: {}",
                    problem.line, problem.column, problem.test, problem.message
                )
            })
            .collect(),
    }
}

fn tell(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", report.metadata)?;
    let role = if report.role.is_empty() {
        "no role"
    } else {
        &report.role
    };
    let unmet: Vec<String> = report.unmet.iter().map(u8::to_string).collect();
    let fulfills = match (report.fulfills_role, unmet.as_slice()) {
        (true, _) => "fulfills it".to_owned(),
        (false, []) => "cannot be judged".to_owned(),
        (false, unmet) => format!(
            "does not fulfill it: requirements {} are not met",
            unmet.join(", ")
        ),
    };
    writeln!(
        out,
        "claims {role} of CSAF {}, and {fulfills}",
        report.edition
    )?;
    if report.documents_listed > 0 {
        writeln!(
            out,
            "{} of {} documents were looked at",
            report.documents_checked, report.documents_listed
        )?;
    }
    for requirement in &report.requirements {
        let outcome = match requirement.outcome {
            Outcome::Met => "met",
            Outcome::Unmet => "not met",
            Outcome::NotChecked => "not checked",
            Outcome::NotUsed => "not used",
        };
        writeln!(
            out,
            "{:>2}  {:<12} {}",
            requirement.number, outcome, requirement.name
        )?;
        for message in &requirement.messages {
            let severity = match message.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            };
            let about = if message.about.is_empty() {
                String::new()
            } else {
                format!("{}: ", message.about)
            };
            writeln!(out, "    {severity}: {about}{}", message.text)?;
        }
        if requirement.more > 0 {
            writeln!(out, "    and {} more", requirement.more)?;
        }
    }
    Ok(())
}
