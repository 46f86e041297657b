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
