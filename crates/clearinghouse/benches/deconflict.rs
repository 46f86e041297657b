//! How long deconfliction takes, by how many findings there are: `cargo bench -p clearinghouse --bench deconflict`.
//!
//! Among 10^3 and 10^5 findings, with `million` also among 10^6; on SQLite in a file, and on the PostgreSQL whose
//! address is given. Reports come in chunks of a thousand and one by one, sealed and logged, and a fifth of them are
//! of flaws that are held. What is measured is everything inside the transaction that deconfliction does.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark reads the clock, and stops where anything goes wrong"
)]

use std::time::{Duration, Instant};

use clearinghouse::actor::Member;
use clearinghouse::deconflict::{Drawn, draw, keep_chunk, place_chunk, warm};
use clearinghouse::testing::{Testing, house_at, invented};
use clearinghouse::{Actor, seal};
use names::OrganizationKind;

/// Reports of one transaction, as submitting takes them.
const CHUNK: u64 = 1000;

/// Reports that are measured one by one at each size.
const SINGLE: u64 = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut sizes = vec![1_000, 100_000];
    if arguments.iter().any(|argument| argument == "million") {
        sizes.push(1_000_000);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/bench.db", folder.path().display());
    runtime.block_on(measure("SQLite", &file, &sizes));
    if let Some(url) = arguments
        .iter()
        .find(|argument| argument.starts_with("postgres:"))
    {
        runtime.block_on(measure("PostgreSQL", url, &sizes));
    }
}

async fn measure(name: &str, url: &str, sizes: &[u64]) {
    let house = house_at(url, 1).await;
    let Actor::Member(member) = house.member(OrganizationKind::Coordinator, "Bench").await else {
        return;
    };
    let mut next = 0;
    for size in sizes {
        let start = Instant::now();
        let from = next;
        while next < *size {
            let count = CHUNK.min(*size - next);
            fill(&house, &member, next, count).await;
            next += count;
        }
        eprintln!(
            "{} findings in {:.0} s",
            next - from,
            start.elapsed().as_secs_f64()
        );
        // What is looked up by is read once, as at the start of a node.
        let start = Instant::now();
        warm(&house).await.unwrap();
        println!(
            "reading what {} findings are looked up by, on {name} | {:.2} s | once, when a node starts",
            next - from,
            start.elapsed().as_secs_f64()
        );
        let bulk = chunk(&house, &member, next, CHUNK).await;
        next += CHUNK;
        let mut single = Vec::new();
        for _ in 0..SINGLE {
            single.push(chunk(&house, &member, next, 1).await);
            next += 1;
        }
        single.sort();
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        let (middle, late) = (single[single.len() / 2], single[single.len() * 99 / 100]);
        println!(
            "deconfliction of one report among {size} on {name} | {:.2} ms, 99 of 100 within {:.2} ms | goal: under 1 ms",
            millis(middle),
            millis(late)
        );
        println!(
            "deconfliction of a thousand reports among {size} on {name} | {:.3} ms each | goal: under 1 ms",
            millis(bulk) / CHUNK as f64
        );
    }
}

/// Puts `count` reports each into a finding of its own, without asking whether it is one that is held.
async fn fill(house: &Testing, member: &Member, from: u64, count: u64) {
    let tx = house.store.write().await.unwrap();
    let (mut drafts, drawn) = drafts(house, member, from, count);
    let ecosystems = vec![""; drafts.len()];
    let findings = store::decision::open_findings(tx.link(), &ecosystems, house.now);
    for (draft, finding) in drafts.iter_mut().zip(findings.await.unwrap()) {
        draft.finding = Some(finding);
        draft.body = Vec::new();
    }
    let findings: Vec<_> = drafts.iter().map(|draft| draft.finding).collect();
    let drafts = drafts.into_iter().map(|draft| (draft, false)).collect();
    let ids = store::report::insert_all(tx.link(), drafts).await.unwrap();
    let changes = ids.into_iter().zip(findings).zip(&drawn);
    let changes = changes.map(|((report, finding), drawn)| store::term::Change {
        id: 0,
        report,
        finding,
        hashes: Some(drawn.hashes().to_vec()),
        whole: false,
    });
    store::term::append(tx.link(), changes.collect())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn drafts(
    house: &Testing,
    member: &Member,
    from: u64,
    count: u64,
) -> (Vec<store::report::Draft>, Vec<Drawn>) {
    let one = |number: u64| {
        let report = invented(number);
        let (key, wrapped) = seal::new_key(house, "report");
        let drawn = draw(house, &key, &report);
        let draft = store::report::Draft {
            organization: member.organization,
            member: Some(member.id),
            finding: None,
            received: house.now,
            idempotency: number.to_string().into(),
            digest: vec![0; 32],
            key: wrapped,
            body: seal::seal(house, &key, "report body", &report),
            fingerprint: Some(drawn.sealed.clone()),
            log_index: number as i64,
        };
        (draft, drawn)
    };
    (from..from + count).map(one).unzip()
}

/// Hands `count` reports over and says how long deconflicting them took.
async fn chunk(house: &Testing, member: &Member, from: u64, count: u64) -> Duration {
    let tx = house.store.write().await.unwrap();
    let (mut drafts, drawn) = drafts(house, member, from, count);
    let start = Instant::now();
    let borrowed: Vec<&Drawn> = drawn.iter().collect();
    let placed = place_chunk(house, &tx, &borrowed, house.now).await.unwrap();
    let mut taken = start.elapsed();
    for (draft, finding) in drafts.iter_mut().zip(placed.findings()) {
        draft.finding = Some(finding);
    }
    let drafts = drafts.into_iter().map(|draft| (draft, false)).collect();
    let ids = store::report::insert_all(tx.link(), drafts).await.unwrap();
    let start = Instant::now();
    keep_chunk(house, &tx, &ids, &drawn, placed, house.now)
        .await
        .unwrap();
    taken += start.elapsed();
    tx.commit().await.unwrap();
    taken
}
