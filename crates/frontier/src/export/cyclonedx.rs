//! CycloneDX 1.7 (ECMA-424), tag 1.7.1: the record as declarations about a machine-learning model.
//!
//! Every statement is evidence; a capability is a claim with the evidence for and against it. Who measured is an assessor,
//! third party or not. `conformance` is left out: nothing here conforms to a requirement, and a score would look as if it
//! did. The document's serial number is made of the record's head, so that the same record makes the same document.

use serde_json::{Map, Value, json};

use super::{Heading, named, shown};
use crate::digest::Digest;
use crate::record::{Entry, Kind};

/// The document; `chain` is the public copy.
pub fn document(chain: &[Entry], heading: &Heading<'_>) -> Value {
    let model = component(chain, heading);
    let assessors = assessors(chain, heading);
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": serial(chain),
        "version": 1,
        "metadata": {
            "timestamp": heading.now.to_string(),
            "manufacturer": {"name": heading.operator},
            "component": model,
        },
        "declarations": {
            "assessors": assessors,
            "claims": claims(chain),
            "evidence": chain.iter().map(evidence).collect::<Vec<_>>(),
            "targets": {"organizations": [{"bom-ref": "developer", "name": heading.developer}]},
        },
    })
}

fn reference(number: u64) -> String {
    format!("entry-{number}")
}

/// `urn:uuid:` of the head's first 128 bits, marked as version 8 (RFC 9562, 5.8).
fn serial(chain: &[Entry]) -> String {
    let head = chain.last().and_then(|last| last.statement.digest().ok());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&head.unwrap_or(Digest([0; 32])).0[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn component(chain: &[Entry], heading: &Heading<'_>) -> Value {
    let identity = chain
        .iter()
        .rev()
        .find(|entry| entry.kind() == Some(Kind::ModelIdentity));
    let name = chain
        .first()
        .and_then(|entry| entry.statement.subject.first())
        .map(|subject| subject.name.to_string());
    let mut model = Map::new();
    model.insert("type".into(), "machine-learning-model".into());
    model.insert("bom-ref".into(), "model".into());
    model.insert(
        "name".into(),
        name.unwrap_or_else(|| "unnamed".to_owned()).into(),
    );
    model.insert("manufacturer".into(), json!({"name": heading.developer}));
    if let Some(version) = identity.and_then(|entry| entry.text("version")) {
        model.insert("version".into(), version.into());
    }
    if let Some(weights) = identity
        .and_then(|entry| entry.text("weights"))
        .filter(|text| is_sha256(text))
    {
        model.insert(
            "hashes".into(),
            json!([{"alg": "SHA-256", "content": weights}]),
        );
    }
    let metrics: Vec<Value> = runs(chain).flat_map(metrics).collect();
    model.insert(
        "modelCard".into(),
        json!({"quantitativeAnalysis": {"performanceMetrics": metrics}}),
    );
    Value::Object(model)
}

fn is_sha256(text: &str) -> bool {
    text.parse::<Digest>().is_ok()
}

fn runs(chain: &[Entry]) -> impl Iterator<Item = &Entry> {
    chain
        .iter()
        .filter(|entry| entry.kind() == Some(Kind::CyberTestRun))
}

/// What a run counted, for the whole and for each stratum.
fn metrics(run: &Entry) -> Vec<Value> {
    let suite = run
        .text("suite")
        .unwrap_or_else(|| "a suite that is withheld".to_owned());
    let mut metrics = Vec::new();
    if let (Some(solved), Some(counted)) = (run.text("solved"), run.text("counted")) {
        let mut metric = json!({"type": format!("tasks solved, suite {suite}"), "value": format!("{solved} of {counted}")});
        if let (Some(lower), Some(upper)) = (run.text("lower"), run.text("upper")) {
            metric["confidenceInterval"] = json!({"lowerBound": lower, "upperBound": upper});
        }
        metrics.push(metric);
    }
    if let Some(Value::Object(strata)) = run.value("strata") {
        metrics.extend(strata.iter().map(|(stratum, value)| json!({"type": "tasks solved", "value": shown(value), "slice": stratum})));
    }
    metrics
}

fn assessors(chain: &[Entry], heading: &Heading<'_>) -> Vec<Value> {
    let mut names: Vec<String> = chain
        .iter()
        .filter_map(|entry| entry.text("evaluator"))
        .collect();
    names.sort();
    names.dedup();
    let own = json!({"bom-ref": "assessor-0", "thirdParty": false, "organization": {"name": heading.developer}});
    let third = (1..).zip(names).map(|(number, name)| {
        json!({"bom-ref": format!("assessor-{number}"), "thirdParty": name != heading.developer, "organization": {"name": name}})
    });
    std::iter::once(own).chain(third).collect()
}

fn claims(chain: &[Entry]) -> Vec<Value> {
    let of_kind = chain
        .iter()
        .filter(|entry| entry.kind() == Some(Kind::CapabilityClaim));
    let is_there = |number: &u64| usize::try_from(*number).is_ok_and(|number| number < chain.len());
    let refer = |entry: &Entry, field: &str| -> Vec<String> {
        named(entry, field)
            .into_iter()
            .filter(is_there)
            .map(reference)
            .collect()
    };
    let claim = |entry: &Entry| {
        let number = entry.statement.predicate.number;
        json!({
            "bom-ref": format!("claim-{number}"),
            "target": "model",
            "predicate": entry.text("claim").unwrap_or_else(|| withheld(entry, "claim")),
            "evidence": refer(entry, "evidence"),
            "counterEvidence": refer(entry, "counter_evidence"),
        })
    };
    of_kind.map(claim).collect()
}

fn withheld(entry: &Entry, field: &str) -> String {
    let digest = entry.statement.predicate.fields.get(field);
    format!(
        "withheld, sha256:{}",
        digest.map(ToString::to_string).unwrap_or_default()
    )
}

fn evidence(entry: &Entry) -> Value {
    let predicate = &entry.statement.predicate;
    let kind = entry
        .kind()
        .map_or("statement of an unknown kind", Kind::as_str);
    let data = |name: &str| {
        let content = entry.text(name).unwrap_or_else(|| withheld(entry, name));
        let classification = if entry.fields.contains_key(name) {
            "public"
        } else {
            "withheld"
        };
        json!({
            "name": name,
            "contents": {"attachment": {"contentType": "text/plain", "content": content}},
            "classification": classification,
        })
    };
    json!({
        "bom-ref": reference(u64::from(predicate.number)),
        "propertyName": format!("seamark:record:{kind}"),
        "description": format!("{kind}, entry {} of the record; statement sha256:{}", predicate.number,
            entry.statement.digest().map(|digest| digest.to_string()).unwrap_or_default()),
        "data": predicate.fields.keys().map(|name| data(name)).collect::<Vec<_>>(),
        "created": predicate.at.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::testing::schema;
    use crate::record::{public, tests::chain};

    fn heading() -> Heading<'static> {
        Heading {
            developer: "Larkspur",
            operator: "A clearinghouse",
            now: jiff::Timestamp::from_second(1_800_900_000).unwrap(),
        }
    }

    fn validator() -> Option<jsonschema::Validator> {
        let mut registry = jsonschema::Registry::new();
        for name in [
            "spdx.schema.json",
            "jsf-0.82.schema.json",
            "cryptography-defs.schema.json",
        ] {
            let text = schema(&format!("cyclonedx/{name}"))?;
            registry = registry
                .add(format!("http://cyclonedx.org/schema/{name}"), text)
                .unwrap();
        }
        let registry = registry.prepare().unwrap();
        let text = schema("cyclonedx/bom-1.7.schema.json")?;
        let options = jsonschema::options().should_validate_formats(true);
        Some(options.with_registry(&registry).build(&text).unwrap())
    }

    #[test]
    fn the_export_validates_against_cyclonedx_1_7() {
        let Some(validator) = validator() else { return };
        let errors = |document: &Value| -> Vec<String> {
            let all = validator.iter_errors(document);
            all.map(|error| format!("{}: {error}", error.instance_path()))
                .collect()
        };
        let document = document(&public(&chain()), &heading());
        assert_eq!(errors(&document), Vec::<String>::new());
        // Seen red: a member that the standard does not have is found.
        let mut wrong = document.clone();
        wrong["declarations"]["claims"][0]["verdict"] = true.into();
        assert_eq!(errors(&wrong).len(), 1);
    }

    #[test]
    fn the_export_has_every_entry_every_claim_and_no_withheld_word() {
        let document = document(&public(&chain()), &heading());
        let declarations = &document["declarations"];
        assert_eq!(declarations["evidence"].as_array().unwrap().len(), 11);
        assert_eq!(declarations["claims"][0]["evidence"], json!(["entry-2"]));
        assert_eq!(
            declarations["claims"][0]["counterEvidence"],
            json!(["entry-4"])
        );
        assert_eq!(declarations["assessors"][1]["thirdParty"], true);
        let text = document.to_string();
        assert!(
            !text.contains("wants a month more") && text.contains("withheld, sha256:"),
            "{text}"
        );
        let metrics = &document["metadata"]["component"]["modelCard"]["quantitativeAnalysis"]["performanceMetrics"];
        assert_eq!(metrics[0]["value"], "29 of 40");
        assert_eq!(
            metrics[0]["confidenceInterval"],
            json!({"lowerBound": "0.586", "upperBound": "0.837"})
        );
    }
}
