//! Documents that are made to cost: each ends with a message, in memory and time that are bounded by its length.

use lint::{Report, Settings};
use serde_json::{Value, json};

fn bytes_of(name: &str, bytes: &[u8]) -> Report {
    let settings = Settings::at("2026-11-22T00:00:00Z".parse().expect("it is a time"));
    lint::check(name, bytes, &settings).unwrap_or_else(|error| panic!("{name}: {}", error.why))
}

fn with(member: &str, value: &str) -> String {
    format!(
        r#"{{"document": {{"category": "csaf_base", "csaf_version": "2.0", "publisher": {{"category": "vendor",
        "name": "a", "namespace": "https://a.example.com"}}, "title": "t", "tracking": {{"current_release_date":
        "2026-08-01T10:00:00Z", "id": "a", "initial_release_date": "2026-08-01T10:00:00Z", "revision_history":
        [{{"date": "2026-08-01T10:00:00Z", "number": "1", "summary": "s"}}], "status": "final", "version": "1"}}}},
        "{member}": {value}}}"#
    )
}

/// How often each rule spoke, and on what was not run.
fn tests(text: &str) -> (Vec<String>, usize) {
    let report = bytes_of("a.json", text.as_bytes());
    let mut tests: Vec<String> = report
        .problems
        .iter()
        .map(|problem| problem.test.to_string())
        .collect();
    tests.dedup();
    tests.sort();
    tests.dedup();
    (tests, report.untested.len())
}

#[test]
fn nesting_without_end_is_one_message() {
    let deep = format!(
        "{}{}",
        "{\"branches\":[".repeat(200_000),
        "]}".repeat(200_000)
    );
    let report = bytes_of("a.json", with("product_tree", &deep).as_bytes());
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].test, "json");
}

#[test]
fn branches_as_deep_as_can_be_read_are_walked() {
    let levels = 60;
    let open = r#"{"category": "vendor", "name": "v", "branches": ["#.repeat(levels);
    let deep = format!(
        r#"{{"branches": [{open}{{"category": "product_version", "name": "1", "product": {{"name": "p", "product_id": "P"}}}}{}]}}"#,
        "]}".repeat(levels)
    );
    let (tests, _) = tests(&with("product_tree", &deep));
    assert!(tests.contains(&"6.2.1".to_owned()), "{tests:?}");
}

#[test]
fn a_million_branches_are_more_than_is_tested_and_are_told() {
    let branch = r#"{"category":"vendor","name":"v"}"#;
    let many = vec![branch; 1_000_000].join(",");
    let (tests, untested) = tests(&with(
        "product_tree",
        &format!(r#"{{"branches": [{many}]}}"#),
    ));
    assert!(tests.contains(&"schema".to_owned()), "{tests:?}");
    assert!(untested > 50);
}

#[test]
fn a_million_product_ids_that_nobody_defined_are_a_thousand_messages() {
    let ids: Vec<String> = (0..1_000_000).map(|id| format!("\"P{id}\"")).collect();
    let text = with(
        "vulnerabilities",
        &format!(
            r#"[{{"product_status": {{"fixed": [{}]}}}}]"#,
            ids.join(",")
        ),
    );
    let report = bytes_of("a.json", text.as_bytes());
    assert_eq!(
        report
            .problems
            .iter()
            .filter(|problem| problem.test == "6.1.1")
            .count(),
        1_000
    );
    assert!(
        report
            .untested
            .iter()
            .any(|untested| untested.why.starts_with("999000 more"))
    );
}

#[test]
fn a_product_made_of_a_chain_that_ends_in_itself_is_told_without_recursion() {
    let count = 15_000;
    let relationship = |id: usize| {
        let next = (id + 1) % count;
        json!({"category": "installed_on", "full_product_name": {"name": "n", "product_id": format!("P{id}")},
               "product_reference": format!("P{next}"), "relates_to_product_reference": "Q"})
    };
    let relationships: Vec<Value> = (0..count).map(relationship).collect();
    let tree = json!({"full_product_names": [{"name": "q", "product_id": "Q"}], "relationships": relationships});
    let (tests, _) = tests(&with("product_tree", &tree.to_string()));
    assert!(tests.contains(&"6.1.3".to_owned()), "{tests:?}");
}

#[test]
fn a_string_without_end_is_not_given_to_a_pattern() {
    for (member, text) in [
        (
            "notes",
            format!(
                r#"[{{"category": "general", "text": "{}"}}]"#,
                "a ".repeat(4_000_000)
            ),
        ),
        (
            "product_tree",
            format!(
                r#"{{"full_product_names": [{{"name": "n", "product_id": "P", "product_identification_helper": {{"cpe": "cpe:2.3:a:{}!"}}}}]}}"#,
                "?*".repeat(100_000)
            ),
        ),
    ] {
        let (tests, untested) = tests(&with(member, &text));
        assert!(tests.contains(&"schema".to_owned()), "{tests:?}");
        assert!(untested > 50, "{member}");
    }
}

#[test]
fn a_revision_history_of_one_instant_is_told_in_bounds() {
    let revision = r#"{"date": "2026-08-01T10:00:00Z", "number": "1", "summary": "s"}"#;
    let many = vec![revision; 30_000].join(",");
    let text = with("x", "1").replace(revision, &many);
    let (tests, untested) = tests(&text);
    assert!(tests.contains(&"schema".to_owned()), "{tests:?}");
    assert!(untested > 50);
}
