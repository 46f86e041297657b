//! The rules of matching, a sentence each, over hand-written OSV records.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

mod common;

use advisory::{Affected, Format, Product, Record, Status, Target};
use common::{all_matches, component, index_of};
use expect_test::{Expect, expect};
use inventory::{Component, SourcePackage};
use scan::{Builder, Index, ResolvedBasis};

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

#[test]
fn a_module_stream_must_be_the_same_where_both_sides_say_one() {
    let of = |id, module, fixed| {
        let events = format!(r#"{{"introduced": "0"}}, {{"fixed": "{fixed}"}}"#);
        in_module(
            &record(id, "AlmaLinux:9", "nodejs", &ranges(&events)),
            module,
        )
    };
    let index = index_with([
        of("A-18", "nodejs:18", "18.20-1.el9"),
        of("A-20", "nodejs:20", "20.12-1.el9"),
    ]);
    let mut node = component("AlmaLinux:9", "nodejs", "18.19-1.module_el9");
    let of_no_stream = told(&index, &node);
    node.module = "nodejs:18:9040020240101:1234".into();
    let of_18 = told(&index, &node);
    node.module = "nodejs:22".into();
    let of_22 = told(&index, &node);
    expect![[r#"
        A-18 range - 18.20-1.el9 - Name Likely, ends 18.20-1.el9
        A-20 range - 20.12-1.el9 - Name Likely, ends 20.12-1.el9
        --
        A-18 range - 18.20-1.el9 - Name Exact, ends 18.20-1.el9
        --
    "#]]
    .assert_eq(&format!("{of_no_stream}--\n{of_18}--\n{of_22}"));
}

#[test]
fn what_is_fixed_in_one_stream_is_no_answer_in_another() {
    let text = record(
        "A-18",
        "AlmaLinux:9",
        "nodejs",
        &ranges(r#"{"introduced": "0"}, {"fixed": "20-1"}"#),
    );
    let text = text.replace(
        r#""affected""#,
        r#""aliases": ["CVE-2025-0001"], "affected""#,
    );
    let fixed = text.replace("A-18", "A-20");
    let index = index_with([
        in_module(&text, "nodejs:18"),
        with(&fixed, |affected| {
            affected.module = "nodejs:20".into();
            affected.status = Status::Fixed;
        }),
    ]);
    let mut node = component("AlmaLinux:9", "nodejs", "18-1");
    let answers = |node: &Component| {
        let found = all_matches(&index, node);
        let answers = scan::answers(&index, &found[0], node, &[]).unwrap();
        answers
            .iter()
            .map(|answer| answer.product_assumed)
            .collect::<Vec<_>>()
    };
    // Which of the streams it is nobody knows: shown, and it closes nothing.
    assert_eq!(answers(&node), [true]);
    node.module = "nodejs:18".into();
    assert_eq!(answers(&node), [false; 0]);
}

#[test]
fn an_architecture_must_be_the_same_where_both_sides_say_one() {
    let text = record("A-1", "AlmaLinux:9", "a", &ranges(r#"{"introduced": "0"}"#));
    let index = index_with([with(&text, |affected| {
        affected.arches = vec!["s390x".into()]
    })]);
    let at = |arch: &str| {
        let mut a = component("AlmaLinux:9", "a", "1-1");
        a.arch = arch.into();
        told(&index, &a)
    };
    assert_eq!(at("x86_64"), "");
    assert_eq!(at("s390x"), "A-1 range - - - Name Exact\n");
    assert_eq!(at("noarch"), "A-1 range - - - Name Exact\n");
    assert_eq!(at(""), "A-1 range - - - Name Likely\n");
}

#[test]
fn releases_meet_however_they_are_spelled() {
    let all = ranges(r#"{"introduced": "0"}"#);
    for (advisory, installed, same) in [
        ("Debian:12", "Debian:12", true),
        ("Debian:12", "Debian:13", false),
        ("Ubuntu:22.04:LTS", "Ubuntu:22.04", true),
        ("Ubuntu:22.04:LTS", "Ubuntu:24.04", false),
        ("Ubuntu:Pro:18.04:LTS", "Ubuntu:18.04", false),
        ("AlmaLinux:9", "AlmaLinux:9.4", true),
        ("AlmaLinux:9", "AlmaLinux:8.10", false),
        ("Alpine:v3.19", "Alpine:v3.19", true),
        ("Alpine:v3.19", "Alpine:3.19.1", true),
        ("Alpine:v3.19", "Alpine:v3.1", false),
        ("Red Hat:enterprise_linux:9::appstream", "Red Hat:9.4", true),
        ("Red Hat:enterprise_linux:9::appstream", "Red Hat:8", false),
        ("Red Hat:rhel_eus:9.2::baseos", "Red Hat:9.2", false),
        ("Maven:https://repo.example/", "Maven", true),
    ] {
        let index = index_of(&[&record("X-1", advisory, "g:a", &all)]);
        let found = all_matches(&index, &component(installed, "g:a", "1.0-r0"));
        assert_eq!(!found.is_empty(), same, "{advisory} and {installed}");
    }
}

#[test]
fn the_standard_library_of_go_is_a_package_however_its_version_is_written() {
    let rest = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.21.8"},
        {"introduced": "1.22.0-0"}, {"fixed": "1.22.1"}]}]"#;
    for name in ["stdlib", "toolchain"] {
        let index = index_of(&[&record("GO-1", "Go", name, rest)]);
        for (version, affected) in [
            ("1.21.7", true),
            ("go1.21.7", true),
            ("v1.21.7", true),
            ("1.21.8", false),
            ("1.22rc1", true),
            ("go1.22rc2", true),
            ("go1.22", true),
            ("go1.22.1", false),
        ] {
            let found = all_matches(&index, &component("Go", name, version));
            assert_eq!(!found.is_empty(), affected, "{name} {version}");
            assert!(
                found.iter().all(|found| !found.is_note()),
                "{name} {version}"
            );
        }
    }
}

/// A record whose only package is in a module stream.
fn in_module(text: &str, module: &str) -> Record {
    with(text, |affected| affected.module = module.to_owned())
}

/// A record of OSV, changed.
fn with(text: &str, change: impl FnOnce(&mut Affected)) -> Record {
    let mut read = None;
    advisory::read(
        Format::Osv,
        text.as_bytes(),
        &mut |record| read = Some(record),
        &mut |problem| panic!("{problem:?} in {text}"),
    );
    match read {
        Some(Record::Advisory(mut advisory)) => {
            change(&mut advisory.affected[0]);
            Record::Advisory(advisory)
        }
        other => panic!("an advisory, not {other:?}"),
    }
}

fn index_with(records: impl IntoIterator<Item = Record>) -> Index {
    let mut builder = Builder::new(common::NOW);
    for record in records {
        builder.add("test", record);
    }
    Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap()
}

/// What is told of a component with a CPE, by an advisory on the product with another.
fn check_cpes(pairs: &[(&str, &str)], expected: Expect) {
    let lines = pairs.iter().map(|(own, theirs)| {
        let text = record(
            "X-1",
            "npm",
            "unlike",
            &ranges(r#"{"introduced": "0"}, {"fixed": "2.0"}"#),
        );
        let index = index_with([with(&text, |affected| {
            affected.target = Target::Product(Box::new(Product {
                cpes: vec![names::Cpe::parse(theirs).unwrap()],
                ..Product::default()
            }));
        })]);
        let own = names::Cpe::parse(own).unwrap();
        let component = Component {
            version: own.version().unwrap_or_default().into_owned(),
            cpes: vec![own],
            ..Component::default()
        };
        let told = told(&index, &component);
        if told.is_empty() {
            "nothing\n".to_owned()
        } else {
            told
        }
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn a_cpe_finds_products_that_nothing_in_theirs_contradicts() {
    check_cpes(
        &[
            (
                "cpe:2.3:a:m:p:1.0:*:*:*:*:*:*:*",
                "cpe:2.3:a:m:p:*:*:*:*:*:*:*:*",
            ),
            (
                "cpe:2.3:a:M:P:1.0:*:*:*:*:*:*:*",
                "cpe:2.3:a:m:p:1.0:*:*:*:*:*:*:*",
            ),
            (
                "cpe:2.3:a:m:p:2.0:*:*:*:*:*:*:*",
                "cpe:2.3:a:m:p:*:*:*:*:*:*:*:*",
            ),
            (
                "cpe:2.3:a:m:p:1.0:*:*:*:*:*:*:*",
                "cpe:2.3:a:m:p:1.1:*:*:*:*:*:*:*",
            ),
            (
                "cpe:2.3:a:m:p:1.0:*:*:*:*:*:*:*",
                "cpe:2.3:a:n:p:*:*:*:*:*:*:*:*",
            ),
            (
                "cpe:2.3:a:m:p:1.0:*:*:*:*:*:*:*",
                "cpe:2.3:o:m:p:*:*:*:*:*:*:*:*",
            ),
            (
                "cpe:2.3:a:m:p:1.0:*:*:*:*:linux:*:*",
                "cpe:2.3:a:m:p:*:*:*:*:*:windows:*:*",
            ),
            (
                "cpe:2.3:a:m:p:1.0:*:*:*:*:*:*:*",
                "cpe:2.3:a:m:p:*:*:*:*:*:windows:*:*",
            ),
        ],
        expect![[r#"
            X-1 range - 2.0 - Cpe Likely, ends 2.0
            X-1 range - 2.0 - Cpe Likely, ends 2.0
            nothing
            nothing
            nothing
            nothing
            nothing
            X-1 range - 2.0 - Cpe Likely, ends 2.0
        "#]],
    );
}

#[test]
fn a_commit_is_the_same_in_capitals_and_only_in_full() {
    let bad = "ab".repeat(20);
    let text = format!(
        r#"{{"schema_version": "1.7.0", "id": "G-1", "modified": "2025-01-01T00:00:00Z", "affected": [
            {{"ranges": [{{"type": "GIT", "repo": "https://github.com/o/r",
               "events": [{{"introduced": "{bad}"}}]}}]}}]}}"#
    );
    let index = index_of(&[&text]);
    let at = |commit: &str| {
        let commit = commit.to_owned();
        told(
            &index,
            &Component {
                commit,
                ..Component::default()
            },
        )
    };
    assert_eq!(at(&bad), "G-1 commit Commit Exact\n");
    assert_eq!(at(&bad.to_uppercase()), "G-1 commit Commit Exact\n");
    assert_eq!(at(&bad[..12]), "");
    assert_eq!(at(&"+a".repeat(20)), "");
}

/// How advisories on one flaw disagree about npm's `a` in version 1.0.0.
fn check_advisories(records: &[&str], expected: Expect) {
    let records: Vec<String> = records
        .iter()
        .zip(1..)
        .map(|(rest, number)| {
            record(&format!("X-{number}"), "npm", "a", rest).replacen(
                r#""affected""#,
                r#""aliases": ["CVE-2025-0001"], "affected""#,
                1,
            )
        })
        .collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (index, a) = (index_of(&records), component("npm", "a", "1.0.0"));
    let found = all_matches(&index, &a);
    let told = scan::contradiction::in_advisories(&index, &a, &found[0]).unwrap();
    expected.assert_eq(&disagreements(&told));
}

fn disagreements(told: &[scan::contradiction::Contradiction]) -> String {
    let line = |one: &scan::contradiction::Contradiction| {
        let words: Vec<String> = one
            .words
            .iter()
            .map(|word| format!("{} says {}", word.source, word.says))
            .collect();
        format!("{:?} on {}: {}\n", one.kind, one.about, words.join("; "))
    };
    told.iter().map(line).collect()
}

#[test]
fn advisories_that_disagree_are_shown_side_by_side() {
    let before = |fixed: &str| ranges(&format!(r#"{{"introduced": "0"}}, {{"fixed": "{fixed}"}}"#));
    check_advisories(&[&before("2.0.0"), &before("2.0.0")], expect![""]);
    check_advisories(
        &[&before("2.0.0"), &before("2.1.0")],
        expect![[r#"
            Fixes on CVE-2025-0001: X-1 says fixed in 2.0.0; X-2 says fixed in 2.1.0
        "#]],
    );
    check_advisories(
        &[&before("2.0.0"), &ranges(r#"{"introduced": "0"}"#)],
        expect![[r#"
            Fixes on CVE-2025-0001: X-1 says fixed in 2.0.0; X-2 says names no fixed version
        "#]],
    );
    check_advisories(
        &[&before("2.0.0"), &before("0.9.0")],
        expect![[r#"
            Verdicts on CVE-2025-0001: X-1 says affected: < 2.0.0; X-2 says not affected: < 0.9.0
        "#]],
    );
    check_advisories(
        &[&format!(r#""versions": ["0.5.0"], {}"#, before("2.0.0"))],
        expect![[r#"
            RangeAndList on CVE-2025-0001: X-1 says range < 2.0.0; X-1 says not in its list of 1
        "#]],
    );
}

#[test]
fn facts_that_disagree_are_shown_side_by_side() {
    use jiff::civil::date;
    let kev = scan::KevFact {
        added: date(2025, 1, 7),
        due: None,
        ransomware: false,
        forensic_triage: None,
        vendor: String::new(),
        product: String::new(),
        name: String::new(),
        required_action: String::new(),
        notes: String::new(),
        history: vec![("2025.01.10".into(), date(2025, 1, 7))],
        removed: false,
    };
    let says = |exploitation: &str| {
        vec![advisory::Ssvc {
            exploitation: Some(exploitation.to_owned()),
            source: "CISA-ADP".into(),
            ..advisory::Ssvc::default()
        }]
    };
    let facts = |kev: Option<scan::KevFact>,
                 exploitation: &str,
                 in_records: Vec<jiff::civil::Date>| scan::Facts {
        cve: "CVE-2025-0001".into(),
        kev,
        ssvc: says(exploitation),
        kev_in_records: in_records,
        ..scan::Facts::default()
    };
    let gone = scan::KevFact {
        removed: true,
        ..kev.clone()
    };
    let moved = scan::KevFact {
        history: vec![
            ("2025.01.10".into(), date(2025, 1, 7)),
            ("2025.03.10".into(), date(2025, 1, 9)),
        ],
        ..kev.clone()
    };
    let check = |facts: scan::Facts, expected: Expect| {
        expected.assert_eq(&disagreements(&scan::contradiction::in_facts(&facts)));
    };
    let listed = || Some(kev.clone());
    check(facts(listed(), "Active", vec![]), expect![""]);
    check(facts(None, "none", vec![]), expect![""]);
    check(
        facts(listed(), "active", vec![date(2025, 1, 7)]),
        expect![""],
    );
    check(
        facts(listed(), "none", vec![]),
        expect![[r#"
        ListedButNotActive on CVE-2025-0001: KEV says added 2025-01-07; CISA-ADP says exploitation none
    "#]],
    );
    check(
        facts(None, "active", vec![date(2025, 1, 7)]),
        expect![[r#"
        ListedInRecordOnly on CVE-2025-0001: CVE record says added 2025-01-07; KEV says not listed
    "#]],
    );
    check(
        facts(listed(), "active", vec![date(2025, 1, 8)]),
        expect![[r#"
        AdditionDates on CVE-2025-0001: KEV 2025.01.10 says added 2025-01-07; CVE record says added 2025-01-08
    "#]],
    );
    check(
        facts(Some(moved), "active", vec![]),
        expect![[r#"
        AdditionDates on CVE-2025-0001: KEV 2025.01.10 says added 2025-01-07; KEV 2025.03.10 says added 2025-01-09
    "#]],
    );
    check(
        facts(Some(gone), "none", vec![]),
        expect![[r#"
        Delisted on CVE-2025-0001: KEV 2025.01.10 says added 2025-01-07; KEV, newest catalog says not listed
    "#]],
    );
}
