//! Which profile does a document hold to? CSAF 2.0 section 4 and 2.1 section 4: the strictest one that it fulfills.

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::tree::Tree;
use super::{Context, Edition};
use crate::document::{DocumentKind, Note};

/// Note categories that say what an incident or a piece of advice is about.
const TELLING: &[&str] = &["description", "details", "general", "summary"];

/// The category of a document with these flaws as they were written.
pub(super) fn of(to: &Context<'_>, tree: &Tree, flaws: &[Value]) -> &'static str {
    let kind = to.document.kind;
    let is_told = to
        .document
        .notes
        .iter()
        .any(|note: &Note| TELLING.contains(&note.kind.as_str()));
    if flaws.is_empty() || tree.is_empty() {
        // Profiles 4.4 and 4.5 ask for a product; without one it is a document of the base profile.
        return match kind {
            DocumentKind::IncidentResponse if is_told => "csaf_security_incident_response",
            DocumentKind::Informational if is_told && flaws.is_empty() => {
                "csaf_informational_advisory"
            }
            _ => "csaf_base",
        };
    }
    match (to.edition, kind) {
        (_, DocumentKind::IncidentResponse) if is_told => "csaf_security_incident_response",
        (_, DocumentKind::Base) => "csaf_base",
        (_, DocumentKind::Vex) if is_vex(flaws) => "csaf_vex",
        (Edition::V20, _) => "csaf_security_advisory",
        (Edition::V21, _) if is_advisory(tree, flaws) => "csaf_security_advisory",
        (Edition::V21, _) if is_vex(flaws) => "csaf_vex",
        // What 2.0 took for a security advisory.
        (Edition::V21, _) if flaws.iter().all(has_status) => "csaf_deprecated_security_advisory",
        (Edition::V21, _) => "csaf_base",
    }
}

fn has_status(flaw: &Value) -> bool {
    flaw["product_status"].is_object()
}

fn is_named(flaw: &Value) -> bool {
    flaw["cve"].is_string() || flaw["ids"].is_array()
}

/// Section 4.4 of 2.1: each flaw named, each with an affected product, and one beside each fixed one.
fn is_advisory(tree: &Tree, flaws: &[Value]) -> bool {
    let whole =
        |flaw: &Value| is_named(flaw) && flaw["product_status"]["known_affected"].is_array();
    flaws.iter().all(whole) && (0..flaws.len()).all(|number| tree.is_paired(number))
}

/// Section 4.5: why each product is not affected, and what to do for each that is.
fn is_vex(flaws: &[Value]) -> bool {
    flaws.iter().all(|flaw| {
        let status = &flaw["product_status"];
        let answered = covered(status, "known_not_affected", flaw, &["flags", "threats"]);
        let helped = covered(status, "known_affected", flaw, &["remediations"]);
        let states = [
            "fixed",
            "known_affected",
            "known_not_affected",
            "under_investigation",
        ];
        let says = states.iter().any(|key| status[*key].is_array());
        says && is_named(flaw) && answered && helped
    })
}

/// Whether every product of a status is named in one of the lists.
fn covered(status: &Value, key: &str, flaw: &Value, lists: &[&str]) -> bool {
    let mut named: FxHashSet<&str> = FxHashSet::default();
    for list in lists {
        for one in flaw[*list].as_array().into_iter().flatten() {
            named.extend(ids(&one["product_ids"]));
        }
    }
    ids(&status[key]).all(|id| named.contains(id))
}

fn ids(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
