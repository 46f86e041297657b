//! Others' answers: what rpm finds newer, what api.osv.dev returned, and OSV's law of listed versions.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{component, ids, osv_index, part};
use names::Ecosystem;
use scan::Index;
use serde_json::Value;

/// A table of tab-separated values without its head.
fn table(path: &std::path::Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

fn ecosystem_of(os_release: &str) -> Ecosystem {
    let value = |key: &str| {
        let line = os_release.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let (id, version, like) = (value("ID="), value("VERSION_ID="), value("ID_LIKE="));
    Ecosystem::of_os_release(&id, &version, &like).unwrap()
}

#[test]
fn every_advisory_whose_fix_is_newer_by_rpms_comparison_matches_and_no_other() {
    let (Some(folder), Some(index)) = (part("inventories/rpmdb"), osv_index(&["AlmaLinux"])) else {
        return;
    };
    let (mut ran, mut other_streams) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(os_release) = std::fs::read_to_string(folder.join("os-release")) else {
            continue;
        };
        let ecosystem = ecosystem_of(&os_release).to_string();
        let mut expected: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        for row in table(&folder.join("expected-matches.tsv")) {
            let matched = (row[2].clone(), row[3].clone());
            expected.entry(row[0].clone()).or_default().insert(matched);
        }
        for row in table(&folder.join("expected-packages.tsv")) {
            let mut package = component(&ecosystem, &row[0], &row[5]);
            package.arch = row[4].clone();
            let found = common::all_matches(&index, &package);
            let likely = |one: &&scan::Match| one.confidence == scan::Confidence::Likely;
            other_streams += found.iter().filter(likely).count();
            let ours: BTreeSet<(String, String)> = found
                .iter()
                .map(|found| {
                    let full = index.resolve(found, &package).unwrap();
                    (full.advisory, full.ends.unwrap_or_default())
                })
                .collect();
            let theirs = expected.remove(&row[0]).unwrap_or_default();
            assert_eq!(ours, theirs, "{row:?}");
            ran += theirs.len().max(1);
        }
        assert!(
            expected.is_empty(),
            "{expected:?} are not in the package list"
        );
    }
    assert!(ran > 0);
    println!(
        "{other_streams} of them are likely only: the list does not say of which module stream a package is"
    );
    println!("vectors: rpmdb-matches {ran} ran, 0 listed as wrong");
}

/// Records that were widened to the versions asked for between the recording of the scanner's cassettes and the
/// commit of our copy of the database; the later recordings of the API's own tests have them.
const WIDENED: &[&str] = &["GO-2026-5026", "GO-2026-5942", "GO-2026-5972"];

/// Whether a cassette could not have `id`: both databases number their records as they come, and `newest` is
/// the newest that any cassette has.
fn recorded_later(id: &str, newest: &BTreeMap<String, String>) -> bool {
    let known = newest.get(prefix(id));
    WIDENED.contains(&id) || known.is_some_and(|newest| newest.as_str() < id)
}

/// `GO-` of `GO-2026-6088`.
fn prefix(id: &str) -> &str {
    id.split_inclusive('-').next().unwrap_or_default()
}

fn is_cassette(row: &Value) -> bool {
    row["source"]
        .as_str()
        .is_some_and(|source| source.contains("cassette"))
}

/// The newest id of each database that any cassette has.
fn newest(rows: &[Value]) -> BTreeMap<String, String> {
    let mut newest: BTreeMap<String, String> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_cassette(row)) {
        for id in row["ids"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
        {
            let known = newest.entry(prefix(id).to_owned()).or_default();
            *known = known.clone().max(id.to_owned());
        }
    }
    newest
}

#[test]
fn queries_are_answered_as_osv_answers_them() {
    let Some(path) = part("osv/query-oracle/queries.jsonl") else {
        return;
    };
    let databases = ["Go", "crates.io", "PyPI", "Hackage"];
    let Some(index) = osv_index(&databases) else {
        return;
    };
    let (mut ran, mut excused) = (0, 0);
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let newest = newest(&rows);
    for row in rows {
        let text = |at: &str| row.pointer(at).and_then(Value::as_str).unwrap_or_default();
        let ecosystem = text("/query/package/ecosystem");
        if !databases.contains(&ecosystem)
            || row["paged"] == true
            || text("/query/version").is_empty()
        {
            continue;
        }
        let name = text("/query/package/name");
        let ours = ids(&index, &component(ecosystem, name, text("/query/version")));
        // The staged records are those of our copy; PyPI's has also what GitHub's database calls GHSA.
        let own = |id: &&str| {
            ["GO-", "RUSTSEC-", "PYSEC-", "HSEC-"]
                .iter()
                .any(|own| id.starts_with(own))
        };
        let query = row["query"].to_string();
        let staged = row["staged"].as_array().unwrap();
        let theirs: BTreeSet<&str> = staged
            .iter()
            .filter_map(Value::as_str)
            .filter(own)
            .collect();
        let missing: Vec<_> = theirs.iter().filter(|id| !ours.contains(**id)).collect();
        assert!(missing.is_empty(), "{query}: {missing:?} are not found");
        if matches!(ecosystem, "Go" | "crates.io") {
            let more = ours.iter().filter(|id| !theirs.contains(id.as_str()));
            let (later, wrong): (Vec<_>, Vec<_>) =
                more.partition(|id| is_cassette(&row) && recorded_later(id, &newest));
            assert!(wrong.is_empty(), "{query}: {wrong:?} are found besides");
            excused += usize::from(!later.is_empty());
        }
        ran += 1;
    }
    assert!(ran > 0);
    println!("vectors: osv-queries {ran} ran, {excused} listed as wrong");
}

/// Records whose list and ranges disagree at their source; what is listed is affected, see PROVENANCE.md there.
const LISTED_OUTSIDE: &[&str] = &["PYSEC-2021-114", "PYSEC-2023-177", "PYSEC-2023-61"];

#[test]
fn every_listed_version_lies_in_the_ranges_beside_it() {
    let (mut ran, mut wrong, mut unkeyed) = (0, 0, 0);
    for database in ["AlmaLinux", "Bitnami", "Go", "Hackage", "PyPI", "crates.io"] {
        let Some(index) = osv_index(&[database]) else {
            continue;
        };
        for number in 0..index.advisories() {
            let head = index.head(number).unwrap();
            for row in index.rows_of(&head).unwrap() {
                let (inside, outside, no_version) = listed(&index, row);
                ran += inside + outside;
                unkeyed += no_version;
                wrong += outside;
                assert!(
                    outside == 0 || LISTED_OUTSIDE.contains(&head.id),
                    "{}: {outside} listed versions outside of {:?}",
                    head.id,
                    index.ranges_in_words(row)
                );
            }
        }
    }
    if ran > 0 {
        println!(
            "{unkeyed} listed strings are no versions of their ecosystem and match by equality"
        );
        println!("vectors: osv-listed-versions {ran} ran, {wrong} listed as wrong");
    }
}

/// How many listed versions lie in the row's ranges, how many outside, and how many have no key.
fn listed(index: &Index, row: u32) -> (u64, u64, u64) {
    let row = index.row(row).unwrap();
    let affected = index.affected(&row).unwrap();
    let ranges: Vec<_> = affected
        .ranges
        .iter()
        .filter(|range| matches!(range.scheme, advisory::RangeScheme::Scheme(scheme) if scheme != versions::Scheme::Lexicographic))
        .collect();
    let (mut inside, mut outside, mut unkeyed) = (0, 0, 0);
    for version in affected.versions.iter().filter(|_| !ranges.is_empty()) {
        let held = |range: &&&advisory::AffectedRange| {
            let advisory::RangeScheme::Scheme(scheme) = range.scheme else {
                return false;
            };
            let key = |text: &String| versions::key(scheme, text).unwrap();
            let Some(own) = versions::key(scheme, version) else {
                return false;
            };
            range.intervals.iter().any(|interval| {
                let interval = versions::Interval {
                    introduced: interval.introduced.as_ref().map(key),
                    end: match &interval.end {
                        versions::End::Open => versions::End::Open,
                        versions::End::Fixed(end) => versions::End::Fixed(key(end)),
                        versions::End::LastAffected(end) => versions::End::LastAffected(key(end)),
                    },
                };
                interval.contains(&own)
            })
        };
        match (versions::key(row.scheme, version), ranges.iter().find(held)) {
            (None, _) => unkeyed += 1,
            (_, Some(_)) => inside += 1,
            (_, None) => outside += 1,
        }
    }
    (inside, outside, unkeyed)
}
