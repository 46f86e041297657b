//! The crash reports of the shared data: each parses, and they cluster as their provenance records.

#![expect(clippy::unwrap_used, reason = "a test stops where anything goes wrong")]

use std::fs;
use std::path::PathBuf;

use prove::{Triaged, cluster, triage};
use serde_json::Value;

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data() -> PathBuf {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let data = std::env::var_os("SEAMARK_DATA").map_or_else(beside, PathBuf::from);
    data.join("crash-reports/casr")
}

/// Every report of a folder, by name.
fn reports(name: &str) -> Vec<(String, Triaged)> {
    if !data().exists() {
        return Vec::new();
    }
    let mut left = vec![data().join(name)];
    let mut files = Vec::new();
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => left.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    let read = |path: PathBuf| {
        let value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let crash = triage(&text(&value), None)
            .unwrap_or_else(|| panic!("{} does not parse", path.display()));
        (path.display().to_string(), crash)
    };
    files.into_iter().map(read).collect()
}

/// What the tool printed, or its frames.
fn text(value: &Value) -> String {
    let lines = |key: &str| -> Vec<&str> {
        let list = value.get(key).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    for key in ["AsanReport", "PythonReport", "Stacktrace"] {
        if !lines(key).is_empty() {
            return lines(key).join("\n");
        }
    }
    String::new()
}

/// The number of clusters that the reports of a folder make; without the shared data nothing is checked.
fn clusters(name: &str, reports_expected: usize, clusters_expected: usize) {
    let all = reports(name);
    if all.is_empty() {
        assert!(!data().exists(), "`{name}` holds no reports");
        return;
    }
    let of = cluster(all.iter().map(|(_, crash)| crash));
    let count = of.iter().max().map_or(0, |most| most + 1);
    assert_eq!(
        (all.len(), count),
        (reports_expected, clusters_expected),
        "{name}"
    );
}

#[test]
fn reports_of_a_sanitizer_make_the_clusters_that_are_recorded() {
    clusters("test_clustering_san", 447, 12);
}

#[test]
fn reports_of_a_debugger_make_the_clusters_that_are_recorded() {
    clusters("test_clustering_small", 12, 9);
}

#[test]
fn reports_of_one_flaw_stay_together() {
    clusters("dedup", 5, 2);
    clusters("test_clustering_python", 56, 2);
    for (name, crash) in reports("test_clustering_san") {
        assert!(!crash.frames.is_empty(), "{name} has no frames");
    }
}

#[test]
fn pairs_that_are_recorded_as_alike_are_one_cluster() {
    let all = reports("similarity_test");
    let of = cluster(all.iter().map(|(_, crash)| crash));
    for pair in [["1.casrep", "2.casrep"], ["5.casrep", "6.casrep"]] {
        let [one, other] = pair.map(|name| all.iter().position(|(held, _)| held.ends_with(name)));
        let (Some(one), Some(other)) = (one, other) else {
            assert!(!data().exists(), "{pair:?} is not there");
            continue;
        };
        assert_eq!(of[one], of[other], "{pair:?}");
    }
}
