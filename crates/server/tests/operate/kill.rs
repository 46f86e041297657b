//! Whatever stops it, what was acknowledged is there.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use keys::{Dice, SeededDice};

use crate::load::{Known, Load};
use crate::postgres::Postgres;
use crate::process::{Process, log_path, said, seamarkd};

/// Kills of one run in CI; `cargo xtask soak` asks for a hundred.
const ROUNDS: usize = 5;
/// A kill comes after so long at most: some hundred reports, a dozen batches of the sequencer.
const MILLISECONDS_MAX: u32 = 1_500;

#[expect(
    clippy::disallowed_methods,
    reason = "`cargo xtask soak` says how many"
)]
fn rounds() -> usize {
    let named = std::env::var("SEAMARK_SOAK_ROUNDS").ok();
    named.and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)
}

#[expect(clippy::disallowed_methods, reason = "a seed is replayed by naming it")]
fn seed() -> u64 {
    let named = std::env::var("SEAMARK_SEED").ok();
    named.and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// A moment between nothing and [`MILLISECONDS_MAX`].
fn moment(dice: &mut SeededDice) -> Duration {
    let mut bytes = [0; 4];
    dice.fill(&mut bytes);
    Duration::from_millis(u64::from(u32::from_be_bytes(bytes) % MILLISECONDS_MAX))
}

/// What is there is sound, with nobody running.
fn is_sound(data: &Path, database: &[&str]) {
    let mut arguments = database.to_vec();
    arguments.push("check");
    let (code, out, error) = said(data, &arguments);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
}

#[test]
fn killed_at_any_moment_it_has_every_report_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (rounds, seed) = (rounds(), seed());
    let mut dice = SeededDice::new(seed);
    let known = Arc::new(Known::default());
    let mut first = Process::start(&data, &["--demo"]);
    let token = first.token("finder", &["read", "submit"]).token;
    first.kill();
    for round in 0..rounds {
        let mut process = Process::start(&data, &[]);
        known.settle(&process.program(&token));
        let load = Load::begin(&known, &process.program(&token));
        thread::sleep(moment(&mut dice));
        process.kill();
        load.end();
        is_sound(&data, &[]);
        let mut process = Process::start(&data, &[]);
        known.settle(&process.program(&token));
        known.holds(&process, &token, round + 1 == rounds);
        process.kill();
    }
    is_sound(&data, &[]);
    println!("seed {seed}: killed {} times", rounds * 2 + 1);
}

#[test]
fn a_postgresql_that_crashes_under_load_loses_nothing_acknowledged_and_nobody_is_told_nonsense() {
    if crate::postgres::programs().is_none() {
        println!("skipped: no PostgreSQL installed");
        return;
    }
    let postgres = Postgres::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let url = postgres.url();
    let database = ["--database", url.as_str()];
    let mut dice = SeededDice::new(seed());
    let known = Arc::new(Known::default());
    let mut process = Process::start(&data, &[&database[..], &["--demo"]].concat());
    let program = process.token("finder", &["read", "submit"]);
    let load = Load::begin(&known, &program);
    for _ in 0..3 {
        thread::sleep(moment(&mut dice));
        postgres.crash_and_restart().unwrap();
    }
    thread::sleep(moment(&mut dice));
    postgres.crash().unwrap();
    let away = known.away.load(Ordering::Relaxed);
    let asked = program.ask("GET", "/reports.json", "", "").unwrap();
    assert_eq!(
        (asked.status, asked.header("retry-after")),
        (503, Some("5")),
        "{}",
        asked.body
    );
    assert_eq!(
        asked.json()["detail"],
        "our database is away or has too much to do just now; send this again in a moment, and it counts once"
    );
    let ready = process.program("").ask("GET", "/ready", "", "").unwrap();
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (503, "the database does not answer\n")
    );
    let stranger = process.program("");
    assert_eq!(stranger.get("/health").body, "alive\n");
    while known.away.load(Ordering::Relaxed) < away + 3 {
        thread::sleep(Duration::from_millis(50));
    }
    postgres.start_again().unwrap();
    while program.ask("GET", "/ready", "", "").unwrap().status != 200 {
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(moment(&mut dice));
    load.end();
    known.settle(&program);
    known.holds(&process, &program.token, true);
    process.kill();
    is_sound(&data, &database);
}

#[test]
fn told_to_stop_it_answers_what_was_begun_and_then_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut process = Process::start(&data, &["--demo"]);
    let program = process.token("finder", &["read", "submit"]);
    let body = r#"{"title": "Overflow at the end", "target": {"package": "pkg:cargo/a@1.0.0"}}"#;
    let host = process.address.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).unwrap();
    let head = format!(
        "POST /reports.json HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        program.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Asked for the body, it is at work on this request.
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).unwrap();
    assert!(begun.starts_with(b"HTTP/1.1 100 Continue"));
    process.terminate();
    while !std::fs::read_to_string(log_path(&data))
        .unwrap()
        .contains("told to stop")
    {
        thread::sleep(Duration::from_millis(20));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    assert!(process.wait().success());
    assert!(TcpStream::connect(&host).is_err());
    is_sound(&data, &[]);
}

#[test]
fn who_finds_no_seat_is_told_when_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let process = Process::start(&data, &["--demo"]);
    let program = process.token("finder", &["read", "submit"]);
    let host = process.address.trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /reports.json HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n",
        program.token
    );
    // As many as there are seats; asked for its body, each sits.
    let seated: Vec<TcpStream> = (0..512)
        .map(|_| {
            let mut stream = TcpStream::connect(&host).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            let mut begun = [0; 25];
            stream.read_exact(&mut begun).unwrap();
            stream
        })
        .collect();
    let asked = program.ask("GET", "/reports.json", "", "").unwrap();
    assert_eq!(
        (asked.status, asked.header("retry-after")),
        (503, Some("2")),
        "{}",
        asked.body
    );
    drop(seated);
    while program.ask("GET", "/reports.json", "", "").unwrap().status == 503 {
        thread::sleep(Duration::from_millis(20));
    }
    program.get("/reports.json");
}

#[test]
fn a_house_works_on_where_nobody_reads_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    // As behind `seamarkd | head -1`, once head has read its line.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = seamarkd(&folder.path().join("data"), &["--listen", &address])
        .stdout(writer)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It listens before it says so, and answers after: who gets an answer asked a house that has said all it says.
    let answer = loop {
        if let Some(status) = child.try_wait().unwrap() {
            panic!("it ended since nobody reads: {status}");
        }
        let mut said = String::new();
        let asked = TcpStream::connect(&address).and_then(|mut stream| {
            stream.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
            stream.read_to_string(&mut said)
        });
        if asked.is_ok() && !said.is_empty() {
            break said;
        }
        thread::sleep(Duration::from_millis(20));
    };
    let _ = child.kill();
    let _ = child.wait();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
