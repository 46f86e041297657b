//! How many documents a second are validated, and how long does the first one take?
//!
//! Over every advisory of CISA in the shared data, read into memory first; each worker of the machine takes the next
//! document. Lines of `what | figure | beside`, for `cargo xtask bench`.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use lint::{Groups, Settings};

/// How often everything is measured; the fastest counts.
const ROUNDS: usize = 3;

fn main() {
    let named = std::env::args().nth(1).filter(|word| word != "--bench");
    let Some(data) = named.map(PathBuf::from) else {
        return println!("csaf | not measured | name a folder with the shared data");
    };
    let documents = advisories(&data);
    let Some((name, first)) = documents.first() else {
        return println!("csaf | not measured | no advisories");
    };
    let settings = Settings::at("2026-11-22T00:00:00Z".parse().expect("it is a time"));
    let begun = Instant::now();
    let problems = lint::check(name, first, &settings).map_or(0, |report| report.problems.len());
    let took = begun.elapsed().as_secs_f64() * 1e3;
    println!(
        "the first document, in full | {took:.1} ms | {problems} problems; tables and dictionary are read"
    );
    let workers = thread::available_parallelism().map_or(1, usize::from);
    for (what, groups) in [("mandatory", Groups::basic()), ("full", Groups::ALL)] {
        for workers in [1, workers] {
            let rate = (0..ROUNDS)
                .map(|_| rate(&documents, groups, workers))
                .fold(0.0, f64::max);
            let count = documents.len();
            println!(
                "{what}, {workers} workers | {rate:.0} documents/s | {count} documents of CISA"
            );
        }
    }
}

fn rate(documents: &[(String, Vec<u8>)], groups: Groups, workers: usize) -> f64 {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let now = "2026-11-22T00:00:00Z".parse().expect("it is a time");
                let settings = Settings {
                    groups,
                    ..Settings::at(now)
                };
                while let Some((name, bytes)) = documents.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let report = lint::check(name, bytes, &settings);
                    assert!(report.is_ok(), "{name} is CSAF");
                }
            });
        }
    });
    documents.len() as f64 / begun.elapsed().as_secs_f64()
}

/// The advisories with their names.
fn advisories(data: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(file) = fs::File::open(data.join("csaf/cisa/advisories.tar.zst")) else {
        return Vec::new();
    };
    let Ok(mut decoder) = zstd::Decoder::new(file) else {
        return Vec::new();
    };
    if decoder.window_log_max(27).is_err() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for mut entry in tar::Archive::new(decoder)
        .entries()
        .into_iter()
        .flatten()
        .flatten()
    {
        let path = entry
            .path()
            .map(|path| path.into_owned())
            .unwrap_or_default();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut bytes = Vec::new();
        let read = name.ends_with(".json") && !name.starts_with("cisa-csaf-");
        if read && entry.read_to_end(&mut bytes).is_ok() {
            found.push((name, bytes));
        }
    }
    found
}
