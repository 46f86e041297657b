//! How fast are lists read, and how near is that to what the machine can do?
//!
//! The same bytes are also parsed into `serde_json::Value`, skipped by serde_json, and summed, which is as fast
//! as memory gives them. Lines of `what | figure | beside`, for `cargo xtask bench`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Instant;

use inventory::kind::{self, Kind};
use inventory::{Component, Device, Location, Problem, Sink};

/// Components of the generated bill of materials: some 35 MB, several times any cache.
const COMPONENTS: usize = 90_000;

/// Packages of the joined lockfile.
const JOINED_PACKAGES: usize = 1_425;

/// How often everything is measured; the fastest counts.
const ROUNDS: usize = 5;

/// Counts and forgets.
#[derive(Default)]
struct Count(u64);

impl Sink for Count {
    fn component(&mut self, component: Component) {
        black_box(&component);
        self.0 += 1;
    }
    fn device(&mut self, _device: Device) {
        self.0 += 1;
    }
    fn problem(&mut self, _problem: Problem) {}
}

fn main() {
    boms();
    let named = std::env::args().nth(1).filter(|word| word != "--bench");
    if let Some(data) = named.map(PathBuf::from) {
        locks(&data.join("lockfiles/real-projects"));
    }
}

fn boms() {
    let json = generated();
    let bytes = json.as_bytes();
    let (seconds, count) = fastest(|| {
        let mut count = Count::default();
        kind::read_stream(
            Kind::CycloneDxJson,
            &Location::default(),
            &mut Cursor::new(bytes),
            &mut count,
        );
        count.0
    });
    let rate = |seconds: f64| bytes.len() as f64 / 1e6 / seconds;
    let value = fastest(|| serde_json::from_slice::<serde_json::Value>(bytes).is_ok()).0;
    let ignored = fastest(|| serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()).0;
    let sum = fastest(|| sum(bytes)).0;
    println!(
        "CycloneDX JSON as a stream, {count} components, {:.0} MB | {:.0} MB/s, {:.0} ns a component | {:.1} × `serde_json::Value` ({:.0} MB/s)",
        bytes.len() as f64 / 1e6,
        rate(seconds),
        seconds * 1e9 / count as f64,
        value / seconds,
        rate(value)
    );
    println!(
        "the same bytes, skipped by serde_json's `IgnoredAny` | {:.0} MB/s | ours is {:.0} % of it, and keeps what it reads",
        rate(ignored),
        100.0 * ignored / seconds
    );
    println!(
        "the same bytes, summed eight at a time | {:.0} MB/s | the bound of one core's memory",
        rate(sum)
    );
}

/// What is the least that a reader can do with bytes.
fn sum(bytes: &[u8]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().fold(0, |sum: u64, eight| {
        sum.wrapping_add(u64::from_le_bytes(*eight))
    })
}

/// Seconds of the fastest round, and what it gave.
fn fastest<T>(mut once: impl FnMut() -> T) -> (f64, T) {
    let timed = |once: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        let made = black_box(once());
        (start.elapsed().as_secs_f64(), made)
    };
    let first = timed(&mut once);
    (1..ROUNDS).fold(first, |best, _| {
        let next = timed(&mut once);
        if next.0 < best.0 { next } else { best }
    })
}

/// A CycloneDX document as a generator would write it.
fn generated() -> String {
    let mut out = String::from(
        "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"components\":[",
    );
    for n in 0..COMPONENTS {
        let (comma, minor, patch) = (if n == 0 { "" } else { "," }, n % 40, n % 7);
        let _ = write!(
            out,
            "{comma}{{\"type\":\"library\",\"bom-ref\":\"pkg:npm/example-{n}@1.{minor}.{patch}\",\"name\":\"example-{n}\",\
             \"version\":\"1.{minor}.{patch}\",\"description\":\"A package that exists only to be counted, and has a \
             description as long as most have.\",\"licenses\":[{{\"license\":{{\"id\":\"MIT\"}}}}],\
             \"hashes\":[{{\"alg\":\"SHA-256\",\"content\":\"{n:064x}\"}}],\"purl\":\"pkg:npm/example-{n}@1.{minor}.{patch}\"}}"
        );
    }
    out.push_str("]}\n");
    out
}

fn locks(folder: &Path) {
    let cargo = files(folder, "Cargo.lock");
    let most = |bytes: &Vec<u8>| count(Kind::CargoLock, bytes);
    if let Some(largest) = cargo.iter().max_by_key(|bytes| most(bytes)) {
        lock("Cargo.lock, the largest", Kind::CargoLock, largest);
        lock(
            "Cargo.lock, joined",
            Kind::CargoLock,
            joined(&cargo).as_bytes(),
        );
    }
    let npm = files(folder, "package-lock.json");
    if let Some(largest) = npm.iter().max_by_key(|bytes| bytes.len()) {
        lock("package-lock.json, the largest", Kind::PackageLock, largest);
    }
}

fn count(kind: Kind, bytes: &[u8]) -> u64 {
    let mut count = Count::default();
    kind::read(kind, &Location::default(), bytes, &mut count);
    count.0
}

fn lock(what: &str, kind: Kind, bytes: &[u8]) {
    let (mut seconds, mut packages) = fastest(|| count(kind, bytes));
    for _ in 0..20 {
        let again = fastest(|| count(kind, bytes));
        (seconds, packages) = if again.0 < seconds {
            again
        } else {
            (seconds, packages)
        };
    }
    println!(
        "{what}, {packages} packages, {:.0} kB | {:.0} µs, {:.0} ns a package, {:.0} MB/s | summing its bytes takes {:.0} µs",
        bytes.len() as f64 / 1e3,
        seconds * 1e6,
        seconds * 1e9 / packages as f64,
        bytes.len() as f64 / 1e6 / seconds,
        fastest(|| sum(bytes)).0 * 1e6
    );
}

/// The packages of several lockfiles, one after the other, as many as are wanted.
fn joined(locks: &[Vec<u8>]) -> String {
    let mut out = String::from("# This file is automatically @generated by Cargo.\nversion = 4\n");
    let texts = locks
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let blocks = texts.flat_map(|text| {
        text.split("[[package]]")
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    for block in blocks.take(JOINED_PACKAGES) {
        let _ = write!(out, "\n[[package]]{}\n", block.trim_end());
    }
    out
}

fn files(folder: &Path, name: &str) -> Vec<Vec<u8>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.ends_with(name) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
        .iter()
        .filter_map(|file| std::fs::read(file).ok())
        .collect()
}
