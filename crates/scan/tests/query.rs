//! Queries in the form of OSV's API: what each means, what api.osv.dev answered, and that a scan says the same.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

mod common;

use std::collections::BTreeSet;

use advisory::Format;
use common::{NOW, component, part};
use expect_test::{Expect, expect};
use names::Ecosystem;
use scan::original::compact;
use scan::query::{Query, commit, query};
use scan::{Builder, Index};

/// An index that keeps the records as they are.
fn index_of(records: &[&str]) -> Index {
    let mut builder = Builder::new(NOW);
    for text in records {
        advisory::read(
            Format::Osv,
            text.as_bytes(),
            &mut |record| builder.add_original("test", record, Some(text.as_bytes())),
            &mut |problem| panic!("{problem:?} in {text}"),
        );
    }
    Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap()
}

fn told(index: &Index, asked: Query<'_>) -> Vec<String> {
    let mut found = Vec::new();
    query(index, asked, &mut found).unwrap();
    let id = |number: &u32| index.id_of(*number).unwrap().to_owned();
    found.iter().map(id).collect()
}

/// `Debian:12 curl 8.0`, `Debian:12 curl` for every version, `- curl 8.0` for every ecosystem, or a commit.
fn ask(index: &Index, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if let &[hash] = &*words {
        return commit(hash).map_or_else(Vec::new, |hash| told(index, Query::Commit(&hash)));
    }
    let ecosystem = Ecosystem::parse(words[0]);
    let asked = Query::Package {
        ecosystem: (words[0] != "-").then_some(&ecosystem),
        name: words[1],
        version: words.get(2).copied().unwrap_or_default(),
    };
    told(index, asked)
}

fn check(records: &[&str], queries: &str, wanted: Expect) {
    let index = index_of(records);
    let lines = queries.lines().map(str::trim);
    let said: String = lines
        .map(|line| format!("{line}: {}\n", ask(&index, line).join(" ")))
        .collect();
    wanted.assert_eq(&said);
}

const DISTRIBUTION: &[&str] = &[
    r#"{"id": "D-11", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Debian:11", "name": "curl"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "7.74.0-1.3+deb11u9"}]}]}]}"#,
    r#"{"id": "D-12", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Debian:12", "name": "curl"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "7.88.1-10"}]}]}]}"#,
    r#"{"id": "U-22", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Ubuntu:22.04:LTS", "name": "curl"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "7.81.0-1ubuntu1.15"}]}]}]}"#,
    r#"{"id": "U-Pro", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Ubuntu:Pro:22.04:LTS", "name": "curl"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "7.81.0-1ubuntu1.15"}]}]}]}"#,
];

#[test]
fn a_release_is_asked_for_in_any_of_its_spellings_and_none_means_each() {
    check(
        DISTRIBUTION,
        "Debian curl 7.74.0-1
        Debian:11 curl 7.74.0-1
        Debian:12 curl 7.74.0-1
        Debian:bookworm curl
        Debian:13 curl
        Ubuntu:22.04:LTS curl 7.81.0-1
        Ubuntu:22.04 curl 7.81.0-1
        Ubuntu:Pro:22.04:LTS curl 7.81.0-1
        Ubuntu curl 7.81.0-1
        - curl 7.74.0-1",
        expect![[r#"
            Debian curl 7.74.0-1: D-11 D-12
            Debian:11 curl 7.74.0-1: D-11
            Debian:12 curl 7.74.0-1: D-12
            Debian:bookworm curl: D-12
            Debian:13 curl: 
            Ubuntu:22.04:LTS curl 7.81.0-1: U-22
            Ubuntu:22.04 curl 7.81.0-1: U-22
            Ubuntu:Pro:22.04:LTS curl 7.81.0-1: U-Pro
            Ubuntu curl 7.81.0-1: U-22 U-Pro
            - curl 7.74.0-1: D-11 D-12 U-22 U-Pro
        "#]],
    );
}

#[test]
fn a_name_is_compared_as_its_registry_does_and_what_is_listed_or_in_a_range_counts() {
    check(
        &[
            r#"{"id": "P-1", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "flask-cors"},
                "versions": ["3.0.7", "2024.post1"], "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "2.0"}]}]}]}"#,
            r#"{"id": "P-2", "modified": "2025-01-01T00:00:00Z", "withdrawn": "2025-02-01T00:00:00Z",
                "affected": [{"package": {"ecosystem": "PyPI", "name": "flask-cors"}, "versions": ["3.0.7"]}]}"#,
            r#"{"id": "N-1", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "Flask-Cors"}, "versions": ["3.0.7"]}]}"#,
        ],
        "PyPI Flask_CORS 3.0.7
        PyPI flask-cors 3.0.7.0
        PyPI flask-cors 1.5
        PyPI flask-cors 2.0
        PyPI flask-cors 2024.POST1
        PyPI flask-cors not-a-version
        PyPI flask-cors
        npm flask-cors 3.0.7
        npm Flask-Cors 3.0.7",
        expect![[r#"
            PyPI Flask_CORS 3.0.7: P-1
            PyPI flask-cors 3.0.7.0: P-1
            PyPI flask-cors 1.5: P-1
            PyPI flask-cors 2.0: 
            PyPI flask-cors 2024.POST1: P-1
            PyPI flask-cors not-a-version: 
            PyPI flask-cors: P-1
            npm flask-cors 3.0.7: 
            npm Flask-Cors 3.0.7: N-1
        "#]],
    );
}

#[test]
fn a_commit_answers_where_it_is_named_as_affected_and_a_repository_by_its_tags() {
    check(
        &[
            r#"{"id": "G-1", "modified": "2025-01-01T00:00:00Z", "affected": [{"ranges": [{"type": "GIT", "repo": "https://github.com/Curl/curl.git",
                "events": [{"introduced": "6879efc2c1596d11a6a6ad296f80063b558d5e0f"}, {"fixed": "1111111111111111111111111111111111111111"}]}],
                "versions": ["curl-8_0_0"]}]}"#,
        ],
        "6879efc2c1596d11a6a6ad296f80063b558d5e0f
        6879EFC2C1596D11A6A6AD296F80063B558D5E0F
        1111111111111111111111111111111111111111
        2222222222222222222222222222222222222222
        6879efc
        GIT https://github.com/curl/curl curl-8_0_0
        GIT github.com/curl/curl curl-8_1_0",
        expect![[r#"
            6879efc2c1596d11a6a6ad296f80063b558d5e0f: G-1
            6879EFC2C1596D11A6A6AD296F80063B558D5E0F: G-1
            1111111111111111111111111111111111111111: 
            2222222222222222222222222222222222222222: 
            6879efc: 
            GIT https://github.com/curl/curl curl-8_0_0: G-1
            GIT github.com/curl/curl curl-8_1_0: 
        "#]],
    );
}

#[test]
fn a_record_is_handed_out_as_it_was_written_and_of_two_with_one_id_the_newer() {
    let old = r#"{"id": "A-1", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#;
    let new = r#"{"id": "A-1", "modified": "2025-01-02T00:00:00.500Z", "database_specific": {"odd": 1.50}, "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.1"]}]}"#;
    for order in [[("x", old), ("y", new)], [("y", new), ("x", old)]] {
        let mut builder = Builder::new(NOW);
        for (source, text) in order {
            let mut add =
                |record| builder.add_original(source, record, Some(&compact(text.as_bytes())));
            advisory::read(Format::Osv, text.as_bytes(), &mut add, &mut |problem| {
                panic!("{problem:?}")
            });
        }
        let index = Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap();
        index.verify().unwrap();
        let number = index.original_called("A-1").unwrap().unwrap();
        let written = index.original(number).unwrap().unwrap();
        assert_eq!(written.json, compact(new.as_bytes()));
        let brief = r#"{"id":"A-1","modified":"2025-01-02T00:00:00.5Z"}"#;
        assert_eq!(std::str::from_utf8(written.brief), Ok(brief));
        assert_eq!(ask(&index, "npm a 1.0.1"), ["A-1"]);
        assert!(ask(&index, "npm a 1.0.0").is_empty(), "it was outdated");
        assert_eq!(index.original_called("A-2"), Ok(None));
    }
}

#[test]
fn an_index_without_originals_is_none_the_larger_and_answers_nothing() {
    let text = r#"{"id": "A-1", "modified": "2025-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#;
    let index = common::index_of(&[text]);
    assert!(!index.has_originals());
    assert!(ask(&index, "npm a 1.0.0").is_empty());
    let info = index.info().unwrap();
    let sizes = info
        .sections
        .iter()
        .filter(|(name, _)| name.starts_with("original"));
    assert!(sizes.clone().count() == 2 && sizes.clone().all(|(_, bytes)| *bytes == 0));
}

/// The shared databases that queries were recorded over.
const DATABASES: &[&str] = &["AlmaLinux", "Bitnami", "Go", "Hackage", "PyPI", "crates.io"];

/// Why we find more than was recorded; nothing that was recorded is missing from any answer.
const LATER: &str = "the record was made, or widened to this version, after the scanner's cassette was recorded and before our copy of the database";
const NARROWED: &str = "our copy is of 10 October 2024 and lists 1.24.3; by the day of the recording the record did not";

/// What makes an answer another one: package and version, what we find besides, why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("golang.org/x/image 0.4.0", "GO-2026-6222", LATER),
    ("stdlib 1.18.1", STDLIB, LATER),
    ("stdlib 1.19", STDLIB, LATER),
    ("stdlib 1.24.4", STDLIB, LATER),
    ("toolchain 1.24.4", "GO-2026-6179 GO-2026-6180", LATER),
    ("urllib3 1.24.3", "PYSEC-2021-108", NARROWED),
];

const STDLIB: &str =
    "GO-2026-5026 GO-2026-5972 GO-2026-6088 GO-2026-6089 GO-2026-6090 GO-2026-6091 GO-2026-6218";

#[test]
fn every_recorded_query_is_answered_as_api_osv_dev_did() {
    let Some(folder) = part("osv/query-oracle") else {
        return;
    };
    let mut builder = Builder::new(NOW);
    for database in DATABASES {
        let Some(path) = part(&format!("osv/{database}/all.zip")) else {
            return;
        };
        let mut text = Vec::new();
        common::documents(&path, &mut |_, bytes| {
            text.clear();
            text.extend_from_slice(&compact(bytes));
            let mut add = |record| builder.add_original(database, record, Some(&text));
            advisory::read(Format::Osv, bytes, &mut add, &mut |_| {});
        });
    }
    let index = Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap();
    let (mut ran, mut seen) = (0, BTreeSet::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "jsonl") {
            continue;
        }
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let ours = asked(&index, &row["query"]);
            let theirs: BTreeSet<String> = serde_json::from_value(row["staged"].clone()).unwrap();
            ran += 1;
            let missing: Vec<&String> = theirs.difference(&ours).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", row["query"]);
            let more: Vec<&str> = ours.difference(&theirs).map(String::as_str).collect();
            let (name, version) = (&row["query"]["package"]["name"], &row["query"]["version"]);
            let named = format!("{name} {version}").replace('"', "");
            let listed = DIFFERENCES.iter().find(|(one, ..)| *one == named);
            // Recordings of two days may differ in whether they have it.
            if !more.is_empty() {
                let known = listed.map_or("", |(_, ids, _)| ids);
                assert_eq!(more.join(" "), known, "{}", row["query"]);
                seen.insert(named);
            }
        }
    }
    let unseen = DIFFERENCES.iter().filter(|(one, ..)| !seen.contains(*one));
    assert_eq!(unseen.count(), 0, "what is listed as a difference is one");
    println!(
        "vectors: osv-api-queries {ran} ran, {} listed as wrong",
        seen.len()
    );
}

/// Our answer to a recorded query, which is a scan's too.
fn asked(index: &Index, asked: &serde_json::Value) -> BTreeSet<String> {
    let text = |at: &str| {
        asked
            .pointer(at)
            .and_then(|text| text.as_str())
            .unwrap_or_default()
    };
    if let Some(hash) = commit(text("/commit")) {
        return told(index, Query::Commit(&hash)).into_iter().collect();
    }
    let ecosystem = Ecosystem::parse(text("/package/ecosystem"));
    let (name, version) = (text("/package/name"), text("/version"));
    let package = Query::Package {
        ecosystem: Some(&ecosystem),
        name,
        version,
    };
    let ours: BTreeSet<String> = told(index, package).into_iter().collect();
    let scanned = common::ids(index, &component(text("/package/ecosystem"), name, version));
    assert_eq!(ours, scanned, "{asked}");
    ours
}
