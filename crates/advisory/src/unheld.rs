//! What does a document say that our shape has no place for?
//!
//! A list for each format of the members that are read, as paths: `*` is any key or place in a list, `**` all below.
//! Every other member is told by its path. So a new member of a format is a loss that is said, not one that is silent.

use std::collections::BTreeMap;

use serde_json::Value;

/// Paths told of one document. Names of members are a stranger's, and may be as many as there are bytes.
const PATHS_MAX: usize = 100;

/// CSAF 2.0 and 2.1.
pub(crate) const CSAF: &[&str] = &[
    "$schema",
    "document/category",
    "document/csaf_version",
    "document/lang",
    "document/title",
    "document/distribution/tlp/**",
    "document/notes/*/category",
    "document/notes/*/text",
    "document/notes/*/title",
    "document/publisher/category",
    "document/publisher/name",
    "document/publisher/namespace",
    "document/publisher/contact_details",
    "document/tracking/id",
    "document/tracking/status",
    "document/tracking/version",
    "document/tracking/current_release_date",
    "document/tracking/initial_release_date",
    "document/tracking/generator/**",
    "document/tracking/revision_history/*/date",
    "document/tracking/revision_history/*/number",
    "document/tracking/revision_history/*/summary",
    "document/acknowledgments/*/names/**",
    "document/acknowledgments/*/organization",
    "document/acknowledgments/*/summary",
    "document/references/*/category",
    "document/references/*/url",
    "product_tree/branches/**",
    "product_tree/full_product_names/*/name",
    "product_tree/full_product_names/*/product_id",
    "product_tree/full_product_names/*/product_identification_helper/**",
    "product_tree/product_groups/*/group_id",
    "product_tree/product_groups/*/product_ids/**",
    "product_tree/relationships/**",
    "product_tree/product_paths/**",
    "vulnerabilities/*/cve",
    "vulnerabilities/*/title",
    "vulnerabilities/*/cwe/id",
    "vulnerabilities/*/cwe/name",
    "vulnerabilities/*/cwes/*/id",
    "vulnerabilities/*/cwes/*/name",
    "vulnerabilities/*/cwes/*/version",
    "vulnerabilities/*/ids/*/system_name",
    "vulnerabilities/*/ids/*/text",
    "vulnerabilities/*/notes/*/category",
    "vulnerabilities/*/notes/*/text",
    "vulnerabilities/*/notes/*/title",
    "vulnerabilities/*/acknowledgments/*/names/**",
    "vulnerabilities/*/acknowledgments/*/organization",
    "vulnerabilities/*/acknowledgments/*/summary",
    "vulnerabilities/*/references/*/category",
    "vulnerabilities/*/references/*/url",
    "vulnerabilities/*/product_status/known_affected/**",
    "vulnerabilities/*/product_status/known_not_affected/**",
    "vulnerabilities/*/product_status/fixed/**",
    "vulnerabilities/*/product_status/under_investigation/**",
    "vulnerabilities/*/product_status/recommended/**",
    "vulnerabilities/*/scores/**",
    "vulnerabilities/*/metrics/*/products/**",
    "vulnerabilities/*/metrics/*/source",
    "vulnerabilities/*/metrics/*/content/cvss_v2/**",
    "vulnerabilities/*/metrics/*/content/cvss_v3/**",
    "vulnerabilities/*/metrics/*/content/cvss_v4/**",
    "vulnerabilities/*/metrics/*/content/qualitative_severity_rating",
    "vulnerabilities/*/metrics/*/content/ssvc_v2/**",
    "vulnerabilities/*/metrics/*/content/ssvc_v1/**",
    "vulnerabilities/*/remediations/*/category",
    "vulnerabilities/*/remediations/*/details",
    "vulnerabilities/*/remediations/*/date",
    "vulnerabilities/*/remediations/*/url",
    "vulnerabilities/*/remediations/*/product_ids/**",
    "vulnerabilities/*/remediations/*/group_ids/**",
    "vulnerabilities/*/remediations/*/restart_required/category",
    "vulnerabilities/*/flags/*/label",
    "vulnerabilities/*/flags/*/product_ids/**",
    "vulnerabilities/*/flags/*/group_ids/**",
    "vulnerabilities/*/threats/*/category",
    "vulnerabilities/*/threats/*/details",
    "vulnerabilities/*/threats/*/product_ids/**",
    "vulnerabilities/*/threats/*/group_ids/**",
    "vulnerabilities/*/first_known_exploitation_dates/*/exploitation_date",
];

/// OSV 1.7.
pub(crate) const OSV: &[&str] = &[
    "schema_version",
    "id",
    "modified",
    "published",
    "withdrawn",
    "aliases/**",
    "upstream/**",
    "related/**",
    "summary",
    "details",
    "severity/*/type",
    "severity/*/score",
    "affected/*/package/ecosystem",
    "affected/*/package/name",
    "affected/*/package/purl",
    "affected/*/severity/*/type",
    "affected/*/severity/*/score",
    "affected/*/ranges/*/type",
    "affected/*/ranges/*/repo",
    "affected/*/ranges/*/events/**",
    "affected/*/versions/**",
    "affected/*/ecosystem_specific/severity",
    "affected/*/ecosystem_specific/urgency",
    "affected/*/ecosystem_specific/ubuntu_priority",
    "affected/*/ecosystem_specific/imports/*/path",
    "affected/*/ecosystem_specific/imports/*/symbols/**",
    "affected/*/ecosystem_specific/imports/*/goarch/**",
    "affected/*/ecosystem_specific/affects/arch/**",
    "affected/*/ecosystem_specific/affects/functions/**",
    "affected/*/database_specific/severity",
    "affected/*/database_specific/cwe_ids/**",
    "affected/*/database_specific/cwes/*/cweId",
    "affected/*/database_specific/informational",
    "references/*/type",
    "references/*/url",
    "credits/*/name",
    "credits/*/type",
    "database_specific/severity",
    "database_specific/cwe_ids/**",
    "database_specific/cwes/*/cweId",
    "database_specific/informational",
];

/// CVE Record Format 5.2.
pub(crate) const CVE: &[&str] = &[
    "dataType",
    "dataVersion",
    "cveMetadata/**",
    "containers/cna/providerMetadata/**",
    "containers/cna/title",
    "containers/cna/descriptions/*/lang",
    "containers/cna/descriptions/*/value",
    "containers/cna/rejectedReasons/*/lang",
    "containers/cna/rejectedReasons/*/value",
    "containers/cna/solutions/*/lang",
    "containers/cna/solutions/*/value",
    "containers/cna/workarounds/*/lang",
    "containers/cna/workarounds/*/value",
    "containers/cna/credits/*/lang",
    "containers/cna/credits/*/value",
    "containers/cna/credits/*/type",
    "containers/cna/timeline/**",
    "containers/cna/source/advisory",
    "containers/cna/affected/*/vendor",
    "containers/cna/affected/*/product",
    "containers/cna/affected/*/collectionURL",
    "containers/cna/affected/*/packageName",
    "containers/cna/affected/*/packageURL",
    "containers/cna/affected/*/repo",
    "containers/cna/affected/*/cpes/**",
    "containers/cna/affected/*/defaultStatus",
    "containers/cna/affected/*/versions/**",
    "containers/cna/affected/*/programRoutines/**",
    "containers/cna/cpeApplicability/**",
    "containers/cna/metrics/*/format",
    "containers/cna/metrics/*/cvssV2_0/**",
    "containers/cna/metrics/*/cvssV3_0/**",
    "containers/cna/metrics/*/cvssV3_1/**",
    "containers/cna/metrics/*/cvssV4_0/**",
    "containers/cna/metrics/*/other/**",
    "containers/cna/problemTypes/**",
    "containers/cna/references/*/url",
    "containers/cna/references/*/tags/**",
    "containers/adp/*/providerMetadata/**",
    "containers/adp/*/title",
    "containers/adp/*/affected/*/vendor",
    "containers/adp/*/affected/*/product",
    "containers/adp/*/affected/*/collectionURL",
    "containers/adp/*/affected/*/packageName",
    "containers/adp/*/affected/*/packageURL",
    "containers/adp/*/affected/*/repo",
    "containers/adp/*/affected/*/cpes/**",
    "containers/adp/*/affected/*/defaultStatus",
    "containers/adp/*/affected/*/versions/**",
    "containers/adp/*/cpeApplicability/**",
    "containers/adp/*/metrics/**",
    "containers/adp/*/problemTypes/**",
    "containers/adp/*/references/*/url",
    "containers/adp/*/references/*/tags/**",
];

/// OpenVEX 0.2 and the older shapes still around.
pub(crate) const OPENVEX: &[&str] = &[
    "@context",
    "@id",
    "id",
    "author",
    "role",
    "timestamp",
    "last_updated",
    "version",
    "tooling",
    "statements/*/vulnerability",
    "statements/*/vulnerability/@id",
    "statements/*/vulnerability/name",
    "statements/*/vulnerability/aliases/**",
    "statements/*/timestamp",
    "statements/*/last_updated",
    "statements/*/products/*",
    "statements/*/products/*/@id",
    "statements/*/products/*/identifiers/**",
    "statements/*/status",
    "statements/*/status_notes",
    "statements/*/justification",
    "statements/*/impact_statement",
    "statements/*/action_statement",
];

/// CycloneDX 1.4 to 1.7: what tells of flaws. The rest of a BOM is an inventory.
pub(crate) const CYCLONEDX: &[&str] = &[
    "$schema",
    "bomFormat",
    "specVersion",
    "serialNumber",
    "version",
    "metadata/**",
    "components/**",
    "services/**",
    "dependencies/**",
    "vulnerabilities/*/id",
    "vulnerabilities/*/bom-ref",
    "vulnerabilities/*/source/**",
    "vulnerabilities/*/references/*/id",
    "vulnerabilities/*/references/*/source/name",
    "vulnerabilities/*/ratings/*/source/name",
    "vulnerabilities/*/ratings/*/score",
    "vulnerabilities/*/ratings/*/severity",
    "vulnerabilities/*/ratings/*/method",
    "vulnerabilities/*/ratings/*/vector",
    "vulnerabilities/*/cwes/**",
    "vulnerabilities/*/description",
    "vulnerabilities/*/detail",
    "vulnerabilities/*/recommendation",
    "vulnerabilities/*/workaround",
    "vulnerabilities/*/advisories/*/url",
    "vulnerabilities/*/advisories/*/title",
    "vulnerabilities/*/created",
    "vulnerabilities/*/published",
    "vulnerabilities/*/updated",
    "vulnerabilities/*/rejected",
    "vulnerabilities/*/credits/organizations/*/name",
    "vulnerabilities/*/credits/individuals/*/name",
    "vulnerabilities/*/analysis/state",
    "vulnerabilities/*/analysis/justification",
    "vulnerabilities/*/analysis/detail",
    "vulnerabilities/*/affects/**",
];

/// Paths as a tree, to be walked beside the document.
#[derive(Default)]
struct Held<'a> {
    below: BTreeMap<&'a str, Held<'a>>,
    whole: bool,
    ends: bool,
}

/// What of `root` is on none of the paths of `held`, in words.
pub(crate) fn unheld(root: &Value, held: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    walk(root, &Held::of(held), &mut Vec::new(), &mut found);
    found
}

/// Takes out of `root` what is on none of the paths of `held`, and says what it was.
pub(crate) fn prune(root: &mut Value, held: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    cut(root, &Held::of(held), &mut String::new(), &mut found);
    found
}

impl<'a> Held<'a> {
    fn of(held: &[&'a str]) -> Held<'a> {
        let mut tree = Held::default();
        for path in held {
            let mut at = &mut tree;
            for step in path.split('/') {
                match step {
                    "**" => at.whole = true,
                    step => at = at.below.entry(step).or_default(),
                }
            }
            at.ends = true;
        }
        tree
    }
}

fn cut(value: &mut Value, held: &Held<'_>, path: &mut String, found: &mut Vec<String>) {
    if held.whole {
        return;
    }
    match value {
        Value::Object(members) => members.retain(|key, value| {
            let length = path.len();
            path.push('/');
            path.push_str(key);
            let below = held.below.get(key.as_str());
            match below {
                Some(held) => cut(value, held, path, found),
                None if found.len() < PATHS_MAX => found.push(path.clone()),
                None => {}
            }
            path.truncate(length);
            below.is_some()
        }),
        Value::Array(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                let length = path.len();
                path.push_str(&format!("/{at}"));
                if let Some(held) = held.below.get("*") {
                    cut(value, held, path, found);
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// Depth is that of the document, which serde_json bounds.
fn walk<'a>(value: &'a Value, held: &Held<'_>, path: &mut Vec<&'a str>, found: &mut Vec<String>) {
    if held.whole {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                path.push(key);
                match held.below.get(key.as_str()) {
                    Some(held) => walk(value, held, path, found),
                    None => tell(path, found),
                }
                path.pop();
            }
        }
        Value::Array(list) => {
            path.push("*");
            for value in list {
                match held.below.get("*") {
                    Some(held) => walk(value, held, path, found),
                    None => tell(path, found),
                }
            }
            path.pop();
        }
        Value::Null => {}
        _ if held.ends => {}
        _ => tell(path, found),
    }
}

/// Each path once. There are few, so that looking through them costs little.
fn tell(path: &[&str], found: &mut Vec<String>) {
    if found.len() >= PATHS_MAX {
        return;
    }
    let loss = format!("`/{}` is not carried over", path.join("/"));
    if !found.contains(&loss) {
        found.push(loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_on_no_path_is_told_once() {
        let root = serde_json::json!({
            "id": "A-1",
            "affected": [
                {"package": {"name": "a", "colour": "red"}, "taste": 1},
                {"package": {"name": "b", "colour": "blue"}},
            ],
            "aliases": ["x", {"deep": []}],
            "nothing": null,
        });
        assert_eq!(
            unheld(&root, &["id", "aliases/**", "affected/*/package/name"]),
            [
                "`/affected/*/package/colour` is not carried over",
                "`/affected/*/taste` is not carried over",
                "`/nothing` is not carried over",
            ]
        );
    }
}
