//! What a hostile document costs when it is converted: a message, and time that grows with its length alone.

use advisory::{Assigner, Converted, Form, Format, Problem, Settings, convert};

use crate::score;

/// Converts into everything.
fn check(format: Format, text: &str) -> (Vec<Converted>, Vec<Problem>) {
    let settings = Settings {
        publisher: None,
        assigner: Assigner::default(),
        now: jiff::Timestamp::UNIX_EPOCH,
        score: &score,
    };
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for form in Form::ALL {
        all.extend(convert(
            format,
            text.as_bytes(),
            *form,
            &settings,
            &mut |problem| {
                problems.push(problem);
            },
        ));
    }
    (all, problems)
}

fn csaf(tree: &str, flaws: &str) -> String {
    format!(
        r#"{{"document": {{"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "t", "publisher": {{"category": "vendor", "name": "n", "namespace": "https://n.example"}},
        "tracking": {{"id": "A-1", "status": "final", "version": "1", "initial_release_date": "2026-01-01T00:00:00Z", "current_release_date": "2026-01-01T00:00:00Z", "revision_history": [{{"date": "2026-01-01T00:00:00Z", "number": "1", "summary": "s"}}]}}}},
        "product_tree": {tree}, "vulnerabilities": [{flaws}]}}"#
    )
}

#[test]
fn nesting_without_end_is_a_message() {
    let deep = |open: &str, close: &str| [open.repeat(200_000), close.repeat(200_000)].concat();
    let branches = deep(
        r#"{"branches": [{"category": "vendor", "name": "v", "branches": ["#,
        "]}]}",
    );
    for (format, text) in [
        (Format::Csaf, csaf(&branches, "")),
        (
            Format::Osv,
            format!(r#"{{"id": "A-1", "affected": {}}}"#, deep("[", "]")),
        ),
        (
            Format::OpenVex,
            format!(r#"{{"statements": {}}}"#, deep("[", "]")),
        ),
        (
            Format::Cve,
            format!(
                r#"{{"cveMetadata": {{"cveId": "CVE-2026-1000"}}, "containers": {}}}"#,
                deep("[", "]")
            ),
        ),
        (
            Format::CycloneDxVex,
            format!(
                "<bom>{}</bom>",
                deep("<vulnerabilities>", "</vulnerabilities>")
            ),
        ),
    ] {
        let (converted, problems) = check(format, &text);
        assert!(converted.is_empty() && !problems.is_empty(), "{format:?}");
    }
}

#[test]
fn a_tree_of_very_many_branches_is_written() {
    let leaf = |number: usize| {
        format!(
            r#"{{"category": "product_version", "name": "1.{number}", "product": {{"name": "p {number}", "product_id": "P{number}"}}}}"#
        )
    };
    let leaves: Vec<String> = (0..10_000).map(leaf).collect();
    let ids: Vec<String> = (0..10_000).map(|number| format!("\"P{number}\"")).collect();
    let tree = format!(
        r#"{{"branches": [{{"category": "vendor", "name": "v", "branches": [{{"category": "product_name", "name": "p", "branches": [{}]}}]}}]}}"#,
        leaves.join(",")
    );
    // Every remediation is for every product, every flag for each.
    let helps = vec![r#"{"category": "mitigation", "details": "d"}"#; 10_000].join(",");
    let flaw = format!(
        r#"{{"cve": "CVE-2026-1000", "notes": [{{"category": "summary", "text": "t"}}], "product_status": {{"known_affected": [{}]}}, "remediations": [{helps}]}}"#,
        ids.join(",")
    );
    let (converted, problems) = check(Format::Csaf, &csaf(&tree, &flaw));
    assert_eq!((converted.len(), problems), (Form::ALL.len(), vec![]));
}

#[test]
fn a_tree_that_stands_on_itself_is_a_message() {
    let relation = |one: &str, other: &str, made: &str| {
        format!(
            r#"{{"category": "installed_on", "product_reference": "{one}", "relates_to_product_reference": "{other}", "full_product_name": {{"name": "n", "product_id": "{made}"}}}}"#
        )
    };
    let tree = format!(
        r#"{{"relationships": [{}, {}]}}"#,
        relation("A", "B", "B"),
        relation("B", "A", "A"),
    );
    let flaw = r#"{"cve": "CVE-2026-1000", "product_status": {"known_affected": ["A"]}}"#;
    let (_, problems) = check(Format::Csaf, &csaf(&tree, flaw));
    assert!(
        problems
            .iter()
            .any(|problem| problem.message.contains("does not define"))
    );
}

#[test]
fn enormous_texts_are_cut_where_a_format_asks_and_carried_where_not() {
    let long = "x".repeat(5_000_000);
    let text = format!(
        r#"{{"id": "CVE-2026-1000", "modified": "2026-01-01T00:00:00Z", "summary": "{long}", "details": "{long}", "references": [{{"type": "WEB", "url": "https://x.example/{long}"}}],
        "affected": [{{"package": {{"ecosystem": "npm", "name": "{long}"}}, "versions": ["{long}"]}}]}}"#
    );
    let (converted, problems) = check(Format::Osv, &text);
    assert!(problems.is_empty() && converted.len() == Form::ALL.len());
    let cve = converted.iter().find(|one| one.text.contains("CVE_RECORD"));
    let cve = cve.expect("it has a CVE id");
    assert!(
        cve.losses
            .iter()
            .any(|loss| loss.contains("4096 characters"))
    );
    assert!(converted.iter().all(|one| one.name.len() < 255));
}

#[test]
fn so_many_losses_are_counted_and_not_all_told() {
    let affected: Vec<String> = (0..5_000)
        .map(|number| format!(r#"{{"package": {{"ecosystem": "Nowhere {number}", "name": "a"}}, "versions": ["1"]}}"#))
        .collect();
    let text = format!(
        r#"{{"id": "CVE-2026-1000", "modified": "2026-01-01T00:00:00Z", "affected": [{}]}}"#,
        affected.join(",")
    );
    let (converted, _) = check(Format::Osv, &text);
    assert!(converted.iter().all(|one| one.losses.len() <= 1_100));
}
