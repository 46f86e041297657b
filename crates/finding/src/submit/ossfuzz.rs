//! A testcase as OSS-Fuzz and ClusterFuzz show it, or a sanitizer's output as it was printed.
//!
//! What is odd: ClusterFuzz's detail (`testcase-detail/refresh`) holds a hundred fields of which a few tell the flaw, so
//! fields we do not know are passed over here; the reproducer is a download there and stands beside, in base64, here.

use names::Refusal;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::aixcc::{attach, decoded};
use super::bounds::{NAME_BYTES_MAX, TESTCASE_BYTES_MAX, TITLE_BYTES_MAX, URL_BYTES_MAX};
use super::check::plain_line;
use super::fields::Fields;
use super::{Draft, Read, Taken, json, read_crash, slice};
use crate::report::{Crash, Frame, Report};

/// Reads a testcase, an array of them, or printed text.
pub fn read(bytes: &[u8], into: &mut Read) -> Result<(), Refusal> {
    let document = bytes.trim_ascii();
    if !matches!(document.first(), Some(b'{' | b'[')) {
        let text = String::from_utf8_lossy(bytes);
        into.drafts.push(Taken {
            place: "".into(),
            draft: Ok(printed(&text, Sha256::digest(bytes).into())),
        });
        return Ok(());
    }
    let value = json::parse(document)?;
    let Value::Array(all) = &value else {
        into.drafts.push(Taken {
            place: "".into(),
            draft: testcase(&value, document),
        });
        return Ok(());
    };
    let each = all.iter().zip(slice::elements(document)).enumerate();
    into.drafts
        .extend(each.map(|(index, (value, bytes))| Taken {
            place: format!("reports[{index}]").into(),
            draft: testcase(value, bytes),
        }));
    Ok(())
}

fn printed(text: &str, digest: [u8; 32]) -> Draft {
    let crash = read_crash(text);
    Draft {
        report: Report {
            title: title(&crash, ""),
            crash: Some(crash),
            ..Report::default()
        },
        key: None,
        digest,
        inputs: Vec::new(),
    }
}

fn testcase(value: &Value, bytes: &[u8]) -> Result<Draft, Refusal> {
    if !value.is_object() {
        return Err(Refusal::whole(
            "is no testcase; give an object with `crash_type`",
        ));
    }
    let said = |keys: &[&str]| said(value, keys);
    let mut crash = read_crash(&stacktrace(value));
    let kind = said(&["crash_type"]);
    if !kind.is_empty() {
        crash.kind = kind;
    }
    if crash.stack.is_empty() {
        crash.stack = state(value);
    }
    let harness = harness(value);
    let mut report = Report {
        title: title(&crash, &harness),
        crash: Some(crash),
        ..Report::default()
    };
    describe(&mut report, value);
    let mut draft = Draft {
        report,
        key: None,
        digest: Sha256::digest(bytes).into(),
        inputs: Vec::new(),
    };
    let mut refusal = Refusal::none();
    if let Some(mut fields) = Fields::of(value, "", &mut refusal)
        && let Some(bytes) = decoded(&mut fields, "reproducer", TESTCASE_BYTES_MAX)
    {
        attach(&mut draft, bytes, &harness);
    }
    if value.get("crash_type").is_none() && stacktrace(value).is_empty() {
        refusal.add(
            "crash_type",
            "is missing; give it, or the sanitizer's output as `stacktrace`",
        );
    }
    refusal.or(draft)
}

fn describe(report: &mut Report, value: &Value) {
    let said = |keys: &[&str]| said(value, keys);
    let repository = said(&["repository", "main_repo"]);
    let is_address = !repository.is_empty() && repository.len() <= URL_BYTES_MAX;
    report.target.repository = is_address.then_some(repository);
    let revision = said(&["crash_revision"]);
    let is_commit = revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    report.target.commit = is_commit.then_some(revision);
    let engine = said(&["engine", "fuzzing_engine"]);
    report.provenance.tools.push(match &*engine {
        "" => "OSS-Fuzz".into(),
        engine => format!("OSS-Fuzz with {engine}").into(),
    });
    for (name, keys) in [
        ("project", &["project_name", "project"][..]),
        ("job", &["job_type"]),
        ("sanitizer", &["sanitizer", "memory_tool_display_value"]),
        ("address", &["crash_address"]),
        ("regression", &["regression"]),
        ("testcase", &["testcase_id", "id"]),
    ] {
        let text = said(keys);
        if !text.is_empty() {
            let origin = format!("ossfuzz:{name}={text}");
            report.provenance.origins.push(origin.into());
        }
    }
    let issue = said(&["issue_url"]);
    if issue.starts_with("https://") && issue.len() <= URL_BYTES_MAX {
        report.references.push(issue);
    }
    if value.get("security_flag") == Some(&Value::Bool(false)) {
        report.description = "ClusterFuzz does not flag it as a security issue.".into();
    }
}

/// The first of `keys` that is said, at the top, in `testcase` or in `project`.
fn said(value: &Value, keys: &[&str]) -> Box<str> {
    let places = [Some(value), value.get("testcase"), value.get("project")];
    for key in keys {
        for place in places.into_iter().flatten() {
            match place.get(*key) {
                Some(Value::String(text)) => return plain_line(text, NAME_BYTES_MAX),
                Some(Value::Number(number)) => return number.to_string().into(),
                _ => {}
            }
        }
    }
    "".into()
}

fn harness(value: &Value) -> Box<str> {
    let plain = said(value, &["fuzz_target", "fuzzer_name"]);
    match plain.is_empty() {
        true => value
            .pointer("/fuzzer_display/target")
            .and_then(Value::as_str)
            .map(|text| plain_line(text, NAME_BYTES_MAX))
            .unwrap_or_default(),
        false => plain,
    }
}

/// A text, a list of lines, or ClusterFuzz's lines with their contents.
fn stacktrace(value: &Value) -> String {
    let found = ["stacktrace", "crash_stacktrace"]
        .iter()
        .find_map(|key| value.get(*key));
    let Some(found) = found else {
        return String::new();
    };
    let lines = found.get("lines").unwrap_or(found);
    match lines {
        Value::String(text) => text.clone(),
        Value::Array(lines) => {
            let text = |line: &Value| {
                let text = line.get("content").unwrap_or(line);
                text.as_str().unwrap_or_default().to_owned()
            };
            lines.iter().map(text).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The crash state is the three innermost functions, one a line.
fn state(value: &Value) -> Vec<Frame> {
    let lines: Vec<&str> = match value.get("crash_state_lines").or(value.get("crash_state")) {
        Some(Value::String(text)) => text.lines().collect(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let frame = |line: &&str| Frame {
        function: plain_line(line, NAME_BYTES_MAX),
        ..Frame::default()
    };
    let said = lines.iter().filter(|line| !line.trim().is_empty());
    said.map(frame).take(super::bounds::FRAMES_MAX).collect()
}

fn title(crash: &Crash, harness: &str) -> Box<str> {
    let kind = match &*crash.kind {
        "" => "Crash",
        kind => kind,
    };
    let mut functions = crash.stack.iter().map(|frame| &*frame.function);
    let own = functions.find(|name| !name.is_empty() && !name.starts_with("__"));
    let text = match (own, harness) {
        (Some(function), _) => format!("{kind} in {function}"),
        (None, "") => kind.to_owned(),
        (None, harness) => format!("{kind} in fuzz target {harness}"),
    };
    plain_line(&text, TITLE_BYTES_MAX)
}
