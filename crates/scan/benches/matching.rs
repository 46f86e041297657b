//! How long does it take to open an index, and to match what an inventory lists against it?
//!
//! In one process, with the index's pages in memory: what is left is the work. Lines of `what | figure | beside`,
//! for `cargo xtask bench`.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use inventory::kind::{self, Kind};
use inventory::{Component, Listing, Location};
use names::{Ecosystem, EcosystemKind};
use scan::{Index, matches};

/// How often everything is measured; the fastest counts.
const ROUNDS: usize = 15;

/// Packages of the joined lockfile.
const JOINED_PACKAGES: usize = 1_425;

fn main() {
    let mut words = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .map(PathBuf::from);
    let (Some(data), Some(path)) = (words.next(), words.next()) else {
        return println!("matching | not measured | name a folder of data and an index");
    };
    let opened = fastest(|| Index::open(&path).map(|index| index.advisories()).ok()).0;
    let index = match Index::open(&path) {
        Ok(index) => index,
        Err(error) => return println!("matching | not measured | {error}"),
    };
    let megabytes = index.size() as f64 / 1e6;
    println!(
        "opening the index, {megabytes:.0} MB | {:.1} µs | goal: under 1 ms; a map and its header",
        opened * 1e6
    );
    lookups(&index);
    for number in [1_000, 50_000] {
        let components = spread(&data, number);
        if !components.is_empty() {
            measure(
                &format!("matching {} components of all ecosystems", components.len()),
                &index,
                &components,
            );
        }
    }
    let locks = cargo_locks(&data.join("lockfiles/real-projects"));
    if let Some(largest) = locks.iter().max_by_key(|lock| lock.len()) {
        measure(
            &format!(
                "matching the largest Cargo.lock, {} packages",
                largest.len()
            ),
            &index,
            largest,
        );
        let joined: Vec<Component> = locks
            .iter()
            .flatten()
            .take(JOINED_PACKAGES)
            .cloned()
            .collect();
        measure(
            &format!("matching a joined Cargo.lock, {} packages", joined.len()),
            &index,
            &joined,
        );
    }
}

fn measure(what: &str, index: &Index, components: &[Component]) {
    let (seconds, found) = fastest(|| {
        let mut found = 0_u64;
        for component in components {
            // A damaged index shows in the count.
            let _ = matches(index, component, &mut |one| {
                black_box(&one);
                found += 1;
            });
        }
        found
    });
    println!(
        "{what} | {:.0} µs, {:.0} ns a component | {found} matches",
        seconds * 1e6,
        seconds * 1e9 / components.len() as f64
    );
}

fn lookups(index: &Index) {
    for id in ["CVE-2021-44228", "GHSA-0000-0000-0000"] {
        let (seconds, found) = fastest(|| {
            index
                .lookup(id)
                .map(|found| found.advisories.len())
                .unwrap_or_default()
        });
        println!(
            "lookup of {id} | {:.1} µs | {found} advisories",
            seconds * 1e6
        );
    }
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

/// Components of real lockfiles, repeated under other versions up to `number`: names that exist, as inventories have.
fn spread(data: &Path, number: usize) -> Vec<Component> {
    let mut listing = Listing::default();
    for (path, kind) in lists(&data.join("lockfiles/real-projects")) {
        let bytes = std::fs::read(path).unwrap_or_default();
        kind::read(kind, &Location::default(), &bytes, &mut listing);
    }
    let distribution = |n: usize| Component {
        ecosystem: Some(Ecosystem {
            kind: EcosystemKind::Debian,
            release: Some("12".into()),
        }),
        name: format!("package-{n}"),
        version: format!("1.{n}-1+deb12u1"),
        ..Component::default()
    };
    listing.components.extend((0..200).map(distribution));
    let real = listing.components;
    let each = |n: usize| {
        let mut component = real.get(n % real.len())?.clone();
        if n >= real.len() {
            component.version = format!("{}.{}.{}", n % 9, n % 31, n % 13);
        }
        Some(component)
    };
    (0..number).filter_map(each).collect()
}

fn cargo_locks(folder: &Path) -> Vec<Vec<Component>> {
    let locks = lists(folder)
        .into_iter()
        .filter(|(_, kind)| *kind == Kind::CargoLock);
    locks
        .map(|(path, kind)| {
            let mut listing = Listing::default();
            let bytes = std::fs::read(path).unwrap_or_default();
            kind::read(kind, &Location::default(), &bytes, &mut listing);
            listing.components
        })
        .collect()
}

/// Every lockfile below a folder, in order.
fn lists(folder: &Path) -> Vec<(PathBuf, Kind)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match kind::of(&path.to_string_lossy()) {
                _ if path.is_dir() => folders.push(path),
                Some(kind) if !kind::streams(kind) => found.push((path, kind)),
                _ => {}
            }
        }
    }
    found.sort();
    found
}
