//! Where the clause says otherwise than the library did, or than we did at first.

use serde_json::{Value, json};

use super::{NAMES, fails, passes, ranges, with};

#[test]
fn test_6_1_26_the_base_profile_is_no_other_profile() {
    let category = |name: &str| json!({"document": {"category": name}});
    for edition in ["2.0", "2.1"] {
        for name in ["Base", "CSAF Base", "csaf-base"] {
            passes(edition, "6.1.26", category(name));
        }
        fails(
            edition,
            "6.1.26",
            category("V_E-X"),
            &["/document/category"],
        );
    }
}

#[test]
fn test_6_1_54_operators_are_small_too_by_csd03() {
    let license = |text: &str| json!({"document": {"license_expression": text}});
    for text in [
        "MIT or Apache-2.0",
        "MIT  OR  Apache-2.0",
        "GPL-2.0-only with Classpath-exception-2.0",
    ] {
        passes("2.1", "6.1.54", license(text));
        passes("2.1", "6.1.55", license(text));
    }
    let place = &["/document/license_expression"];
    fails("2.1", "6.1.54", license("MIT Or Apache-2.0"), place);
    fails("draft", "6.1.54", license("MIT or Apache-2.0"), place);
}

#[test]
fn test_6_1_55_identifiers_are_the_same_in_any_case() {
    let license = |text: &str| json!({"document": {"license_expression": text}});
    for edition in ["2.1", "draft"] {
        passes(edition, "6.1.55", license("cc-by-4.0"));
        passes(edition, "6.1.55", license("(mit OR APACHE-2.0)"));
    }
}

#[test]
fn test_6_1_59_a_range_from_a_version_to_itself_is_one_version() {
    let one = [
        "vers:intdot/>=4.2.0|<=4.2.0",
        "vers:intdot/4.2.0|!=4.3.0",
        ">=4.2.0|<=4.2.0",
    ];
    let places: Vec<String> = (0..one.len())
        .map(|index| format!("{NAMES}/{index}/name"))
        .collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    fails("2.1", "6.1.59", ranges(&one), &places);
    let more = ["vers:intdot/>=4.2.0|<=4.2.1", "vers:intdot/>4.2.0|<4.3.0"];
    passes("2.1", "6.1.59", ranges(&more));
}

#[test]
fn test_6_1_50_versions_of_no_type_have_no_form() {
    passes("2.1", "6.1.50", ranges(&["vers:generic/<2024-4-pabc0019"]));
}

fn involvement(members: Value) -> Value {
    let mut own = json!({"party": "vendor", "status": "open", "date": "2026-07-29T12:00:00Z"});
    for (name, value) in members.as_object().into_iter().flatten() {
        own[name] = value.clone();
    }
    json!({"vulnerabilities": [{"involvements": [own]}]})
}

const INVOLVEMENT: &str = "/vulnerabilities/0/involvements/0";

#[test]
fn test_6_1_37_a_date_of_an_involvement_is_by_rfc_3339() {
    for wrong in [
        "2023-08-23T10:00Z",
        "2023-08-23T10:00:00,5Z",
        "2023-08-23T10:00:00+02",
    ] {
        let place = format!("{INVOLVEMENT}/date");
        fails(
            "2.1",
            "6.1.37",
            involvement(json!({"date": wrong})),
            &[&place],
        );
    }
    let right = involvement(json!({"date": "2023-08-23T10:00:00.5+02:00"}));
    passes("2.1", "6.1.37", right);
}

#[test]
fn test_6_2_20_members_that_csd03_does_not_know() {
    let place = format!("{INVOLVEMENT}/cus~1tom");
    fails(
        "2.1",
        "6.2.20",
        involvement(json!({"cus/tom": "x"})),
        &[&place],
    );
    passes("2.1", "6.2.20", involvement(json!({"summary": "x"})));
}

fn ssvc(selection: Value) -> Value {
    let ssvc = json!({"schemaVersion": "2.0.0", "selections": [selection], "timestamp": "2026-01-24T10:00:00.000Z"});
    with(
        json!({"product_tree": {"full_product_names": [{"name": "A", "product_id": "A"}]}}),
        json!({"vulnerabilities": [{"metrics": [{"content": {"ssvc_v2": ssvc}, "products": ["A"]}]}]}),
    )
}

#[test]
fn test_6_2_37_namespaces_for_tests_need_no_resource() {
    let of = |namespace: &str| {
        ssvc(
            json!({"key": "T", "name": "T", "namespace": namespace, "version": "1.0.0",
                    "values": [{"key": "A", "name": "A"}]}),
        )
    };
    passes("2.1", "6.2.37", of("test"));
    let unknown = of("x_com.example#ours");
    assert!(!super::told("2.1", "6.2.37", &unknown).is_empty());
}

#[test]
fn test_6_3_13_a_version_that_there_is_not_is_not_the_latest() {
    let of = |version: &str| {
        ssvc(
            json!({"key": "MI", "name": "Mission Impact", "namespace": "ssvc", "version": version,
                    "values": [{"key": "N", "name": "None"}]}),
        )
    };
    let place = "/vulnerabilities/0/metrics/0/content/ssvc_v2/selections/0/version";
    fails("2.1", "6.3.13", of("3.0.0"), &[place]);
    passes("2.1", "6.3.13", of("2.0.0"));
}

#[test]
fn test_6_3_16_a_group_of_products_is_told_of_in_sentences() {
    let of = |summary: &str| {
        json!({
            "document": {"lang": "en"},
            "product_tree": {
                "full_product_names": [{"name": "A", "product_id": "A"}, {"name": "B", "product_id": "B"}],
                "product_groups": [{"group_id": "G", "product_ids": ["A", "B"], "summary": summary}]
            }
        })
    };
    let place = &["/product_tree/product_groups/0/summary"];
    fails(
        "2.1",
        "6.3.16",
        of("Products must followed the guide."),
        place,
    );
    passes("2.1", "6.3.16", of("Products that follow the guide."));
}

#[test]
fn test_6_2_24_of_two_versions_of_one_day_the_higher_is_the_latest() {
    let of = |version: &str| {
        json!({
            "document": {"tracking": {
                "current_release_date": "2017-11-20T10:00:00Z",
                "initial_release_date": "2017-11-20T10:00:00Z",
                "revision_history": [{"date": "2017-11-20T10:00:00Z", "number": "1", "summary": "First."}]
            }},
            "vulnerabilities": [{"cwes": [{"id": "CWE-384", "name": "Session Fixation", "version": version}]}]
        })
    };
    // Each time anew: a hash table would answer differently now and then.
    for _ in 0..8 {
        passes("2.1", "6.2.24", of("3.0"));
        let place = "/vulnerabilities/0/cwes/0/version";
        fails("2.1", "6.2.24", of("2.12"), &[place]);
        fails("2.1", "6.2.24", of("4.20"), &[place]);
    }
}
