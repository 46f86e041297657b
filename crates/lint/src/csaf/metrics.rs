//! Metrics: is what was fixed scored as fixed, and is an SSVC decision point of its latest version? (6.2.19, 6.3.13)

use std::collections::HashSet;

use serde_json::Value;

use super::{
    Text,
    view::{Say, View, items, string, strings},
};
use crate::place::clip;

/// 6.2.19 CVSS for Fixed Products: a score that applies to a fixed product is 0.
pub fn test_6_2_19(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, vulnerability) in view.vulnerabilities() {
        let harmful = harmful(vulnerability, view.text);
        for status in ["first_fixed", "fixed"] {
            let ids = vulnerability
                .get("product_status")
                .into_iter()
                .flat_map(|given| strings(given, status));
            for (index, id) in ids.enumerate().filter(|(_, id)| harmful.contains(id)) {
                let place = format!("{pointer}/product_status/{status}/{index}");
                say.at(
                    place,
                    format!(
                        "product `{}` is fixed, and a CVSS that applies to it is not 0",
                        clip(id)
                    ),
                );
            }
        }
    }
}

/// The products that have a score above 0.
fn harmful(vulnerability: &Value, text: Text) -> HashSet<&str> {
    let list = if text == Text::V20 {
        "scores"
    } else {
        "metrics"
    };
    let mut products = HashSet::new();
    for metric in items(vulnerability, list) {
        let content = if text == Text::V20 {
            Some(metric)
        } else {
            metric.get("content")
        };
        let scores = ["cvss_v2", "cvss_v3", "cvss_v4"]
            .into_iter()
            .filter_map(|name| content?.get(name));
        if scores.into_iter().any(|score| !is_zero(score)) {
            products.extend(strings(metric, "products"));
        }
    }
    products
}

/// Whether a CVSS object's overall score is 0, by its vector or by the members that say so.
fn is_zero(cvss: &Value) -> bool {
    let vector = string(cvss, "vectorString").unwrap_or_default();
    let metric = |name: &str| {
        vector
            .split('/')
            .filter_map(|part| part.split_once(':'))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    let member = |name: &str, value: &str| string(cvss, name) == Some(value);
    let zero = |name: &str| cvss.get(name).and_then(Value::as_f64) == Some(0.0);
    // A modified metric that is not defined is the base metric.
    let none = |modified: &str, base: &str, name: &str, none: &str| {
        let set = metric(modified).filter(|value| *value != "X");
        set.or_else(|| metric(base)) == Some("N") || member(name, none)
    };
    if zero("environmentalScore") {
        return true;
    }
    if vector.starts_with("CVSS:4") || member("version", "4.0") {
        return [
            ("MVC", "VC", "modifiedVulnConfidentialityImpact", "NONE"),
            ("MVI", "VI", "modifiedVulnIntegrityImpact", "NONE"),
            ("MVA", "VA", "modifiedVulnAvailabilityImpact", "NONE"),
            (
                "MSC",
                "SC",
                "modifiedSubConfidentialityImpact",
                "NEGLIGIBLE",
            ),
            ("MSI", "SI", "modifiedSubIntegrityImpact", "NEGLIGIBLE"),
            ("MSA", "SA", "modifiedSubAvailabilityImpact", "NEGLIGIBLE"),
        ]
        .into_iter()
        .all(|(modified, base, name, value)| none(modified, base, name, value));
    }
    if vector.starts_with("CVSS:3")
        || string(cvss, "version").is_some_and(|version| version.starts_with("3."))
    {
        return [
            ("MC", "C", "modifiedConfidentialityImpact"),
            ("MI", "I", "modifiedIntegrityImpact"),
            ("MA", "A", "modifiedAvailabilityImpact"),
        ]
        .into_iter()
        .all(|(modified, base, name)| none(modified, base, name, "NONE"));
    }
    let untouched = ["C", "I", "A"]
        .into_iter()
        .all(|name| metric(name) == Some("N"));
    let harmless = metric("CDP").is_none_or(|value| matches!(value, "N" | "ND"));
    metric("TD") == Some("N") || member("targetDistribution", "NONE") || (untouched && harmless)
}

/// The latest versions of the decision points that have had more than one, by namespace and key, from the SSVC
/// registry of the CERT Coordination Center (<https://certcc.github.io/SSVC/>, 2026-10, MIT).
const LATEST: [(&str, &str, [u32; 3]); 34] = [
    ("cisa", "CISA", [1, 1, 0]),
    ("cvss", "A", [2, 0, 0]),
    ("cvss", "AC", [3, 0, 1]),
    ("cvss", "AR", [1, 1, 1]),
    ("cvss", "AV", [3, 0, 1]),
    ("cvss", "Au", [2, 0, 0]),
    ("cvss", "C", [2, 0, 0]),
    ("cvss", "CDP", [2, 0, 0]),
    ("cvss", "CR", [1, 1, 1]),
    ("cvss", "E", [2, 0, 0]),
    ("cvss", "I", [2, 0, 0]),
    ("cvss", "IR", [1, 1, 1]),
    ("cvss", "MAC", [3, 0, 1]),
    ("cvss", "MAV", [3, 0, 1]),
    ("cvss", "MPR", [1, 0, 1]),
    ("cvss", "MSA", [1, 0, 1]),
    ("cvss", "MSC", [1, 0, 1]),
    ("cvss", "MSI", [1, 0, 1]),
    ("cvss", "MUI", [2, 0, 0]),
    ("cvss", "PR", [1, 0, 1]),
    ("cvss", "RC", [2, 0, 0]),
    ("cvss", "RL", [1, 1, 0]),
    ("cvss", "TD", [1, 1, 0]),
    ("cvss", "UI", [2, 0, 0]),
    ("ssvc", "A", [2, 0, 0]),
    ("ssvc", "COORDINATE", [1, 0, 1]),
    ("ssvc", "E", [1, 1, 0]),
    ("ssvc", "EXP", [1, 0, 1]),
    ("ssvc", "HI", [2, 0, 2]),
    ("ssvc", "MI", [2, 0, 0]),
    ("ssvc", "PSI", [2, 0, 1]),
    ("ssvc", "PWI", [1, 1, 0]),
    ("ssvc", "SI", [2, 0, 1]),
    ("ssvc", "U", [1, 0, 1]),
];

/// 6.3.13 Usage of Non-Latest SSVC Decision Point Version: a registered decision point is of its latest version. One that
/// is higher does not exist.
pub fn test_6_3_13(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, selection) in
        view.each("/vulnerabilities/*/metrics/*/content/ssvc_v2/selections/*")
    {
        let given = (
            string(selection, "namespace"),
            string(selection, "key"),
            string(selection, "version"),
        );
        let (Some(namespace), Some(key), Some(version)) = given else {
            continue;
        };
        let base = namespace
            .split_once('/')
            .map_or(namespace, |(base, _)| base);
        let Some((.., latest)) = LATEST
            .iter()
            .find(|(space, known, _)| *space == base && *known == key)
        else {
            continue;
        };
        let parts: Vec<u32> = version
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect();
        if parts.len() == 3 && parts.as_slice() != latest.as_slice() {
            let [major, minor, patch] = latest;
            say.at(
                format!("{pointer}/version"),
                format!(
                    "the latest version of decision point `{base}:{key}` is {major}.{minor}.{patch}"
                ),
            );
        }
    }
}
