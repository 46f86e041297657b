//! SARIF 2.1.0 (OASIS, 27 March 2020, with errata 01): each result that says of itself that it is a finding.
//!
//! What is odd: almost everything may stand in one of several places. A rule is named by id, by index or in the result;
//! a file by URI, by index, or relative to a base; a weakness in `taxa`, in the rule's relationships or in a tag of
//! GitHub's making. What is not there is taken from the next place; what is nowhere is left out.

mod flaw;
mod place;

use names::Refusal;
use names::problem::quoted;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::bounds::{
    DESCRIPTION_BYTES_MAX, NAME_BYTES_MAX, ORIGINS_MAX, REPORTS_MAX, TITLE_BYTES_MAX, URL_BYTES_MAX,
};
use super::check::{plain, plain_line};
use super::{Draft, Read, Taken, json};
use crate::report::{Report, Target};

/// Reads every result of a log.
pub fn read(bytes: &[u8], into: &mut Read) -> Result<(), Refusal> {
    let value = json::parse(bytes)?;
    read_value(&value, Sha256::digest(bytes).into(), into)
}

/// Reads every result of a log that stands in another document.
pub fn read_value(log: &Value, digest: [u8; 32], into: &mut Read) -> Result<(), Refusal> {
    match text(log, "version") {
        "2.1.0" => {}
        "" => {
            return Err(Refusal::of(
                "version",
                "is missing; SARIF 2.1.0 asks for `2.1.0`",
            ));
        }
        other => {
            let message = format!("{} is not read; convert the log to `2.1.0`", quoted(other));
            return Err(Refusal::of("version", message));
        }
    }
    let Some(runs) = log.get("runs").and_then(Value::as_array) else {
        return Err(Refusal::of("runs", "is no list; SARIF 2.1.0, 3.13.4"));
    };
    for (at, run) in runs.iter().enumerate() {
        for (index, result) in list(run, "results").iter().enumerate() {
            if !is_finding(result) {
                into.passed_over += 1;
                continue;
            }
            if into.drafts.len() >= REPORTS_MAX {
                return Err(Refusal::of(
                    format!("runs[{at}].results"),
                    format!("has over {REPORTS_MAX} results; hand over fewer at once"),
                ));
            }
            into.drafts.push(Taken {
                place: format!("runs[{at}].results[{index}]").into(),
                draft: report(run, result).map(|report| Draft {
                    report,
                    key: None,
                    digest,
                    inputs: Vec::new(),
                }),
            });
        }
    }
    // An empty log is a scan that found nothing.
    into.passed_over = into.passed_over.max(usize::from(into.drafts.is_empty()));
    Ok(())
}

/// 3.27.9 `kind` other than `fail`, 3.27.23 an accepted suppression, 3.27.24 `baselineState` of `absent`.
fn is_finding(result: &Value) -> bool {
    let suppressed = list(result, "suppressions")
        .iter()
        .any(|one| matches!(text(one, "status"), "" | "accepted"));
    matches!(text(result, "kind"), "" | "fail")
        && text(result, "baselineState") != "absent"
        && !suppressed
}

fn report(run: &Value, result: &Value) -> Result<Report, Refusal> {
    if !result.is_object() {
        return Err(Refusal::whole("is no result; SARIF 2.1.0, 3.27"));
    }
    let rule = flaw::rule(run, result);
    let message = flaw::message(rule, result.get("message").unwrap_or(&Value::Null));
    let mut report = Report {
        title: title(rule, result, &message),
        description: description(rule, result, &message),
        target: target(run),
        weaknesses: flaw::weaknesses(run, rule, result),
        sites: place::sites(run, result),
        crash: place::stack(run, result),
        patch: flaw::patch(run, result),
        references: references(rule, result),
        ..Report::default()
    };
    report.provenance.tools = vec![tool(run)];
    report.provenance.origins = origins(run, result);
    if !flaw::has_words(&message) && rule.is_none() && report.sites.is_empty() {
        return Err(Refusal::of(
            "message",
            "says nothing, and no rule or place does; give `message.text` (SARIF 2.1.0, 3.27.11)",
        ));
    }
    Ok(report)
}

fn title(rule: Option<&Value>, result: &Value, message: &str) -> Box<str> {
    let id = text(result, "ruleId");
    let named = rule.map_or("", |rule| text(rule, "name"));
    let short = rule.map_or("", |rule| within(rule, "shortDescription"));
    let what = [short, named, id].into_iter().find(|text| !text.is_empty());
    let first = message.lines().next().unwrap_or_default();
    let line = match (what, first) {
        (Some(what), "") => what.to_owned(),
        (Some(what), first) => format!("{}: {first}", what.trim_end_matches('.')),
        (None, "") => "Finding without words".to_owned(),
        (None, first) => first.to_owned(),
    };
    plain_line(&line, TITLE_BYTES_MAX)
}

fn description(rule: Option<&Value>, result: &Value, message: &str) -> Box<str> {
    let mut parts = vec![message.to_owned()];
    if let Some(rule) = rule {
        let help = rule.get("help");
        parts.push(within(rule, "fullDescription").to_owned());
        parts.push(help.map_or("", |help| text(help, "text")).to_owned());
    }
    parts.push(flaw::proposals(result));
    parts.retain(|part| !part.trim().is_empty());
    plain(&parts.join("\n\n"), DESCRIPTION_BYTES_MAX)
}

/// 3.14.16 `versionControlProvenance`: the first that names a repository.
fn target(run: &Value) -> Target {
    let mut target = Target::default();
    for entry in list(run, "versionControlProvenance") {
        let repository = text(entry, "repositoryUri");
        if repository.contains("://") && repository.len() <= URL_BYTES_MAX {
            target.repository = Some(repository.into());
            let revision = text(entry, "revisionId");
            target.commit = (!revision.is_empty()).then(|| revision.into());
            break;
        }
    }
    target
}

fn tool(run: &Value) -> Box<str> {
    let driver = run.pointer("/tool/driver").unwrap_or(&Value::Null);
    let (name, version) = (text(driver, "name"), text(driver, "semanticVersion"));
    let version = if version.is_empty() {
        text(driver, "version")
    } else {
        version
    };
    match plain_line(&format!("{name} {version}"), NAME_BYTES_MAX) {
        empty if empty.is_empty() => "SARIF tool without a name".into(),
        said => said,
    }
}

/// Fingerprints, guid and run: what the tool knows the result by. They are the tool's own and never tell two labs' results alike.
fn origins(run: &Value, result: &Value) -> Vec<Box<str>> {
    let mut all = Vec::new();
    for key in ["fingerprints", "partialFingerprints"] {
        let Some(Value::Object(found)) = result.get(key) else {
            continue;
        };
        for (name, value) in found {
            if let Value::String(value) = value {
                all.push(plain_line(&format!("sarif:{name}={value}"), NAME_BYTES_MAX));
            }
        }
    }
    for (name, value) in [
        ("guid", text(result, "guid")),
        ("correlationGuid", text(result, "correlationGuid")),
        ("rule", text(result, "ruleId")),
        (
            "run",
            run.pointer("/automationDetails/id")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        ),
    ] {
        if !value.is_empty() {
            all.push(plain_line(&format!("sarif:{name}={value}"), NAME_BYTES_MAX));
        }
    }
    all.truncate(ORIGINS_MAX);
    all
}

fn references(rule: Option<&Value>, result: &Value) -> Vec<Box<str>> {
    let help = rule.map_or("", |rule| text(rule, "helpUri"));
    let mut all: Vec<&str> = vec![help, text(result, "hostedViewerUri")];
    all.extend(
        list(result, "workItemUris")
            .iter()
            .filter_map(Value::as_str),
    );
    let is_url = |text: &&str| {
        (text.starts_with("https://") || text.starts_with("http://"))
            && text.len() <= URL_BYTES_MAX
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let urls = all.into_iter().filter(is_url).map(Box::from);
    urls.take(super::bounds::LIST_MAX).collect()
}

/// The text of `key`, empty where there is none.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The list of `key`, empty where there is none.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The `text` inside `key`.
fn within<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).map_or("", |inner| text(inner, "text"))
}

/// The number of `key` as an index; -1 stands for none (3.1.3).
pub fn index(value: &Value, key: &str) -> Option<usize> {
    value
        .get(key)?
        .as_u64()
        .and_then(|at| usize::try_from(at).ok())
}
