//! How long does it take to read a log whole, and to write one?
//!
//! Lines of `what | figure | beside`, for `cargo xtask bench`. Words: a `.eval` to read; without one, a log of 5,000
//! samples is made.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use bench::log::{self, Log};

/// How often everything is measured; the fastest counts.
const ROUNDS: usize = 9;

fn main() {
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let paths: Vec<PathBuf> = words.map(PathBuf::from).collect();
    if paths.is_empty() {
        return println!("reading a log | not measured | name a `.eval`");
    }
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

fn fastest<T>(mut act: impl FnMut() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    let mut last = None;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let made = black_box(act());
        best = best.min(begun.elapsed().as_secs_f64());
        last = Some(made);
    }
    (best, last.expect("there is at least one round"))
}
