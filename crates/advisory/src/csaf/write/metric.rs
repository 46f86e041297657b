//! Scores of a flaw (CSAF 2.0 section 3.2.3.13) and its metrics (2.1 section 3.2.4.9), each with its products.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use super::tree::Said;
use super::{Context, Edition};
use crate::publication::{BaseScore, Losses};
use crate::{Advisory, Severity, Ssvc};

/// Words for a severity that readers find in a threat of category `impact`.
const WORDS: &[&str] = &[
    "critical",
    "important",
    "high",
    "moderate",
    "medium",
    "low",
    "none",
];

/// Section 3.2.4.9.2.5 of 2.1, `qualitative_severity_rating`.
const RATINGS: &[&str] = &["critical", "high", "low", "medium", "none"];

/// Section 3.2.3.13: for one product not two scores of one version of CVSS (test 6.1.7).
pub(super) fn scores(
    to: &Context<'_>,
    advisory: &Advisory,
    said: &Said,
    losses: &mut Losses,
) -> Value {
    let single = |one: &crate::Affected| !one.severities.is_empty();
    losses.add_if(
        advisory.affected.iter().any(single),
        "severities of single products are left out",
    );
    let content = content(to, &advisory.severities, losses);
    let products = said.scored();
    if products.is_empty() || content.is_empty() {
        losses.add_if(
            !content.is_empty(),
            "a score is of affected products, and there are none",
        );
        return Value::Null;
    }
    let mut scores = content;
    scores.insert("products".to_owned(), json!(products));
    json!([scores])
}

/// Section 3.2.4.9: one metric for all products that are scored alike.
pub(super) fn metrics(
    to: &Context<'_>,
    advisory: &Advisory,
    said: &Said,
    losses: &mut Losses,
) -> Value {
    let mut shared = content(to, &advisory.severities, losses);
    if let Some(rating) = rating(&advisory.severities) {
        shared.insert("qualitative_severity_rating".to_owned(), json!(rating));
    }
    if let Some(ssvc) = &advisory.ssvc {
        losses.add_if(
            ssvc.source != to.document.publisher.name,
            "who answered SSVC's questions has no field in CSAF",
        );
        match selections(ssvc, to) {
            Some(selections) => {
                shared.insert("ssvc_v2".to_owned(), selections);
            }
            None => losses.add("SSVC without an answer has no field in CSAF"),
        }
    }
    // Targets by the severities of their own.
    let mut alike: Vec<&[Severity]> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut groups = Vec::with_capacity(advisory.affected.len());
    for one in &advisory.affected {
        let place = *places
            .entry(format!("{:?}", one.severities))
            .or_insert_with(|| {
                alike.push(&one.severities);
                alike.len() - 1
            });
        groups.push(place);
    }
    let mut written = Vec::new();
    let mut is_said = false;
    let apart = said.scored_apart(&groups, alike.len());
    for (own, products) in alike.into_iter().zip(apart) {
        if products.is_empty() {
            continue;
        }
        losses.add_if(
            !own.is_empty(),
            "severities of single products count for the flaw too, where CSAF is read",
        );
        let mut one = match own.is_empty() {
            true => shared.clone(),
            false => content(to, own, losses),
        };
        if !own.is_empty()
            && let Some(rating) = rating(own)
        {
            one.insert("qualitative_severity_rating".to_owned(), json!(rating));
        }
        is_said |= own.is_empty();
        if !one.is_empty() {
            written.push(json!({"content": one, "products": products}));
        }
    }
    losses.add_if(
        !shared.is_empty() && !is_said,
        "a score is of affected products, and there are none",
    );
    Value::Array(written)
}

/// Scores by the version of CVSS they are of.
fn content(to: &Context<'_>, severities: &[Severity], losses: &mut Losses) -> Map<String, Value> {
    let mut scores = Map::new();
    for one in severities.iter().filter(|one| !one.vector.is_empty()) {
        own_source(to, one, losses);
        match cvss(to, &one.vector) {
            None => losses.add(match to.edition {
                Edition::V20 => format!("`{}` is no vector of CVSS 2 or 3", one.vector),
                Edition::V21 => format!("`{}` is no vector of CVSS", one.vector),
            }),
            Some((key, _)) if scores.contains_key(key) => {
                losses.add(format!(
                    "a second score of one version of CVSS, `{}`",
                    one.vector
                ));
            }
            Some((key, score)) => {
                scores.insert(key.to_owned(), score);
            }
        }
    }
    scores
}

fn own_source(to: &Context<'_>, severity: &Severity, losses: &mut Losses) {
    losses.add_if(
        severity.source != to.document.publisher.name,
        match to.edition {
            Edition::V20 => "who scored the severity has no field in CSAF 2.0",
            Edition::V21 => "who scored the severity has no field in CSAF, unless it is an address",
        },
    );
}

/// As FIRST's JSON schemas have it.
fn cvss(to: &Context<'_>, vector: &str) -> Option<(&'static str, Value)> {
    let (key, version) = match vector {
        _ if vector.starts_with("CVSS:4.0/") && to.edition == Edition::V21 => ("cvss_v4", "4.0"),
        _ if vector.starts_with("CVSS:3.1/") => ("cvss_v3", "3.1"),
        _ if vector.starts_with("CVSS:3.0/") => ("cvss_v3", "3.0"),
        _ if vector.starts_with("AV:") => ("cvss_v2", "2.0"),
        _ => return None,
    };
    let base = (to.score)(vector)?;
    Some((key, scored(vector, version, base)))
}

/// One score with its number and, since 3.0, its word.
pub(crate) fn scored(vector: &str, version: &str, base: BaseScore) -> Value {
    let mut written = json!({
        "version": version,
        "vectorString": vector,
        "baseScore": f64::from(base.tenths) / 10.0,
    });
    if version != "2.0" {
        written["baseSeverity"] = json!(base.severity.to_ascii_uppercase());
    }
    written
}

/// The word, where it is one of 2.1's and there is no vector to say it better.
fn rating(severities: &[Severity]) -> Option<&str> {
    let [only] = severities else { return None };
    let word = only.word.as_str();
    (only.vector.is_empty() && RATINGS.contains(&word)).then_some(word)
}

/// CERT/CC's selections, schema 2.0.0.
fn selections(ssvc: &Ssvc, to: &Context<'_>) -> Option<Value> {
    let one = |key: &str, version: &str, name: &str, value: (&str, &str)| {
        json!({
            "namespace": "ssvc", "key": key, "version": version, "name": name,
            "values": [{"key": value.0, "name": value.1}],
        })
    };
    let mut selections = Vec::new();
    let exploitation = match ssvc.exploitation.as_deref() {
        Some("active") => Some(("A", "Active")),
        Some("poc") => Some(("P", "Public PoC")),
        Some("none") => Some(("N", "None")),
        _ => None,
    };
    if let Some(value) = exploitation {
        selections.push(one("E", "1.1.0", "Exploitation", value));
    }
    if let Some(automatable) = ssvc.automatable {
        let value = if automatable {
            ("Y", "Yes")
        } else {
            ("N", "No")
        };
        selections.push(one("A", "2.0.0", "Automatable", value));
    }
    if let Some(total) = ssvc.technical_impact_total {
        let value = if total {
            ("T", "Total")
        } else {
            ("P", "Partial")
        };
        selections.push(one("TI", "1.0.0", "Technical Impact", value));
    }
    let at = ssvc.timestamp.unwrap_or_else(|| to.document.last());
    (!selections.is_empty()).then(
        || json!({"schemaVersion": "2.0.0", "timestamp": at.to_string(), "selections": selections}),
    )
}

/// A severity given as a word, where Red Hat writes it and readers look for it.
pub(super) fn worded(to: &Context<'_>, advisory: &Advisory, losses: &mut Losses) -> Vec<Value> {
    let rated = to.edition == Edition::V21 && rating(&advisory.severities).is_some();
    let mut threats = Vec::new();
    for one in advisory
        .severities
        .iter()
        .filter(|one| one.vector.is_empty())
    {
        own_source(to, one, losses);
        match WORDS.contains(&one.word.as_str()) {
            true if rated => {}
            true => threats.push(json!({"category": "impact", "details": one.word})),
            false => losses.add(format!("`{}` is no word for a severity in CSAF", one.word)),
        }
    }
    threats
}
