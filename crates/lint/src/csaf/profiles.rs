//! Profiles: has every affected product of a security advisory a fixed version? (6.2.39.1)

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use versions::vers::Comparator;

use super::{
    vers::{Written, read},
    view::{Say, View, items, string, strings},
};
use crate::place::clip;

/// Remediations that say that there is no fixed version.
const NO_FIX: [&str; 3] = ["fix_planned", "no_fix_planned", "none_available"];

/// How many paths one product may be made of, one from the other.
const PATHS_MAX: usize = 64;

/// 6.2.39.1 Missing Fixed Product: for each affected product a corresponding version is listed as fixed, unless a
/// remediation says that there is none and nothing says that there is one.
pub fn test_6_2_39_1(view: &View<'_>, say: &mut Say<'_>) {
    if view.category() != "csaf_security_advisory" {
        return;
    }
    let families = families(view);
    let ending = ending_below(view);
    let groups = view.product_groups();
    for (pointer, vulnerability) in view.vulnerabilities() {
        let Some(status) = vulnerability.get("product_status") else {
            continue;
        };
        let fixed: HashSet<&str> = ["first_fixed", "fixed"]
            .iter()
            .flat_map(|name| strings(status, name))
            .collect();
        let fixed: HashSet<&String> = fixed.iter().filter_map(|id| families.get(id)).collect();
        let mut remedies: HashMap<&str, Vec<&str>> = HashMap::new();
        for remediation in items(vulnerability, "remediations") {
            for product in view.named(remediation, &groups) {
                remedies
                    .entry(product)
                    .or_default()
                    .extend(string(remediation, "category"));
            }
        }
        let affected = ["first_affected", "known_affected", "last_affected"];
        let mut told = HashSet::new();
        for id in affected
            .iter()
            .flat_map(|name| strings(status, name))
            .filter(|id| told.insert(*id))
        {
            let remedies = remedies.get(id).map(Vec::as_slice).unwrap_or_default();
            let exists = remedies.contains(&"vendor_fix") || ending.contains(id);
            let ruled_out = remedies.iter().any(|category| NO_FIX.contains(category));
            if families
                .get(id)
                .is_some_and(|family| fixed.contains(family))
                || (ruled_out && !exists)
            {
                continue;
            }
            say.at(
                format!("{pointer}/product_status"),
                format!(
                    "product `{}` is affected, and no version of it is listed as fixed",
                    clip(id)
                ),
            );
        }
    }
}

/// Which family of versions each product belongs to: products of one branch `product_name`, of the flat list, or of
/// paths that lead from one family along the same products.
fn families<'v>(view: &View<'v>) -> HashMap<&'v str, String> {
    let mut families: HashMap<&str, String> = HashMap::new();
    let names: HashSet<String> = view
        .each("/product_tree/branches+")
        .into_iter()
        .filter(|(_, branch)| string(branch, "category") == Some("product_name"))
        .map(|(pointer, _)| pointer)
        .collect();
    for product in view.products() {
        let Some(id) = string(product.value, "product_id") else {
            continue;
        };
        if product.pointer.contains("/branches/") {
            families.insert(id, family(&product.pointer, &names));
        } else if product.pointer.contains("/full_product_names/") {
            families.insert(id, "full_product_names".to_owned());
        }
    }
    let paths: Vec<&Value> = view
        .each("/product_tree/product_paths/*")
        .into_iter()
        .map(|(_, path)| path)
        .collect();
    for _ in 0..PATHS_MAX {
        let before = families.len();
        for path in &paths {
            let id = path
                .pointer("/full_product_name/product_id")
                .and_then(Value::as_str);
            let from =
                string(path, "beginning_product_reference").and_then(|from| families.get(from));
            if let (Some(id), Some(from)) = (id, from) {
                let along = path
                    .get("subpaths")
                    .map(Value::to_string)
                    .unwrap_or_default();
                let family = format!("{from} {along}");
                families.entry(id).or_insert(family);
            }
        }
        if families.len() == before {
            break;
        }
    }
    families
}

/// The innermost branch `product_name` above the product at `pointer`, or else the list it stands in.
fn family(pointer: &str, names: &HashSet<String>) -> String {
    let mut above = pointer;
    while let Some((parent, _)) = above.rsplit_once("/branches/") {
        let index = &above[parent.len()..];
        let end = parent.len()
            + index
                .match_indices('/')
                .nth(2)
                .map_or(index.len(), |(at, _)| at);
        if names.contains(&above[..end]) {
            return above[..end].to_owned();
        }
        above = parent;
    }
    pointer
        .rsplit_once("/branches/")
        .map_or(pointer, |(list, _)| list)
        .to_owned()
}

/// The products of a version range that ends before a version, which must then exist.
fn ending_below<'v>(view: &View<'v>) -> HashSet<&'v str> {
    let branches = view.each("/product_tree/branches+");
    let ranges = branches
        .into_iter()
        .filter(|(_, branch)| string(branch, "category") == Some("product_version_range"));
    let ending =
        ranges.filter(
            |(_, branch)| match string(branch, "name").map(|name| read(name).0) {
                Some(Written::Vers(range) | Written::Vls(range)) => range
                    .points()
                    .last()
                    .is_some_and(|point| point.comparator == Comparator::Less),
                _ => false,
            },
        );
    ending
        .filter_map(|(_, branch)| branch.pointer("/product/product_id")?.as_str())
        .collect()
}
