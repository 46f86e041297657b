//! The rules of matching, a sentence each, over hand-written OSV records.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

mod common;

use common::{all_matches, component, index_of};
use expect_test::{Expect, expect};
use inventory::{Component, SourcePackage};
use scan::{Index, ResolvedBasis};

/// An OSV record of one package; `rest` is what follows its name.
fn record(id: &str, ecosystem: &str, name: &str, rest: &str) -> String {
    format!(
        r#"{{"schema_version": "1.7.0", "id": "{id}", "modified": "2025-01-01T00:00:00Z",
            "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "{name}"}}, {rest}}}]}}"#
    )
}

fn ranges(events: &str) -> String {
    format!(r#""ranges": [{{"type": "ECOSYSTEM", "events": [{events}]}}]"#)
}

/// What an index says of a component, a line each.
fn told(index: &Index, component: &Component) -> String {
    let mut lines: Vec<String> = all_matches(index, component)
        .iter()
        .map(|found| {
            let full = index.resolve(found, component).unwrap();
            let basis = match &full.basis {
                ResolvedBasis::Range {
                    introduced,
                    fixed,
                    last_affected,
                } => {
                    let text = |bound: &Option<String>| bound.clone().unwrap_or("-".into());
                    let (start, fixed) = (text(introduced), text(fixed));
                    format!("range {start} {fixed} {}", text(last_affected))
                }
                ResolvedBasis::Listed { version } => format!("listed {version}"),
                ResolvedBasis::Commit => "commit".to_owned(),
                ResolvedBasis::Every => "every".to_owned(),
                ResolvedBasis::Product { ranges } => format!("product {}", ranges.join(" or ")),
                ResolvedBasis::Unparseable { doubt, .. } => format!("note: {doubt:?}"),
            };
            let ends = full
                .ends
                .map(|ends| format!(", ends {ends}"))
                .unwrap_or_default();
            format!(
                "{} {basis} {:?} {:?}{ends}\n",
                full.advisory, found.through, found.confidence
            )
        })
        .collect();
    lines.sort();
    lines.concat()
}

fn check(records: &[String], component: &Component, expected: Expect) {
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    expected.assert_eq(&told(&index_of(&records), component));
}

#[test]
fn a_version_is_affected_from_introduced_up_to_but_not_including_fixed() {
    let records = [record(
        "X-1",
        "crates.io",
        "a",
        &ranges(r#"{"introduced": "1.0.0"}, {"fixed": "1.2.0"}"#),
    )];
    let at = |version| component("crates.io", "a", version);
    check(&records, &at("0.9.0"), expect![""]);
    check(
        &records,
        &at("1.0.0"),
        expect![[r#"
            X-1 range 1.0.0 1.2.0 - Name Exact, ends 1.2.0
        "#]],
    );
    check(&records, &at("1.2.0"), expect![""]);
}

#[test]
fn introduced_zero_is_the_beginning_and_last_affected_is_affected() {
    let records = [record(
        "X-1",
        "PyPI",
        "A.b",
        &ranges(r#"{"introduced": "0"}, {"last_affected": "2.0"}"#),
    )];
    let at = |version| component("PyPI", "a_B", version);
    check(
        &records,
        &at("0.dev1"),
        expect![[r#"
            X-1 range - - 2.0 Name Exact
        "#]],
    );
    check(
        &records,
        &at("2.0.0"),
        expect![[r#"
            X-1 range - - 2.0 Name Exact
        "#]],
    );
    check(&records, &at("2.0.1"), expect![""]);
}

#[test]
fn of_several_branches_the_smallest_version_that_ends_all_is_named() {
    let records = [record(
        "X-1",
        "npm",
        "a",
        &ranges(
            r#"{"introduced": "1.0.0"}, {"fixed": "1.5.0"}, {"introduced": "1.5.0"}, {"fixed": "1.6.0"},
               {"introduced": "2.0.0"}, {"fixed": "2.3.0"}"#,
        ),
    )];
    check(
        &records,
        &component("npm", "a", "1.1.0"),
        expect![[r#"
            X-1 range 1.0.0 1.5.0 - Name Exact, ends 1.6.0
        "#]],
    );
    check(
        &records,
        &component("npm", "a", "2.1.0"),
        expect![[r#"
            X-1 range 2.0.0 2.3.0 - Name Exact, ends 2.3.0
        "#]],
    );
}

#[test]
fn a_listed_version_is_affected_outside_of_every_range_too() {
    let rest = format!(
        r#""versions": ["3.0", "not a version"], {}"#,
        ranges(r#"{"introduced": "1.0"}, {"fixed": "2.0"}"#)
    );
    let records = [record("X-1", "PyPI", "a", &rest)];
    check(
        &records,
        &component("PyPI", "a", "3.0.0"),
        expect![[r#"
            X-1 listed 3.0 Name Exact
        "#]],
    );
    check(
        &records,
        &component("PyPI", "a", "1.5"),
        expect![[r#"
            X-1 range 1.0 2.0 - Name Exact, ends 2.0
        "#]],
    );
    check(&records, &component("PyPI", "a", "2.5"), expect![""]);
}

#[test]
fn what_cannot_be_compared_is_said_and_matches_by_equality_only() {
    let rest = format!(
        r#""versions": ["not a version"], {}"#,
        ranges(r#"{"introduced": "1.0.0"}, {"fixed": "2.0.0"}"#)
    );
    let records = [record("X-1", "crates.io", "a", &rest)];
    check(
        &records,
        &component("crates.io", "a", "not a version"),
        expect![[r#"
            X-1 listed not a version Name Exact
        "#]],
    );
    check(
        &records,
        &component("crates.io", "a", "neither this"),
        expect![[r#"
            X-1 note: Version Name Unknown
        "#]],
    );
    check(
        &records,
        &component("crates.io", "a", ""),
        expect![[r#"
            X-1 note: NoVersion Name Unknown
        "#]],
    );
}

#[test]
fn a_withdrawn_record_never_matches_and_can_be_looked_up() {
    let text = record("X-1", "npm", "a", &ranges(r#"{"introduced": "0"}"#));
    let text = text.replace(
        r#""affected""#,
        r#""withdrawn": "2025-02-01T00:00:00Z", "aliases": ["CVE-2025-0001"], "affected""#,
    );
    let index = index_of(&[&text]);
    assert_eq!(told(&index, &component("npm", "a", "1.0.0")), "");
    for id in ["X-1", "x-1", "CVE-2025-0001"] {
        let found = index.lookup(id).unwrap();
        let head = index.head(found.advisories[0]).unwrap();
        assert!(head.withdrawn.is_some(), "{id}");
    }
}

#[test]
fn a_distribution_release_must_be_the_same() {
    let all = ranges(r#"{"introduced": "0"}, {"fixed": "2.0-1"}"#);
    let records = [
        record("D-11", "Debian:11", "a", &all),
        record("D-12", "Debian:12", "a", &all),
    ];
    check(
        &records,
        &component("Debian:12", "a", "1.0-1"),
        expect![[r#"
            D-12 range - 2.0-1 - Name Exact, ends 2.0-1
        "#]],
    );
    check(
        &records,
        &component("Debian", "a", "1.0-1"),
        expect![[r#"
            D-11 note: Release Name Unknown, ends 2.0-1
            D-12 note: Release Name Unknown, ends 2.0-1
        "#]],
    );
    check(&records, &component("Debian", "a", "2.0-1"), expect![""]);
    check(&records, &component("Debian:13", "a", "1.0-1"), expect![""]);
}

#[test]
fn debian_is_asked_by_source_package_and_almalinux_by_binary() {
    let all = ranges(r#"{"introduced": "0"}, {"fixed": "2.0-1"}"#);
    let mut of_source = component("Debian:12", "libssl3", "1.0-1+b1");
    of_source.source = Some(SourcePackage {
        name: "openssl".into(),
        version: "1.0-1".into(),
    });
    let debian = [
        record("D-1", "Debian:12", "openssl", &all),
        record("D-2", "Debian:12", "libssl3", &all),
    ];
    check(
        &debian,
        &of_source,
        expect![[r#"
            D-1 range - 2.0-1 - Source Exact, ends 2.0-1
        "#]],
    );
    let alma = [
        record("A-1", "AlmaLinux:9", "openssl", &all),
        record("A-2", "AlmaLinux:9", "libssl3", &all),
    ];
    of_source.ecosystem = Some(names::Ecosystem::parse("AlmaLinux:9"));
    check(
        &alma,
        &of_source,
        expect![[r#"
            A-2 range - 2.0-1 - Name Exact, ends 2.0-1
        "#]],
    );
}

#[test]
fn a_repository_after_the_colon_of_a_language_ecosystem_does_not_matter() {
    let records = [record(
        "M-1",
        "Maven:https://repo.example/",
        "g:a",
        &ranges(r#"{"introduced": "0"}, {"fixed": "2"}"#),
    )];
    check(
        &records,
        &component("Maven", "g:a", "1"),
        expect![[r#"
            M-1 range - 2 - Name Exact, ends 2
        "#]],
    );
}

#[test]
fn a_commit_matches_what_names_it_and_of_others_nothing_is_known() {
    let (bad, good, other) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
    let text = format!(
        r#"{{"schema_version": "1.7.0", "id": "G-1", "modified": "2025-01-01T00:00:00Z", "affected": [
            {{"ranges": [{{"type": "GIT", "repo": "https://github.com/o/R.git",
               "events": [{{"introduced": "{bad}"}}, {{"fixed": "{good}"}}]}}]}}]}}"#
    );
    let index = index_of(&[&text]);
    let at = |commit: &str| Component {
        commit: commit.to_owned(),
        repository: "https://github.com/o/r".into(),
        ..Component::default()
    };
    assert_eq!(told(&index, &at(&bad)), "G-1 commit Commit Exact\n");
    assert_eq!(told(&index, &at(&good)), "");
    assert_eq!(
        told(&index, &at(&other)),
        "G-1 note: Commit Commit Unknown\n"
    );
}

#[test]
fn a_package_nobody_speaks_of_matches_nothing() {
    check(&[], &component("npm", "a", "1.0.0"), expect![""]);
    let records = [record("X-1", "npm", "b", &ranges(r#"{"introduced": "0"}"#))];
    check(&records, &component("npm", "a", "1.0.0"), expect![""]);
    check(&records, &component("PyPI", "b", "1.0.0"), expect![""]);
    check(&records, &Component::default(), expect![""]);
}
