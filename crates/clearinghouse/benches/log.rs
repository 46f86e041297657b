//! How fast the log is: `cargo bench -p clearinghouse --bench log`.
//!
//! Entries appended a thousand to a transaction and one by one, entries taken into the tree, proofs drawn and checked;
//! on SQLite in a file and on the PostgreSQL whose address is given. A signature of Ed25519 stands beside.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark reads the clock, and stops where anything goes wrong"
)]

use std::time::Instant;

use clearinghouse::House;
use clearinghouse::log::{Note, append, receipt, sequence};
use clearinghouse::testing::durable_house_at;
use keys::{SeededDice, Signer};
use serde_json::json;

/// Entries of one transaction, as many as submitting takes.
const BATCH: usize = 1_000;
const BATCHES: usize = 50;
const SINGLE: usize = 500;
const RECEIPTS: u64 = 500;
const SIGNATURES: u32 = 10_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let signer = Signer::new(&mut SeededDice::new(1));
    let start = Instant::now();
    for number in 0..SIGNATURES {
        std::hint::black_box(signer.sign(&number.to_be_bytes()));
    }
    let rate = f64::from(SIGNATURES) / start.elapsed().as_secs_f64();
    println!("a signature of Ed25519 | {rate:.0} a second | elsewhere on such machines 53,800");
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/log.db", folder.path().display());
    runtime.block_on(measure("SQLite", &file));
    let arguments: Vec<String> = std::env::args().collect();
    for url in arguments.iter().filter(|one| one.starts_with("postgres:")) {
        runtime.block_on(measure("PostgreSQL", url));
    }
}

async fn measure(name: &str, url: &str) {
    let house = durable_house_at(url, 1).await;
    let row = |what: &str, count: usize, start: Instant, beside: &str| {
        let rate = count as f64 / start.elapsed().as_secs_f64();
        println!("{what} on {name} | {rate:.0} a second | {beside}");
    };
    let start = Instant::now();
    for batch in 0..BATCHES {
        write(&house, batch * BATCH, BATCH).await;
    }
    row(
        "sealed entries, a thousand a commit",
        BATCH * BATCHES,
        start,
        "salted, hashed and sealed; two rows each",
    );
    let start = Instant::now();
    for number in 0..SINGLE {
        write(&house, BATCH * BATCHES + number, 1).await;
    }
    row(
        "sealed entries, one a commit",
        SINGLE,
        start,
        "bound by the flush",
    );
    let start = Instant::now();
    let size = sequence::catch_up(&house, house.now).await.unwrap();
    row(
        "entries taken into the tree and signed for",
        size as usize,
        start,
        "a thousand a commit: tiles, head, signature",
    );
    let start = Instant::now();
    for number in 0..RECEIPTS {
        receipt::receipt(&house, number * 97 % size, true, house.now)
            .await
            .unwrap();
    }
    row(
        "receipts with their proof of inclusion",
        RECEIPTS as usize,
        start,
        &format!("in a log of {size} entries"),
    );
}

async fn write(house: &House, from: usize, count: usize) {
    let notes: Vec<Note> = (from..from + count)
        .map(|number| Note::Sealed(json!({"act": "submit", "organization": "O-000001", "member": "M-000001", "sha256": format!("{number:064x}"), "at": "2026-11-20T12:00:00Z"})))
        .collect();
    let tx = house.store.write().await.unwrap();
    append(house, &tx, &notes).await.unwrap();
    tx.commit().await.unwrap();
}
