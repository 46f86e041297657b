//! Members that CSAF 2.0 does not know are said and left out: 2.1 allows none of them either.

use serde_json::Value;

use super::Told;

/// Every member of 2.0's schema, as in `unheld`; branches are walked by themselves.
const MEMBERS: &[&str] = &[
    "$schema",
    "document/category",
    "document/csaf_version",
    "document/lang",
    "document/source_lang",
    "document/title",
    "document/aggregate_severity/namespace",
    "document/aggregate_severity/text",
    "document/distribution/text",
    "document/distribution/tlp/label",
    "document/distribution/tlp/url",
    "document/publisher/category",
    "document/publisher/contact_details",
    "document/publisher/issuing_authority",
    "document/publisher/name",
    "document/publisher/namespace",
    "document/tracking/aliases/*",
    "document/tracking/current_release_date",
    "document/tracking/generator/date",
    "document/tracking/generator/engine/name",
    "document/tracking/generator/engine/version",
    "document/tracking/id",
    "document/tracking/initial_release_date",
    "document/tracking/revision_history/*/date",
    "document/tracking/revision_history/*/legacy_version",
    "document/tracking/revision_history/*/number",
    "document/tracking/revision_history/*/summary",
    "document/tracking/status",
    "document/tracking/version",
    "product_tree/branches/**",
    "product_tree/product_groups/*/group_id",
    "product_tree/product_groups/*/product_ids/*",
    "product_tree/product_groups/*/summary",
    "product_tree/relationships/*/category",
    "product_tree/relationships/*/product_reference",
    "product_tree/relationships/*/relates_to_product_reference",
    "vulnerabilities/*/cve",
    "vulnerabilities/*/cwe/id",
    "vulnerabilities/*/cwe/name",
    "vulnerabilities/*/discovery_date",
    "vulnerabilities/*/release_date",
    "vulnerabilities/*/title",
    "vulnerabilities/*/flags/*/date",
    "vulnerabilities/*/flags/*/label",
    "vulnerabilities/*/flags/*/group_ids/*",
    "vulnerabilities/*/flags/*/product_ids/*",
    "vulnerabilities/*/ids/*/system_name",
    "vulnerabilities/*/ids/*/text",
    "vulnerabilities/*/involvements/*/date",
    "vulnerabilities/*/involvements/*/party",
    "vulnerabilities/*/involvements/*/status",
    "vulnerabilities/*/involvements/*/summary",
    "vulnerabilities/*/product_status/first_affected/*",
    "vulnerabilities/*/product_status/first_fixed/*",
    "vulnerabilities/*/product_status/fixed/*",
    "vulnerabilities/*/product_status/known_affected/*",
    "vulnerabilities/*/product_status/known_not_affected/*",
    "vulnerabilities/*/product_status/last_affected/*",
    "vulnerabilities/*/product_status/recommended/*",
    "vulnerabilities/*/product_status/under_investigation/*",
    "vulnerabilities/*/remediations/*/category",
    "vulnerabilities/*/remediations/*/date",
    "vulnerabilities/*/remediations/*/details",
    "vulnerabilities/*/remediations/*/entitlements/*",
    "vulnerabilities/*/remediations/*/group_ids/*",
    "vulnerabilities/*/remediations/*/product_ids/*",
    "vulnerabilities/*/remediations/*/restart_required/category",
    "vulnerabilities/*/remediations/*/restart_required/details",
    "vulnerabilities/*/remediations/*/url",
    "vulnerabilities/*/scores/*/cvss_v2/**",
    "vulnerabilities/*/scores/*/cvss_v3/**",
    "vulnerabilities/*/scores/*/products/*",
    "vulnerabilities/*/threats/*/category",
    "vulnerabilities/*/threats/*/date",
    "vulnerabilities/*/threats/*/details",
    "vulnerabilities/*/threats/*/group_ids/*",
    "vulnerabilities/*/threats/*/product_ids/*",
];

/// Types of the schema that stand at several places.
const SHARED: &[(&[&str], &[&str])] = &[
    (
        &[
            "document/acknowledgments/*",
            "vulnerabilities/*/acknowledgments/*",
        ],
        &["names/*", "organization", "summary", "urls/*"],
    ),
    (
        &["document/notes/*", "vulnerabilities/*/notes/*"],
        &["audience", "category", "text", "title"],
    ),
    (
        &["document/references/*", "vulnerabilities/*/references/*"],
        &["category", "summary", "url"],
    ),
    (
        &[
            "product_tree/full_product_names/*",
            "product_tree/relationships/*/full_product_name",
            "product",
        ],
        &[
            "name",
            "product_id",
            "product_identification_helper/cpe",
            "product_identification_helper/hashes/*/filename",
            "product_identification_helper/hashes/*/file_hashes/*/algorithm",
            "product_identification_helper/hashes/*/file_hashes/*/value",
            "product_identification_helper/model_numbers/*",
            "product_identification_helper/purl",
            "product_identification_helper/sbom_urls/*",
            "product_identification_helper/serial_numbers/*",
            "product_identification_helper/skus/*",
            "product_identification_helper/x_generic_uris/*/namespace",
            "product_identification_helper/x_generic_uris/*/uri",
        ],
    ),
];

/// A branch of the product tree.
const BRANCH: &[&str] = &["branches/**", "category", "name"];

/// Leaves out what 2.0 does not know.
pub(super) fn prune(root: &mut Value, told: &mut Told) {
    let paths: Vec<String> = MEMBERS
        .iter()
        .map(|path| (*path).to_owned())
        .chain(shared("document"))
        .chain(shared("vulnerabilities"))
        .chain(shared("product_tree"))
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    cut(root, &paths, "", told);
    let product: Vec<String> = shared("product").collect();
    let branch: Vec<&str> = BRANCH
        .iter()
        .copied()
        .chain(product.iter().map(String::as_str))
        .collect();
    let mut open: Vec<(&mut Value, String)> = Vec::new();
    if let Some(branches) = root.pointer_mut("/product_tree/branches") {
        open.push((branches, "/product_tree/branches".to_owned()));
    }
    while let Some((branches, path)) = open.pop() {
        for (at, one) in branches.as_array_mut().into_iter().flatten().enumerate() {
            let path = format!("{path}/{at}");
            cut(one, &branch, &path, told);
            if let Some(below) = one.get_mut("branches") {
                open.push((below, format!("{path}/branches")));
            }
        }
    }
}

fn shared(under: &str) -> impl Iterator<Item = String> {
    let places = SHARED.iter().flat_map(|(places, members)| {
        let pairs = places
            .iter()
            .flat_map(|place| members.iter().map(move |one| (*place, *one)));
        pairs.collect::<Vec<_>>()
    });
    let under = under.to_owned();
    places
        .filter(move |(place, _)| place.split('/').next() == Some(&under))
        .map(|(place, member)| format!("{place}/{member}"))
}

fn cut(value: &mut Value, paths: &[&str], at: &str, told: &mut Told) {
    for path in crate::unheld::prune(value, paths) {
        told.lost(format!(
            "`{at}{path}` is no member of CSAF 2.0 and was left out"
        ));
    }
}
