//! SARIF 2.1.0 (OASIS Standard, 27 March 2020): a rule a flaw, a result a row.

use std::collections::BTreeMap;
use std::io::{self, Write};

use scan::report::{Place, Report, Row, State};
use serde_json::{Value, json};

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in &report.rows {
        rules.entry(&row.flaw).or_insert(row);
    }
    let order: BTreeMap<&str, usize> = rules
        .keys()
        .enumerate()
        .map(|(place, flaw)| (*flaw, place))
        .collect();
    let results: Vec<Value> = report
        .rows
        .iter()
        .map(|row| result(row, order.get(row.flaw.as_str()).copied()))
        .collect();
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Seamark",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|row| rule(row)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
            "invocations": [invocation(report)],
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn rule(row: &Row) -> Value {
    let mut rule = json!({
        "id": row.flaw,
        "shortDescription": { "text": if row.title.is_empty() { &row.flaw } else { &row.title } },
        "properties": { "tags": ["security", "vulnerability"] },
    });
    // SARIF section 3.49.12: helpUri is an absolute URI.
    if let Some(url) = row
        .references
        .iter()
        .find(|url| url.starts_with("https://") || url.starts_with("http://"))
    {
        rule["helpUri"] = json!(url);
    }
    if let Some(score) = row.facts.cvss {
        rule["properties"]["security-severity"] = json!(format!("{score:.1}"));
    }
    rule
}

fn result(row: &Row, rule: Option<usize>) -> Value {
    let mut result = json!({
        "ruleId": row.flaw,
        "level": level(row),
        "message": { "text": message(row) },
        "locations": row.locations.iter().take(10).map(location).collect::<Vec<_>>(),
        "partialFingerprints": { "seamarkRow/v1": row.id },
        "properties": {
            "asset": row.asset,
            "due": row.priority.due,
            "timeline": row.priority.timeline,
            "fixedVersion": row.fix,
            "confidence": row.confidence,
        },
    });
    if let Some(place) = rule {
        result["ruleIndex"] = json!(place);
    }
    if row.state != State::Open {
        let said = row
            .answers
            .first()
            .map(|answer| format!("{}: {} {}", answer.author, answer.status, answer.reason))
            .unwrap_or_default();
        result["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": said }]);
    }
    result
}

/// What must be done within 14 days is an error; what has a date, a warning; the rest, a note.
fn level(row: &Row) -> &'static str {
    match (row.priority.overdue, row.priority.days) {
        (true, _) | (_, Some(0..=14)) => "error",
        (_, Some(_)) => "warning",
        (_, None) => "note",
    }
}

fn message(row: &Row) -> String {
    let subject = &row.subject;
    let due = row
        .priority
        .due
        .map_or_else(|| row.priority.timeline.clone(), |due| format!("due {due}"));
    let fix = row
        .fix
        .as_ref()
        .map_or("no fixed version is known".to_owned(), |fix| {
            format!("fixed in {fix}")
        });
    format!(
        "{} {} on {}: {} ({}; {fix}; {due})",
        subject.name, subject.version, row.asset, row.title, row.flaw
    )
}

fn location(place: &Place) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.path) } });
    if place.line > 0 {
        physical["region"] = json!({ "startLine": place.line });
    }
    json!({ "physicalLocation": physical })
}

/// A path as a relative URI reference (RFC 3986, section 4.2): everything outside `unreserved` and `/` is encoded.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn invocation(report: &Report) -> Value {
    let notes: Vec<Value> = report.problems.iter().take(100).map(|problem| {
        json!({ "level": if problem.lost { "error" } else { "warning" }, "message": { "text": format!("{}: {}", problem.path, problem.message) } })
    }).collect();
    json!({
        "executionSuccessful": !report.problems.iter().any(|problem| problem.lost),
        "endTimeUtc": report.generated,
        "toolExecutionNotifications": notes,
    })
}
