//! Oracle: what a manifest says has to be seen.

use names::problem::quoted;

use super::fields::Fields;
use super::read::{absolute, is_variable, required};
use super::{Claim, FOLDER};
use crate::oracle::{Oracle, Stream, pattern, signal_number};

const ORACLES: [&str; 7] = [
    "sanitizer",
    "signal",
    "exit",
    "output",
    "secret",
    "written",
    "differential",
];

/// Reads the table `oracle`.
pub fn oracle(fields: &mut Fields<'_>, claim: &Claim) -> Option<Oracle> {
    let kind = fields.word("kind", &ORACLES);
    if kind.is_none() && !fields.has("kind") {
        let known = ORACLES.join("`, `");
        fields.wrong("kind", format!("is missing; write one of `{known}`"));
    }
    match kind? {
        "sanitizer" => {
            let report = fields.text("report").unwrap_or_else(|| claim.class.clone());
            if report.is_empty() {
                fields.wrong("report", "is missing; write the sanitizer's word, `heap-buffer-overflow`, here or as `class` of the claim");
            }
            Some(Oracle::Sanitizer { report })
        }
        "signal" => signal(fields),
        "exit" => match fields.number("code", 0, 255) {
            Some(code) => i32::try_from(code).ok().map(|code| Oracle::Exit { code }),
            None => {
                if !fields.has("code") {
                    fields.wrong("code", "is missing; write the exit code that shows it");
                }
                None
            }
        },
        "output" => output(fields),
        "secret" => {
            let (path, environment) = (absolute(fields, "path"), fields.text("environment"));
            if let Some(name) = environment.as_deref().filter(|name| !is_variable(name)) {
                fields.wrong(
                    "environment",
                    format!("{} is no name of a variable", quoted(name)),
                );
            }
            one_of(fields, "path", "environment");
            Some(Oracle::Secret { path, environment })
        }
        "written" => {
            let path = absolute(fields, "path");
            if path.is_none() && !fields.has("path") {
                fields.wrong(
                    "path",
                    "is missing; write the file outside of the work folder that the run makes",
                );
            }
            if path
                .as_deref()
                .is_some_and(|path| path.starts_with(&format!("{FOLDER}/")))
            {
                fields.wrong(
                    "path",
                    "lies in the work folder `/proof`; name one outside of it",
                );
            }
            let contains = fields.text("contains");
            Some(Oracle::Written {
                path: path?,
                contains,
            })
        }
        _ => Some(Oracle::Differential),
    }
}

fn output(fields: &mut Fields<'_>) -> Option<Oracle> {
    let stream = match fields.word("stream", &["output", "errors", "either"]) {
        Some("output") => Stream::Output,
        Some("errors") => Stream::Errors,
        _ => Stream::Either,
    };
    let (contains, matches) = (fields.text("contains"), fields.text("matches"));
    if let Some(text) = &matches
        && let Err(why) = pattern(text)
    {
        fields.wrong("matches", why);
    }
    one_of(fields, "contains", "matches");
    Some(Oracle::Output {
        stream,
        contains,
        matches,
    })
}

fn signal(fields: &mut Fields<'_>) -> Option<Oracle> {
    let name = required(fields, "signal", "write its name, `SIGSEGV`")?;
    let found = signal_number(&name);
    if found.is_none() {
        fields.wrong(
            "signal",
            format!(
                "{} is no signal that ends a program; write its name, `SIGSEGV`",
                quoted(&name)
            ),
        );
    }
    found.map(|signal| Oracle::Signal { signal })
}

/// Exactly one of two keys has to stand there.
fn one_of(fields: &mut Fields<'_>, one: &str, other: &str) {
    if fields.has(one) == fields.has(other) {
        fields.wrong(one, format!("write exactly one of `{one}` and `{other}`"));
    }
}
