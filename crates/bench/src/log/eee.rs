//! Every Eval Ever: an evaluation's results in the form that results of every harness are collected in.
//!
//! Edition 0.3.0 of the schema (`eval.schema.json` and `instance_level_eval.schema.json` of the package
//! `every-eval-ever` 0.3.0): one document for the results, and beside it a line of JSON for each sample, whose digest
//! stands in the document.

mod rows;

pub mod read;

use jiff::Timestamp;
use names::Problems;
use serde_json::{Value, json};

use super::Log;
use super::header::{Scored, Stated};
use super::json::Json;

pub use read::{Outcome, Read, read};

/// The edition that is written.
pub const EDITION: &str = "0.3.0";

/// What a log does not say, and a record must.
#[derive(Clone, Debug)]
pub struct About {
    /// Who evaluated.
    pub organization: Box<str>,
    pub relationship: Relationship,
    /// Who made the model, as the collection's folders name it.
    pub developer: Box<str>,
    /// When the record is made.
    pub retrieved_at: Timestamp,
    /// 16 random bytes: the record's name in the collection.
    pub random: [u8; 16],
    /// Exact bounds by the name of the score, where somebody computed them.
    pub bounds: Vec<Bound>,
}

/// Who evaluated, to who made the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    FirstParty,
    ThirdParty,
    Collaborative,
    Other,
}

impl Relationship {
    /// The word of the schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Relationship::FirstParty => "first_party",
            Relationship::ThirdParty => "third_party",
            Relationship::Collaborative => "collaborative",
            Relationship::Other => "other",
        }
    }
}

/// An interval of a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    pub score: Box<str>,
    pub lower: f64,
    pub upper: f64,
    pub level: f64,
    /// Such as `clopper-pearson`.
    pub method: Box<str>,
}

/// A record: the document, and the samples beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Where the document belongs in the collection: `data/BENCHMARK/DEVELOPER/MODEL/UUID.json`.
    pub path: Box<str>,
    pub aggregate: Box<str>,
    /// Where the samples belong: the same with `_samples.jsonl`.
    pub instances_path: Box<str>,
    pub instances: Box<str>,
}

/// The record of `log`.
///
/// A metric that is no finite number has no place in the schema and is left out; one without any other is a problem.
pub fn export(log: &Log, about: &About) -> Result<Export, Problems> {
    let header = log.header();
    let folder = |text: &str| -> String {
        let letters = text.chars().map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => letter,
            _ => '-',
        });
        match letters.take(100).collect::<String>() {
            text if text.trim_matches('.').is_empty() => "unknown".to_owned(),
            text => text,
        }
    };
    let model = header.model.rsplit('/').next().unwrap_or_default();
    let stem = format!(
        "data/{}/{}/{}/{}",
        folder(&header.task),
        folder(&about.developer),
        folder(model),
        uuid(about.random)
    );
    let retrieved = about.retrieved_at.as_second();
    let id = format!("{}/{}/{retrieved}", header.task, header.model);
    let results = results(log, about);
    if results.is_empty() {
        return Err(Problems::one(
            "states no metric that is a number; there is nothing to collect",
        ));
    }
    let instances = rows::rows(log, &id)?;
    let instances_path = format!("{stem}_samples.jsonl");
    let library = library(log);
    let mut aggregate = json!({
        "schema_version": EDITION,
        "evaluation_id": id,
        "evaluation_timestamp": header.created,
        "retrieved_timestamp": retrieved.to_string(),
        "source_metadata": {
            "source_name": library.0,
            "source_type": "evaluation_run",
            "source_organization_name": about.organization,
            "evaluator_relationship": about.relationship.as_str(),
        },
        "eval_library": {"name": library.0, "version": library.1},
        "model_info": {
            "name": model,
            "id": header.model,
            "developer": about.developer,
            "additional_details": {"deployment_type": "unknown", "model_availability": "unknown"},
        },
        "evaluation_results": results,
    });
    if !instances.is_empty() {
        aggregate["detailed_evaluation_results"] = json!({
            "format": "jsonl",
            "file_path": instances_path,
            "hash_algorithm": "sha256",
            "checksum": hex(&keys::sha256(&[instances.as_bytes()])),
            "total_rows": instances.lines().count(),
        });
    }
    Ok(Export {
        path: format!("{stem}.json").into(),
        aggregate: format!("{aggregate:#}\n").into(),
        instances_path: instances_path.into(),
        instances: instances.into(),
    })
}

/// The program that wrote the log, and its version.
fn library(log: &Log) -> (String, String) {
    let packages = log
        .header_json()
        .get("eval")
        .and_then(|eval| eval.some("packages"));
    let version = |name: &str| packages.and_then(|all| all.some(name)?.text());
    for name in ["seamark", "inspect_ai"] {
        if let Some(version) = version(name) {
            return (name.to_owned(), version.into_owned());
        }
    }
    ("inspect_ai".to_owned(), "unknown".to_owned())
}

/// How a result is named, in the document and in the lines of its samples: as the collection's own converter does.
fn result_id(score: &Scored, metric: &Stated) -> String {
    match &score.reducer {
        Some(reducer) => format!("{}:{}:{reducer}", score.name, metric.key),
        None => format!("{}:{}", score.name, metric.key),
    }
}

/// The metrics of a score that measure, and not how well.
fn measures(score: &Scored) -> impl Iterator<Item = &Stated> {
    let error =
        |name: &str| ["stderr", "bootstrap_stderr", "bootstrap_std", "std", "var"].contains(&name);
    score
        .metrics
        .iter()
        .filter(move |metric| !error(base(&metric.name)) && metric.value.is_finite())
}

/// A metric's name without its package.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

fn results(log: &Log, about: &About) -> Vec<Value> {
    let header = log.header();
    let mut all = Vec::new();
    for score in &header.scores {
        for metric in measures(score) {
            let share = base(&metric.name) == "accuracy";
            let dataset = header.dataset.as_deref().unwrap_or(&header.task);
            let mut result = json!({
                "evaluation_result_id": result_id(score, metric),
                "evaluation_name": header.task,
                "source_data": {"dataset_name": dataset, "source_type": "other"},
                "evaluation_timestamp": header.created,
                "metric_config": {
                    "evaluation_description": format!("{} of {}", metric.name, score.name),
                    "metric_id": base(&metric.name),
                    "metric_name": metric.name,
                    "lower_is_better": false,
                    "score_type": "continuous",
                    "min_score": if share { json!(0) } else { Value::Null },
                    "max_score": if share { json!(1) } else { Value::Null },
                },
                "score_details": {"score": metric.value},
            });
            if let Some(uncertainty) = uncertainty(log, score, about) {
                result["score_details"]["uncertainty"] = uncertainty;
            }
            all.push(result);
        }
    }
    all
}

fn uncertainty(log: &Log, score: &Scored, about: &About) -> Option<Value> {
    let mut out = serde_json::Map::new();
    let stated = |name: &str| {
        let named = |metric: &&Stated| base(&metric.name) == name && metric.value.is_finite();
        score.metrics.iter().find(named).map(|metric| metric.value)
    };
    if let Some(value) = stated("stderr") {
        out.insert(
            "standard_error".into(),
            json!({"value": value, "method": "analytic"}),
        );
    } else if let Some(value) = stated("bootstrap_stderr").or_else(|| stated("bootstrap_std")) {
        out.insert(
            "standard_error".into(),
            json!({"value": value, "method": "bootstrap"}),
        );
    }
    if let Some(value) = stated("std") {
        out.insert("standard_deviation".into(), json!(value));
    }
    if let Some(bound) = about.bounds.iter().find(|bound| bound.score == score.name) {
        out.insert(
            "confidence_interval".into(),
            json!({
                "lower": bound.lower,
                "upper": bound.upper,
                "confidence_level": bound.level,
                "method": bound.method,
            }),
        );
    }
    if out.is_empty() {
        return None;
    }
    let scored = log.header_json().get("results")?.some("scores")?;
    let samples = scored
        .items()
        .find(|one| one.get("name").is_some_and(|name| name.is(&score.name)))
        .and_then(|one| one.some("scored_samples")?.whole())
        .or(log.header().completed_samples);
    out.extend(samples.map(|samples| ("num_samples".to_owned(), json!(samples))));
    Some(Value::Object(out))
}

/// RFC 9562, section 5.4: version 4.
fn uuid(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let digits = hex(&random);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text of a member, or nothing.
pub(super) fn text(json: Json<'_>, name: &str) -> Option<String> {
    json.some(name)
        .and_then(Json::text)
        .map(|text| text.into_owned())
}
