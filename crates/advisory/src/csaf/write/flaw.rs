//! One flaw of a document (CSAF 2.0 section 3.2.3, 2.1 section 3.2.4).

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use super::tree::{Said, Tree};
use super::{Context, Edition, metric, or, reference};
use crate::csaf::cwe;
use crate::document::{Flaw, titled};
use crate::publication::{Losses, is_url};
use crate::{Advisory, Remediation, RemediationKind, Status};

/// Section 3.2.3.12.4.1, `restart_required.category`.
const RESTARTS: &[&str] = &[
    "connected",
    "dependencies",
    "machine",
    "none",
    "parent",
    "service",
    "system",
    "vulnerable_component",
    "zone",
];

/// Section 3.2.3.5.1, labels of flags.
const LABELS: &[&str] = &[
    "component_not_present",
    "inline_mitigations_already_exist",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_not_present",
];

/// Writes flaw `number` of the document.
pub(super) fn written(
    to: &Context<'_>,
    number: usize,
    flaw: &Flaw,
    tree: &Tree,
    losses: &mut Losses,
) -> Value {
    let advisory = &flaw.advisory;
    let said = tree.said(number);
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.as_array().is_some_and(Vec::is_empty) && !value.is_null() {
            entry.insert(key.to_owned(), value);
        }
    };
    put("title", json!(titled(advisory)));
    put("acknowledgments", acknowledgments(flaw));
    identified(to, advisory, &mut put, losses);
    weaknesses(to, advisory, &mut put, losses);
    // Note categories `summary` and `description` are read as details; a flaw without details has a title only.
    put(
        "notes",
        match advisory.details.trim() {
            "" => json!([{"category": "other", "text": titled(advisory), "title": "Title"}]),
            text => json!([{"category": "description", "text": text, "title": "Details"}]),
        },
    );
    put("product_status", said.statuses());
    let (key, metrics) = match to.edition {
        Edition::V20 => ("scores", metric::scores(to, advisory, said, losses)),
        Edition::V21 => ("metrics", metric::metrics(to, advisory, said, losses)),
    };
    put(key, metrics);
    put("remediations", remediations(to, advisory, said, losses));
    put("references", own_references(to, advisory, losses));
    let (flags, mut threats) = justifications(flaw, said, losses);
    put("flags", Value::Array(flags));
    threats.extend(metric::worded(to, advisory, losses));
    put("threats", Value::Array(threats));
    unheld(to, advisory, losses);
    Value::Object(entry)
}

fn unheld(to: &Context<'_>, advisory: &Advisory, losses: &mut Losses) {
    losses.add_if(
        !advisory.upstream.is_empty(),
        "flaws that it packages fixes for have no field in CSAF",
    );
    losses.add_if(
        !advisory.related.is_empty(),
        "flaws that are merely near have no field in CSAF",
    );
    match to.edition {
        Edition::V20 => losses.add_if(
            advisory.ssvc.is_some() || advisory.kev_date_added.is_some(),
            "what is known of exploitation has no field in CSAF 2.0",
        ),
        Edition::V21 => losses.add_if(
            advisory.kev_date_added.is_some(),
            "when it came into a catalog of exploited flaws has no field in CSAF",
        ),
    }
    losses.add_if(
        !advisory.informational.is_empty(),
        "that it is no vulnerability has no field in CSAF",
    );
}

/// The CVE in its own field, every other id under the system that gives it.
fn identified(
    to: &Context<'_>,
    advisory: &Advisory,
    put: &mut dyn FnMut(&str, Value),
    losses: &mut Losses,
) {
    let own = std::iter::once(&advisory.id);
    let ids: Vec<&String> = own
        .chain(&advisory.aliases)
        .filter(|id| !id.is_empty())
        .collect();
    let cve = ids.iter().find(|id| names::id::is_cve(id));
    if let Some(cve) = cve {
        put("cve", json!(cve));
    }
    let mut others = Vec::new();
    let mut seen = FxHashSet::default();
    // What the document goes by needs no second mention, where the flaw has a name of its own.
    let told = |id: &&String| cve.is_some() && **id == to.document.number;
    for id in ids.iter().filter(|id| Some(*id) != cve && !told(id)) {
        let joins = ["CVE-", "GHSA-", "EUVD-"]
            .iter()
            .any(|prefix| id.starts_with(prefix));
        losses.add_if(
            !joins && (cve.is_some() || ***id != advisory.id),
            "ids other than CVE, GHSA and EUVD stand among `ids`, where readers do not join them",
        );
        let system = match id.split_once('-') {
            Some((system, _)) if joins => system,
            _ => or(&to.document.publisher.name, "unnamed"),
        };
        if seen.insert(*id) {
            others.push(json!({"system_name": system, "text": id}));
        }
    }
    put("ids", Value::Array(others));
}

fn acknowledgments(flaw: &Flaw) -> Value {
    let credits = flaw.credits.iter();
    credits
        .map(|credit| json!({"names": [credit.name], "summary": credit.role.words()}))
        .collect()
}

/// Section 3.2.3.3: one weakness, with its name (test 6.1.11); in 2.1 any number, each with an edition that has it.
fn weaknesses(
    to: &Context<'_>,
    advisory: &Advisory,
    put: &mut dyn FnMut(&str, Value),
    losses: &mut Losses,
) {
    match to.edition {
        Edition::V20 => {
            let known = |id: &String| cwe::name(id).map(|name| json!({"id": id, "name": name}));
            let found = advisory.weaknesses.iter().find_map(known);
            let held = usize::from(found.is_some());
            losses.add_if(
                advisory.weaknesses.len() > held,
                "CSAF 2.0 holds one weakness, and only one whose name is known",
            );
            put("cwe", found.unwrap_or_default());
        }
        Edition::V21 => {
            let mut held: Vec<Value> = Vec::new();
            for id in &advisory.weaknesses {
                match cwe::named(id, Some(to.document.last())) {
                    Some((name, edition)) => {
                        let one = json!({"id": id, "name": name, "version": edition});
                        if !held.contains(&one) {
                            held.push(one);
                        }
                    }
                    None => losses.add(format!("`{id}`, which is no weakness of MITRE's list")),
                }
            }
            put("cwes", Value::Array(held));
        }
    }
}

/// Section 3.2.3.10: links that not every flaw of the document has.
fn own_references(to: &Context<'_>, advisory: &Advisory, losses: &mut Losses) -> Value {
    if to.document.flaws.len() < 2 {
        return Value::Null;
    }
    let own = advisory.references.iter();
    own.filter(|one| !to.shared.contains(one))
        .filter_map(|one| reference(to, one, losses))
        .collect()
}

/// Section 3.2.3.12, each with the products it is for (test 6.1.29).
fn remediations(to: &Context<'_>, advisory: &Advisory, said: &Said, losses: &mut Losses) -> Value {
    let helped = said.helped(advisory);
    let mut written = Vec::new();
    for (one, products) in advisory.remediations.iter().zip(helped) {
        if products.is_empty() {
            losses.add("what helps no product that is named is left out");
            continue;
        }
        written.push(remediation(to, one, products, losses));
    }
    Value::Array(written)
}

fn remediation(
    to: &Context<'_>,
    one: &Remediation,
    products: Vec<String>,
    losses: &mut Losses,
) -> Value {
    let (category, is_new) = match one.kind {
        RemediationKind::VendorFix => ("vendor_fix", false),
        RemediationKind::OptionalPatch => ("optional_patch", true),
        RemediationKind::Mitigation => ("mitigation", false),
        RemediationKind::Workaround => ("workaround", false),
        RemediationKind::NoFixPlanned => ("no_fix_planned", false),
        RemediationKind::NoneAvailable => ("none_available", false),
        RemediationKind::FixPlanned => ("fix_planned", true),
    };
    let lacks = is_new && to.edition == Edition::V20;
    losses.add_if(
        lacks,
        "optional patches and planned fixes have no category in CSAF 2.0",
    );
    let category = match (lacks, category) {
        (true, "optional_patch") => "vendor_fix",
        (true, _) => "none_available",
        (false, category) => category,
    };
    let text = one.text.trim();
    losses.add_if(
        text.is_empty(),
        "what helps has no words; CSAF asks for some",
    );
    let mut entry = json!({
        "category": category,
        "details": or(text, category),
        "product_ids": products,
    });
    if let Some(date) = one.date {
        entry["date"] = json!(date.to_string());
    }
    if is_url(&one.url) {
        entry["url"] = json!(one.url);
    } else {
        losses.add_if(
            !one.url.is_empty(),
            "what helps points at what is no address",
        );
    }
    if RESTARTS.contains(&one.restart.as_str()) {
        entry["restart_required"] = json!({"category": one.restart});
    } else {
        losses.add_if(
            !one.restart.is_empty(),
            "what must be restarted is no word of CSAF",
        );
    }
    entry
}

/// Flags and impact statements, each with its products (tests 6.1.32 and 6.1.33).
fn justifications(flaw: &Flaw, said: &Said, losses: &mut Losses) -> (Vec<Value>, Vec<Value>) {
    let (mut flags, mut threats) = (Vec::new(), Vec::new());
    let mut flagged = FxHashSet::default();
    let mut of_target = said.by_target(Status::NotAffected);
    for one in &flaw.justifications {
        let mut products = of_target.remove(&one.target).unwrap_or_default();
        products.retain(|id| flagged.insert(id.clone()));
        if products.is_empty() {
            losses.add(
                "a justification for a product that is not said to be not affected, or has one",
            );
            continue;
        }
        if LABELS.contains(&one.label.as_str()) {
            flags.push(json!({"label": one.label, "product_ids": products}));
        } else {
            losses.add_if(
                !one.label.is_empty(),
                "a justification that is no word of CSAF",
            );
        }
        if !one.impact.trim().is_empty() {
            let details = one.impact.trim();
            threats
                .push(json!({"category": "impact", "details": details, "product_ids": products}));
        }
    }
    (flags, threats)
}
