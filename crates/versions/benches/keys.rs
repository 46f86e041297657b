//! How long does a key take, and what does comparing keys save over comparing versions?
//!
//! Over the version strings of other people's vectors, so that odd ones count as they come. Lines of
//! `what | figure | beside`, for `cargo xtask bench`.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use versions::{Key, Scheme};

/// Which vectors hold versions of a scheme, by how their files' names begin.
const VECTORS: &[(Scheme, &str)] = &[
    (Scheme::SemVer, "semver"),
    (Scheme::Npm, "semver"),
    (Scheme::Cargo, "semver"),
    (Scheme::Go, "semver"),
    (Scheme::PyPi, "pypi"),
    (Scheme::Maven, "maven"),
    (Scheme::NuGet, "nuget"),
    (Scheme::RubyGems, "rubygems"),
    (Scheme::Packagist, "packagist"),
    (Scheme::Hex, "semver"),
    (Scheme::Pub, "pub"),
    (Scheme::Cran, "cran"),
    (Scheme::Hackage, "hackage"),
    (Scheme::Conan, "semver"),
    (Scheme::Deb, "debian"),
    (Scheme::Rpm, "r"),
    (Scheme::Apk, "alpine"),
    (Scheme::Alpm, "redhat"),
    (Scheme::Gentoo, "alpine"),
    (Scheme::Opam, "debian"),
    (Scheme::Intdot, "cran"),
    (Scheme::Lexicographic, "debian"),
    (Scheme::Vendor, "redhat"),
];

/// How often everything is measured; the fastest counts.
const ROUNDS: usize = 7;

fn main() {
    let named = std::env::args().nth(1).filter(|word| word != "--bench");
    let Some(data) = named.map(PathBuf::from) else {
        return println!("keys | not measured | name a folder with vectors");
    };
    for (scheme, prefix) in VECTORS {
        let versions = strings(&data.join("versions"), prefix);
        let keyed: Vec<(&str, Key)> = versions
            .iter()
            .filter_map(|text| Some((text.as_str(), versions::key(*scheme, text)?)))
            .collect();
        if keyed.len() > 1 {
            measure(*scheme, &keyed);
        }
    }
}

fn measure(scheme: Scheme, keyed: &[(&str, Key)]) {
    let mut out = Vec::with_capacity(8192);
    let per_key = fastest(keyed.len(), || {
        for (text, _) in keyed {
            out.clear();
            black_box(versions::key_into(scheme, black_box(text), &mut out));
        }
    });
    let by_key = fastest(keyed.len(), || {
        for ((_, one), (_, other)) in pairs(keyed) {
            black_box(black_box(one).cmp(black_box(other)));
        }
    });
    let plain = fastest(keyed.len(), || {
        for ((one, _), (other, _)) in pairs(keyed) {
            black_box(versions::compare(scheme, black_box(one), black_box(other)));
        }
    });
    println!(
        "{scheme:?}, {} versions | {per_key:.0} ns a key, {by_key:.1} ns a comparison of keys | {plain:.0} ns a plain comparison, {:.0} × as long",
        keyed.len(),
        plain / by_key
    );
}

/// Each with the one seven places on: neighbours in a file of vectors are too alike.
fn pairs<T>(all: &[T]) -> impl Iterator<Item = (&T, &T)> {
    all.iter().zip(all.iter().cycle().skip(7))
}

/// Nanoseconds for each of `count` in the fastest of some rounds, each long enough for the clock.
fn fastest(count: usize, mut once: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (start, mut runs) = (Instant::now(), 0_u32);
        while start.elapsed() < Duration::from_millis(5) {
            once();
            runs += 1;
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(runs));
    }
    best * 1e9 / count as f64
}

/// Every distinct version in the text vectors whose name begins with `prefix`, in their order.
fn strings(folder: &Path, prefix: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if name.starts_with(prefix) && name.ends_with(".txt") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    let texts = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok());
    let words: BTreeSet<String> = texts
        .flat_map(|text| text.lines().flat_map(words).collect::<Vec<_>>())
        .collect();
    words.into_iter().collect()
}

/// `1.0 < 1.1`, or a version a line.
fn words(line: &str) -> Vec<String> {
    let signs = ["<", ">", "=", "<=", ">=", "=="];
    let line = line.split('#').next().unwrap_or(line);
    let words = line.split_whitespace().filter(|word| !signs.contains(word));
    words.map(str::to_owned).collect()
}
