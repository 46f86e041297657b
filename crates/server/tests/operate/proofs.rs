//! Workers as processes of their own: killed while they work, none of their proofs is lost and none counts twice.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clearinghouse::validate::work;
use finding::hex;
use keys::{Dice, SeededDice, sha256};
use prove::Bundle;
use serde_json::json;

use crate::process::{Process, Program, said, seamarkd};

/// Proofs of the test: some minutes of one worker, so that every kill finds some at work.
const PROOFS: usize = 16;

/// Kills of each of the two workers; more than [`work::ATTEMPTS_MAX`] of one proof is no accident any more.
const ROUNDS: usize = 2;

/// How long the rest may take once nobody is killed any more: a lease, and all proofs one after the other on a busy
/// machine.
const SECONDS_MAX: u64 = 240;

/// A claim that is true of any machine: a shell that ends itself by a signal, after a while.
fn bundle(number: usize) -> Vec<u8> {
    let manifest = format!(
        "format = \"seamark-proof/1\"\ntitle = \"ends itself, {number}\"\n\
         command = [\"sh\", \"run.sh\"]\n[target]\nfiles = [\"run.sh\"]\n\
         [input]\nfile = \"input\"\nas = \"stdin\"\n[oracle]\nkind = \"signal\"\nsignal = \"SIGABRT\"\n"
    );
    let file = |text: String| prove::File {
        bytes: text.into_bytes(),
        is_executable: false,
    };
    let files = BTreeMap::from([
        ("proof.toml".into(), file(manifest)),
        ("run.sh".into(), file("sleep 0.2; kill -ABRT $$".into())),
        ("input".into(), file(format!("{number}"))),
    ]);
    Bundle::of(files).unwrap().pack().unwrap()
}

fn worker(data: &Path) -> Child {
    let log = data.with_extension("workers");
    let log = File::options().create(true).append(true).open(log).unwrap();
    let mut command = seamarkd(data, &["worker", "--at-once", "2"]);
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

fn hands_over(lab: &Program, number: usize) {
    let proof = bundle(number);
    let hash = hex(&sha256(&[&proof]));
    let report = json!({
        "title": format!("Ends itself {number}"),
        "target": {"package": format!("pkg:cargo/w{number}@1.0.0")},
        "proofs": [{"sha256": hash, "bytes": proof.len(), "kind": "bundle"}],
    });
    let taken = lab.post("/reports.json", &report).json();
    let id = taken["receipts"][0]["report"].as_str().unwrap().to_owned();
    let path = format!("/reports/{id}/proofs/{hash}");
    let sent = lab
        .with("upload-offset", "0")
        .send("PATCH", &path, "application/partial-upload", &proof)
        .unwrap();
    assert_eq!(sent.status, 204, "{}", sent.body);
}

/// State, outcome and attempt of each validation, by its number.
fn states(staff: &Program) -> Vec<(String, String, String, i64)> {
    let listed = staff.get("/validations.json").json();
    let word = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
    let lines = listed["validations"].as_array().unwrap().iter();
    lines
        .map(|line| {
            let attempt = line["attempt"].as_i64().unwrap();
            (
                word(&line["validation"]),
                word(&line["state"]),
                word(&line["outcome"]),
                attempt,
            )
        })
        .collect()
}

#[test]
fn a_worker_killed_at_any_moment_leaves_no_lost_and_no_doubled_validation() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("seamarkd.toml"), "[worker]\nhere = false\n").unwrap();
    let mut house = Process::start(&data, &["--demo"]);
    let lab = house.token("finder", &["read", "submit"]);
    let staff = house.token("Seamark on trial", &["read"]);
    let before = states(&staff).len();
    for number in 0..PROOFS {
        hands_over(&lab, number);
    }
    while states(&staff).len() < before + PROOFS {
        thread::sleep(Duration::from_millis(100));
    }
    let mut dice = SeededDice::new(1);
    let mut workers = [worker(&data), worker(&data)];
    for _ in 0..ROUNDS {
        for one in &mut workers {
            let mut drawn = [0; 2];
            dice.fill(&mut drawn);
            thread::sleep(Duration::from_millis(u64::from(
                u16::from_be_bytes(drawn) % 2_000,
            )));
            one.kill().unwrap();
            one.wait().unwrap();
            *one = worker(&data);
        }
    }
    let own = |staff: &Program| states(staff).split_off(before);
    let begun = Instant::now();
    while own(&staff)
        .iter()
        .any(|(_, state, ..)| matches!(&**state, "queued" | "running"))
    {
        assert!(
            begun.elapsed().as_secs() < SECONDS_MAX,
            "some never end: {:?}",
            own(&staff)
        );
        thread::sleep(Duration::from_millis(200));
    }
    let ended = own(&staff);
    assert_eq!(ended.len(), PROOFS);
    let mut entries = Vec::new();
    for (id, state, outcome, attempt) in &ended {
        assert_eq!(state, "done", "{id}: {outcome}, attempt {attempt}");
        let shown = staff.get(&format!("/validations/{id}.json")).json();
        entries.push(shown["ended_log_index"].as_i64().unwrap());
    }
    entries.sort_unstable();
    entries.dedup();
    assert_eq!(entries.len(), PROOFS, "each has an entry of its own");
    let again = ended.iter().filter(|(.., attempt)| *attempt > 1).count();
    let outcomes: Vec<&str> = ended.iter().map(|(_, _, outcome, _)| &**outcome).collect();
    println!(
        "{again} of {PROOFS} were begun again, lease {}; {outcomes:?}",
        work::LEASE
    );
    // Told to stop, a worker gives back what it has, and ends well.
    for mut one in workers {
        #[expect(clippy::disallowed_methods, reason = "a signal is sent by a program")]
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &one.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        assert!(one.wait().unwrap().success());
    }
    house.kill();
    let (code, out, error) = said(&data, &["check"]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
}
