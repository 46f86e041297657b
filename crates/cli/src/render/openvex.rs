//! OpenVEX 0.2.0: one statement for each flaw, state and author.

use std::io::{self, Write};

use scan::report::{Report, Row, State};
use serde_json::{Value, json};

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let author = if report.organization.is_empty() {
        "Unknown author"
    } else {
        &report.organization
    };
    let stamp = report.generated.unwrap_or_default();
    let document = json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("urn:seamark:scan:{}", stamp.as_microsecond()),
        "author": author,
        "timestamp": stamp,
        "version": 1,
        "tooling": report.tool,
        "statements": report.rows.iter().map(statement).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn statement(row: &Row) -> Value {
    let mut vulnerability = json!({ "name": row.flaw });
    let aliases: Vec<&String> = row
        .aliases
        .iter()
        .chain(&row.cves)
        .filter(|alias| **alias != row.flaw)
        .collect();
    if !aliases.is_empty() {
        vulnerability["aliases"] = json!(aliases);
    }
    let mut statement =
        json!({ "vulnerability": vulnerability, "products": [product(row)], "status": "affected" });
    match (row.state, row.answers.first()) {
        (State::Answered, Some(answer)) => {
            statement["status"] = json!(answer.status.replace(' ', "_"));
            if !answer.justification.is_empty() {
                statement["justification"] = json!(answer.justification);
            }
            statement["impact_statement"] = json!(if answer.reason.is_empty() {
                format!("as stated by {}", answer.author)
            } else {
                answer.reason.clone()
            });
            statement["supplier"] = json!(answer.author);
        }
        // OpenVEX 0.2.0, "Status Labels": `affected` must carry an action statement.
        _ => statement["action_statement"] = json!(action(row)),
    }
    statement
}

fn product(row: &Row) -> Value {
    let subject = &row.subject;
    if subject.purl.is_empty() {
        json!({ "@id": format!("urn:seamark:{}:{}", row.asset.replace(' ', "-"), row.id) })
    } else {
        json!({ "@id": subject.purl, "identifiers": { "purl": subject.purl } })
    }
}

fn action(row: &Row) -> String {
    let due = row
        .priority
        .due
        .map_or_else(|| row.priority.timeline.clone(), |due| format!("by {due}"));
    match (&row.fix, row.help.first()) {
        (Some(fix), _) => format!("Upgrade {} to {fix} {due}", row.subject.name),
        (None, Some(help)) => format!("{} ({due})", help.text),
        (None, None) => format!("No fixed version is known; watch for one ({due})"),
    }
}
