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
use clearinghouse::deconflict::{deconflict_chunk, draw};
use clearinghouse::testing::{Testing, house_at};
use clearinghouse::{Actor, seal};
use finding::Report;
use finding::report::{Crash, Frame, ProofMark, Site};
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
        while next < *size {
            let count = CHUNK.min(*size - next);
            chunk(&house, &member, next, count).await;
            next += count;
        }
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

/// Hands `count` reports over and says how long deconflicting them took.
async fn chunk(house: &Testing, member: &Member, from: u64, count: u64) -> Duration {
    let tx = house.store.write().await.unwrap();
    let mut all = Vec::new();
    for number in from..from + count {
        let report = report(number);
        let (key, wrapped) = seal::new_key(house, "report");
        let drawn = draw(house, &key, &report);
        let draft = store::report::Draft {
            organization: member.organization,
            member: Some(member.id),
            received: house.now,
            idempotency: number.to_string().into(),
            digest: vec![0; 32],
            key: wrapped,
            body: seal::seal(house, &key, "report body", &report),
            fingerprint: Some(drawn.sealed.clone()),
            log_index: 0,
        };
        all.push((
            store::report::insert(tx.link(), draft).await.unwrap(),
            drawn,
        ));
    }
    let start = Instant::now();
    deconflict_chunk(house, &tx, &all, house.now).await.unwrap();
    let taken = start.elapsed();
    tx.commit().await.unwrap();
    taken
}

/// The report of this number: every fifth is of a flaw that an earlier one is of, in other words and another version.
fn report(number: u64) -> Report {
    let flaw = if number % 5 == 4 {
        mix(number) % number
    } else {
        number
    };
    let package = mix(flaw) % (1 + flaw / 20);
    let pick = |seed: u64, words: &[&str]| {
        words[(mix(flaw ^ (seed << 32)) % words.len() as u64) as usize].to_owned()
    };
    let verbs = [
        "read", "parse", "decode", "copy", "merge", "scan", "unpack", "resolve",
    ];
    let nouns = [
        "palette", "chunk", "header", "frame", "table", "glyph", "packet", "record",
    ];
    let function = |seed| {
        format!(
            "{}_{}_{}",
            pick(seed, &verbs),
            pick(seed + 1, &nouns),
            mix(flaw + seed) % 40
        )
    };
    let mut report = Report {
        title: format!("Out-of-bounds write in {}()", function(1)).into(),
        description: format!(
            "While handling a damaged {} the length in the {} is trusted, so that {} writes behind what {} allocated \
             (seen {} times in a run of {}).",
            pick(7, &nouns), pick(8, &nouns), function(1), function(3), number % 97, number % 89
        )
        .into(),
        weaknesses: vec![[787, 125, 416, 190][(mix(flaw) % 4) as usize]],
        ..Report::default()
    };
    report.target.package = Some(
        format!("pkg:generic/package{package}@1.{}", number % 3)
            .parse()
            .unwrap(),
    );
    let file = format!("src/{}_{}.c", pick(5, &nouns), mix(flaw) % 6);
    let line = 10 + (mix(flaw) % 900) as u32;
    report.sites.push(Site {
        file: file.as_str().into(),
        function: Some(function(1).into()),
        line: Some(line),
    });
    if number.is_multiple_of(2) {
        let frames = (0..6).map(|depth| Frame {
            function: function(1 + depth).into(),
            file: file.as_str().into(),
            line: Some(line + 40 * depth as u32),
            module: "".into(),
        });
        report.crash = Some(Crash {
            kind: "heap-buffer-overflow".into(),
            stack: frames.collect(),
            raw: "".into(),
        });
        report.proofs.push(ProofMark {
            sha256: format!("{:016x}", mix(number)).repeat(4).into(),
            bytes: 400,
            kind: "testcase".into(),
            harness: None,
        });
    }
    report
}

/// Spreads the bits of a number (the finish of SplitMix64).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
