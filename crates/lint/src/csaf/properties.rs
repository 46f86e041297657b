//! Properties: has an object of a 2.0 document members that its schema does not know? (6.2.20 of 2.0)
//!
//! Ours, because the library compiles a second, strict schema for it, whose errors it then mostly drops, and because
//! that cannot say it of CVSS 3.

use serde_json::Value;

use super::view::{Say, View};
use crate::place::{clip, token};

/// The members of each object of the schema of CSAF 2.0 and of CVSS 2.0 and 3, and what object stands there.
static SHAPES: [(&str, &[(&str, &str)]); 34] = [
    (
        "root",
        &[
            ("document", "document"),
            ("product_tree", "product_tree"),
            ("vulnerabilities", "vulnerabilities"),
        ],
    ),
    (
        "document",
        &[
            ("acknowledgments", "acknowledgments"),
            ("aggregate_severity", "aggregate_severity"),
            ("category", ""),
            ("csaf_version", ""),
            ("distribution", "distribution"),
            ("lang", ""),
            ("notes", "notes"),
            ("publisher", "publisher"),
            ("references", "references"),
            ("source_lang", ""),
            ("title", ""),
            ("tracking", "tracking"),
        ],
    ),
    (
        "acknowledgments",
        &[
            ("names", ""),
            ("organization", ""),
            ("summary", ""),
            ("urls", ""),
        ],
    ),
    ("aggregate_severity", &[("namespace", ""), ("text", "")]),
    ("distribution", &[("text", ""), ("tlp", "tlp")]),
    ("tlp", &[("label", ""), ("url", "")]),
    (
        "notes",
        &[
            ("audience", ""),
            ("category", ""),
            ("text", ""),
            ("title", ""),
        ],
    ),
    (
        "publisher",
        &[
            ("category", ""),
            ("contact_details", ""),
            ("issuing_authority", ""),
            ("name", ""),
            ("namespace", ""),
        ],
    ),
    (
        "references",
        &[("category", ""), ("summary", ""), ("url", "")],
    ),
    (
        "tracking",
        &[
            ("aliases", ""),
            ("current_release_date", ""),
            ("generator", "generator"),
            ("id", ""),
            ("initial_release_date", ""),
            ("revision_history", "revision_history"),
            ("status", ""),
            ("version", ""),
        ],
    ),
    ("generator", &[("date", ""), ("engine", "engine")]),
    ("engine", &[("name", ""), ("version", "")]),
    (
        "revision_history",
        &[
            ("date", ""),
            ("legacy_version", ""),
            ("number", ""),
            ("summary", ""),
        ],
    ),
    (
        "product_tree",
        &[
            ("branches", "branches"),
            ("full_product_names", "full_product_name"),
            ("product_groups", "product_groups"),
            ("relationships", "relationships"),
        ],
    ),
    (
        "branches",
        &[
            ("branches", "branches"),
            ("category", ""),
            ("name", ""),
            ("product", "full_product_name"),
        ],
    ),
    (
        "full_product_name",
        &[
            ("name", ""),
            ("product_id", ""),
            (
                "product_identification_helper",
                "product_identification_helper",
            ),
        ],
    ),
    (
        "product_identification_helper",
        &[
            ("cpe", ""),
            ("hashes", "hashes"),
            ("model_numbers", ""),
            ("purl", ""),
            ("sbom_urls", ""),
            ("serial_numbers", ""),
            ("skus", ""),
            ("x_generic_uris", "x_generic_uris"),
        ],
    ),
    (
        "hashes",
        &[("file_hashes", "file_hashes"), ("filename", "")],
    ),
    ("file_hashes", &[("algorithm", ""), ("value", "")]),
    ("x_generic_uris", &[("namespace", ""), ("uri", "")]),
    (
        "product_groups",
        &[("group_id", ""), ("product_ids", ""), ("summary", "")],
    ),
    (
        "relationships",
        &[
            ("category", ""),
            ("full_product_name", "full_product_name"),
            ("product_reference", ""),
            ("relates_to_product_reference", ""),
        ],
    ),
    (
        "vulnerabilities",
        &[
            ("acknowledgments", "acknowledgments"),
            ("cve", ""),
            ("cwe", "cwe"),
            ("discovery_date", ""),
            ("flags", "flags"),
            ("ids", "ids"),
            ("involvements", "involvements"),
            ("notes", "notes"),
            ("product_status", "product_status"),
            ("references", "references"),
            ("release_date", ""),
            ("remediations", "remediations"),
            ("scores", "scores"),
            ("threats", "threats"),
            ("title", ""),
        ],
    ),
    ("cwe", &[("id", ""), ("name", "")]),
    (
        "flags",
        &[
            ("date", ""),
            ("group_ids", ""),
            ("label", ""),
            ("product_ids", ""),
        ],
    ),
    ("ids", &[("system_name", ""), ("text", "")]),
    (
        "involvements",
        &[("date", ""), ("party", ""), ("status", ""), ("summary", "")],
    ),
    (
        "product_status",
        &[
            ("first_affected", ""),
            ("first_fixed", ""),
            ("fixed", ""),
            ("known_affected", ""),
            ("known_not_affected", ""),
            ("last_affected", ""),
            ("recommended", ""),
            ("under_investigation", ""),
        ],
    ),
    (
        "remediations",
        &[
            ("category", ""),
            ("date", ""),
            ("details", ""),
            ("entitlements", ""),
            ("group_ids", ""),
            ("product_ids", ""),
            ("restart_required", "restart_required"),
            ("url", ""),
        ],
    ),
    ("restart_required", &[("category", ""), ("details", "")]),
    (
        "scores",
        &[
            ("cvss_v2", "cvss_v2"),
            ("cvss_v3", "cvss_v3"),
            ("products", ""),
        ],
    ),
    (
        "threats",
        &[
            ("category", ""),
            ("date", ""),
            ("details", ""),
            ("group_ids", ""),
            ("product_ids", ""),
        ],
    ),
    (
        "cvss_v2",
        &[
            ("version", ""),
            ("vectorString", ""),
            ("accessVector", ""),
            ("accessComplexity", ""),
            ("authentication", ""),
            ("confidentialityImpact", ""),
            ("integrityImpact", ""),
            ("availabilityImpact", ""),
            ("baseScore", ""),
            ("exploitability", ""),
            ("remediationLevel", ""),
            ("reportConfidence", ""),
            ("temporalScore", ""),
            ("collateralDamagePotential", ""),
            ("targetDistribution", ""),
            ("confidentialityRequirement", ""),
            ("integrityRequirement", ""),
            ("availabilityRequirement", ""),
            ("environmentalScore", ""),
        ],
    ),
    (
        "cvss_v3",
        &[
            ("attackComplexity", ""),
            ("attackVector", ""),
            ("availabilityImpact", ""),
            ("availabilityRequirement", ""),
            ("baseScore", ""),
            ("baseSeverity", ""),
            ("confidentialityImpact", ""),
            ("confidentialityRequirement", ""),
            ("environmentalScore", ""),
            ("environmentalSeverity", ""),
            ("exploitCodeMaturity", ""),
            ("integrityImpact", ""),
            ("integrityRequirement", ""),
            ("modifiedAttackComplexity", ""),
            ("modifiedAttackVector", ""),
            ("modifiedAvailabilityImpact", ""),
            ("modifiedConfidentialityImpact", ""),
            ("modifiedIntegrityImpact", ""),
            ("modifiedPrivilegesRequired", ""),
            ("modifiedScope", ""),
            ("modifiedUserInteraction", ""),
            ("privilegesRequired", ""),
            ("remediationLevel", ""),
            ("reportConfidence", ""),
            ("scope", ""),
            ("temporalScore", ""),
            ("temporalSeverity", ""),
            ("userInteraction", ""),
            ("vectorString", ""),
            ("version", ""),
        ],
    ),
];

/// 6.2.20 Additional Properties: no object has a member that the schema does not define.
pub fn test_6_2_20(view: &View<'_>, say: &mut Say<'_>) {
    walk("", view.root, "root", say);
}

/// As deep as documents are read; a list is of the shape of its elements.
fn walk(pointer: &str, value: &Value, shape: &str, say: &mut Say<'_>) {
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                walk(&format!("{pointer}/{index}"), element, shape, say);
            }
        }
        Value::Object(members) => {
            let Some((_, known)) = SHAPES.iter().find(|(name, _)| *name == shape) else {
                return;
            };
            for (name, member) in members {
                match known.iter().find(|(known, _)| known == name) {
                    None => say.at(
                        format!("{pointer}/{}", token(name)),
                        format!("member `{}` is not defined by the schema", clip(name)),
                    ),
                    Some((_, "")) => {}
                    Some((_, shape)) => walk(&format!("{pointer}/{name}"), member, shape, say),
                }
            }
        }
        _ => {}
    }
}
