//! `seamark authorization verify TOKEN`: is this scan one that the target's owner allowed?
//!
//! Made for the target's side: a gateway or a person there, offline, with a key that came by another way.

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use keys::note::VerifierKey;
use names::authorization::{Scan, Unauthorized};
use names::{Authorization, AuthorizationId, Place};
use serde_json::json;

use crate::args::{self, Format};
use crate::failure::{Failure, unreadable, wrong};
use crate::output;
use crate::render::text::plain;

/// A file with a token, a key or a list is read up to this size: a list of a hundred thousand ids has less.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Says whether the scan is allowed, and ends with 0 where it is and 1 where it is not.
pub fn verify(asked: &args::VerifyAuthorization, now: Timestamp) -> Result<ExitCode, Failure> {
    if !matches!(asked.format, Format::Table | Format::Json) {
        return Err(wrong("`authorization verify` prints as `table` or `json`"));
    }
    let keys = keys(asked)?;
    let target = targets(asked)?;
    let revoked = match &asked.revoked {
        Some(path) => revoked(path, &keys)?,
        None => Vec::new(),
    };
    let token = match asked.token.as_str() {
        "-" => read(io::stdin(), "standard input")?,
        token => token.to_owned(),
    };
    let scan = Scan {
        now: asked.at.unwrap_or(now).as_second(),
        owner: asked.owner,
        target: &target,
        source: asked.from,
        revoked: &revoked,
    };
    let answer = keys::authorization::verify(&token, &keys, scan);
    let is_allowed = answer.is_ok();
    output::to(None, |out| match asked.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &told(&answer))?;
            writeln!(out)
        }
        _ => said(out, &answer, asked.revoked.is_some()),
    })?;
    Ok(ExitCode::from(u8::from(!is_allowed)))
}

fn told(answer: &Result<Authorization, Unauthorized>) -> serde_json::Value {
    match answer {
        Ok(authorization) => json!({"allowed": true, "authorization": authorization}),
        Err(why) => json!({"allowed": false, "refusal": why.name(), "why": why.to_string()}),
    }
}

fn said(
    out: &mut dyn Write,
    answer: &Result<Authorization, Unauthorized>,
    is_checked: bool,
) -> io::Result<()> {
    let authorization = match answer {
        Ok(authorization) => authorization,
        Err(why) => {
            writeln!(
                out,
                "not authorized ({}): {}",
                why.name(),
                plain(&why.to_string())
            )?;
            return writeln!(out, "Treat this scan as one without a token.");
        }
    };
    let rules = &authorization.rules;
    let testing: Vec<&str> = rules
        .testing
        .iter()
        .map(|testing| testing.as_str())
        .collect();
    writeln!(
        out,
        "authorized: {} may scan this",
        plain(&authorization.holder)
    )?;
    writeln!(
        out,
        "  by       {} ({}), {} of {}",
        plain(&authorization.issuer),
        authorization.owner,
        authorization.id,
        plain(&authorization.via)
    )?;
    writeln!(out, "  until    {}", moment(authorization.ends))?;
    writeln!(out, "  testing  {}", testing.join(", "))?;
    if let Some(intensity) = rules.intensity {
        writeln!(out, "  at most  {intensity}")?;
    }
    if let Some(most) = rules.requests_per_second_max {
        writeln!(out, "  at most  {most} requests a second")?;
    }
    for hours in &rules.hours {
        writeln!(out, "  hours    {hours} UTC")?;
    }
    writeln!(out, "  contact  {}", plain(&rules.contact))?;
    if authorization.sources.is_empty() {
        writeln!(
            out,
            "It is not bound to addresses: whoever saw the token can use it."
        )?;
    }
    if !is_checked {
        writeln!(
            out,
            "Whether it was taken back was not checked; give the list with --revoked."
        )?;
    }
    Ok(())
}

fn moment(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => format!("second {seconds}"),
    }
}

/// The keys that were given, or what is wrong with them.
fn keys(asked: &args::VerifyAuthorization) -> Result<Vec<VerifierKey>, Failure> {
    let mut keys = Vec::new();
    let mut problems = Vec::new();
    for text in &asked.key {
        let lines = match text.contains('+') {
            true => text.clone(),
            false => file(Path::new(text))?,
        };
        for line in lines
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            match line.parse::<VerifierKey>() {
                Ok(key) => keys.push(key),
                Err(problem) => problems.push(problem.to_string()),
            }
        }
    }
    match problems.is_empty() {
        true => Ok(keys),
        false => Err(wrong(problems.join("; "))),
    }
}

fn targets(asked: &args::VerifyAuthorization) -> Result<Vec<Place>, Failure> {
    let mut places = Vec::new();
    let mut problems = Vec::new();
    for text in &asked.target {
        match text.parse::<Place>() {
            Ok(place) => places.push(place),
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    match problems.is_empty() {
        true => Ok(places),
        false => Err(wrong(problems.join("; "))),
    }
}

/// Those taken back, from a list that one of `keys` signed. A list that cannot be trusted is no list.
fn revoked(path: &Path, keys: &[VerifierKey]) -> Result<Vec<AuthorizationId>, Failure> {
    let text = file(path)?;
    match keys::authorization::read_revocations(&text, keys) {
        Ok(list) => Ok(list.revoked),
        Err(why) => Err(unreadable(format!(
            "the list in {} cannot be trusted ({})",
            path.display(),
            why.name()
        ))),
    }
}

fn file(path: &Path) -> Result<String, Failure> {
    let name = path.display().to_string();
    let opened =
        fs::File::open(path).map_err(|error| unreadable(format!("cannot read {name}: {error}")))?;
    read(opened, &name)
}

fn read(from: impl io::Read, name: &str) -> Result<String, Failure> {
    let mut text = String::new();
    from.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(format!("cannot read {name}: {error}")))?;
    Ok(text)
}
