//! What CISA and others add to a record: SSVC answers, a KEV entry, words for severity.
//!
//! `metrics[].other` is free-form. CISA's `ssvc` is a list of objects of one key each, with spaces in the keys and
//! capitals as the day brings them; its `kev` gives the day of addition.

use serde_json::Value;

use super::record::{Cvss, Metric};
use crate::{Advisory, Severity, Ssvc, time};

/// Adds what one metric says, told by `source`.
pub(super) fn add(metric: Metric, source: &str, advisory: &mut Advisory) {
    let cvss = [metric.v4_0, metric.v3_1, metric.v3_0, metric.v2_0];
    let vectors = cvss
        .into_iter()
        .flatten()
        .map(|Cvss { vector_string }| vector_string);
    for vector in vectors.filter(|vector| !vector.is_empty()) {
        let severity = Severity {
            vector,
            word: String::new(),
            source: source.to_owned(),
        };
        if !advisory.severities.contains(&severity) {
            advisory.severities.push(severity);
        }
    }
    let Some(other) = metric.other else { return };
    match other.kind.to_ascii_lowercase().as_str() {
        "ssvc" => advisory.ssvc = ssvc(&other.content, source).or(advisory.ssvc.take()),
        "kev" => advisory.kev_date_added = text(&other.content, "dateAdded").and_then(time::date),
        kind if kind.contains("severity") => {
            advisory.severities.extend(word(&other.content, source))
        }
        _ => {}
    }
}

fn text<'a>(content: &'a Value, key: &str) -> Option<&'a str> {
    content.get(key)?.as_str()
}

/// Red Hat's `value`, others' `text`: one word, or it is prose.
fn word(content: &Value, source: &str) -> Option<Severity> {
    let word = text(content, "value")
        .or_else(|| text(content, "text"))?
        .trim()
        .to_ascii_lowercase();
    let is_word =
        !word.is_empty() && word.len() <= 20 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word.then(|| Severity {
        vector: String::new(),
        word,
        source: source.to_owned(),
    })
}

fn ssvc(content: &Value, source: &str) -> Option<Ssvc> {
    let options = content.get("options")?.as_array()?;
    let answer = |name: &str| {
        let pairs = options.iter().filter_map(Value::as_object).flatten();
        let plain = |key: &str| key.to_ascii_lowercase().replace([' ', '_', '-'], "");
        let found = pairs
            .filter(|(key, _)| plain(key) == name)
            .find_map(|(_, value)| value.as_str());
        found.map(str::to_ascii_lowercase)
    };
    let one_of = |answer: Option<String>, no: &str, yes: &str| match answer.as_deref() {
        Some(word) if word == yes => Some(true),
        Some(word) if word == no => Some(false),
        _ => None,
    };
    let exploitation =
        answer("exploitation").filter(|word| matches!(word.as_str(), "none" | "poc" | "active"));
    Some(Ssvc {
        exploitation,
        automatable: one_of(answer("automatable"), "no", "yes"),
        technical_impact_total: one_of(answer("technicalimpact"), "partial", "total"),
        timestamp: time::timestamp(text(content, "timestamp")).ok().flatten(),
        source: source.to_owned(),
    })
}
