//! SPDX 3.0.1, AI profile, as JSON-LD: the model as an `ai_AIPackage`, each statement of its record as an annotation.
//!
//! The threshold of a committed rule is secret; what stands as `ai_metricDecisionThreshold` is its commitment. The
//! profile's `ai_safetyRiskAssessment` is a word of the European General Risk Assessment Methodology; it is written only
//! where the developer's own risk decision has it.

use serde_json::{Map, Value, json};

use super::{Heading, lines, shown};
use crate::record::{Entry, Kind};

/// The context that gives every member its meaning.
const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

const LEVELS: [&str; 4] = ["serious", "high", "medium", "low"];

/// The document; `chain` is the public copy.
pub fn document(chain: &[Entry], heading: &Heading<'_>) -> Value {
    let head = chain.last().and_then(|last| last.statement.digest().ok());
    let base = format!(
        "urn:seamark:record:{}",
        head.map(|head| head.to_string()).unwrap_or_default()
    );
    let id = |what: &str| format!("{base}#{what}");
    let mut graph = vec![
        json!({
            "type": "CreationInfo", "@id": "_:creation", "specVersion": "3.0.1", "created": seconds(heading.now),
            "createdBy": [id("developer")],
        }),
        json!({"type": "Organization", "spdxId": id("developer"), "name": heading.developer, "creationInfo": "_:creation"}),
        package(chain, &id("model"), &id("developer"), heading),
    ];
    graph.extend(chain.iter().map(|entry| {
        annotation(
            entry,
            &id(&format!("entry-{}", entry.statement.predicate.number)),
            &id("model"),
        )
    }));
    let elements: Vec<Value> = graph
        .iter()
        .skip(1)
        .map(|element| element["spdxId"].clone())
        .collect();
    graph.push(json!({
        "type": "SpdxDocument", "spdxId": id("document"), "creationInfo": "_:creation", "rootElement": [id("model")],
        "element": elements, "profileConformance": ["core", "software", "ai"], "name": "A developer's record",
    }));
    json!({"@context": CONTEXT, "@graph": graph})
}

/// `created` has whole seconds (Core/DateTime).
fn seconds(at: jiff::Timestamp) -> String {
    let whole = jiff::Timestamp::from_second(at.as_second()).unwrap_or(at);
    whole.to_string()
}

fn package(chain: &[Entry], id: &str, developer: &str, heading: &Heading<'_>) -> Value {
    let find = |kind: Kind| {
        chain
            .iter()
            .rev()
            .find(move |entry| entry.kind() == Some(kind))
    };
    let text = |kind: Kind, field: &str| find(kind).and_then(|entry| entry.text(field));
    let subject = chain
        .first()
        .and_then(|entry| entry.statement.subject.first());
    let mut model = Map::new();
    let mut put = |name: &str, value: Value| {
        model.insert(name.to_owned(), value);
    };
    put("type", "ai_AIPackage".into());
    put("spdxId", id.into());
    put("creationInfo", "_:creation".into());
    put(
        "name",
        subject.map_or("unnamed", |subject| &*subject.name).into(),
    );
    put("suppliedBy", developer.into());
    put("software_primaryPurpose", "model".into());
    // The profile wants these; what the record does not say is said to be unknown.
    put(
        "software_packageVersion",
        text(Kind::ModelIdentity, "version")
            .unwrap_or_else(|| "unknown".to_owned())
            .into(),
    );
    put("software_downloadLocation", "urn:seamark:none".into());
    let released =
        text(Kind::ReleaseDecision, "on").and_then(|text| text.parse::<jiff::civil::Date>().ok());
    let released = released.map_or_else(|| seconds(heading.now), |day| format!("{day}T00:00:00Z"));
    put("releaseTime", released.into());
    if let Some(summary) = text(Kind::TrainingSummary, "summary") {
        put("ai_informationAboutTraining", summary.into());
    }
    if let Some(claim) = text(Kind::CapabilityClaim, "claim") {
        put("ai_informationAboutApplication", claim.into());
    }
    if let Some(domain) = text(Kind::CapabilityClaim, "domain") {
        put("ai_domain", json!([domain]));
    }
    if let Some(level) =
        text(Kind::RiskDecision, "level").filter(|level| LEVELS.contains(&level.as_str()))
    {
        put("ai_safetyRiskAssessment", level.into());
    }
    if let Some(run) = find(Kind::CyberTestRun) {
        put("ai_metric", dictionary(metrics(run)));
        if let Some(plan) = run.text("threshold").or_else(|| run.text("plan")) {
            put(
                "ai_metricDecisionThreshold",
                dictionary(vec![("committed rule, sha256".to_owned(), plan)]),
            );
        }
        if let Some(limits) = run.text("limits") {
            put("ai_limitation", limits.into());
        }
    }
    Value::Object(model)
}

fn metrics(run: &Entry) -> Vec<(String, String)> {
    let names = ["solved", "counted", "lower", "upper", "measured"];
    let mut all: Vec<(String, String)> = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), run.text(name)?)))
        .collect();
    if let Some(Value::Object(strata)) = run.value("strata") {
        all.extend(
            strata
                .iter()
                .map(|(stratum, value)| (format!("stratum {stratum}"), shown(value))),
        );
    }
    all
}

fn dictionary(all: Vec<(String, String)>) -> Value {
    all.into_iter()
        .map(|(key, value)| json!({"type": "DictionaryEntry", "key": key, "value": value}))
        .collect()
}

fn annotation(entry: &Entry, id: &str, model: &str) -> Value {
    let kind = entry.kind().map_or("unknown", Kind::as_str);
    let says: Vec<String> = lines(entry)
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let digest = entry
        .statement
        .digest()
        .map(|digest| digest.to_string())
        .unwrap_or_default();
    json!({
        "type": "Annotation", "spdxId": id, "creationInfo": "_:creation", "annotationType": "other", "subject": model,
        "statement": format!("{kind} of {}\n{}\nstatement sha256:{digest}", entry.statement.predicate.at, says.join("\n")),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::export::testing::schema;
    use crate::record::{public, tests::chain};

    /// Names that the standard's context and model do not have.
    fn unknown(document: &Value) -> Option<Vec<String>> {
        let context = schema("spdx/spdx-context-3.0.jsonld")?;
        let model = schema("spdx/spdx-model-3.0.json-ld")?;
        let terms = context["@context"].as_object().unwrap();
        let known: BTreeSet<&str> = model
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| one["@id"].as_str())
            .collect();
        let iri = |term: &str| {
            terms[term]
                .as_str()
                .or_else(|| terms[term]["@id"].as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let mut wrong = Vec::new();
        let mut waiting: Vec<&Value> = document["@graph"].as_array().unwrap().iter().collect();
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(members) => {
                    for (name, value) in members {
                        let is_known = name == "@id" || terms.contains_key(name);
                        // A word of an enumeration is one of its vocabulary.
                        let vocabulary = terms
                            .get(name)
                            .and_then(|term| term["@context"]["@vocab"].as_str());
                        let words = value
                            .as_array()
                            .map_or_else(|| vec![value], |all| all.iter().collect());
                        let is_word = |word: &&Value| {
                            vocabulary.is_none_or(|base| {
                                word.as_str().is_some_and(|word| {
                                    known.contains(format!("{base}{word}").as_str())
                                })
                            })
                        };
                        if !is_known || !words.iter().all(is_word) {
                            wrong.push(format!("{name}: {value}"));
                        }
                        if name == "type" && !known.contains(iri(value.as_str().unwrap()).as_str())
                        {
                            wrong.push(format!("class {value}"));
                        }
                        waiting.push(value);
                    }
                }
                Value::Array(all) => waiting.extend(all),
                _ => {}
            }
        }
        Some(wrong)
    }

    fn made() -> Value {
        let now = jiff::Timestamp::from_second(1_800_900_000).unwrap();
        let heading = Heading {
            developer: "Larkspur",
            operator: "A clearinghouse",
            now,
        };
        document(&public(&chain()), &heading)
    }

    #[test]
    fn every_name_of_the_export_is_one_of_spdx_3_0_1() {
        let mut document = made();
        let Some(wrong) = unknown(&document) else {
            return;
        };
        assert_eq!(wrong, Vec::<String>::new());
        // Seen red: a member and a word that the standard does not have are found.
        document["@graph"][2]["ai_verdict"] = "x".into();
        document["@graph"][2]["ai_safetyRiskAssessment"] = "grave".into();
        assert_eq!(unknown(&document).unwrap().len(), 2);
    }

    #[test]
    fn every_reference_of_the_export_leads_to_one_of_its_elements() {
        let document = made();
        let graph = document["@graph"].as_array().unwrap();
        let ids: BTreeSet<&str> = graph
            .iter()
            .filter_map(|one| one["spdxId"].as_str())
            .collect();
        assert_eq!(ids.len(), 1 + 1 + 11 + 1);
        for one in graph {
            for member in ["subject", "suppliedBy"] {
                assert!(
                    one[member].as_str().is_none_or(|id| ids.contains(id)),
                    "{one}"
                );
            }
            let all = ["element", "rootElement", "createdBy"]
                .iter()
                .filter_map(|name| one[*name].as_array())
                .flatten();
            assert!(
                all.clone().all(|id| ids.contains(id.as_str().unwrap())),
                "{one}"
            );
        }
    }

    #[test]
    fn a_secret_threshold_stands_by_its_commitment_and_what_is_withheld_by_its_digest() {
        let text = made().to_string();
        assert!(
            text.contains("committed rule, sha256") && text.contains(&"d".repeat(64)),
            "{text}"
        );
        assert!(
            !text.contains("wants a month more") && text.contains("dissent: withheld, sha256:"),
            "{text}"
        );
    }
}
