//! How does a document of ours read in OpenVEX? Specification 0.2.0 (2023).
//!
//! What is odd: a product is an address, best a purl, at one version or at all; there are no ranges. Where a range is
//! left out of *affected*, too much is said to be affected, and that is told; where it is left out of *fixed* or *not
//! affected*, a flaw would be hidden, so such a product is not named at all.

use names::Purl;
use names::purl::Parts;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};
use versions::End;

use crate::csaf::purl_of;
use crate::document::Flaw;
use crate::publication::{Losses, is_url};
use crate::{Affected, Document, Product, RangeScheme, Status, Target, Written};

const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";

/// Section *Status Justifications* of the specification.
const LABELS: &[&str] = &[
    "component_not_present",
    "inline_mitigations_already_exist",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_not_present",
];

/// Writes one document; nothing where it would hold no statement.
pub(crate) fn write(document: &Document) -> Written {
    let mut losses = Losses::default();
    let is_back = document.withdrawn.is_some() || !document.superseded_by.is_empty();
    losses.add_if(
        is_back,
        "OpenVEX has no withdrawal; nothing is stated of what was taken back",
    );
    let mut statements = Vec::new();
    let standing = document
        .flaws
        .iter()
        .filter(|flaw| !is_back && flaw.advisory.withdrawn.is_none());
    for flaw in standing {
        statements.extend(stated(flaw, &mut losses));
        unheld(document, flaw, &mut losses);
    }
    if statements.is_empty() {
        losses.add("no statement is left to make, and OpenVEX has no document without one");
        return losses.with_nothing();
    }
    losses.add_if(
        document.tlp != names::Tlp::Clear,
        "who may be told has no field in OpenVEX",
    );
    losses.add_if(
        !document.notes.is_empty(),
        "notes beside the flaws have no field in OpenVEX",
    );
    losses.add_if(
        document.revisions.len() > 1,
        "what changed in earlier revisions has no field in OpenVEX",
    );
    let (first, last) = (document.first(), document.last());
    let mut root = json!({
        "@context": CONTEXT,
        "@id": address(document),
        "author": or(&document.publisher.name, "unnamed"),
        "role": document.role.as_str(),
        "timestamp": first.to_string(),
        "version": document.revisions.len().max(1),
        "tooling": concat!("Seamark ", env!("CARGO_PKG_VERSION")),
        "statements": statements,
    });
    if last > first {
        root["last_updated"] = json!(last.to_string());
    }
    losses.with(&root)
}

/// Its own address, else one that names it under the publisher's.
fn address(document: &Document) -> String {
    let number = encoded(or(document.number.trim(), "unnumbered"));
    let namespace = document.publisher.namespace.trim_end_matches('/');
    match is_url(&document.address) {
        true => document.address.clone(),
        false if is_url(namespace) => format!("{namespace}/{number}"),
        false => format!("urn:openvex:{number}"),
    }
}

/// What the statements of a flaw share, apart from the products.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Said {
    status: Status,
    label: String,
    impact: String,
    action: String,
}

/// Statements of one flaw: products that stand alike stand in one.
fn stated(flaw: &Flaw, losses: &mut Losses) -> Vec<Value> {
    let advisory = &flaw.advisory;
    let mut all: Vec<(Said, Vec<Value>)> = Vec::new();
    let mut places: FxHashMap<Said, usize> = FxHashMap::default();
    let reasons = reasons(flaw, losses);
    for (number, one) in advisory.affected.iter().enumerate() {
        if one.status == Status::Recommended {
            losses.add("versions to move to have no field in OpenVEX");
            continue;
        }
        let products = products(one, losses);
        if products.is_empty() {
            continue;
        }
        let reason = reasons.get(&number);
        let (label, impact) = reason.cloned().unwrap_or_default();
        let said = Said {
            status: one.status,
            label,
            impact,
            action: match one.status {
                Status::Affected => action(flaw, one, losses),
                _ => String::new(),
            },
        };
        let at = *places.entry(said.clone()).or_insert_with(|| {
            all.push((said, Vec::new()));
            all.len() - 1
        });
        all[at].1.extend(products);
    }
    losses.add_if(
        all.is_empty(),
        "a flaw that names no product is left out, because OpenVEX speaks of products",
    );
    all.into_iter()
        .map(|(said, products)| statement(flaw, said, products, losses))
        .collect()
}

/// Labels and texts of what is not affected, by target.
fn reasons(flaw: &Flaw, losses: &mut Losses) -> FxHashMap<usize, (String, String)> {
    let mut reasons = FxHashMap::default();
    for one in &flaw.justifications {
        let target = flaw.advisory.affected.get(one.target);
        let is_right = target.is_some_and(|target| target.status == Status::NotAffected);
        if !is_right || reasons.contains_key(&one.target) {
            losses.add("a justification for a product that is not said to be not affected");
            continue;
        }
        let is_known = LABELS.contains(&one.label.as_str());
        losses.add_if(
            !is_known && !one.label.is_empty(),
            "a justification that is no word of OpenVEX",
        );
        let label = if is_known {
            one.label.clone()
        } else {
            String::new()
        };
        reasons.insert(one.target, (label, one.impact.trim().to_owned()));
    }
    reasons
}

fn statement(flaw: &Flaw, said: Said, products: Vec<Value>, losses: &mut Losses) -> Value {
    let advisory = &flaw.advisory;
    let mut vulnerability = json!({"name": or(&advisory.id, "unnamed")});
    let mut aliases: Vec<&String> = Vec::new();
    for alias in advisory.aliases.iter().filter(|alias| !alias.is_empty()) {
        if !aliases.contains(&alias) && *alias != advisory.id {
            aliases.push(alias);
        }
    }
    if !aliases.is_empty() {
        vulnerability["aliases"] = json!(aliases);
    }
    let text = [advisory.details.trim(), advisory.title.trim()];
    if let Some(text) = text.into_iter().find(|text| !text.is_empty()) {
        vulnerability["description"] = json!(text);
    }
    let status = match said.status {
        Status::Fixed => "fixed",
        Status::NotAffected => "not_affected",
        Status::UnderInvestigation => "under_investigation",
        Status::Affected | Status::Recommended => "affected",
    };
    let mut entry = Map::new();
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            entry.insert(key.to_owned(), json!(text));
        }
    };
    put("status", status);
    put("justification", &said.label);
    put("action_statement", &said.action);
    let lacks =
        said.status == Status::NotAffected && said.label.is_empty() && said.impact.is_empty();
    losses.add_if(
        lacks,
        "why a product is not affected is not given; OpenVEX asks for it",
    );
    let impact = if lacks {
        "No reason was given."
    } else {
        &said.impact
    };
    put("impact_statement", impact);
    if let Some(at) = advisory.modified.or(advisory.published) {
        put("timestamp", &at.to_string());
    }
    entry.insert("vulnerability".to_owned(), vulnerability);
    let mut seen = rustc_hash::FxHashSet::default();
    let products = products
        .into_iter()
        .filter(|one| seen.insert(one.to_string()));
    entry.insert("products".to_owned(), products.collect());
    Value::Object(entry)
}

/// What to do, which OpenVEX asks for where a product is affected.
fn action(flaw: &Flaw, one: &Affected, losses: &mut Losses) -> String {
    let all = &flaw.advisory.remediations;
    let listed = one
        .remediations
        .iter()
        .filter_map(|number| all.get(*number as usize));
    let helps: Vec<_> = match one.remediations.is_empty() {
        true => all.iter().collect(),
        false => listed.collect(),
    };
    let texts: Vec<&str> = helps
        .iter()
        .flat_map(|help| [help.text.trim(), help.url.trim()])
        .filter(|text| !text.is_empty())
        .collect();
    if texts.is_empty() {
        losses.add("what to do is not given; OpenVEX asks for it");
        return "No remediation was given.".to_owned();
    }
    losses.add("what helps is one text in OpenVEX, without its kinds and dates");
    texts.join("\n\n")
}

/// The products that a target names: one a version, or one for all.
fn products(one: &Affected, losses: &mut Losses) -> Vec<Value> {
    losses.add_if(
        !one.module.is_empty() || !one.arches.is_empty() || !one.symbols.is_empty(),
        "module streams, architectures and functions have no field in OpenVEX",
    );
    losses.add_if(
        !one.severities.is_empty(),
        "severities have no field in OpenVEX",
    );
    let mut versions: Vec<&str> = one.versions.iter().map(String::as_str).collect();
    if !one.ranges.iter().all(is_everything) {
        match one.status {
            Status::Fixed | Status::NotAffected => {
                losses.add("products that are fixed or not affected in a range are left out, because OpenVEX has none and all their versions would be meant");
            }
            _ => {
                losses.add("ranges have no field in OpenVEX; their products are named without a version, which means all");
                versions.push("");
            }
        }
    } else if !one.ranges.is_empty() || one.versions.is_empty() {
        versions.push("");
    }
    let named = versions
        .into_iter()
        .filter_map(|version| product(one, version, losses));
    named.collect()
}

fn is_everything(range: &crate::AffectedRange) -> bool {
    let all = |one: &versions::Interval<String>| one.introduced.is_none() && one.end == End::Open;
    !matches!(
        range.scheme,
        RangeScheme::Unreadable(_) | RangeScheme::Git { .. }
    ) && range.intervals.iter().any(all)
}

fn product(one: &Affected, version: &str, losses: &mut Losses) -> Option<Value> {
    match &one.target {
        Target::Package {
            ecosystem, name, ..
        } => {
            let Some(purl) = purl_of(&one.target, version) else {
                losses.add(format!("`{name}` of `{ecosystem}`, which has no purl"));
                return None;
            };
            Some(json!({"@id": purl.to_string(), "identifiers": {"purl": purl.to_string()}}))
        }
        Target::Product(product) => named(product, version, losses),
        Target::Repository { url } => {
            losses.add(format!("the repository `{url}`, which is no product"));
            None
        }
        Target::Nothing => {
            losses.add("what it affects could not be read");
            None
        }
    }
}

/// A product by its purl, else by one of type `generic`, and by its CPE name besides.
fn named(product: &Product, version: &str, losses: &mut Losses) -> Option<Value> {
    let own = product.purls.first().cloned();
    let purl = match own {
        Some(purl) if version.is_empty() || *purl.version == *version => Some(purl),
        Some(purl) => Some(Purl {
            version: version.into(),
            ..purl
        }),
        None => {
            losses.add("products without a purl are named by one of type `generic`");
            let vendor = product.vendor.replace('/', " ");
            Purl::build(Parts {
                kind: "generic",
                namespace: vendor.trim(),
                name: or(product.name.trim(), "unnamed"),
                version,
                ..Parts::default()
            })
            .ok()
        }
    };
    let Some(purl) = purl else {
        losses.add(format!("`{}`, which no purl can name", product.name));
        return None;
    };
    losses.add_if(
        product.cpes.len() > 1 || product.purls.len() > 1,
        "a product of OpenVEX has one CPE name and one purl",
    );
    losses.add_if(
        !product.installed_on.is_empty()
            || !product.models.is_empty()
            || !product.serial_numbers.is_empty()
            || !product.family.is_empty(),
        "families, models, serial numbers and what a product is installed on have no field in OpenVEX",
    );
    let mut named = json!({"@id": purl.to_string()});
    if let Some(cpe) = product.cpes.first() {
        named["identifiers"] = json!({"cpe23": cpe.text});
    }
    Some(named)
}

/// What is nowhere in OpenVEX.
fn unheld(document: &Document, flaw: &Flaw, losses: &mut Losses) {
    let advisory = &flaw.advisory;
    let lost = [
        (
            !advisory.title.trim().is_empty() && !advisory.details.trim().is_empty(),
            "the title has no field in OpenVEX beside the description",
        ),
        (
            !advisory.severities.is_empty(),
            "severities have no field in OpenVEX",
        ),
        (
            !advisory.weaknesses.is_empty(),
            "weaknesses have no field in OpenVEX",
        ),
        (
            !advisory.references.is_empty(),
            "references have no field in OpenVEX",
        ),
        (
            !advisory.upstream.is_empty() || !advisory.related.is_empty(),
            "flaws that are fixed with it or near it have no field in OpenVEX",
        ),
        (
            advisory.ssvc.is_some() || advisory.kev_date_added.is_some(),
            "what is known of exploitation has no field in OpenVEX",
        ),
        (
            !advisory.informational.is_empty(),
            "that it is no vulnerability has no field in OpenVEX",
        ),
        (
            !flaw.credits.is_empty(),
            "who found it has no field in OpenVEX",
        ),
        (
            advisory.publisher != document.publisher.name,
            "who published it first has no field in OpenVEX",
        ),
        (
            advisory
                .document
                .as_ref()
                .is_some_and(|id| *id != address(document)),
            "the document's own number has no field in OpenVEX; it stands in the address",
        ),
    ];
    for (is_lost, words) in lost {
        losses.add_if(is_lost, words);
    }
}

/// Percent-encoded but for what RFC 3986 leaves unreserved.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
