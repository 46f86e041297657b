//! How does our advisory read in CSAF? Version 2.0 (OASIS Standard, 2022), profile `csaf_security_advisory`.
//!
//! What is odd: everything is said of products, and a product is a leaf of a tree, one leaf a version or range; a
//! score stands with its number, a weakness with its name; 2.0 has no withdrawal, so that a withdrawn advisory
//! becomes a base document that says so and names no product at all: what matches by machine then matches nothing.
//! Numbers of tests below are those of section 6.1.

mod leaf;
mod tree;

use serde_json::{Map, Value, json};

use self::tree::Tree;
use super::cwe;
use crate::publication::{BaseScore, Losses, is_url};
use crate::{Advisory, Publication, RemediationKind, Severity, Status, Written};

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

/// Writes one document about one flaw. `score` reads a CVSS vector, for scores stand beside vectors (test 6.1.9).
pub(crate) fn write(
    publication: &Publication,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    let mut losses = Losses::default();
    let advisory = &publication.advisory;
    losses.add_if(
        advisory.publisher != publication.publisher.name,
        "who published it first has no field beside who publishes it now",
    );
    if advisory.withdrawn.is_some() {
        losses.add("CSAF 2.0 has no withdrawal; the document says it and names no product");
        let head = document(publication, "csaf_base", &mut losses);
        return losses.with(&json!({ "document": head }));
    }
    let tree = Tree::of(advisory, &mut losses);
    // Profile 4.4 asks for a product; without one it is a document of the base profile.
    let category = if tree.is_empty() {
        "csaf_base"
    } else {
        "csaf_security_advisory"
    };
    let mut root = Map::new();
    root.insert(
        "document".to_owned(),
        document(publication, category, &mut losses),
    );
    if !tree.is_empty() {
        root.insert("product_tree".to_owned(), tree.branches());
    }
    let flaw = vulnerability(publication, &tree, score, &mut losses);
    root.insert("vulnerabilities".to_owned(), json!([flaw]));
    losses.with(&Value::Object(root))
}

/// Section 3.2.1: what holds for the whole document.
fn document(publication: &Publication, category: &str, losses: &mut Losses) -> Value {
    let advisory = &publication.advisory;
    let publisher = &publication.publisher;
    let mut by = json!({
        "category": "coordinator",
        "name": or(&publisher.name, "unnamed"),
        "namespace": publisher.namespace,
    });
    if !publisher.contact.is_empty() {
        by["contact_details"] = json!(publisher.contact);
    }
    let title = match advisory.withdrawn {
        Some(_) => format!("Withdrawn: {}", title(advisory)),
        None => title(advisory).to_owned(),
    };
    let mut head = json!({
        "category": category,
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": "WHITE", "url": "https://www.first.org/tlp/"}},
        "lang": "en",
        "publisher": by,
        "title": title,
        "tracking": tracking(publication),
    });
    if let Some(at) = advisory.withdrawn {
        let text = format!(
            "This advisory was withdrawn on {}.",
            at.strftime("%Y-%m-%d")
        );
        head["notes"] = json!([{"category": "summary", "text": text, "title": "Withdrawn"}]);
    }
    let references = references(publication, losses);
    if !references.is_empty() {
        head["references"] = Value::Array(references);
    }
    head
}

/// Section 3.2.1.12. Whole numbers as versions, one a revision, in order of time (tests 6.1.14 to 6.1.22).
fn tracking(publication: &Publication) -> Value {
    let history: Vec<Value> = publication
        .revisions
        .iter()
        .zip(1_u32..)
        .map(|(revision, number)| {
            json!({
                "date": revision.at.to_string(),
                "number": number.to_string(),
                "summary": or(&revision.summary, "published"),
            })
        })
        .collect();
    let at = |one: Option<&crate::Revision>| one.map(|one| one.at).unwrap_or_default();
    json!({
        "current_release_date": publication.advisory.modified
            .unwrap_or_else(|| at(publication.revisions.last())).to_string(),
        "generator": {"engine": {"name": "Seamark", "version": env!("CARGO_PKG_VERSION")}},
        "id": or(publication.number.trim(), "unnumbered"),
        "initial_release_date": publication.advisory.published
            .unwrap_or_else(|| at(publication.revisions.first())).to_string(),
        "revision_history": history,
        "status": "final",
        "version": publication.revisions.len().max(1).to_string(),
    })
}

/// Section 3.2.1.9. Only the link to this very advisory is `self`.
fn references(publication: &Publication, losses: &mut Losses) -> Vec<Value> {
    let mut written = Vec::new();
    for one in &publication.advisory.references {
        let url = one.url.trim();
        if !is_url(url) {
            losses.add(format!("`{url}` is no address"));
            continue;
        }
        let itself = url == publication.address;
        let read_as = if itself { "advisory" } else { "web" };
        losses.add_if(
            one.kind != read_as,
            "kinds of references have no field in CSAF",
        );
        let category = if itself { "self" } else { "external" };
        let summary = or(&one.kind, "web");
        written.push(json!({"category": category, "summary": summary, "url": url}));
    }
    written
}

/// Section 3.2.3.
fn vulnerability(
    publication: &Publication,
    tree: &Tree,
    score: &dyn Fn(&str) -> Option<BaseScore>,
    losses: &mut Losses,
) -> Value {
    let advisory = &publication.advisory;
    let mut flaw = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.as_array().is_some_and(Vec::is_empty) && !value.is_null() {
            flaw.insert(key.to_owned(), value);
        }
    };
    put("title", json!(title(advisory)));
    put("acknowledgments", acknowledgments(publication));
    identified(publication, &mut put, losses);
    put("cwe", weakness(advisory, losses));
    // Note categories `summary` and `description` are read as details; a flaw without details has a title only.
    put(
        "notes",
        match advisory.details.trim() {
            "" => json!([{"category": "other", "text": title(advisory), "title": "Title"}]),
            text => json!([{"category": "description", "text": text, "title": "Details"}]),
        },
    );
    put("product_status", tree.statuses());
    put("scores", scores(advisory, tree, score, losses));
    put("remediations", remediations(advisory, tree, losses));
    let (flags, mut threats) = justifications(publication, tree, losses);
    put("flags", Value::Array(flags));
    threats.extend(worded(advisory, losses));
    put("threats", Value::Array(threats));
    losses.add_if(
        !advisory.upstream.is_empty(),
        "flaws that it packages fixes for have no field in CSAF",
    );
    losses.add_if(
        !advisory.related.is_empty(),
        "flaws that are merely near have no field in CSAF",
    );
    losses.add_if(
        advisory.ssvc.is_some() || advisory.kev_date_added.is_some(),
        "what is known of exploitation has no field in CSAF 2.0",
    );
    losses.add_if(
        !advisory.informational.is_empty(),
        "that it is no vulnerability has no field in CSAF",
    );
    Value::Object(flaw)
}

/// The CVE in its own field, every other id under the system that gives it.
fn identified(publication: &Publication, put: &mut dyn FnMut(&str, Value), losses: &mut Losses) {
    let advisory = &publication.advisory;
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
    // What the document goes by needs no second mention, where the flaw has a name of its own.
    let told = |id: &&String| cve.is_some() && **id == publication.number;
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
            _ => or(&publication.publisher.name, "unnamed"),
        };
        let one = json!({"system_name": system, "text": id});
        if !others.contains(&one) {
            others.push(one);
        }
    }
    put("ids", Value::Array(others));
}

fn acknowledgments(publication: &Publication) -> Value {
    let credits = publication.credits.iter();
    credits
        .map(|credit| json!({"names": [credit.name], "summary": credit.role.words()}))
        .collect()
}

/// Section 3.2.3.3: one weakness, with its name (test 6.1.11).
fn weakness(advisory: &Advisory, losses: &mut Losses) -> Value {
    let known = |id: &String| cwe::name(id).map(|name| json!({"id": id, "name": name}));
    let found = advisory.weaknesses.iter().find_map(known);
    let held = usize::from(found.is_some());
    losses.add_if(
        advisory.weaknesses.len() > held,
        "CSAF 2.0 holds one weakness, and only one whose name is known",
    );
    found.unwrap_or_default()
}

/// Section 3.2.3.13: for one product not two scores of one version of CVSS (test 6.1.7).
fn scores(
    advisory: &Advisory,
    tree: &Tree,
    score: &dyn Fn(&str) -> Option<BaseScore>,
    losses: &mut Losses,
) -> Value {
    losses.add_if(
        advisory
            .affected
            .iter()
            .any(|one| !one.severities.is_empty()),
        "severities of single products are left out",
    );
    let mut scores = Map::new();
    for one in advisory
        .severities
        .iter()
        .filter(|one| !one.vector.is_empty())
    {
        own_source(one, advisory, losses);
        match cvss(&one.vector, score) {
            None => losses.add(format!("`{}` is no vector of CVSS 2 or 3", one.vector)),
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
    let products = tree.scored();
    if products.is_empty() || scores.is_empty() {
        losses.add_if(
            !scores.is_empty(),
            "a score is of affected products, and there are none",
        );
        return Value::Null;
    }
    scores.insert("products".to_owned(), json!(products));
    json!([scores])
}

fn own_source(severity: &Severity, advisory: &Advisory, losses: &mut Losses) {
    losses.add_if(
        severity.source != advisory.publisher,
        "who scored the severity has no field in CSAF 2.0",
    );
}

/// As FIRST's JSON schemas have it.
fn cvss(vector: &str, score: &dyn Fn(&str) -> Option<BaseScore>) -> Option<(&'static str, Value)> {
    let (key, version) = match vector {
        _ if vector.starts_with("CVSS:3.1/") => ("cvss_v3", "3.1"),
        _ if vector.starts_with("CVSS:3.0/") => ("cvss_v3", "3.0"),
        _ if vector.starts_with("AV:") => ("cvss_v2", "2.0"),
        _ => return None,
    };
    let base = score(vector)?;
    let mut written = json!({
        "version": version,
        "vectorString": vector,
        "baseScore": f64::from(base.tenths) / 10.0,
    });
    if key == "cvss_v3" {
        written["baseSeverity"] = json!(base.severity.to_ascii_uppercase());
    }
    Some((key, written))
}

/// A severity given as a word, where Red Hat writes it and readers look for it.
fn worded(advisory: &Advisory, losses: &mut Losses) -> Vec<Value> {
    let mut threats = Vec::new();
    for one in advisory
        .severities
        .iter()
        .filter(|one| one.vector.is_empty())
    {
        own_source(one, advisory, losses);
        match WORDS.contains(&one.word.as_str()) {
            true => threats.push(json!({"category": "impact", "details": one.word})),
            false => losses.add(format!("`{}` is no word for a severity in CSAF", one.word)),
        }
    }
    threats
}

/// Section 3.2.3.12, each with the products it is for (test 6.1.29).
fn remediations(advisory: &Advisory, tree: &Tree, losses: &mut Losses) -> Value {
    let mut written = Vec::new();
    for (number, one) in (0_u32..).zip(&advisory.remediations) {
        let products = tree.helped(advisory, number);
        if products.is_empty() {
            losses.add("what helps no product that is named is left out");
            continue;
        }
        let category = match one.kind {
            RemediationKind::VendorFix | RemediationKind::OptionalPatch => "vendor_fix",
            RemediationKind::Mitigation => "mitigation",
            RemediationKind::Workaround => "workaround",
            RemediationKind::NoFixPlanned => "no_fix_planned",
            RemediationKind::NoneAvailable | RemediationKind::FixPlanned => "none_available",
        };
        losses.add_if(
            matches!(
                one.kind,
                RemediationKind::OptionalPatch | RemediationKind::FixPlanned
            ),
            "optional patches and planned fixes have no category in CSAF 2.0",
        );
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
        written.push(entry);
    }
    Value::Array(written)
}

/// Flags and impact statements, each with its products (tests 6.1.32 and 6.1.33).
fn justifications(
    publication: &Publication,
    tree: &Tree,
    losses: &mut Losses,
) -> (Vec<Value>, Vec<Value>) {
    let (mut flags, mut threats) = (Vec::new(), Vec::new());
    let mut flagged: Vec<usize> = Vec::new();
    for one in &publication.justifications {
        let products = tree.of_target(one.target, Status::NotAffected);
        if products.is_empty() || flagged.contains(&one.target) {
            losses.add("a justification for a product that is not said to be not affected");
            continue;
        }
        flagged.push(one.target);
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

fn title(advisory: &Advisory) -> &str {
    or(or(advisory.title.trim(), advisory.id.trim()), "untitled")
}

/// `text`, or `other` where it is empty: CSAF has no empty texts.
fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
