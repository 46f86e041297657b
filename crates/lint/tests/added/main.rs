//! Each test of ours on a document of our own that fails it and on one that passes.

mod corrected;

use lint::{Csaf21, Settings};
use serde_json::{Value, json};

/// When the documents are held to be validated.
const NOW: &str = "2026-11-22T00:00:00Z";

fn document(version: &str) -> Value {
    let mut document = json!({
        "document": {
            "category": "csaf_base",
            "csaf_version": version,
            "distribution": {"tlp": {"label": if version == "2.0" { "WHITE" } else { "CLEAR" }}},
            "publisher": {"category": "vendor", "name": "Ours", "namespace": "https://ours.example.com"},
            "title": "A document",
            "tracking": {
                "current_release_date": "2026-08-01T10:00:00Z",
                "id": "OURS-1",
                "initial_release_date": "2026-08-01T10:00:00Z",
                "revision_history": [{"date": "2026-08-01T10:00:00Z", "number": "1", "summary": "First."}],
                "status": "final",
                "version": "1"
            }
        }
    });
    if version == "2.1" {
        document["$schema"] = json!("https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json");
    }
    document
}

/// RFC 7396.
fn merge(target: &mut Value, patch: Value) {
    match patch {
        Value::Object(members) => {
            if !target.is_object() {
                *target = json!({});
            }
            for (name, value) in members {
                merge(&mut target[name], value);
            }
        }
        value => *target = value,
    }
}

/// The places where `test` speaks about the document of `edition` with `patch`.
#[track_caller]
fn told(edition: &str, test: &str, patch: &Value) -> Vec<String> {
    let (version, text) = match edition {
        "draft" => ("2.1", Csaf21::Draft),
        version => (version, Csaf21::Csd03),
    };
    let mut document = document(version);
    merge(&mut document, patch.clone());
    let settings = Settings {
        csaf_2_1: text,
        ..Settings::at(NOW.parse().expect("it is a time"))
    };
    let text = document.to_string();
    let report = lint::check("ours-1.json", text.as_bytes(), &settings).expect("it is CSAF");
    assert!(
        report.untested.iter().all(|untested| untested.test != "6"),
        "{:?}",
        report.untested
    );
    let problems = report
        .problems
        .iter()
        .filter(|problem| problem.test == test);
    problems.map(|problem| problem.pointer.clone()).collect()
}

#[track_caller]
fn fails(edition: &str, test: &str, patch: Value, pointers: &[&str]) {
    assert_eq!(told(edition, test, &patch), pointers, "{test} of {edition}");
}

#[track_caller]
fn passes(edition: &str, test: &str, patch: Value) {
    assert_eq!(
        told(edition, test, &patch),
        Vec::<String>::new(),
        "{test} of {edition}"
    );
}

/// A tree of one product with `branches` below it.
fn tree(branches: Value) -> Value {
    json!({"product_tree": {"branches": [{
        "branches": [{"branches": branches, "category": "product_name", "name": "A"}],
        "category": "vendor", "name": "Ours"
    }]}})
}

fn branch(category: &str, name: &str, id: &str) -> Value {
    json!({"category": category, "name": name, "product": {"name": name, "product_id": id}})
}

fn range(name: &str, id: &str) -> Value {
    branch("product_version_range", name, id)
}

fn ranges(names: &[&str]) -> Value {
    let branches: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(index, name)| range(name, &format!("R{index}")))
        .collect();
    tree(json!(branches))
}

fn with(mut patch: Value, more: Value) -> Value {
    merge(&mut patch, more);
    patch
}

fn status(status: Value) -> Value {
    json!({"vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": status}]})
}

const NAMES: &str = "/product_tree/branches/0/branches/0/branches";

#[test]
fn test_6_1_1_ids_without_a_definition() {
    for edition in ["2.0", "2.1", "draft"] {
        fails(
            edition,
            "6.1.1",
            status(json!({"fixed": ["A"]})),
            &["/vulnerabilities/0/product_status/fixed/0"],
        );
        passes(
            edition,
            "6.1.1",
            with(ranges(&["<2"]), status(json!({"known_affected": ["R0"]}))),
        );
    }
    let references = json!({"product_tree": {"relationships": [{
        "category": "installed_on", "full_product_name": {"name": "C", "product_id": "C"},
        "product_reference": "A", "relates_to_product_reference": "B"
    }]}});
    fails(
        "2.0",
        "6.1.1",
        references,
        &[
            "/product_tree/relationships/0/product_reference",
            "/product_tree/relationships/0/relates_to_product_reference",
        ],
    );
}

#[test]
fn test_6_1_3_products_made_of_themselves() {
    let relationship = |id: &str, of: &str, on: &str| {
        json!({"category": "installed_on", "full_product_name": {"name": id, "product_id": id},
               "product_reference": of, "relates_to_product_reference": on})
    };
    let base = json!([{"name": "A", "product_id": "A"}, {"name": "B", "product_id": "B"}]);
    let circle = [
        relationship("C", "A", "D"),
        relationship("D", "C", "B"),
        relationship("E", "C", "B"),
    ];
    let place = |index: usize, name: &str| format!("/product_tree/relationships/{index}/{name}");
    fails(
        "2.0",
        "6.1.3",
        json!({"product_tree": {"full_product_names": base, "relationships": circle}}),
        &[
            &place(0, "relates_to_product_reference"),
            &place(1, "product_reference"),
        ],
    );
    let sound = [
        relationship("C", "A", "B"),
        relationship("D", "C", "B"),
        relationship("E", "C", "D"),
    ];
    passes(
        "2.0",
        "6.1.3",
        json!({"product_tree": {"full_product_names": base, "relationships": sound}}),
    );
    let own = json!([{"beginning_product_reference": "C", "full_product_name": {"name": "C", "product_id": "C"},
        "subpaths": [{"category": "installed_on", "next_product_reference": "A"}]}]);
    fails(
        "2.1",
        "6.1.3",
        json!({"product_tree": {"full_product_names": base, "product_paths": own}}),
        &["/product_tree/product_paths/0/beginning_product_reference"],
    );
}

#[test]
fn test_6_1_4_groups_without_a_definition() {
    let threats = json!([{"category": "impact", "details": "None.", "group_ids": ["G"]}]);
    for edition in ["2.0", "2.1", "draft"] {
        let patch = json!({"vulnerabilities": [{"threats": threats}]});
        fails(
            edition,
            "6.1.4",
            patch.clone(),
            &["/vulnerabilities/0/threats/0/group_ids/0"],
        );
        let groups = json!({"product_tree": {
            "full_product_names": [{"name": "A", "product_id": "A"}, {"name": "B", "product_id": "B"}],
            "product_groups": [{"group_id": "G", "product_ids": ["A", "B"]}]
        }});
        passes(edition, "6.1.4", with(patch, groups));
    }
}

#[test]
fn test_6_1_11_weaknesses_by_version() {
    let cwe =
        |id: &str, name: &str| json!({"vulnerabilities": [{"cwe": {"id": id, "name": name}}]});
    passes(
        "2.0",
        "6.1.11",
        cwe(
            "CWE-79",
            "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
        ),
    );
    passes(
        "2.0",
        "6.1.11",
        cwe("CWE-352", "Cross-Site Request Forgery (CSRF)"),
    );
    fails(
        "2.0",
        "6.1.11",
        cwe("CWE-79", "Improper Input Validation"),
        &["/vulnerabilities/0/cwe/name"],
    );
    fails(
        "2.0",
        "6.1.11",
        cwe("CWE-1", "Location"),
        &["/vulnerabilities/0/cwe/id"],
    );
    passes("2.0", "6.1.11", cwe("CWE-200", "Information Exposure"));
    passes("2.0", "6.1.11", cwe("CWE-384", "Session Fixation"));
    let cwes = |version: &str| {
        json!({"vulnerabilities": [{"cwes": [
            {"id": "CWE-384", "name": "Session Fixation", "version": version}]}]})
    };
    passes("2.1", "6.1.11", cwes("4.13"));
    passes("2.1", "6.1.11", cwes("2.9"));
    fails(
        "2.1",
        "6.1.11",
        cwes("4.99"),
        &["/vulnerabilities/0/cwes/0/version"],
    );
}

#[test]
fn test_6_1_24_and_6_2_7_of_involvements_before_they_moved() {
    let involvements = |first: Value, second: Value| json!({"vulnerabilities": [{"involvements": [first, second]}]});
    let one = json!({"date": "2026-07-01T10:00:00Z", "party": "vendor", "status": "completed"});
    let same =
        json!({"date": "2026-07-01T12:00:00+02:00", "party": "vendor", "status": "in_progress"});
    let other = json!({"date": "2026-07-01T10:00:00Z", "party": "user", "status": "open"});
    let undated = json!({"party": "vendor", "status": "open"});
    let places = [
        "/vulnerabilities/0/involvements/0",
        "/vulnerabilities/0/involvements/1",
    ];
    fails("2.1", "6.1.24", involvements(one.clone(), same), &places);
    passes("2.1", "6.1.24", involvements(one.clone(), other));
    passes("2.1", "schema", involvements(one.clone(), undated.clone()));
    fails(
        "2.1",
        "6.2.7",
        involvements(one, undated.clone()),
        &places[1..],
    );
    let wrong = json!({"party": "nobody", "status": "open", "colour": 3});
    fails(
        "2.1",
        "schema",
        involvements(undated, wrong),
        &[
            "/vulnerabilities/0/involvements/1/party",
            "/vulnerabilities/0/involvements/1/colour",
        ],
    );
}

#[test]
fn test_6_1_50_rules_for_version_ranges() {
    for sound in [
        "vers:gem/>=2.2.0|!=2.2.1|<2.3.0",
        "vers:all/*",
        ">=8.1.5",
        "1.0.0|1.1.0",
        "<V3.0.29",
        "vers:deb/<1:2.0",
    ] {
        passes("2.1", "6.1.50", ranges(&[sound]));
    }
    for broken in [
        "all versions < 4.2.0",
        "vers:intdot/<4.2.0|>=1",
        "vers:intdot/*",
        "*",
        "4.2.0",
        "vers:intdot/>=1.0|>=1.0",
        "vers:npm/>1.0.0 | <2.0.0",
        "vers:Intdot/<2",
        "vers:intdot/>=1.0|>2.0",
        "<2|",
        "vers:semver/<latest",
    ] {
        fails(
            "2.1",
            "6.1.50",
            ranges(&[broken]),
            &[&format!("{NAMES}/0/name")],
        );
    }
}

#[test]
fn test_6_1_59_a_single_version_is_no_range() {
    fails(
        "2.1",
        "6.1.59",
        ranges(&["vers:intdot/4.2.0", "<2", "4.2"]),
        &[&format!("{NAMES}/0/name"), &format!("{NAMES}/2/name")],
    );
    passes(
        "2.1",
        "6.1.59",
        ranges(&["vers:intdot/4.2.0|4.3.0", "vers:all/*", "nothing < 2"]),
    );
}

#[test]
fn test_6_2_49_ranges_with_an_upper_end() {
    let open = [
        "vers:intdot/>=4.2.0",
        ">1|!=2",
        "vers:intdot/<1.0|>=2.0",
        "vers:all/*",
    ];
    let places: Vec<String> = (0..open.len())
        .map(|index| format!("{NAMES}/{index}/name"))
        .collect();
    fails(
        "2.1",
        "6.2.49",
        ranges(&open),
        &places.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    passes(
        "2.1",
        "6.2.49",
        ranges(&[
            "<2",
            "vers:intdot/>=1.0|<=2.0",
            "vers:npm/>=1.0.0|<2.0.0|!=2.0.1",
        ]),
    );
}

#[test]
fn test_6_2_51_known_types() {
    let unknown = ranges(&[
        "vers:someweirdunknownverstype/<4.2.0|>3.91.1",
        "vers:intdot/<2",
        "<2",
        "vers:all/*",
    ]);
    fails("2.1", "6.2.51", unknown, &[&format!("{NAMES}/0/name")]);
}

#[test]
fn test_6_2_50_and_6_3_19_overlapping_ranges() {
    let contradicting = status(json!({"known_affected": ["R0"], "known_not_affected": ["R1"]}));
    let same = status(json!({"first_fixed": ["R0"], "fixed": ["R1"]}));
    let place = ["/vulnerabilities/0/product_status"];
    let none: [&str; 0] = [];
    for (tree, contradicts, repeats) in [
        (
            ranges(&["vers:intdot/>2.1.0|<4.2.0", "vers:intdot/>1.2.0|<2.4.0"]),
            "6.2.50.1",
            "6.3.19.1",
        ),
        (
            ranges(&[">2.1.0|<4.2.0", ">1.2.0|<2.4.0"]),
            "6.2.50.2",
            "6.3.19.2",
        ),
        (
            tree(json!([
                range("vers:intdot/>2.1.0|<4.2.0", "R0"),
                branch("product_version", "2.4.0", "R1")
            ])),
            "6.2.50.3",
            "6.3.19.3",
        ),
    ] {
        for (patch, test) in [(&contradicting, contradicts), (&same, repeats)] {
            for asked in [
                "6.2.50.1", "6.2.50.2", "6.2.50.3", "6.3.19.1", "6.3.19.2", "6.3.19.3",
            ] {
                let expected = if asked == test {
                    place.as_slice()
                } else {
                    none.as_slice()
                };
                fails("2.1", asked, with(tree.clone(), patch.clone()), expected);
            }
        }
    }
    passes(
        "2.1",
        "6.2.50.1",
        with(
            ranges(&["vers:intdot/<2.0", "vers:intdot/>=2.0|<3"]),
            contradicting.clone(),
        ),
    );
    passes(
        "2.1",
        "6.2.50.2",
        with(ranges(&["<2.0", ">=2.0|<3"]), contradicting),
    );
}

#[test]
fn test_6_3_19_4_and_5_overlapping_branches() {
    let inner = |category: &str, name: &str, id: &str| json!({"branches": [branch("architecture", "x86", id)], "category": category, "name": name});
    let named = status(json!({"known_affected": ["R0", "R1"]}));
    let ranges = tree(json!([
        inner("product_version_range", "vers:intdot/>2.1.0|<4.2.0", "R0"),
        inner("product_version_range", "vers:intdot/>1.2.0|<2.4.0", "R1")
    ]));
    fails(
        "2.1",
        "6.3.19.4",
        with(ranges, named.clone()),
        &[&format!("{NAMES}/0/name"), &format!("{NAMES}/1/name")],
    );
    let versions = tree(json!([
        inner("product_version_range", "vers:intdot/>2.1.0|<4.2.0", "R0"),
        inner("product_version", "3.0.0", "R1"),
        inner("product_version", "5.0.0", "R2")
    ]));
    fails(
        "2.1",
        "6.3.19.5",
        with(versions.clone(), named.clone()),
        &[&format!("{NAMES}/1/name")],
    );
    passes("2.1", "6.3.19.4", with(versions, named));
}

#[test]
fn test_6_2_19_scores_of_fixed_products() {
    let scored = |version: &str, vector: &str, more: Value| {
        let cvss = with(json!({"vectorString": vector, "version": version}), more);
        let name = if version.starts_with('2') {
            "cvss_v2"
        } else if version == "4.0" {
            "cvss_v4"
        } else {
            "cvss_v3"
        };
        let metric = json!({"products": ["A"], name: cvss});
        let content = json!({"content": {name: cvss}, "products": ["A"]});
        let vulnerability = |list: Value| with(json!({"product_status": {"fixed": ["A"]}}), list);
        [
            json!({"vulnerabilities": [vulnerability(json!({"scores": [metric]}))]}),
            json!({"vulnerabilities": [vulnerability(json!({"metrics": [content]}))]}),
        ]
    };
    let place = ["/vulnerabilities/0/product_status/fixed/0"];
    let high = json!({"baseScore": 6.5, "baseSeverity": "MEDIUM"});
    let [old, new] = scored(
        "3.1",
        "CVSS:3.1/AV:L/AC:L/PR:H/UI:R/S:U/C:H/I:H/A:H",
        high.clone(),
    );
    fails("2.0", "6.2.19", old, &place);
    fails("2.1", "6.2.19", new, &place);
    let [old, new] = scored(
        "3.1",
        "CVSS:3.1/AV:L/AC:L/PR:H/UI:R/S:U/C:H/I:H/A:H/MC:N/MI:N/MA:N",
        high,
    );
    passes("2.0", "6.2.19", old);
    passes("2.1", "6.2.19", new);
    let [_, new] = scored(
        "4.0",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/MVC:N/MVI:N/MVA:N",
        json!({"baseScore": 0.0, "baseSeverity": "NONE"}),
    );
    passes("2.1", "6.2.19", new);
    let [old, _] = scored(
        "2.0",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P/TD:N",
        json!({"baseScore": 7.5}),
    );
    passes("2.0", "6.2.19", old);
    let [old, _] = scored(
        "2.0",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P",
        json!({"baseScore": 7.5}),
    );
    fails("2.0", "6.2.19", old, &place);
}

#[test]
fn test_6_2_39_1_a_fixed_version_for_each_affected() {
    let advisory = |tree: Value, status: Value, remediations: Value| {
        let more = json!({
            "document": {"category": "csaf_security_advisory"},
            "vulnerabilities": [{"product_status": status, "remediations": remediations}]
        });
        with(tree, more)
    };
    let remedy =
        |category: &str| json!([{"category": category, "details": "Yes.", "product_ids": ["R0"]}]);
    let place = ["/vulnerabilities/0/product_status"];
    let versions = tree(json!([
        branch("product_version", "1", "R0"),
        branch("product_version", "2", "R1")
    ]));
    let affected = json!({"known_affected": ["R0"]});
    fails(
        "2.1",
        "6.2.39.1",
        advisory(versions.clone(), affected.clone(), remedy("vendor_fix")),
        &place,
    );
    fails(
        "2.1",
        "6.2.39.1",
        advisory(versions.clone(), affected.clone(), remedy("workaround")),
        &place,
    );
    passes(
        "2.1",
        "6.2.39.1",
        advisory(versions.clone(), affected.clone(), remedy("no_fix_planned")),
    );
    passes(
        "2.1",
        "6.2.39.1",
        advisory(
            versions,
            json!({"known_affected": ["R0"], "fixed": ["R1"]}),
            remedy("vendor_fix"),
        ),
    );
    fails(
        "2.1",
        "6.2.39.1",
        advisory(
            ranges(&["vers:intdot/<4.2"]),
            affected,
            remedy("none_available"),
        ),
        &place,
    );
}

#[test]
fn test_6_2_21_and_33_dates_of_revisions() {
    let revision =
        |number: &str, date: &str| json!({"date": date, "number": number, "summary": "A change."});
    let revisions = |second: &str| {
        json!({"document": {"tracking": {"revision_history":
            [revision("1", "2026-07-01T10:00:00Z"), revision("2", second)], "version": "2"}}})
    };
    let places = [
        "/document/tracking/revision_history/0/date",
        "/document/tracking/revision_history/1/date",
    ];
    fails(
        "2.1",
        "6.2.21",
        revisions("2026-07-01T12:00:00+02:00"),
        &places,
    );
    passes("2.1", "6.2.21", revisions("2026-07-02T12:00:00+02:00"));
    let disclosed = |date: &str| json!({"vulnerabilities": [{"disclosure_date": date}]});
    fails(
        "2.1",
        "6.2.33",
        disclosed("2026-09-01T10:00:00Z"),
        &["/vulnerabilities/0/disclosure_date"],
    );
    passes("2.1", "6.2.33", disclosed("2026-08-01T10:00:00Z"));
    passes("2.1", "6.2.33", disclosed("2027-09-01T10:00:00Z"));
}

#[test]
fn test_6_2_44_45_and_6_3_17_licenses() {
    let license = |expression: &str| json!({"document": {"license_expression": expression}});
    let place = ["/document/license_expression"];
    for (expression, deprecated, missing, unlisted) in [
        ("MIT OR Apache-2.0 WITH LLVM-exception", 0, 0, 0),
        ("GPL-2.0", 1, 0, 0),
        ("NoSuch-1.0 AND MIT", 0, 1, 1),
        ("mit", 0, 0, 0),
        ("MIT AND & NoSuch-1.0", 0, 2, 2),
        ("LicenseRef-www.example.com-no-work-pd", 0, 0, 1),
        ("LicenseRef-scancode-no-such-thing", 0, 1, 1),
        ("NOASSERTION", 0, 0, 0),
    ] {
        for (test, count) in [
            ("6.2.44", deprecated),
            ("6.2.45", missing),
            ("6.3.17", unlisted),
        ] {
            assert_eq!(
                told("2.1", test, &license(expression)),
                vec![place[0]; count],
                "{test} {expression}"
            );
        }
    }
}

const EXTENSION: &str = "https://raw.githubusercontent.com/oasis-tcs/csaf/refs/heads/master/csaf_2.1/extension/data/valid/documentation-";

fn extension(number: &str, content: Value) -> Value {
    json!({"$schema": format!("{EXTENSION}{number}/documentation-{number}-content_1.0.0.json"),
           "category": "supplementary", "content": content, "critical": number == "13"})
}

#[test]
fn test_6_1_60_extensions_by_their_schema_and_metadata() {
    let sentence = "This extension is for documentation and test purposed only. It is valid. It is not allowed to be \
                    used in a production CSAF.";
    let sound = || extension("11", json!({"documentation": sentence}));
    let root = |extensions: Value| json!({"x_extensions": extensions});
    passes("2.1", "6.1.60.2", root(json!([sound()])));
    passes("2.1", "6.1.60.3", root(json!([sound()])));
    let without = extension("12", json!({"notes": ["It has no documentation."]}));
    fails(
        "2.1",
        "6.1.60.2",
        root(json!([without])),
        &["/x_extensions/0"],
    );
    let other = with(sound(), json!({"category": "significant"}));
    fails(
        "2.1",
        "6.1.60.3",
        root(json!([sound(), other])),
        &["/x_extensions"],
    );
    let twelve = extension("12", json!({"documentation": sentence}));
    fails(
        "2.1",
        "6.1.60.3",
        root(json!([sound(), twelve])),
        &["/x_extensions/0", "/x_extensions/1"],
    );
    let deep = json!({"document": {"x_extensions": [extension("13", json!({"configuration_tree": {
        "configurations": [{"configuration_id": "C", "details": "D"}],
        "relationships": [{"configuration_reference": "C", "product_reference": "P",
            "full_product_name": {"name": "N", "product_id": "P2"}}]}}))]}});
    passes("2.1", "6.1.60.2", deep.clone());
    fails("2.1", "6.1.60.3", deep, &["/document/x_extensions"]);
}

#[test]
fn test_6_2_54_and_6_3_21_extensions_for_their_readers() {
    let one = json!({"x_extensions": [extension("13", json!({"configuration_tree": 1}))]});
    let green = with(
        one.clone(),
        json!({"document": {"distribution": {"tlp": {"label": "GREEN"}}}}),
    );
    for test in ["6.2.54.1", "6.2.54.2", "6.2.54.4"] {
        fails("2.1", test, one.clone(), &["/x_extensions/0"]);
        passes("2.1", test, json!({}));
    }
    fails(
        "2.1",
        "6.2.54.3",
        one.clone(),
        &["/x_extensions/0/critical"],
    );
    passes(
        "2.1",
        "6.2.54.3",
        json!({"x_extensions": [extension("11", json!({"documentation": ""}))]}),
    );
    passes("2.1", "6.2.54.4", green.clone());
    fails("2.1", "6.3.21.2", green, &["/x_extensions/0"]);
    passes("2.1", "6.3.21.2", one.clone());
    passes("2.1", "6.3.21.1", one);
    let essential = json!({"x_extensions": [with(extension("11", json!({"documentation": ""})), json!({"category": "essential"}))]});
    fails("2.1", "6.3.21.1", essential, &["/x_extensions/0/category"]);
}

#[test]
fn test_6_3_6_and_7_addresses_that_cannot_answer() {
    let references = |category: &str, url: &str| json!({"document": {"references": [{"category": category, "summary": "A page.", "url": url}]}});
    for edition in ["2.0", "2.1"] {
        fails(
            edition,
            "6.3.6",
            references("external", "https://example.invalid"),
            &["/document/references/0/url"],
        );
        fails(
            edition,
            "6.3.7",
            references("self", "https://example.invalid/a.json"),
            &["/document/references/0/url"],
        );
        passes(
            edition,
            "6.3.6",
            references("self", "https://example.invalid"),
        );
        passes(
            edition,
            "6.3.7",
            references("external", "https://example.invalid"),
        );
        passes(
            edition,
            "6.3.6",
            references("external", "https://www.example.com/"),
        );
    }
}

#[test]
fn test_6_3_8_and_16_language() {
    let text = |language: &str, text: &str| json!({"document": {"lang": language, "notes": [{"category": "summary", "text": text}]}});
    let place = ["/document/notes/0/text"];
    let misspelled = "Secruity researchers found multiple vulnerabilities in XYZ.";
    for edition in ["2.0", "2.1"] {
        fails(edition, "6.3.8", text("en", misspelled), &place);
        passes(
            edition,
            "6.3.8",
            text(
                "en-US",
                "Security researchers found multiple vulnerabilities in XYZ.",
            ),
        );
        passes(edition, "6.3.8", json!({"document": {"title": misspelled}}));
        fails(edition, "6.3.8", text("tlh", "nuqneH"), &["/document/lang"]);
    }
    fails(
        "2.1",
        "6.3.16",
        text("en", "The guide must followed for a secure operation."),
        &place,
    );
    passes(
        "2.1",
        "6.3.16",
        text("en", "The guide must be followed for a secure operation."),
    );
}

#[test]
fn test_6_3_13_latest_decision_points() {
    let ssvc = |version: &str| {
        let selection = json!({"key": "MI", "name": "Mission Impact", "namespace": "ssvc", "version": version,
                               "values": [{"key": "N", "name": "None"}]});
        let ssvc = json!({"schemaVersion": "2.0.0", "selections": [selection], "timestamp": "2026-01-24T10:00:00.000Z"});
        with(
            json!({"product_tree": {"full_product_names": [{"name": "A", "product_id": "A"}]}}),
            json!({"vulnerabilities": [{"metrics": [{"content": {"ssvc_v2": ssvc}, "products": ["A"]}]}]}),
        )
    };
    let place = "/vulnerabilities/0/metrics/0/content/ssvc_v2/selections/0/version";
    fails("2.1", "6.3.13", ssvc("1.0.0"), &[place]);
    passes("2.1", "6.3.13", ssvc("2.0.0"));
}

#[test]
fn a_file_is_named_after_its_document() {
    let text = document("2.0").to_string();
    for (name, wrong) in [
        ("ours-1.json", 0),
        ("ours-1_invalid.json", 0),
        ("OURS-1.json", 1),
        ("", 0),
        ("a/ours-1.json", 0),
    ] {
        let report = lint::check(
            name,
            text.as_bytes(),
            &Settings::at(NOW.parse().expect("it is a time")),
        )
        .expect("it is CSAF");
        assert_eq!(
            report
                .problems
                .iter()
                .filter(|problem| problem.test == "5.1")
                .count(),
            wrong,
            "{name}"
        );
    }
}

#[test]
fn the_text_that_a_document_was_held_against_is_named() {
    for (version, text, edition) in [
        ("2.0", Csaf21::Draft, "CSAF 2.0 OS"),
        ("2.1", Csaf21::Csd03, "CSAF 2.1 CSD03"),
        ("2.1", Csaf21::Draft, "CSAF 2.1 editors' draft of 2026-11"),
    ] {
        let settings = Settings {
            csaf_2_1: text,
            ..Settings::at(NOW.parse().expect("it is a time"))
        };
        let report = lint::check("", document(version).to_string().as_bytes(), &settings)
            .expect("it is CSAF");
        assert_eq!(report.edition, edition);
    }
}

#[test]
fn contact_details_and_contacts_are_of_different_texts() {
    let old = json!({"document": {"publisher": {"contact_details": "psirt@ours.example.com"}}});
    let new =
        json!({"document": {"publisher": {"contact": {"details": "psirt@ours.example.com"}}}});
    passes("2.1", "schema", old.clone());
    passes("draft", "schema", new.clone());
    fails("2.1", "schema", new, &["/document/publisher/contact"]);
    assert!(!told_loosely("draft", "schema", &old).is_empty());
}

/// As [`told`], for a document that the model cannot read.
fn told_loosely(edition: &str, test: &str, patch: &Value) -> Vec<String> {
    let mut document = document(if edition == "2.0" { "2.0" } else { "2.1" });
    merge(&mut document, patch.clone());
    let csaf_2_1 = if edition == "draft" {
        Csaf21::Draft
    } else {
        Csaf21::Csd03
    };
    let settings = Settings {
        csaf_2_1,
        ..Settings::at(NOW.parse().expect("it is a time"))
    };
    let report =
        lint::check("ours-1.json", document.to_string().as_bytes(), &settings).expect("it is CSAF");
    report
        .problems
        .into_iter()
        .filter(|problem| problem.test == test)
        .map(|problem| problem.pointer)
        .collect()
}

#[test]
fn a_document_that_breaks_the_schema_still_gets_its_other_tests() {
    let broken = json!({
        "document": {"title": 3, "lang": "en", "colour": "red", "notes": [{"text": "No category."}]},
        "vulnerabilities": [{"cve": "no CVE", "cwe": {"id": "CWE-79", "name": "Wrong"}}, {"cve": "CVE-2026-0001"}, {"cve": "CVE-2026-0001"}]
    });
    assert_eq!(
        told_loosely("2.0", "6.1.23", &broken),
        ["/vulnerabilities/1/cve", "/vulnerabilities/2/cve"]
    );
    assert_eq!(
        told_loosely("2.0", "6.1.11", &broken),
        ["/vulnerabilities/0/cwe/name"]
    );
    let schema = told_loosely("2.0", "schema", &broken);
    for place in [
        "/document/title",
        "/document/notes/0",
        "/vulnerabilities/0/cve",
    ] {
        assert!(
            schema.iter().any(|pointer| pointer == place),
            "{place} in {schema:?}"
        );
    }
}

#[test]
fn test_6_2_20_members_that_no_schema_defines() {
    let more = json!({"document": {"colour": 1, "tracking": {"a/b": 2}}, "vulnerabilities": [{"scores": [{
        "cvss_v3": {"shade": 3, "version": "3.1", "vectorString": "CVSS:3.1/AV:L/AC:L/PR:H/UI:R/S:U/C:H/I:H/A:H",
            "baseScore": 6.5, "baseSeverity": "MEDIUM"}, "products": ["A"]}]}]});
    fails(
        "2.0",
        "6.2.20",
        more,
        &[
            "/document/tracking/a~1b",
            "/document/colour",
            "/vulnerabilities/0/scores/0/cvss_v3/shade",
        ],
    );
    passes("2.0", "6.2.20", json!({}));
}

#[test]
fn test_6_1_21_of_csd03_asks_for_major_versions_only() {
    let revision = |number: &str, day: u8| json!({"date": format!("2026-07-0{day}T10:00:00Z"), "number": number, "summary": "A change."});
    let history = |numbers: [&str; 3]| {
        let revisions: Vec<Value> = (1..)
            .zip(numbers)
            .map(|(day, number)| revision(number, day))
            .collect();
        json!({"document": {"tracking": {"revision_history": revisions, "version": numbers[2]}}})
    };
    let place = ["/document/tracking/revision_history"];
    passes("2.1", "6.1.21", history(["1.0.0", "1.2.0", "2.0.5"]));
    assert!(!told("draft", "6.1.21", &history(["1.0.0", "1.2.0", "2.0.5"])).is_empty());
    fails("2.1", "6.1.21", history(["1", "2", "4"]), &place);
    fails("2.1", "6.1.21", history(["1", "3", "2"]), &place);
    fails(
        "2.1",
        "6.1.21",
        history(["2", "3", "4"]),
        &[place[0], place[0]],
    );
    passes("2.1", "6.1.21", history(["0", "1", "2"]));
}
