//! OSV records as databases write them.

use advisory::Format;
use expect_test::{Expect, expect};

use crate::common;

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&common::outline(&common::one(Format::Osv, text.as_bytes())));
}

#[test]
fn a_record_says_what_is_affected() {
    check(
        r#"{"schema_version": "1.7.0", "id": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2024-1"], "related": null,
            "modified": "0001-01-01T00:00:00Z", "published": "2024-01-02T03:04:05Z",
            "summary": "A flaw", "details": "Told at length",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],
            "affected": [{"package": {"ecosystem": "npm", "name": "left"},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}]}],
                          "versions": ["1.1.0"]}],
            "references": [{"type": "FIX", "url": "https://example.org/1"}],
            "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-79"], "anything": [1, {"x": null}]}}"#,
        expect![[r#"
            GHSA-aaaa-bbbb-cccc (GitHub) A flaw
            aliases CVE-2024-1
            published 2024-01-02T03:04:05Z
            severity CVSS:3.1/AV:N by GitHub, high by GitHub
            weakness CWE-79
            - npm left; Ecosystem [,1.2.0); versions 1.1.0
            fix https://example.org/1
        "#]],
    );
}

#[test]
fn an_erratum_lists_its_flaws_upstream_and_its_module() {
    check(
        r#"{"id": "ALSA-2024:1", "modified": "2024-01-01T00:00:00Z", "summary": "Important: nodejs:18 security update",
            "related": ["CVE-2024-1", "CVE-2024-2", "ALSA-2023:9"],
            "affected": [{"package": {"ecosystem": "AlmaLinux:8", "name": "nodejs"}, "ranges": [
              {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:18.1-1.module_el8.9.0+1+a"}]}]}]}"#,
        expect![[r#"
            ALSA-2024:1 (AlmaLinux) Important: nodejs:18 security update
            upstream CVE-2024-1, CVE-2024-2
            related ALSA-2023:9
            modified 2024-01-01T00:00:00Z
            severity important by AlmaLinux
            - AlmaLinux:8 nodejs; Ecosystem [,1:18.1-1.module_el8.9.0+1+a); module nodejs:18
        "#]],
    );
}

#[test]
fn an_erratum_of_several_flaws_is_no_alias_of_any() {
    check(
        r#"{"id": "DSA-1-1", "aliases": ["CVE-2024-1", "CVE-2024-2"], "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}, "ecosystem_specific": {"urgency": "unimportant"}}]}"#,
        expect![[r#"
            DSA-1-1 (Debian) 
            upstream CVE-2024-1, CVE-2024-2
            modified 2024-01-01T00:00:00Z
            - Debian:12 a; severity unimportant by Debian
        "#]],
    );
}

#[test]
fn an_erratum_of_one_flaw_may_be_its_alias() {
    let aliases = |text: &str| {
        let advisory = common::one(Format::Osv, text.as_bytes());
        (advisory.aliases.join(" "), advisory.upstream.join(" "))
    };
    let text = |alias: &str, related: &str| {
        format!(
            r#"{{"id": "DSA-1-1", "modified": "", "aliases": [{alias}], "related": [{related}]}}"#
        )
    };
    let check = |alias: &str, related: &str, expected: (&str, &str)| {
        assert_eq!(
            aliases(&text(alias, related)),
            (expected.0.to_owned(), expected.1.to_owned())
        );
    };
    check(r#""CVE-2024-1""#, "", ("CVE-2024-1", ""));
    check(
        r#""CVE-2024-1""#,
        r#""CVE-2024-1""#,
        ("CVE-2024-1", "CVE-2024-1"),
    );
    check(
        r#""CVE-2024-1""#,
        r#""CVE-2024-2""#,
        ("", "CVE-2024-2 CVE-2024-1"),
    );
}

#[test]
fn commit_ranges_without_a_package_name_a_repository() {
    check(
        r#"{"id": "OSV-2024-1", "modified": "2024-01-01T00:00:00Z", "affected": [{"ranges": [
            {"type": "GIT", "repo": "https://example.org/r", "events": [{"introduced": "aa"}, {"fixed": "bb"}]}]}]}"#,
        expect![[r#"
            OSV-2024-1 (OSS-Fuzz) 
            modified 2024-01-01T00:00:00Z
            - repository https://example.org/r; Git { repository: "https://example.org/r" } [aa,bb)
        "#]],
    );
}

#[test]
fn go_and_rustsec_confine_a_flaw_to_symbols() {
    check(
        r#"{"id": "GO-2024-1", "modified": "0001-01-01T00:00:00Z", "affected": [
            {"package": {"ecosystem": "Go", "name": "example.org/m"}, "ecosystem_specific": {"imports": [
              {"path": "example.org/m/p", "symbols": ["T.Do"], "goarch": ["386"]}, {"path": "example.org/m/q", "goarch": ["arm"]}]}},
            {"package": {"ecosystem": "crates.io", "name": "c"}, "database_specific": {"informational": "unsound"},
             "ecosystem_specific": {"affects": {"functions": ["c::f"], "arch": []}, "affected_functions": null}}]}"#,
        expect![[r#"
            GO-2024-1 (Go) 
            informational unsound
            - Go example.org/m; arches 386 arm; symbols example.org/m/p.T.Do example.org/m/q
            - crates.io c; symbols c::f
        "#]],
    );
}

#[test]
fn yaml_reads_as_json_does_and_keeps_versions_as_written() {
    check(
        "id: PYSEC-2022-1\ndetails: 'About `x`: told'\naffected:\n- package:\n    name: x\n    ecosystem: PyPI\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n    - fixed: 2.10\n  versions:\n  - \"0.10\"\n  - 1.20\nmodified: 2022-01-01T00:00:00Z\n",
        expect![[r#"
            PYSEC-2022-1 (PyPA) About `x`: told
            modified 2022-01-01T00:00:00Z
            - PyPI x; Ecosystem [,2.10); versions 0.10 1.20
        "#]],
    );
}

#[test]
fn a_bad_record_in_a_list_costs_only_itself() {
    let text = br#"[{"id": "A-1", "affected": []}, {"id": "A-2", "affected": 7}, {"id": "A-3"}]"#;
    let (records, problems) = common::read(Format::Osv, text);
    let places: Vec<_> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    assert_eq!((records.len(), places), (2, vec!["A-2"]));
    let lines = b"{\"id\": \"A-1\"}\n{\"id\": }\n{\"id\": \"A-3\"}\n";
    let (records, problems) = common::read(Format::Osv, lines);
    assert_eq!((records.len(), problems.len()), (2, 1));
}

#[test]
fn a_withdrawal_whose_time_cannot_be_read_is_still_one() {
    let (records, problems) =
        common::read(Format::Osv, br#"{"id": "A-1", "withdrawn": "last week"}"#);
    let advisory::Record::Advisory(advisory) = records.first().expect("a record") else {
        panic!("an advisory")
    };
    assert!(advisory.withdrawn.is_some());
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let text = "\u{feff}{\"id\": \"A-1\", \"affected\": []}";
    assert_eq!(Format::sniff("a.json", text.as_bytes()), Some(Format::Osv));
    assert_eq!(common::one(Format::Osv, text.as_bytes()).id, "A-1");
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    let deep = format!(
        "{{\"id\": \"A\", \"x\": {}1{}, \"affected\": {}",
        "[".repeat(100_000),
        "]".repeat(100_000),
        "[".repeat(100_000)
    );
    let (records, problems) = common::read(Format::Osv, deep.as_bytes());
    assert_eq!((records.len(), problems.len()), (0, 1));
}

/// Listed versions that their own record's ranges leave out: what is listed wins, so the records say two things.
const LISTED: &[&str] = &["PYSEC-2021-114", "PYSEC-2023-177", "PYSEC-2023-61"];

#[test]
fn listed_versions_lie_within_the_ranges_beside_them() {
    let Some(export) = common::part("osv/PyPI/all.zip") else {
        return;
    };
    let (mut ran, mut listed, mut outside) = (0_u32, 0_u32, Vec::new());
    for (id, advisory) in common::advisories(&export, Format::Osv) {
        let has_order =
            |range: &advisory::AffectedRange| range.scheme == advisory::RangeScheme::Ecosystem;
        for affected in advisory
            .affected
            .iter()
            .filter(|affected| affected.ranges.iter().any(has_order))
        {
            for version in &affected.versions {
                let Some(key) = versions::key(versions::Scheme::PyPi, version) else {
                    continue;
                };
                ran += 1;
                if !common::holds(&advisory, versions::Scheme::PyPi, &key) {
                    match LISTED.contains(&id.as_str()) {
                        true => listed += 1,
                        false => outside.push(format!("{id} {version}")),
                    }
                }
            }
        }
    }
    println!("vectors: osv-versions {ran} ran, {listed} listed as wrong");
    assert!(ran > 0);
    assert_eq!(outside, Vec::<String>::new());
}

#[test]
fn records_of_all_exports_join_into_flaws() {
    let Some(folder) = common::part("osv") else {
        return;
    };
    let mut records = Vec::new();
    for database in std::fs::read_dir(folder).expect("a folder") {
        let export = database.expect("a child").path().join("all.zip");
        if export.is_file() {
            records.extend(common::advisories(&export, Format::Osv).into_values());
        }
    }
    let flaws = advisory::alias::join(records.iter().map(|record| {
        (
            record.id.as_str(),
            record.aliases.iter().map(String::as_str),
        )
    }));
    let is_cve = |id: &&String| id.starts_with("CVE-");
    assert!(
        flaws
            .flaws
            .iter()
            .all(|flaw| flaw.ids.iter().filter(is_cve).count() <= 1)
    );
    assert!(records.iter().all(|record| flaws.of(&record.id).is_some()));
    println!(
        "{} records are {} flaws; {} joins refused",
        records.len(),
        flaws.flaws.len(),
        flaws.refusals.len()
    );
    for refusal in flaws.refusals.iter().take(5) {
        println!("{refusal:?}");
    }
}
