//! What the rows of reports cost alone: `cargo bench -p store --bench rows`.
//!
//! A thousand reports a transaction, durable when it returns, with the rows and the sizes of a real one and nothing
//! behind them: bytes that no cipher made, decisions that nobody made. The floor under taking reports in bulk.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops where anything goes wrong"
)]

use std::time::Instant;

use jiff::Timestamp;
use names::{FindingId, OrganizationId, OrganizationKind};
use store::{Settings, Store, decision, evidence, job, log, migrate, organization, report, term};

/// Reports of one transaction, as submitting takes them.
const CHUNK: i64 = 1_000;
/// Such transactions.
const CHUNKS: i64 = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/rows.db", folder.path().display());
    runtime.block_on(measure("SQLite", &file));
    let arguments: Vec<String> = std::env::args().collect();
    for url in arguments.iter().filter(|one| one.starts_with("postgres:")) {
        runtime.block_on(measure("PostgreSQL", url));
    }
}

async fn measure(name: &str, url: &str) {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let store = Store::open(url, &Settings::default()).await.unwrap();
    migrate::migrate(&store, now).await.unwrap();
    let tx = store.write().await.unwrap();
    let kind = OrganizationKind::Finder;
    let lab = organization::insert(tx.link(), kind, "Bench", false, now);
    let lab = lab.await.unwrap();
    tx.commit().await.unwrap();
    let start = Instant::now();
    for chunk in 0..CHUNKS {
        take(&store, lab, chunk * CHUNK, now).await;
    }
    let count = (CHUNK * CHUNKS) as f64;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "the rows of reports alone on {name}, a thousand a commit | {:.0} reports a second, {:.0} µs each | the floor under taking them in bulk",
        count / seconds,
        seconds / count * 1e6
    );
}

/// The rows of a thousand reports, a fifth of them of findings that are there.
async fn take(store: &Store, lab: OrganizationId, from: i64, now: Timestamp) {
    let tx = store.write().await.unwrap();
    let link = tx.link();
    let entries = (0..CHUNK).map(|_| vec![b'e'; 79]).collect();
    let first = log::append(link, entries).await.unwrap();
    let openings = (first..first + CHUNK).map(|index| (index, vec![b'o'; 240]));
    log::keep_openings(link, openings.collect()).await.unwrap();
    let ecosystems = vec!["generic"; (CHUNK * 4 / 5) as usize];
    let opened = decision::open_findings(link, &ecosystems, now)
        .await
        .unwrap();
    let findings: Vec<FindingId> = opened
        .iter()
        .copied()
        .cycle()
        .take(CHUNK as usize)
        .collect();
    let drafts = (0..CHUNK).zip(&findings).map(|(at, finding)| {
        let draft = report::Draft {
            organization: lab,
            member: None,
            finding: Some(*finding),
            received: now,
            idempotency: scattered(from + at, 32)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into(),
            digest: scattered(from + at, 32),
            key: vec![b'k'; 61],
            body: vec![b'b'; 1_100],
            fingerprint: Some(vec![b'f'; 1_000]),
            log_index: first + at,
        };
        (draft, false)
    });
    let ids = report::insert_all(link, drafts.collect()).await.unwrap();
    let held = ids.iter().zip(from..).filter(|(_, at)| at % 2 == 0);
    let held = held.map(|(id, at)| (*id, scattered(at, 16).try_into().unwrap()));
    evidence::insert(link, held.collect()).await.unwrap();
    let changes = ids.iter().zip(&findings).map(|(id, finding)| term::Change {
        id: 0,
        report: *id,
        finding: Some(*finding),
        hashes: Some(vec![7; 16]),
        whole: false,
    });
    term::append(link, changes.collect()).await.unwrap();
    let decisions = ids
        .iter()
        .zip(&findings)
        .map(|(id, finding)| decision::Draft {
            report: *id,
            at: now,
            decider: None,
            edition: 1,
            outcome: "new",
            before: None,
            after: *finding,
            batch: None,
            undoes: None,
            sealed: (id.get() % 3 == 0).then(|| vec![b'w'; 400]),
        });
    decision::append(link, decisions.collect()).await.unwrap();
    let subjects: Vec<String> = ids.iter().map(ToString::to_string).collect();
    job::add(link, "arrive", &subjects, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// Bytes that fall anywhere in an index, as hashes do, and are others for each number.
fn scattered(number: i64, bytes: usize) -> Vec<u8> {
    let mut state = number as u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    };
    (0..bytes / 8).flat_map(|_| next().to_be_bytes()).collect()
}
