//! How long does it take to read a log whole, and to write one?
//!
//! Lines of `what | figure | beside`, for `cargo xtask bench`. Words: logs to read. A run of 5,000 samples of one turn is
//! always made and written.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use bench::log::ours::{Attempt, Limits, Run, eval_of};
use bench::log::{self, Log, Status};
use bench::transcript::{Answer, Event, Submitted, Transcript, Usage, What};
use frontier::{Digest, Outcome, SampleRecord, Stratum, Validity};
use jiff::Timestamp;

/// How often everything is measured; the fastest counts.
const ROUNDS: usize = 9;

fn main() {
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let paths: Vec<PathBuf> = words.map(PathBuf::from).collect();
    ours(5_000);
    for path in paths {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                println!("reading a log | not measured | {error}");
                continue;
            }
        };
        let (seconds, read) = fastest(|| log::read(path.as_path()));
        let log: Log = match read {
            Ok(log) => log,
            Err(refusal) => {
                println!("reading a log | not measured | {refusal}");
                continue;
            }
        };
        let samples = log.samples().len();
        let megabytes = bytes.len() as f64 / 1e6;
        let unpacked: usize = log.entries().map(|(_, bytes)| bytes.len()).sum();
        println!(
            "reading a log, {samples} samples, {megabytes:.1} MB ({:.0} MB unpacked) | {:.0} ms | goal: 300 ms for 5,000 samples and 9.7 MB",
            unpacked as f64 / 1e6,
            seconds * 1e3
        );
        let (seconds, _) =
            fastest(|| log::header_of(path.as_path()).map(|log| log.header().clone()));
        println!(
            "reading its header | {:.1} ms | Inspect: 160 ms",
            seconds * 1e3
        );
        let (seconds, metrics) = fastest(|| log::metrics(&log));
        println!(
            "computing {} metrics again | {:.1} ms |",
            metrics.len(),
            seconds * 1e3
        );
        let (seconds, written) = fastest(|| log::write_eval(&log));
        println!(
            "writing it | {:.0} ms | {:.2} KB a sample, as read {:.2} KB",
            seconds * 1e3,
            written.len() as f64 / 1e3 / samples.max(1) as f64,
            bytes.len() as f64 / 1e3 / samples.max(1) as f64
        );
    }
}

/// A run of single turns, written and read again.
fn ours(samples: u32) {
    let transcripts: Vec<Transcript> = (0..samples).map(single).collect();
    let records: Vec<SampleRecord> = (0..samples).map(record).collect();
    let attempts: Vec<Attempt<'_>> = records.iter().zip(&transcripts).map(attempt).collect();
    let (seconds, bytes) = fastest(|| eval_of(&run(samples), &attempts));
    println!(
        "writing a run of {samples} single turns | {:.0} ms | {:.0} µs a sample",
        seconds * 1e3,
        seconds * 1e6 / f64::from(samples)
    );
    println!(
        "its size | {:.2} KB a sample, digests included | Inspect: 1.95 KB",
        bytes.len() as f64 / 1e3 / f64::from(samples)
    );
    let (seconds, read) =
        fastest(|| log::read(("ours", bytes.as_slice())).map(|log| log.samples().len()));
    println!("reading it | {:.0} ms | {read:?} samples", seconds * 1e3);
}

fn run(tasks: u32) -> Run {
    Run {
        id: "f3c1".into(),
        status: Status::Success,
        error: None,
        begun_at: Timestamp::UNIX_EPOCH,
        ended_at: Timestamp::UNIX_EPOCH,
        suite: "sums".into(),
        suite_id: "00112233445566778899aabbccddeeff".into(),
        suite_version: "1".into(),
        sealed: false,
        tasks,
        epochs: 1,
        model: "mock/model".into(),
        model_url: None,
        solver: "single".into(),
        sampling: serde_json::json!({}),
        limits: Limits::default(),
        version: "0.1.0".into(),
        digests: Vec::new(),
    }
}

fn single(number: u32) -> Transcript {
    let mut transcript = Transcript::begun(Timestamp::UNIX_EPOCH);
    let asked = format!("What is {number} plus {number}? Answer with the number alone.");
    let said = Answer {
        model: "mock/model".into(),
        text: format!("Default output from mockllm/model, number {number}").into(),
        usage: Usage {
            input: 20,
            output: 8,
            ..Usage::default()
        },
        ..Answer::default()
    };
    transcript.events = vec![
        Event {
            at: 0,
            what: What::User(asked.into()),
        },
        Event {
            at: 20,
            what: What::Answer(said),
        },
    ];
    transcript.submission = Submitted::Text((2 * number).to_string().into());
    transcript
}

fn record(number: u32) -> SampleRecord {
    let digest = |what: &str| Digest::of(&[what.as_bytes(), &number.to_be_bytes()]);
    SampleRecord {
        number,
        task: digest("task"),
        epoch: 1,
        transcript: digest("transcript"),
        target: digest("target"),
        scaffold: Digest::of(&[b"scaffold"]),
        egress: digest("egress"),
        outcome: Outcome::Solved,
        validity: Validity::Valid,
        grader: digest("grader"),
        tokens_input: 20,
        tokens_output: 8,
        milliseconds: 20,
        turns: 1,
        refusals: 0,
        limit: None,
    }
}

fn attempt<'a>((record, transcript): (&'a SampleRecord, &'a Transcript)) -> Attempt<'a> {
    let word = |label: &str| -> Box<str> {
        let digest = Digest::of(&[label.as_bytes(), &record.number.to_be_bytes()]);
        digest
            .to_string()
            .chars()
            .rev()
            .take(32)
            .collect::<String>()
            .into()
    };
    Attempt {
        record,
        task: format!("sum-{}", record.number).into(),
        stratum: Stratum::Find,
        transcript,
        reason: None,
        secrets: ["flag", "seed", "decoy"]
            .map(|name| (name.into(), word(name)))
            .into(),
    }
}

/// Seconds of processor that this process took so far, in steps of 10 ms; all threads.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |at: usize| fields.split_whitespace().nth(at)?.parse::<f64>().ok();
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

fn fastest<T>(mut act: impl FnMut() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    let mut last = None;
    let begun_at = processor();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let made = black_box(act());
        best = best.min(begun.elapsed().as_secs_f64());
        last = Some(made);
    }
    let each = (processor() - begun_at) / ROUNDS as f64;
    println!(
        "… processor, all threads, mean of {ROUNDS} | {:.0} ms |",
        each * 1e3
    );
    (best, last.expect("there is at least one round"))
}
