//! The product tree of 2.0 in 2.1: branches, what identifies a product, and what stands on what.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value, json};
use versions::vers::{Comparator, Vers};

use super::Told;
use crate::value::{list, text};

/// Branches in branches. 2.0 has some twelve categories, and each stands on a path at most once or twice.
const DEPTH_MAX: usize = 120;

/// Categories that may stand on a path more than once (test *Stacked Branch Categories*).
const STACKED: &[&str] = &["product_family"];

/// `$.product_tree`.
pub(super) fn upgrade(root: &mut Value, told: &mut Told) {
    let Some(tree) = root.get_mut("product_tree").and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(branches) = tree.get_mut("branches") {
        walk(branches, told);
    }
    for product in tree
        .get_mut("full_product_names")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        identified(product, told);
    }
    let relations = match tree.remove("relationships") {
        Some(Value::Array(relations)) => relations,
        _ => return,
    };
    let paths: Vec<Value> = relations.into_iter().map(|one| path(one, told)).collect();
    if !paths.is_empty() {
        tree.insert("product_paths".to_owned(), Value::Array(paths));
    }
}

/// A relationship as a path of one step.
fn path(mut relation: Value, told: &mut Told) -> Value {
    let mut full = relation["full_product_name"].take();
    identified(&mut full, told);
    json!({
        "beginning_product_reference": relation["product_reference"].take(),
        "full_product_name": full,
        "subpaths": [{
            "category": relation["category"].take(),
            "next_product_reference": relation["relates_to_product_reference"].take(),
        }],
    })
}

/// Every branch, with the categories and names above it.
fn walk(branches: &mut Value, told: &mut Told) {
    let mut above = Vec::new();
    below(branches, &mut above, "/product_tree/branches", told);
}

fn below(branches: &mut Value, above: &mut Vec<(String, String)>, path: &str, told: &mut Told) {
    if above.len() >= DEPTH_MAX {
        return;
    }
    for (at, branch) in branches.as_array_mut().into_iter().flatten().enumerate() {
        let path = format!("{path}/{at}");
        category(branch, &path, told);
        let (mut kind, mut name) = (
            text(branch, "category").to_owned(),
            text(branch, "name").to_owned(),
        );
        let before = |wanted: &str| above.iter().rposition(|(kind, _)| kind == wanted);
        let stacked = before(&kind).is_some() && !STACKED.contains(&kind.as_str());
        let mixed = kind == "product_version_range" && before("product_version").is_some();
        if stacked || mixed {
            told.changed(format!(
                "`{path}`: `{kind}` stands below another version or `{kind}`; 2.1 asks for one on a path, and which is meant cannot be told"
            ));
        }
        if kind == "product_version_range"
            && let Some((mended, version)) = single(&name)
        {
            told.changed(format!(
                "`{path}/name`: `{name}` is one version; it is the `{mended}` `{version}` now"
            ));
            branch["category"] = json!(mended);
            branch["name"] = json!(version);
            (kind, name) = (mended.to_owned(), version);
        }
        if let Some(product) = branch.get_mut("product") {
            identified(product, told);
        }
        if let Some(more) = branch.get_mut("branches") {
            above.push((kind, name));
            below(more, above, &format!("{path}/branches"), told);
            above.pop();
        }
    }
}

fn category(branch: &mut Value, path: &str, told: &mut Told) {
    if text(branch, "category") == "legacy" {
        told.changed(format!(
            "`{path}/category`: `legacy` is gone; it is `product_name` now"
        ));
        branch["category"] = json!("product_name");
    }
}

/// A range that holds one version: of one equation, or open above with nothing else.
fn single(name: &str) -> Option<(&'static str, String)> {
    let vers = Vers::read(name.trim())
        .ok()
        .filter(|_| name.starts_with("vers:"))?;
    match vers.points() {
        [only] if only.comparator == Comparator::Equal => {
            Some(("product_version", only.version.to_string()))
        }
        [only] if only.comparator == Comparator::GreaterOrEqual => {
            Some(("product_version", only.version.to_string()))
        }
        _ => None,
    }
}

/// `product_identification_helper` of a full product name.
fn identified(product: &mut Value, told: &mut Told) {
    let id = text(product, "product_id").to_owned();
    let Some(helper) = product
        .get_mut("product_identification_helper")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    if let Some(cpe) = helper.get("cpe").and_then(Value::as_str)
        && crate::identify::cpe(cpe).is_none()
    {
        told.lost(format!("`{cpe}` of `{id}` is no CPE name and was left out"));
        helper.remove("cpe");
    }
    if let Some(purl) = helper.remove("purl") {
        helper.insert("purls".to_owned(), json!([purl]));
    }
    hashes(helper, &id, told);
    for key in ["model_numbers", "serial_numbers", "skus"] {
        starred(helper, key, &id, told);
    }
    if helper.is_empty()
        && let Some(product) = product.as_object_mut()
    {
        product.remove("product_identification_helper");
    }
}

/// Names and values of hashes in lower case.
fn hashes(helper: &mut Map<String, Value>, id: &str, told: &mut Told) {
    let all = helper.get_mut("hashes").and_then(Value::as_array_mut);
    for hash in all.into_iter().flatten() {
        let files = hash.get_mut("file_hashes").and_then(Value::as_array_mut);
        for file in files.into_iter().flatten() {
            for key in ["algorithm", "value"] {
                if let Some(Value::String(text)) = file.get_mut(key) {
                    let lower = text.to_lowercase();
                    if lower != *text {
                        told.changed(format!("`{text}` of a hash of `{id}` is `{lower}` now"));
                        *text = lower;
                    }
                }
            }
        }
    }
}

/// Numbers were the beginnings of numbers; 2.1 says so by a star.
fn starred(helper: &mut Map<String, Value>, key: &str, id: &str, told: &mut Told) {
    let Some(numbers) = helper.get_mut(key).and_then(Value::as_array_mut) else {
        return;
    };
    let mut kept: Vec<Value> = Vec::new();
    let mut seen = FxHashSet::default();
    for number in numbers.iter().filter_map(Value::as_str) {
        let mut mended = number.replace('\\', "\\\\");
        if !mended.ends_with('*') {
            mended.push('*');
            told.changed(format!(
                "`{number}` of `{id}` is the beginning of a number; it is `{mended}` now"
            ));
        }
        if mended.matches('*').count() > 1 {
            told.lost(format!(
                "`{number}` of `{id}` has more than one star and was left out"
            ));
            continue;
        }
        if seen.insert(mended.clone()) {
            kept.push(json!(mended));
        }
    }
    match kept.is_empty() {
        true => {
            helper.remove(key);
        }
        false => *numbers = kept,
    }
}

/// What each product is a version of: the branches above it, without those of versions.
pub(super) fn names(tree: &Value) -> FxHashMap<&str, String> {
    let mut named = FxHashMap::default();
    let mut open: Vec<(&Value, String)> = list(tree, "branches")
        .iter()
        .map(|branch| (branch, String::new()))
        .collect();
    while let Some((branch, above)) = open.pop() {
        let is_version = text(branch, "category").starts_with("product_version");
        let here = match is_version {
            true => above,
            false => format!("{above}\n{}", text(branch, "name")),
        };
        if let Some(product) = branch.get("product") {
            named.insert(text(product, "product_id"), here.clone());
        }
        let below = list(branch, "branches").iter();
        open.extend(below.map(|branch| (branch, here.clone())));
    }
    for path in list(tree, "product_paths") {
        let of = |id: &str| named.get(id).cloned();
        let begin = of(text(path, "beginning_product_reference"));
        let steps = list(path, "subpaths").iter();
        let on: Option<Vec<String>> = steps
            .map(|step| of(text(step, "next_product_reference")))
            .collect();
        if let (Some(begin), Some(on), Some(full)) = (begin, on, path.get("full_product_name")) {
            named.insert(
                text(full, "product_id"),
                format!("{begin} on {}", on.join(" on ")),
            );
        }
    }
    named
}
