//! OSV API v1: how long a query and a batch take a real `seamarkd` that mirrors the databases of an index.
//!
//! What is asked for is what there is: packages of the index in versions that its records name, every third of them in
//! one that nothing is known of. Each package is asked about once, as lock files name them; and beside that as often as
//! records name it, which is mostly the few packages with the most of them. Queries come at a steady rate on eight kept connections, each timed from the moment at
//! which its turn was, so that one that waits for another is not counted as fast.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use scan::Index;
use serde_json::{Value, json};

use super::site::{Client, Running, Site, spread};

/// Queries of a second, and for how many seconds.
const RATE: u64 = 5_000;
const SECONDS: u64 = 10;
const CONNECTIONS: u64 = 8;

/// Queries of one batch, and how often one is sent.
const BATCH: usize = 1_000;
const BATCHES: usize = 50;

/// Asks about the index at `file`.
pub async fn measure(file: &Path) {
    let index = Index::open(file).unwrap();
    let [packages, records] = queries(&index);
    let megabytes = index.size() as f64 / 1e6;
    let opened = Instant::now();
    drop(Index::open(file).unwrap());
    println!(
        "opening the mirrored advisories, {megabytes:.0} MB | {:.1} µs | {} records",
        opened.elapsed().as_secs_f64() * 1e6,
        index.advisories()
    );
    let path = file.display().to_string();
    let running = Site::new(None)
        .await
        .serve_with(&["--advisories", &path])
        .await;
    for (what, queries) in [
        ("each package once", &packages),
        ("as often as records name it", &records),
    ] {
        batches(&running, what, queries).await;
        steady(&running, what, queries).await;
    }
    whole(&running, &index).await;
    println!(
        "memory of `seamarkd` with the mirror mapped | {:.0} MiB at its peak | pages of the map count too",
        running.peak_mib()
    );
}

/// Queries about packages of the index: about each once, and as often as its records name it.
fn queries(index: &Index) -> [Vec<Value>; 2] {
    let (mut packages, mut records) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for number in 0..index.advisories() {
        let head = index.head(number).unwrap();
        let Some(row) = index.rows_of(&head).unwrap().first().copied() else {
            continue;
        };
        let row = index.row(row).unwrap();
        let (ecosystem, name) = index.package_name(row.owner).unwrap();
        let affected = index.affected(&row).unwrap();
        let introduced = affected.ranges.iter().flat_map(|range| &range.intervals);
        let introduced = introduced
            .filter_map(|interval| interval.introduced.as_ref())
            .next();
        let version = match affected.versions.first().or(introduced) {
            Some(version) if number % 3 > 0 => version.clone(),
            _ => "999.9.9".to_owned(),
        };
        let query = json!({"package": {"ecosystem": ecosystem, "name": name}, "version": version});
        if seen.insert((ecosystem.to_owned(), name.to_owned())) {
            packages.push(query.clone());
        }
        records.push(query);
    }
    // Neighbors in the index are far from one another in what is asked.
    [packages, records].map(|queries| {
        let count = queries.len();
        let at = |number: usize| queries[number * 7_919 % count].clone();
        (0..count).map(at).collect()
    })
}

async fn batches(running: &Running, what: &str, queries: &[Value]) {
    let mut client = Client::anonymous(&running.address).await;
    let mut round = queries.iter().cycle();
    let (mut times, mut bytes) = (Vec::new(), 0);
    for _ in 0..BATCHES {
        let batch: Vec<&Value> = round.by_ref().take(BATCH).collect();
        let body = json!({"queries": batch}).to_string();
        let start = Instant::now();
        let answer = client
            .post("/v1/querybatch", "application/json", body.as_bytes())
            .await;
        times.push(start.elapsed());
        assert_eq!(answer.status, 200);
        bytes = answer.body.len();
    }
    let (middle, late) = spread(times);
    println!(
        "`querybatch` of {BATCH}, {what} | {middle:.1} ms, the slowest of {BATCHES} {late:.1} ms; {:.0} KiB | goal: under 10 ms",
        bytes as f64 / 1024.0
    );
}

async fn steady(running: &Running, what: &str, queries: &[Value]) {
    let processor = running.processor();
    let begin = Instant::now() + Duration::from_millis(50);
    let mut tasks = Vec::new();
    for connection in 0..CONNECTIONS {
        let turns = (0..RATE * SECONDS)
            .skip(connection as usize)
            .step_by(CONNECTIONS as usize);
        let bodies: Vec<(u64, String)> = turns
            .map(|turn| (turn, queries[turn as usize % queries.len()].to_string()))
            .collect();
        let mut client = Client::anonymous(&running.address).await;
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(bodies.len());
            for (turn, body) in bodies {
                let due = begin + Duration::from_nanos(turn * 1_000_000_000 / RATE);
                tokio::time::sleep_until(due.into()).await;
                // A timer rounds up to a millisecond: what counts begins when the query is sent, or was due later.
                let due = due.max(Instant::now().min(due + Duration::from_millis(2)));
                let answer = client
                    .post("/v1/query", "application/json", body.as_bytes())
                    .await;
                times.push(due.elapsed());
                assert_eq!(answer.status, 200);
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let seconds = begin.elapsed().as_secs_f64();
    let rate = times.len() as f64 / seconds;
    let (middle, late) = spread(times);
    println!(
        "`query` at {rate:.0}/s, {what} | {middle:.2} ms, 99 of 100 under {late:.2} ms; {:.0} µs of processor each | goal: 99 of 100 under 1 ms at {RATE}/s",
        (running.processor() - processor) * 1e6 / (RATE * SECONDS) as f64
    );
}

async fn whole(running: &Running, index: &Index) {
    let mut client = Client::anonymous(&running.address).await;
    let mut times = Vec::new();
    for number in (0..index.advisories()).step_by(37).take(500) {
        let path = format!("/v1/vulns/{}", index.id_of(number).unwrap());
        let start = Instant::now();
        client.get(&path, "application/json").await;
        times.push(start.elapsed());
    }
    let (middle, late) = spread(times);
    println!("`vulns/ID` | {middle:.2} ms, 99 of 100 under {late:.2} ms | one after another");
}
