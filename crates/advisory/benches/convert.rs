//! How many records a second are converted? Whole corpora of the shared data, on every core, from bytes in memory to
//! bytes in memory. Lines of `what | figure | beside`, for `cargo xtask bench`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use advisory::{Assigner, BaseScore, CycloneDx, Form, Format, Settings};

/// How often everything is measured; the fastest counts.
const ROUNDS: usize = 3;

/// What is converted into what.
const CORPORA: &[(&str, Format, &[Form])] = &[
    (
        "osv/AlmaLinux/all.zip",
        Format::Osv,
        &[Form::Csaf21, Form::CycloneDx(CycloneDx::V16), Form::Osv],
    ),
    (
        "osv/Go/all.zip",
        Format::Osv,
        &[Form::Csaf21, Form::OpenVex, Form::Cve, Form::Osv],
    ),
];

fn main() {
    let named = std::env::args().skip(1).find(|word| word != "--bench");
    let Some(data) = named.map(PathBuf::from) else {
        return println!("convert | not measured | name a folder of data");
    };
    for (path, format, forms) in CORPORA {
        let records = unpacked(&data.join(path));
        if records.is_empty() {
            println!("convert {path} | not measured | it is not there");
            continue;
        }
        for form in *forms {
            measure(path, *format, *form, &records);
        }
    }
}

fn measure(path: &str, format: Format, form: Form, records: &[Vec<u8>]) {
    let mut best = f64::INFINITY;
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        bytes = all(format, form, records);
        best = best.min(started.elapsed().as_secs_f64());
    }
    let read: usize = records.iter().map(Vec::len).sum();
    println!(
        "convert {path} into {}, {} records | {:.0} records/s | {:.1} s; {:.0} MB read, {:.0} MB written",
        form.as_str(),
        records.len(),
        records.len() as f64 / best,
        best,
        read as f64 / 1e6,
        bytes as f64 / 1e6,
    );
}

/// Converts every record, and says how many bytes that makes.
fn all(format: Format, form: Form, records: &[Vec<u8>]) -> usize {
    let (next, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let settings = settings();
                while let Some(record) = records.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let made = advisory::convert(format, record, form, &settings, &mut |_| {});
                    let bytes = made.iter().map(|one| one.text.len()).sum();
                    written.fetch_add(bytes, Ordering::Relaxed);
                }
            });
        }
    });
    written.into_inner()
}

fn settings() -> Settings<'static> {
    Settings {
        publisher: None,
        assigner: Assigner::default(),
        now: jiff::Timestamp::UNIX_EPOCH,
        score: &score,
    }
}

fn score(vector: &str) -> Option<BaseScore> {
    let base = priority::cvss::parse(vector).ok()?.base();
    Some(BaseScore {
        tenths: base.tenths(),
        severity: base.severity().word(),
    })
}

/// Every file of a zip.
fn unpacked(zip: &Path) -> Vec<Vec<u8>> {
    let Ok(file) = std::fs::File::open(zip) else {
        return Vec::new();
    };
    let mut archive = zip::ZipArchive::new(file).expect("a zip");
    (0..archive.len())
        .map(|at| {
            let mut bytes = Vec::new();
            let mut member = archive.by_index(at).expect("an entry");
            member.read_to_end(&mut bytes).expect("it unpacks");
            bytes
        })
        .collect()
}
