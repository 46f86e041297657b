//! How bad is it, says the document: scores (CSAF 2.0 section 3.2.3.13) and metrics (CSAF 2.1 section 3.2.4.9).

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::Document;
use crate::value::{list, text, texts, time};
use crate::{Epss, Severity, Ssvc};

/// All a vulnerability's metrics.
#[derive(Default)]
pub(super) struct Metrics {
    /// Every score once, in the order written.
    pub severities: Vec<Severity>,
    /// The scores of each product id.
    pub of: FxHashMap<String, Vec<Severity>>,
    pub ssvc: Option<Ssvc>,
    pub epss: Option<Epss>,
}

/// Reads `scores` and `metrics`.
pub(super) fn read(head: &Document, flaw: &Value) -> Metrics {
    let mut metrics = Metrics::default();
    for score in list(flaw, "scores") {
        scored(
            &mut metrics,
            score,
            texts(score, "products"),
            &head.publisher,
        );
    }
    for metric in list(flaw, "metrics") {
        let content = metric.get("content").unwrap_or(&Value::Null);
        let source = match text(metric, "source") {
            "" => &head.publisher,
            source => source,
        };
        scored(&mut metrics, content, texts(metric, "products"), source);
        for key in ["ssvc_v2", "ssvc_v1"] {
            if let Some(selections) = content.get(key) {
                metrics.ssvc.get_or_insert_with(|| ssvc(selections, source));
            }
        }
        if let Some(score) = content.get("epss") {
            metrics.epss = epss(text(flaw, "cve"), score).or(metrics.epss);
        }
    }
    worded(&mut metrics, head, flaw);
    metrics
}

fn scored<'a>(
    metrics: &mut Metrics,
    content: &Value,
    products: impl Iterator<Item = &'a str>,
    source: &str,
) {
    let mut severities: Vec<Severity> = ["cvss_v4", "cvss_v3", "cvss_v2"]
        .iter()
        .filter_map(|key| content.get(*key))
        .map(|score| severity(text(score, "vectorString"), "", source))
        .filter(|severity| !severity.vector.is_empty())
        .collect();
    let word = text(content, "qualitative_severity_rating");
    if !word.is_empty() {
        severities.push(severity("", &word.to_lowercase(), source));
    }
    for severity in &severities {
        if !metrics.severities.contains(severity) {
            metrics.severities.push(severity.clone());
        }
    }
    for product in products {
        metrics
            .of
            .entry(product.to_owned())
            .or_default()
            .extend(severities.iter().cloned());
    }
}

fn severity(vector: &str, word: &str, source: &str) -> Severity {
    Severity {
        vector: vector.to_owned(),
        word: word.to_owned(),
        source: source.to_owned(),
    }
}

/// Red Hat writes its severity as the text of a threat of category `impact`.
fn worded(metrics: &mut Metrics, head: &Document, flaw: &Value) {
    const WORDS: &[&str] = &[
        "critical",
        "important",
        "high",
        "moderate",
        "medium",
        "low",
        "none",
    ];
    for threat in list(flaw, "threats") {
        let word = text(threat, "details").to_lowercase();
        if text(threat, "category") == "impact" && WORDS.contains(&word.as_str()) {
            let severity = severity("", &word, &head.publisher);
            if !metrics.severities.contains(&severity) {
                metrics.severities.push(severity);
            }
        }
    }
}

/// CERT/CC's SSVC selections, schema 1 (values are words) and 2 (values are objects with a name and a key).
fn ssvc(selections: &Value, source: &str) -> Ssvc {
    let mut answers = Ssvc {
        timestamp: time(selections, "timestamp"),
        source: source.to_owned(),
        ..Ssvc::default()
    };
    for selection in list(selections, "selections") {
        let values = list(selection, "values");
        // Several values mean that the publisher has not decided between them.
        let [value] = values else {
            continue;
        };
        let chosen = match value.as_str() {
            Some(word) => word.to_lowercase(),
            None => text(value, "name").to_lowercase(),
        };
        let point = text(selection, "name").to_lowercase();
        match (point.as_str(), chosen.as_str()) {
            ("exploitation", "active") => answers.exploitation = Some("active".into()),
            ("exploitation", "poc" | "public poc" | "public_poc") => {
                answers.exploitation = Some("poc".into());
            }
            ("exploitation", "none") => answers.exploitation = Some("none".into()),
            ("automatable", "yes") => answers.automatable = Some(true),
            ("automatable", "no") => answers.automatable = Some(false),
            ("technical impact", "total") => answers.technical_impact_total = Some(true),
            ("technical impact", "partial") => answers.technical_impact_total = Some(false),
            _ => {}
        }
    }
    answers
}

/// Section 3.2.4.9.2.4: probability and percentile are texts such as `0.00045`.
fn epss(cve: &str, score: &Value) -> Option<Epss> {
    let millionths = |key| {
        let share: f64 = text(score, key).parse().ok()?;
        (0.0..=1.0)
            .contains(&share)
            .then(|| (share * 1e6).round() as u32)
    };
    let date = time(score, "timestamp")?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    (!cve.is_empty()).then_some(())?;
    Some(Epss {
        cve: cve.to_owned(),
        epss_millionths: millionths("probability")?,
        percentile_millionths: millionths("percentile")?,
        date,
    })
}
