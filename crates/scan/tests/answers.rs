//! What VEX statements, errata and vendors answer to a match, a sentence each, over hand-written documents.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

mod common;

use advisory::{Format, Record, Statement};
use common::{NOW, all_matches, component};
use expect_test::{Expect, expect};
use inventory::{Component, Device, SourcePackage};
use priority::Regime;
use scan::assess::{self, Context};
use scan::report::{AssetFacts, Row};
use scan::{Answer, Builder, Index, answers, vex::headline};

fn read(format: Format, text: &str) -> Vec<Record> {
    let mut records = Vec::new();
    advisory::read(
        format,
        text.as_bytes(),
        &mut |record| records.push(record),
        &mut |problem| panic!("{problem:?} in {text}"),
    );
    records
}

fn index(records: impl IntoIterator<Item = Record>) -> Index {
    let mut builder = Builder::new(NOW);
    for record in records {
        builder.add("test", record);
    }
    Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap()
}

/// An advisory on `CVE-2025-0001` in every version before 2.0.0 of a package.
fn flaw(ecosystem: &str, name: &str) -> Vec<Record> {
    read(
        Format::Osv,
        &format!(
            r#"{{"schema_version": "1.7.0", "id": "X-1", "modified": "2025-01-01T00:00:00Z",
                "aliases": ["CVE-2025-0001"], "affected": [{{
                "package": {{"ecosystem": "{ecosystem}", "name": "{name}"}}, "ranges": [{{"type": "ECOSYSTEM",
                "events": [{{"introduced": "0"}}, {{"fixed": "2.0.0"}}]}}]}}]}}"#
        ),
    )
}

/// An OpenVEX document by `author`, of one statement: `products` and what follows it.
fn says(author: &str, rest: &str) -> String {
    format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://vex.example/{author}", "author": "{author}",
            "timestamp": "2025-02-01T00:00:00Z", "version": 1,
            "statements": [{{"vulnerability": {{"name": "CVE-2025-0001"}}, {rest}}}]}}"#
    )
}

/// `not_affected` about products, each its id.
fn clears(products: &[&str]) -> String {
    let products: Vec<String> = products
        .iter()
        .map(|id| format!(r#"{{"@id": "{id}"}}"#))
        .collect();
    format!(
        r#""status": "not_affected", "justification": "component_not_present", "products": [{}]"#,
        products.join(", ")
    )
}

fn statements(documents: &[String]) -> Vec<Statement> {
    let records = documents
        .iter()
        .flat_map(|text| read(Format::OpenVex, text));
    records
        .filter_map(|record| match record {
            Record::Statement(statement) => Some(*statement),
            _ => None,
        })
        .collect()
}

/// Each answer, and last what stands in the headline.
fn words(answers: &[Answer]) -> String {
    let mut lines: Vec<String> = answers
        .iter()
        .map(|answer| {
            let assumed = if answer.product_assumed {
                ", product assumed"
            } else {
                ""
            };
            format!("{} says {:?}{assumed}\n", answer.author, answer.status)
        })
        .collect();
    lines.sort();
    if let Some(answer) = headline(answers) {
        lines.push(format!(
            "headline {:?}, {:?}\n",
            answer.status,
            assess::state(answers)
        ));
    }
    lines.concat()
}

/// The answers to the first match of `component`: the same from a file as from the index.
fn check(component: &Component, documents: &[String], expected: Expect) {
    let ecosystem = component.ecosystem.as_ref().unwrap().to_string();
    let name = component
        .source
        .as_ref()
        .map_or(&component.name, |source| &source.name);
    let told = |records: Vec<Record>, statements: &[Statement]| {
        let index = index(flaw(&ecosystem, name).into_iter().chain(records));
        let found = all_matches(&index, component);
        words(&answers(&index, &found[0], component, statements).unwrap())
    };
    let fed = documents
        .iter()
        .flat_map(|text| read(Format::OpenVex, text));
    let from_index = told(fed.collect(), &[]);
    assert_eq!(from_index, told(Vec::new(), &statements(documents)));
    expected.assert_eq(&from_index);
}

#[test]
fn a_purl_answers_for_every_version_or_for_the_one_it_names() {
    let a = component("npm", "a", "1.0.0");
    let cleared = || {
        expect![[r#"
        us says NotAffected
        headline NotAffected, Answered
    "#]]
    };
    check(&a, &[says("us", &clears(&["pkg:npm/a"]))], cleared());
    check(&a, &[says("us", &clears(&["pkg:npm/a@1.0.0"]))], cleared());
    check(
        &a,
        &[says("us", &clears(&["pkg:npm/b", "pkg:npm/a@1.0.0"]))],
        cleared(),
    );
    for other in [
        "pkg:npm/a@1.0.1",
        "pkg:npm/b",
        "pkg:npm/%40scope/a",
        "pkg:pypi/a",
    ] {
        check(&a, &[says("us", &clears(&[other]))], expect![""]);
    }
}

#[test]
fn a_version_is_compared_as_its_ecosystem_orders_it() {
    let a = component("PyPI", "A_b", "1.0");
    check(
        &a,
        &[says("us", &clears(&["pkg:pypi/a-b@1.0.0"]))],
        expect![[r#"
        us says NotAffected
        headline NotAffected, Answered
    "#]],
    );
    check(
        &a,
        &[says("us", &clears(&["pkg:pypi/a-b@1.0.post1"]))],
        expect![""],
    );
}

#[test]
fn a_statement_about_a_product_that_contains_it_closes_nothing() {
    let a = component("npm", "a", "1.0.0");
    let inside = r#""status": "not_affected", "justification": "vulnerable_code_not_in_execute_path",
        "products": [{"@id": "pkg:oci/shop", "subcomponents": [{"@id": "pkg:npm/a@1.0.0"}]}]"#;
    check(
        &a,
        &[says("us", inside)],
        expect![[r#"
        us says NotAffected, product assumed
        headline NotAffected, Open
    "#]],
    );
    check(
        &a,
        &[says("us", &inside.replace("npm/a@1.0.0", "npm/b"))],
        expect![""],
    );
}

#[test]
fn of_several_authors_the_one_that_leaves_most_to_do_stands_in_the_headline() {
    let a = component("npm", "a", "1.0.0");
    let affected =
        r#""status": "affected", "action_statement": "wait", "products": [{"@id": "pkg:npm/a"}]"#;
    let looking = r#""status": "under_investigation", "products": [{"@id": "pkg:npm/a"}]"#;
    let us = says("us", &clears(&["pkg:npm/a"]));
    check(
        &a,
        &[us.clone(), says("them", looking)],
        expect![[r#"
        them says UnderInvestigation
        us says NotAffected
        headline UnderInvestigation, Open
    "#]],
    );
    check(
        &a,
        &[says("maker", affected), us, says("them", looking)],
        expect![[r#"
        maker says Affected
        them says UnderInvestigation
        us says NotAffected
        headline Affected, Open
    "#]],
    );
}

#[test]
fn an_authors_later_word_takes_the_place_of_an_earlier_one() {
    let a = component("npm", "a", "1.0.0");
    let looking = r#""status": "under_investigation", "products": [{"@id": "pkg:npm/a"}]"#;
    let earlier = says("us", looking).replace("2025-02-01", "2025-01-01");
    let now = says("us", &clears(&["pkg:npm/a"]));
    check(
        &a,
        &[earlier, now],
        expect![[r#"
        us says NotAffected
        us says UnderInvestigation
        headline NotAffected, Answered
    "#]],
    );
}

#[test]
fn what_is_said_of_one_release_says_nothing_of_another() {
    let mut of_12 = component("Debian:12", "a", "1.0-1");
    let document = |distro| says("us", &clears(&[&format!("pkg:deb/debian/a{distro}")]));
    let cleared = || {
        expect![[r#"
        us says NotAffected
        headline NotAffected, Answered
    "#]]
    };
    check(&of_12, &[document("")], cleared());
    check(&of_12, &[document("?distro=debian-12")], cleared());
    check(&of_12, &[document("?distro=debian-13")], expect![""]);
    of_12.purl = names::Purl::read("pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12")
        .ok()
        .map(|(purl, _)| purl);
    check(&of_12, &[document("?distro=debian-12")], cleared());
    check(&of_12, &[document("?arch=amd64")], cleared());
    check(&of_12, &[document("?arch=arm64")], expect![""]);
    check(&of_12, &[document("?distro=debian-13")], expect![""]);
}

#[test]
fn a_source_package_answers_for_what_is_built_from_it_where_it_says_that_it_is_one() {
    let mut libssl = component("Debian:12", "libssl3", "1.0-1+b1");
    libssl.source = Some(SourcePackage {
        name: "openssl".into(),
        version: "1.0-1".into(),
    });
    libssl.purl = names::Purl::read("pkg:deb/debian/libssl3@1.0-1%2Bb1?arch=amd64")
        .ok()
        .map(|(purl, _)| purl);
    let document = |purl| says("us", &clears(&[purl]));
    for purl in [
        "pkg:deb/debian/openssl?arch=source",
        "pkg:deb/debian/openssl@1.0-1?arch=source",
    ] {
        check(
            &libssl,
            &[document(purl)],
            expect![[r#"
            us says NotAffected
            headline NotAffected, Answered
        "#]],
        );
    }
    check(
        &libssl,
        &[document("pkg:deb/debian/openssl@1.0-2?arch=source")],
        expect![""],
    );
    check(&libssl, &[document("pkg:deb/debian/openssl")], expect![""]);
}

#[test]
fn a_cpe_answers_for_what_it_covers() {
    let mut a = component("npm", "a", "1.0.0");
    a.cpes = vec![names::Cpe::parse("cpe:2.3:a:maker:a:1.0.0:*:*:*:*:*:*:*").unwrap()];
    let document = |cpe| {
        says(
            "us",
            &format!(
                r#""status": "fixed", "products": [{{"@id": "a", "identifiers": {{"cpe23": "{cpe}"}}}}]"#
            ),
        )
    };
    for cpe in [
        "cpe:2.3:a:maker:a:*:*:*:*:*:*:*:*",
        "cpe:2.3:a:maker:a:1.0.0:*:*:*:*:*:*:*",
    ] {
        check(
            &a,
            &[document(cpe)],
            expect![[r#"
            us says Fixed
            headline Fixed, Answered
        "#]],
        );
    }
    for cpe in [
        "cpe:2.3:a:maker:a:1.0.1:*:*:*:*:*:*:*",
        "cpe:2.3:a:other:a:*:*:*:*:*:*:*:*",
    ] {
        check(&a, &[document(cpe)], expect![""]);
    }
}

#[test]
fn a_statement_holds_in_its_versions_and_ranges_only() {
    let holds = |version: &str, versions: &[&str], range: Option<(&str, &str)>| {
        let mut statement = statements(&[says("us", &clears(&["pkg:npm/a"]))]).remove(0);
        statement.versions = versions
            .iter()
            .map(|version| (*version).to_owned())
            .collect();
        statement.ranges = range
            .map(|(start, end)| advisory::AffectedRange {
                scheme: advisory::RangeScheme::Ecosystem,
                intervals: vec![versions::Interval {
                    introduced: Some(start.to_owned()),
                    end: versions::End::Fixed(end.to_owned()),
                }],
            })
            .into_iter()
            .collect();
        let (index, a) = (index(flaw("npm", "a")), component("npm", "a", version));
        let found = all_matches(&index, &a);
        !answers(&index, &found[0], &a, &[statement])
            .unwrap()
            .is_empty()
    };
    assert!(holds("1.0.0", &["0.9.0", "1.0.0"], None));
    assert!(!holds("1.0.1", &["0.9.0", "1.0.0"], None));
    assert!(holds("1.0.1", &[], Some(("1.0.0", "1.1.0"))));
    assert!(!holds("1.1.0", &[], Some(("1.0.0", "1.1.0"))));
    assert!(holds("1.5.0", &["1.5.0"], Some(("1.0.0", "1.1.0"))));
}

#[test]
fn an_answer_to_another_flaw_is_none() {
    let a = component("npm", "a", "1.0.0");
    let document = says("us", &clears(&["pkg:npm/a"]));
    check(
        &a,
        &[document.replace("CVE-2025-0001", "CVE-2025-0002")],
        expect![""],
    );
    check(
        &a,
        &[document.replace("CVE-2025-0001", "x-1")],
        expect![[r#"
        us says NotAffected
        headline NotAffected, Answered
    "#]],
    );
}

/// A CSAF document on `CVE-2025-0001`: products as `id version-or-range`, and their status.
fn csaf(id: &str, products: &[(&str, &str, &str)]) -> String {
    let branch = |(name, version, status): &(&str, &str, &str)| {
        let category = if version.contains(['<', '>']) {
            "product_version_range"
        } else {
            "product_version"
        };
        format!(
            r#"{{"category": "product_name", "name": "{name}", "branches": [{{"category": "{category}",
                "name": "{version}", "product": {{"name": "{name} {version}", "product_id": "{name}-{status}"}}}}]}}"#
        )
    };
    let branches: Vec<String> = products.iter().map(branch).collect();
    let statuses: Vec<String> = products
        .iter()
        .map(|(name, _, status)| format!(r#""{status}": ["{name}-{status}"]"#))
        .collect();
    format!(
        r#"{{"document": {{"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Flaws",
            "publisher": {{"category": "vendor", "name": "Siemens ProductCERT", "namespace": "https://x.example"}},
            "tracking": {{"id": "{id}", "status": "final", "version": "1",
              "initial_release_date": "2025-01-01T00:00:00Z", "current_release_date": "2025-01-01T00:00:00Z",
              "revision_history": [{{"date": "2025-01-01T00:00:00Z", "number": "1", "summary": "x"}}]}}}},
            "product_tree": {{"branches": [{{"category": "vendor", "name": "Siemens", "branches": [{}]}}]}},
            "vulnerabilities": [{{"cve": "CVE-2025-0001", "product_status": {{{}}}}}]}}"#,
        branches.join(", "),
        statuses.join(", ")
    )
}

/// The rows of one device, with their answers.
fn check_device(device: &Device, documents: &[String], vex: &[String], expected: Expect) {
    let index = index(documents.iter().flat_map(|text| read(Format::Csaf, text)));
    let asset = AssetFacts::default();
    let context = Context {
        index: &index,
        asset: &asset,
        regime: Regime::default(),
        statements: &statements(vex),
        now: NOW,
    };
    let told = |row: &Row| {
        let answers = row
            .answers
            .iter()
            .map(|answer| format!(", {} says {}", answer.author, answer.status));
        format!(
            "{} {:?} {:?}{}\n",
            row.flaw,
            row.confidence,
            row.state,
            answers.collect::<String>()
        )
    };
    let rows = assess::device(&context, device).unwrap();
    expected.assert_eq(&rows.iter().map(|one| told(&one.row)).collect::<String>());
}

fn scalance(version: &str) -> Device {
    Device {
        vendor: "Siemens AG".into(),
        product: "SCALANCE X204".into(),
        version: version.into(),
        count: 1,
        ..Device::default()
    }
}

#[test]
fn a_vendor_that_cleared_a_version_in_another_document_answers_for_the_device() {
    let affected = csaf("SSA-1", &[("SCALANCE X204", "<V5.0", "known_affected")]);
    let cleared = |version| csaf("SSA-2", &[("SCALANCE X204", version, "known_not_affected")]);
    check_device(
        &scalance("V4.1"),
        std::slice::from_ref(&affected),
        &[],
        expect![[r#"
        CVE-2025-0001 Exact Open
    "#]],
    );
    check_device(
        &scalance("V4.1"),
        &[affected.clone(), cleared("V4.1")],
        &[],
        expect![[r#"
        CVE-2025-0001 Exact Answered, Siemens ProductCERT says not affected
    "#]],
    );
    check_device(
        &scalance("V4.0"),
        &[affected.clone(), cleared("V4.1")],
        &[],
        expect![[r#"
        CVE-2025-0001 Exact Open
    "#]],
    );
    check_device(
        &scalance("V5.0"),
        &[affected, cleared("V5.0")],
        &[],
        expect![""],
    );
}

#[test]
fn a_statement_with_a_name_or_a_cpe_answers_for_the_device() {
    let affected = csaf("SSA-1", &[("SCALANCE X204", "<V5.0", "known_affected")]);
    let by_cpe = |cpe| {
        says(
            "us",
            &format!(
                r#""status": "not_affected", "products": [{{"@id": "x", "identifiers": {{"cpe23": "{cpe}"}}}}]"#
            ),
        )
    };
    let documents = [affected];
    let at = scalance("4.1");
    for cpe in [
        "cpe:2.3:o:siemens:scalance_x204_firmware:*:*:*:*:*:*:*:*",
        "cpe:2.3:o:siemens:scalance_x204_firmware:4.1:*:*:*:*:*:*:*",
        "cpe:2.3:h:siemens:scalance_x204:-:*:*:*:*:*:*:*",
    ] {
        check_device(
            &at,
            &documents,
            &[by_cpe(cpe)],
            expect![[r#"
            CVE-2025-0001 Exact Answered, us says not affected
        "#]],
        );
    }
    for cpe in [
        "cpe:2.3:o:siemens:scalance_x204_firmware:4.2:*:*:*:*:*:*:*",
        "cpe:2.3:o:siemens:scalance_x206_firmware:*:*:*:*:*:*:*:*",
        "cpe:2.3:o:moxa:scalance_x204_firmware:*:*:*:*:*:*:*:*",
    ] {
        check_device(
            &at,
            &documents,
            &[by_cpe(cpe)],
            expect![[r#"
            CVE-2025-0001 Exact Open
        "#]],
        );
    }
    // Without a maker the statement only may mean it: shown, and it closes nothing.
    check_device(
        &at,
        &documents,
        &[says("us", &clears(&["SCALANCE X204"]))],
        expect![[r#"
        CVE-2025-0001 Exact Open, us says not affected
    "#]],
    );
}
