//! How long crash reports take to be read and clustered: `cargo bench -p prove --bench cluster -- DATA`.
//!
//! The reports of the shared data, repeated to 4,000: what a fuzzing fleet hands over in a week. Processor time of one
//! thread, so that it compares with what `casr-cluster` uses.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops where anything goes wrong"
)]

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use prove::{Triaged, cluster, triage};
use serde_json::Value;

/// Reports that are clustered at once.
const REPORTS: usize = 4_000;

fn main() {
    let data = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    let mut texts = texts(data.join("crash-reports/casr"));
    if texts.is_empty() {
        println!("crash reports clustered | not measured | no shared data was given");
        return;
    }
    texts.sort();
    let distinct = texts.len();
    let texts: Vec<&String> = texts.iter().cycle().take(REPORTS).collect();
    let start = Instant::now();
    let crashes: Vec<Triaged> = texts.iter().filter_map(|text| triage(text, None)).collect();
    let read = start.elapsed();
    let of = cluster(&crashes);
    let whole = start.elapsed();
    let clusters = of.iter().max().map_or(0, |most| most + 1);
    println!(
        "{} crash reports read and clustered | {:.0} ms | {:.0} ms of it reading; {clusters} clusters of {distinct} distinct reports",
        crashes.len(),
        whole.as_secs_f64() * 1e3,
        read.as_secs_f64() * 1e3
    );
}

/// What the tools printed, of every report there.
fn texts(folder: PathBuf) -> Vec<String> {
    let mut left = vec![folder];
    let mut texts = Vec::new();
    while let Some(folder) = left.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|ending| ending == "casrep") {
                texts.push(text(
                    &serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(),
                ));
            }
        }
    }
    texts
}

fn text(value: &Value) -> String {
    let lines = |key: &str| -> Vec<&str> {
        let list = value.get(key).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let keys = ["AsanReport", "PythonReport", "Stacktrace"];
    let found = keys
        .iter()
        .map(|key| lines(key))
        .find(|lines| !lines.is_empty());
    found.unwrap_or_default().join("\n")
}
