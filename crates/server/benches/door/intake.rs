//! Intake: how many reports a real `seamarkd` takes in a second.
//!
//! Over HTTP from the same machine, one by one on 32 connections and as NDJSON, Each answer is a receipt: its report is durable, deconflicted and in the log.
//! `reports=N` says how many are sent one by one, ten times as many in bulk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clearinghouse::testing::invented;
use names::OrganizationKind;

use super::site::{Client, QUOTA, Running, Site, spread};

/// Connections that hand over one report after the other.
const CONNECTIONS: usize = 32;

/// Reports of one NDJSON stream.
const STREAM: u64 = 25_000;

/// Measures one database.
pub async fn measure(name: &str, postgres: Option<&str>, singles: u64) {
    let site = Site::new(postgres).await;
    let mut tokens = Vec::new();
    for number in 0..1 + (singles * 11).div_ceil(QUOTA) {
        let lab = format!("Lab {number}");
        tokens.push(site.token(OrganizationKind::Finder, &lab).await.1);
    }
    let running = site.serve().await;
    let before = running.processor();
    let (took, times) = one_by_one(&running, &tokens[0], singles).await;
    let each = (running.processor() - before) * 1e6 / singles as f64;
    let (middle, late) = spread(times);
    println!(
        "reports one by one on {name}, {CONNECTIONS} connections | {:.0} a second; {middle:.1} ms, 99 of 100 within {late:.1} ms; {each:.0} µs of processor each | goal: 1,500 a second, durable and in the log",
        singles as f64 / took.as_secs_f64()
    );
    for streams in [1, 4] {
        let before = running.processor();
        let took = bulk(&running, &tokens, singles, singles * 5, streams).await;
        let each = (running.processor() - before) * 1e6 / (singles * 5) as f64;
        println!(
            "reports in bulk on {name}, {streams} NDJSON stream{} | {:.0} a second; {each:.0} µs of processor each | goal: 10,000 a second, durable and in the log",
            if streams == 1 { "" } else { "s" },
            (singles * 5) as f64 / took.as_secs_f64()
        );
    }
    println!(
        "memory of `seamarkd` on {name} after {} reports | {:.0} MiB at most | ",
        singles * 11,
        running.peak_mib()
    );
    check(running, &tokens[0], singles * 11).await;
}

/// What was acknowledged is there after the process was killed: the last report, and an entry for each.
async fn check(running: Running, token: &str, count: u64) {
    let mut client = Client::new(&running.address, token).await;
    let page = client.get("/reports.json", "application/json").await;
    assert_eq!(page.status, 200);
    let site = running.killed().await;
    let logged = clearinghouse::log::sequence::catch_up(&site.house, site.house.now).await;
    assert!(
        logged.unwrap() >= count,
        "each report has an entry of its own"
    );
}

async fn one_by_one(running: &Running, token: &str, count: u64) -> (Duration, Vec<Duration>) {
    let bodies: Vec<String> = (0..count).map(json).collect();
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (bodies, next) = (Arc::clone(&bodies), Arc::clone(&next));
        let mut client = Client::new(&running.address, token).await;
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                let start = Instant::now();
                let answer = client
                    .post("/reports", "application/json", body.as_bytes())
                    .await;
                times.push(start.elapsed());
                assert_eq!(
                    answer.status,
                    201,
                    "{}",
                    String::from_utf8_lossy(&answer.body)
                );
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    (start.elapsed(), times)
}

/// Sends the reports from `offset` on as so many streams at once, until all are sent.
async fn bulk(
    running: &Running,
    tokens: &[String],
    first: u64,
    count: u64,
    streams: u64,
) -> Duration {
    let offset = first + (streams > 1) as u64 * count;
    let sizes: Vec<u64> = (0..count)
        .step_by(STREAM as usize)
        .map(|from| STREAM.min(count - from))
        .collect();
    let mut bodies: Vec<(u64, Vec<u8>)> = Vec::new();
    for (at, size) in sizes.iter().enumerate() {
        let from = offset + at as u64 * STREAM;
        let lines = (from..from + size).map(|number| json(number) + "\n");
        bodies.push((*size, lines.collect::<String>().into_bytes()));
    }
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..streams {
        let (bodies, next) = (Arc::clone(&bodies), Arc::clone(&next));
        let (address, tokens) = (running.address.clone(), tokens.to_vec());
        tasks.push(tokio::spawn(async move {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some((size, body)) = bodies.get(at as usize) else {
                    break;
                };
                // Each organization has its quota for the day, which holds whole streams.
                let spent = offset + at * STREAM + size - 1;
                let token = &tokens[(spent / QUOTA) as usize % tokens.len()];
                let mut client = Client::new(&address, token).await;
                let answer = client.post("/reports", "application/x-ndjson", body).await;
                let text = String::from_utf8_lossy(&answer.body);
                assert_eq!(answer.status, 200, "{text}");
                let taken = text
                    .lines()
                    .filter(|line| line.contains("\"receipt\":{"))
                    .count();
                let other = text.lines().find(|line| !line.contains("\"receipt\":{"));
                assert_eq!(taken as u64, *size, "{other:?}");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    start.elapsed()
}

fn json(number: u64) -> String {
    serde_json::to_string(&invented(number)).unwrap()
}
