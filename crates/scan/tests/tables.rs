//! Another scanner's printed tables: everything they list from the databases we have must match here too.
//!
//! Not the other way around: a table is of the day it was recorded, and the databases have grown since.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{component, ids, osv_index, part};

/// Whose records are here, by the prefix of their ids.
const DATABASES: [(&str, &str); 4] = [
    ("GO-", "Go"),
    ("RUSTSEC-", "crates.io"),
    ("PYSEC-", "PyPI"),
    ("HSEC-", "Hackage"),
];

/// A row of a table: the advisory, and the package that it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    id: String,
    ecosystem: String,
    name: String,
    version: String,
}

fn snapshots(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            snapshots(&path, found);
        } else if path.extension().is_some_and(|it| it == "snap") {
            found.push(path);
        }
    }
}

/// The rows of all tables in a text: `| https://osv.dev/ID | score | ecosystem | package | version | …`. Where one
/// flaw has several ids, those after the first stand alone in rows of their own.
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut last: Option<Row> = None;
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let id = cells
            .get(1)
            .and_then(|cell| cell.strip_prefix("https://osv.dev/"));
        let (Some(id), [_, _, _, ecosystem, name, version, ..]) = (id, &cells[..]) else {
            last = None;
            continue;
        };
        if !ecosystem.is_empty() {
            last = Some(Row {
                id: String::new(),
                ecosystem: (*ecosystem).to_owned(),
                name: (*name).to_owned(),
                version: (*version).to_owned(),
            });
        }
        rows.extend(last.clone().map(|row| Row {
            id: id.to_owned(),
            ..row
        }));
    }
    rows
}

#[test]
fn what_another_scanner_prints_of_our_databases_matches_here() {
    let Some(folder) = part("e2e/osv-scanner") else {
        return;
    };
    let Some(index) = osv_index(&DATABASES.map(|(_, name)| name)) else {
        return;
    };
    let mut paths = Vec::new();
    snapshots(&folder, &mut paths);
    let texts = paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    let mut all: Vec<Row> = texts.flat_map(|text| rows(&text)).collect();
    all.retain(|row| {
        DATABASES
            .iter()
            .any(|(prefix, name)| row.id.starts_with(prefix) && *name == row.ecosystem)
    });
    all.sort();
    all.dedup();
    // The databases here are of one day, the tables of another.
    let heads = (0..index.advisories()).map(|number| index.head(number).unwrap().id.to_owned());
    let here: BTreeSet<String> = heads.collect();
    let before = all.len();
    all.retain(|row| here.contains(&row.id));
    println!(
        "{} rows are of records that our copies do not have",
        before - all.len()
    );
    assert!(!all.is_empty());
    let mut missing = Vec::new();
    for row in &all {
        if !ids(&index, &component(&row.ecosystem, &row.name, &row.version)).contains(&row.id) {
            missing.push(row);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    println!(
        "vectors: osv-scanner-tables {} ran, 0 listed as wrong",
        all.len()
    );
}
