//! One vulnerability of 2.0 in 2.1: metrics, weaknesses, dates and remediations.

use jiff::Timestamp;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use super::Told;
use crate::Settings;
use crate::csaf::{cwe, scored};
use crate::value::{list, text, texts, time};

/// Whether a product counts as repaired or never broken: there a fix is one's own choice.
const WELL: &[&str] = &["known_not_affected", "first_fixed", "fixed"];

/// `$.vulnerabilities[number]`.
pub(super) fn upgrade(
    flaw: &mut Value,
    number: usize,
    current: Option<Timestamp>,
    settings: &Settings<'_>,
    told: &mut Told,
) {
    let metrics = metrics(flaw, number, settings, told);
    let remediations = remediations(flaw, number, settings.now, told);
    let place = format!("/vulnerabilities/{number}");
    let Some(flaw) = flaw.as_object_mut() else {
        return;
    };
    flaw.remove("scores");
    flaw.remove("remediations");
    for (key, list) in [("metrics", metrics), ("remediations", remediations)] {
        if !list.is_empty() {
            flaw.insert(key.to_owned(), Value::Array(list));
        }
    }
    if let Some(date) = flaw.remove("release_date") {
        flaw.insert("disclosure_date".to_owned(), date);
    }
    if let Some(weakness) = flaw.remove("cwe") {
        let (id, name) = (text(&weakness, "id"), text(&weakness, "name"));
        match cwe::edition(id, name, current) {
            Some(edition) => {
                let one = json!({"id": id, "name": name, "version": edition});
                flaw.insert("cwes".to_owned(), json!([one]));
            }
            None => told.lost(format!(
                "`{place}/cwe`: `{id}` was never called `{name}`, and 2.1 asks for an edition that calls it so"
            )),
        }
    }
    for (at, id) in flaw
        .get("ids")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .enumerate()
    {
        told.changed(format!(
            "`{place}/ids/{at}`: `{}` of `{}` was not looked up in the registry of systems of ids",
            text(id, "text"),
            text(id, "system_name"),
        ));
    }
    for note in flaw
        .get("notes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if text(note, "title") == "SSVC" && text(note, "category") == "other" {
            told.changed(format!(
                "`{place}/notes`: SSVC in words was not read and stays a note"
            ));
        }
    }
}

/// Scores as metrics, and the CVSS 4.0 vector that a link to FIRST's calculator holds.
fn metrics(flaw: &Value, number: usize, settings: &Settings<'_>, told: &mut Told) -> Vec<Value> {
    let mut metrics: Vec<Value> = Vec::new();
    for score in list(flaw, "scores") {
        let mut content = Map::new();
        for key in ["cvss_v2", "cvss_v3"] {
            if let Some(cvss) = score.get(key) {
                content.insert(key.to_owned(), cvss.clone());
            }
        }
        if !content.is_empty() {
            let products = score.get("products").cloned().unwrap_or_default();
            metrics.push(json!({"content": content, "products": products}));
        }
    }
    let linked = list(flaw, "references").iter().find_map(|link| {
        let url = text(link, "url");
        let is_first = url.starts_with("https://www.first.org/cvss/calculator/");
        url.split_once('#')
            .filter(|(_, vector)| is_first && vector.starts_with("CVSS:4.0/"))
            .map(|(_, vector)| vector)
    });
    if let Some(vector) = linked {
        let status = flaw.get("product_status").unwrap_or(&Value::Null);
        let keys = ["first_affected", "known_affected", "last_affected"];
        let mut affected: Vec<&str> = keys.iter().flat_map(|key| texts(status, key)).collect();
        affected.sort_unstable();
        affected.dedup();
        match (settings.score)(vector) {
            Some(base) if !affected.is_empty() => {
                let cvss = scored(vector, "4.0", base);
                metrics.push(json!({"content": {"cvss_v4": cvss}, "products": affected}));
                told.changed(format!("`/vulnerabilities/{number}/metrics`: `{vector}` was taken from a reference"));
            }
            _ => told.changed(format!(
                "`/vulnerabilities/{number}/references`: `{vector}` is no vector of CVSS 4.0, or there is no affected product"
            )),
        }
    }
    let mut seen = FxHashSet::default();
    metrics.retain(|one| seen.insert(one.to_string()));
    metrics
}

/// Fixes for what is well are optional patches, and what has a fix is not without one.
fn remediations(flaw: &Value, number: usize, now: Timestamp, told: &mut Told) -> Vec<Value> {
    let status = flaw.get("product_status").unwrap_or(&Value::Null);
    let well: FxHashSet<&str> = WELL.iter().flat_map(|key| texts(status, key)).collect();
    let fixes = || {
        let all = list(flaw, "remediations").iter();
        all.filter(|one| text(one, "category") == "vendor_fix")
    };
    let is_out = |one: &&Value| time(one, "date").is_some_and(|date| date <= now);
    let products = |one: &'_ Value| {
        texts(one, "product_ids")
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let fixed: FxHashSet<String> = fixes().filter(is_out).flat_map(products).collect();
    let planned: FxHashSet<String> = fixes()
        .filter(|one| !is_out(one))
        .flat_map(products)
        .collect();
    let waiting: FxHashSet<String> = list(flaw, "remediations")
        .iter()
        .filter(|one| text(one, "category") == "none_available")
        .flat_map(products)
        .collect();
    let mut written = Vec::new();
    for (at, one) in list(flaw, "remediations").iter().enumerate() {
        let place = format!("/vulnerabilities/{number}/remediations/{at}");
        let named: Vec<&str> = texts(one, "product_ids").collect();
        match text(one, "category") {
            "vendor_fix" if !named.is_empty() => {
                let (own, others): (Vec<&str>, Vec<&str>) =
                    named.iter().partition(|id| well.contains(**id));
                let is_waiting =
                    |id: &str| waiting.contains(id) && !is_out(&one) && !fixed.contains(id);
                let others: Vec<&str> = others.into_iter().filter(|id| !is_waiting(id)).collect();
                if own.len() + others.len() < named.len() {
                    told.changed(format!(
                        "`{place}`: products whose fix is planned stand there now"
                    ));
                }
                if !own.is_empty() {
                    told.changed(format!(
                        "`{place}`: for what is well it is an `optional_patch` now"
                    ));
                    written.push(with(one, "optional_patch", &own));
                }
                if !others.is_empty() {
                    written.push(with(one, "vendor_fix", &others));
                } else if one.get("group_ids").is_some() {
                    written.push(without_products(one));
                }
            }
            "none_available" if !named.is_empty() => {
                let (open, rest): (Vec<&str>, Vec<&str>) =
                    named.iter().partition(|id| !fixed.contains(**id));
                if !rest.is_empty() {
                    told.changed(format!(
                        "`{place}`: products that have a fix are left out of it"
                    ));
                }
                let (soon, never): (Vec<&str>, Vec<&str>) =
                    open.iter().partition(|id| planned.contains(**id));
                if !soon.is_empty() {
                    told.changed(format!(
                        "`{place}`: for products with a fix to come it is `fix_planned` now"
                    ));
                    written.push(with(one, "fix_planned", &soon));
                }
                if !never.is_empty() {
                    written.push(with(one, "none_available", &never));
                } else if one.get("group_ids").is_some() {
                    written.push(without_products(one));
                }
            }
            _ => written.push(one.clone()),
        }
    }
    written
}

fn with(one: &Value, category: &str, products: &[&str]) -> Value {
    let mut one = one.clone();
    one["category"] = json!(category);
    one["product_ids"] = json!(products);
    one
}

fn without_products(one: &Value) -> Value {
    let mut one = one.clone();
    if let Some(one) = one.as_object_mut() {
        one.remove("product_ids");
    }
    one
}
