//! Pages: how long they take, by how many findings there are.
//!
//! A real `seamarkd` over 10^5 findings (with `million` over 10^6), each with its report and its case, on SQLite in a
//! file and on the PostgreSQL whose address is given. The time is that of a whole request on a kept connection from
//! the same machine; what is sent for it is counted as well.

use std::time::Instant;

use clearinghouse::coordinate::arrive::arrive;
use clearinghouse::log::{Note, append, sequence};
use clearinghouse::submit;
use clearinghouse::testing::invented;
use names::OrganizationKind;
use serde_json::json;

use super::site::{Client, Site, spread};

/// Findings that acts make, and the rest is copied from.
const ORIGINALS: u64 = 40;

/// Requests of each page.
const REQUESTS: usize = 30;

/// Entries of one transaction.
const ENTRIES: u64 = 1_000;

/// Measures one database.
pub async fn measure(name: &str, postgres: Option<&str>, count: u64) {
    let site = Site::new(postgres).await;
    let start = Instant::now();
    let (staff, finder) = fill(&site, count).await;
    println!(
        "filling a house on {name} with {count} findings | {:.0} s | copied from {ORIGINALS} that acts made; the log by its own means",
        start.elapsed().as_secs_f64()
    );
    let running = site.serve().await;
    for (who, token, path) in [
        ("staff", &staff, "/cases"),
        ("staff", &staff, "/cases?q=stage:triage"),
        ("staff", &staff, "/cases?q=ecosystem:cargo+is:exploited"),
        ("staff", &staff, "/cases?page=100"),
        ("staff", &staff, "/my"),
        ("staff", &staff, "/compare"),
        ("staff", &staff, "/cases/C-000777"),
        ("a finder", &finder, "/cases"),
        ("a finder", &finder, "/cases?q=stage:triage"),
        ("a finder", &finder, "/my"),
        ("a finder", &finder, "/reports"),
        ("a finder", &finder, "/reports/R-000777"),
        ("a finder", &finder, "/cases/C-000777"),
        ("anyone", &finder, "/log"),
        ("anyone", &finder, "/log/777"),
        ("anyone", &finder, "/"),
    ] {
        let mut client = Client::new(&running.address, token).await;
        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..REQUESTS {
            let start = Instant::now();
            let answer = client.get(path, "text/html").await;
            times.push(start.elapsed());
            assert!(
                answer.status == 200 || answer.status == 303,
                "{path}: {}",
                answer.status
            );
            bytes = answer.body.len();
        }
        let (middle, late) = spread(times);
        println!(
            "`{path}` for {who} among {count} findings on {name} | {middle:.1} ms, the slowest of {REQUESTS} {late:.1} ms; {:.1} KiB | goal: under 50 ms and 30 KiB",
            bytes as f64 / 1024.0
        );
    }
}

/// A house with so many findings; the tokens of one who runs it and of one who reported all of them.
async fn fill(site: &Site, count: u64) -> (String, String) {
    let house = &site.house;
    let (_, staff) = site.token(OrganizationKind::Coordinator, "House").await;
    let (finder, token) = site.token(OrganizationKind::Finder, "Lab").await;
    // So far apart, each is of a package and a flaw of its own: report, finding and case have one number.
    let mut reports: Vec<_> = (0..ORIGINALS)
        .map(|at| invented(1_000_000 + 5_000 * at))
        .collect();
    // The last one is like the first, as far as it says: a person has to look.
    let mut like = invented(1_000_000);
    like.crash = None;
    like.proofs.clear();
    like.sites[0].line = None;
    like.description = "It crashed again, see the function.".into();
    reports.push(like);
    for report in &reports {
        let text = serde_json::to_vec(report).unwrap();
        let digest = keys::sha256(&[&text]);
        let key = finding::hex(&digest);
        let taken = submit::submit(house, &finder, report, &key, digest, house.now);
        taken.await.unwrap();
        arrive(house, house.now).await.unwrap();
    }
    house.multiply(ORIGINALS as i64, count as i64).await;
    for from in (0..count).step_by(ENTRIES as usize) {
        let notes: Vec<Note> = (from..from + ENTRIES)
            .map(|number| Note::Sealed(json!({"act": "nothing", "number": number})))
            .collect();
        let tx = house.store.write().await.unwrap();
        append(house, &tx, &notes).await.unwrap();
        tx.commit().await.unwrap();
    }
    sequence::catch_up(house, house.now).await.unwrap();
    (staff, token)
}
