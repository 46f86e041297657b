//! CycloneDX 1.6 with vulnerabilities (ECMA-424): what is affected, and every answer kept with its author.

use std::collections::BTreeMap;
use std::io::{self, Write};

use scan::report::{Answer, Report, Row, State, Subject};
use serde_json::{Value, json};

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut components: BTreeMap<String, &Subject> = BTreeMap::new();
    let mut flaws: BTreeMap<(&str, State), Vec<&Row>> = BTreeMap::new();
    for row in &report.rows {
        components.insert(reference(row), &row.subject);
        flaws.entry((&row.flaw, row.state)).or_default().push(row);
    }
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": report.generated,
            "tools": { "components": [{ "type": "application", "name": "seamark", "version": env!("CARGO_PKG_VERSION") }] },
        },
        "components": components.iter().map(|(reference, subject)| component(reference, subject)).collect::<Vec<_>>(),
        "vulnerabilities": flaws.values().map(|rows| vulnerability(rows)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn reference(row: &Row) -> String {
    let subject = &row.subject;
    if subject.purl.is_empty() {
        format!(
            "{}/{}/{}@{}",
            row.asset, subject.vendor, subject.name, subject.version
        )
    } else {
        format!("{}/{}", row.asset, subject.purl)
    }
}

fn component(reference: &str, subject: &Subject) -> Value {
    let kind = if subject.kind == "device" {
        "device"
    } else {
        "library"
    };
    let mut component = json!({ "type": kind, "bom-ref": reference, "name": subject.name, "version": subject.version });
    if !subject.purl.is_empty() {
        component["purl"] = json!(subject.purl);
    }
    if !subject.vendor.is_empty() {
        component["manufacturer"] = json!({ "name": subject.vendor });
    }
    component
}

/// `rows` are of one flaw in one state, so one analysis holds for all of them.
fn vulnerability(rows: &[&Row]) -> Value {
    let Some(row) = rows.first() else {
        return Value::Null;
    };
    let mut out = json!({
        "id": row.flaw,
        "description": row.title,
        "affects": rows.iter().map(|row| json!({ "ref": reference(row) })).collect::<Vec<_>>(),
        "analysis": analysis(row),
    });
    if let (Some(score), false) = (row.facts.cvss, row.facts.cvss_vector.is_empty()) {
        out["ratings"] = json!([{ "score": score, "severity": row.facts.severity.to_lowercase(), "method": method(&row.facts.cvss_vector), "vector": row.facts.cvss_vector }]);
    }
    if let Some(fix) = &row.fix {
        out["recommendation"] = json!(format!("Move to {fix} or later."));
    }
    let advisories: Vec<Value> = row
        .references
        .iter()
        .take(10)
        .map(|url| json!({ "url": url }))
        .collect();
    if !advisories.is_empty() {
        out["advisories"] = json!(advisories);
    }
    out
}

fn method(vector: &str) -> &'static str {
    match vector.get(..8) {
        Some("CVSS:4.0") => "CVSSv4",
        Some("CVSS:3.1") => "CVSSv31",
        Some("CVSS:3.0") => "CVSSv3",
        _ => "CVSSv2",
    }
}

fn analysis(row: &Row) -> Value {
    match (row.state, row.answers.first()) {
        (State::Answered, Some(answer)) => answered(answer),
        (State::Deferred, _) => {
            json!({ "state": "in_triage", "detail": "deferred by its operator" })
        }
        _ if row.fix.is_some() => {
            json!({ "state": "exploitable", "response": ["update"], "detail": row.basis })
        }
        _ => {
            json!({ "state": "exploitable", "response": ["workaround_available"], "detail": row.basis })
        }
    }
}

fn answered(answer: &Answer) -> Value {
    let state = if answer.status == "fixed" {
        "resolved"
    } else {
        "not_affected"
    };
    let mut analysis =
        json!({ "state": state, "detail": format!("{}: {}", answer.author, answer.reason) });
    if let Some(word) = justification(&answer.justification) {
        analysis["justification"] = json!(word);
    }
    analysis
}

/// CycloneDX's word for a VEX justification, where it has one.
fn justification(vex: &str) -> Option<&'static str> {
    match vex {
        "component_not_present" | "vulnerable_code_not_present" => Some("code_not_present"),
        "vulnerable_code_not_in_execute_path" => Some("code_not_reachable"),
        "vulnerable_code_cannot_be_controlled_by_adversary" => Some("requires_environment"),
        "inline_mitigations_already_exist" => Some("protected_by_mitigating_control"),
        _ => None,
    }
}
