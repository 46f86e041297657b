//! SSVC tables by CERT/CC's own listings.

mod common;

use priority::ssvc::{self, Point, Selections, Table};

/// Splits a line of CSV; a cell with a comma stands in quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().expect("there is one").push(c),
        }
    }
    cells
}

/// The point a column is about: `In KEV v1.0.0 (cisa)`; no parentheses mean the namespace `ssvc`.
fn point(column: &str) -> Option<&'static Point> {
    let (rest, namespace) = match column
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
    {
        Some((rest, namespace)) => (rest, namespace),
        None => (column, "ssvc"),
    };
    let (name, version) = rest.rsplit_once(" v")?;
    ssvc::points().values().find(|point| {
        point.name == name
            && point.id.starts_with(&format!("{namespace}:"))
            && point.id.ends_with(&format!(":{version}"))
    })
}

fn table(inputs: &[&Point], outcome: &Point) -> Option<&'static Table> {
    ssvc::tables().iter().find(|table| {
        table.outcome == outcome.id
            && table.inputs.len() == inputs.len()
            && inputs.iter().all(|input| table.inputs.contains(&input.id))
    })
}

#[test]
fn every_listed_combination_has_the_listed_outcome() {
    let Some(folder) = common::data("ssvc") else {
        return;
    };
    let mut ran = 0;
    for file in common::files(&folder, ".csv") {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        let mut lines = text.lines();
        let header = cells(lines.next().unwrap_or_default());
        let points: Vec<_> = header.iter().skip(1).map(|column| point(column)).collect();
        let Some((Some(outcome), inputs)) = points.split_last() else {
            continue;
        };
        let Some(inputs) = inputs.iter().copied().collect::<Option<Vec<_>>>() else {
            continue;
        };
        let Some(table) = table(&inputs, outcome) else {
            continue;
        };
        for line in lines.filter(|line| !line.is_empty()) {
            let row = cells(line);
            let given = inputs
                .iter()
                .zip(&row[1..])
                .fold(Selections::default(), |given, (point, value)| {
                    given.with(&point.id, value)
                });
            let got = table
                .decide(&given)
                .expect("a listed combination is decided");
            assert!(
                got.name.eq_ignore_ascii_case(&row[row.len() - 1]),
                "{line}: {got:?}"
            );
            ran += 1;
        }
    }
    println!("vectors: ssvc {ran} ran, 0 listed as wrong");
    assert!(ran > 0, "no table was tried");
}

fn documents(folder: &std::path::Path, part: &str) -> Vec<serde_json::Value> {
    common::files(folder, ".json")
        .iter()
        .filter(|file| file.to_string_lossy().contains(part))
        .map(|file| std::fs::read(file).expect("the file can be read"))
        .map(|bytes| serde_json::from_slice(&bytes).expect("the file is JSON"))
        .collect()
}

fn text<'a>(value: &'a serde_json::Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn id(value: &serde_json::Value) -> String {
    ["namespace", "key", "version"]
        .map(|name| text(value, name))
        .join(":")
}

/// The answers and the outcome of each row of a published table.
fn mapping(document: &serde_json::Value) -> Vec<(Selections, String)> {
    let outcome = text(document, "outcome");
    let rows = document["mapping"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .map(|row| {
            let cells = row.as_object().expect("a row is an object").iter();
            let given = cells
                .filter(|(point, _)| *point != outcome)
                .fold(Selections::default(), |given, (point, key)| {
                    given.with(point, key.as_str().unwrap_or_default())
                });
            (given, text(row, outcome).to_owned())
        })
        .collect()
}

#[test]
fn tables_and_points_agree_with_their_published_documents() {
    let Some(folder) = common::data("ssvc") else {
        return;
    };
    let mut ran = 0;
    for document in documents(&folder, "decision_tables") {
        let Some(table) = ssvc::table(&id(&document)) else {
            continue;
        };
        for (given, key) in mapping(&document) {
            assert_eq!(
                table
                    .decide(&given)
                    .expect("a published row is decided")
                    .key,
                key
            );
            ran += 1;
        }
    }
    for document in documents(&folder, "decision_points") {
        let Some(point) = ssvc::point(&id(&document)) else {
            continue;
        };
        let values = document["values"].as_array().cloned().unwrap_or_default();
        let published: Vec<(&str, &str)> = values
            .iter()
            .map(|value| (text(value, "key"), text(value, "name")))
            .collect();
        let ours: Vec<(&str, &str)> = point
            .values
            .iter()
            .map(|value| (value.key.as_str(), value.name.as_str()))
            .collect();
        assert_eq!(ours, published, "{}", point.id);
        ran += 1;
    }
    println!("vectors: ssvc/json {ran} ran, 0 listed as wrong");
    assert!(ran > 0, "no table was tried");
}

/// A 4.0 vector with the metrics that a row of an equivalence set names.
fn vector(row: &serde_json::Value, outcome: &str) -> String {
    let mut metrics: Vec<(String, String)> = [
        "AV:P", "AC:H", "AT:P", "PR:H", "UI:A", "VC:N", "VI:N", "VA:N", "SC:N", "SI:N", "SA:N",
    ]
    .iter()
    .filter_map(|pair| pair.split_once(':'))
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for (point, key) in row.as_object().expect("a row is an object") {
        let name = point
            .split(':')
            .nth(1)
            .unwrap_or_default()
            .trim_end_matches("_NoX");
        if point != outcome {
            metrics.retain(|(known, _)| known != name);
            metrics.push((name.to_owned(), key.as_str().unwrap_or_default().to_owned()));
        }
    }
    let pairs: Vec<String> = metrics
        .iter()
        .map(|(name, value)| format!("{name}:{value}"))
        .collect();
    format!("CVSS:4.0/{}", pairs.join("/"))
}

#[test]
fn equivalence_sets_of_cvss_4_are_those_of_the_published_tables() {
    let Some(folder) = common::data("ssvc") else {
        return;
    };
    let mut ran = 0;
    for document in documents(&folder, "decision_tables") {
        let outcome = text(&document, "outcome");
        let Some(set) = outcome
            .strip_prefix("cvss:EQ")
            .and_then(|rest| rest.split(':').next())
        else {
            continue;
        };
        let place: usize = set.parse().expect("a set has a number");
        let values = document["decision_points"][outcome]["values"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for row in document["mapping"].as_array().cloned().unwrap_or_default() {
            let priority::Cvss::V4(v4) = vector(&row, outcome).parse().expect("it is a vector")
            else {
                panic!("it is a 4.0 vector")
            };
            // The most severe value of a set is its digit 0.
            let from_least = values
                .iter()
                .position(|value| text(value, "key") == text(&row, outcome));
            let digit = values.len() - 1 - from_least.expect("the outcome is one of the values");
            assert_eq!(
                v4.macrovector()[place - 1..place],
                digit.to_string(),
                "{row}"
            );
            ran += 1;
        }
    }
    println!("vectors: ssvc/cvss {ran} ran, 0 listed as wrong");
    assert!(ran > 0, "no set was tried");
}
