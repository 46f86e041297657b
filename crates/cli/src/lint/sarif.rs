//! SARIF 2.1.0 (OASIS Standard, errata 01): a rule a test, a result a problem, one run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use lint::{Group, Problem, Severity};
use serde_json::{Value, json};

use super::{Print, Sum, Told};

/// The document is written when all files are known: its rules come first and are those that spoke.
#[derive(Default)]
pub struct Sarif {
    rules: BTreeMap<String, Group>,
    results: Vec<Value>,
    notes: Vec<Value>,
}

impl Print for Sarif {
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn one(&mut self, told: &Told, _out: &mut dyn Write) -> io::Result<()> {
        let uri = uri(&told.file);
        for problem in &told.problems {
            self.rules
                .entry(problem.test.to_string())
                .or_insert(problem.group);
            self.results.push(result(problem, told, &uri));
        }
        for untested in &told.untested {
            let text = format!(
                "{}: test {} was not run: {}",
                told.file, untested.test, untested.why
            );
            self.notes
                .push(json!({ "level": "note", "message": { "text": text } }));
        }
        Ok(())
    }

    fn end(&mut self, sum: &Sum, out: &mut dyn Write) -> io::Result<()> {
        let order: BTreeMap<&str, usize> = self
            .rules
            .keys()
            .enumerate()
            .map(|(place, test)| (test.as_str(), place))
            .collect();
        for result in &mut self.results {
            let place = result["ruleId"].as_str().and_then(|test| order.get(test));
            result["ruleIndex"] = json!(place);
        }
        let document = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "Seamark",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": self.rules.iter().map(|(test, group)| rule(test, *group)).collect::<Vec<_>>(),
                }},
                "columnKind": "unicodeCodePoints",
                "results": self.results,
                "invocations": [{
                    "executionSuccessful": sum.unreadable == 0,
                    "toolExecutionNotifications": self.notes,
                }],
            }],
        });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

fn rule(test: &str, group: Group) -> Value {
    let rule = lint::rules::rule(test);
    json!({
        "id": test,
        "shortDescription": { "text": rule.asks },
        "help": { "text": format!("{} ({})", rule.asks, rule.section) },
        "helpUri": rule.address,
        "properties": { "tags": [group] },
    })
}

fn result(problem: &Problem, told: &Told, uri: &str) -> Value {
    json!({
        "ruleId": problem.test,
        "level": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "note",
        },
        "message": { "text": problem.message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri },
                "region": { "startLine": problem.line, "startColumn": problem.column },
            },
            "logicalLocations": [{ "fullyQualifiedName": problem.pointer, "kind": "member" }],
        }],
        "properties": { "format": told.format, "edition": told.edition },
    })
}

/// A path as a relative URI reference, an address as it is (RFC 3986, section 4.2).
fn uri(file: &str) -> String {
    if file.starts_with("https://") || file.starts_with("http://") {
        return file.replace(' ', "%20");
    }
    crate::render::uri(file)
}
