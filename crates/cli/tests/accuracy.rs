//! Whole scans by the real program, held against what others expect of the same inventories.
//!
//! `docs/accuracy.md` says what the figures printed here are.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

mod common;

use common::{said, seamark};

const AS_OF: &str = "2026-11-20T12:00:00Z";

/// A part of the shared data; says so where it is not here.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn part(name: &str) -> Option<PathBuf> {
    let beside = || common::root().join("../shared/data");
    let data = std::env::var_os("SEAMARK_DATA").map_or_else(beside, PathBuf::from);
    let part = data.join(name);
    if !part.exists() {
        println!("skipped: no shared data ({name})");
        return None;
    }
    Some(part)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// An index of some of the shared databases, built by the program itself.
struct Built {
    _folder: TempDir,
    file: String,
}

fn build(sources: &[&str]) -> Option<Built> {
    let sources: Vec<String> = sources
        .iter()
        .map(|source| part(source).map(|path| text(&path)))
        .collect::<Option<_>>()?;
    let folder = tempfile::tempdir().unwrap();
    let file = text(&folder.path().join("all.index"));
    let mut words = vec![
        "index", "build", "--quiet", "--as-of", AS_OF, "-o", &file, "--from",
    ];
    words.extend(sources.iter().map(String::as_str));
    said(&words);
    Some(Built {
        _folder: folder,
        file,
    })
}

/// Of what the shared lockfiles and systems are of.
static INDEX: LazyLock<Option<Built>> =
    LazyLock::new(|| build(&["osv/AlmaLinux", "osv/crates.io", "osv/Go"]));

/// How long a scan of any of the shared inventories may take, in a build that nobody optimized.
const SECONDS_MAX: u64 = 120;

/// What a scan prints, which must have ended well.
fn scanned(words: &[&str]) -> String {
    let index = &INDEX.as_ref().unwrap().file;
    let mut all = vec!["scan", "--index", index, "--offline", "--no-history"];
    // Settings of whoever's folder this lies in are not the test's.
    let folder = tempfile::tempdir().unwrap();
    let config = text(&folder.path().join("seamark.toml"));
    std::fs::write(&config, "").unwrap();
    all.extend(["--quiet", "--as-of", AS_OF, "--format", "json", "--config"]);
    all.push(&config);
    all.extend(words);
    let start = std::time::Instant::now();
    let output = seamark(&all);
    let took = start.elapsed().as_secs();
    assert!(took < SECONDS_MAX, "{words:?} took {took} seconds");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {complaint}");
    assert_eq!(complaint, "", "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn report(words: &[&str]) -> Value {
    serde_json::from_str(&scanned(words)).unwrap()
}

/// A table of tab-separated values without its head.
fn table(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// The folders and files in a folder, in order; none where it is not there.
fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in below(folder) {
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

fn strings<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(|one| one[key].as_str()).collect()
}

/// Component and advisory of every row.
fn pairs(report: &Value) -> BTreeSet<(String, String)> {
    let rows = report["rows"].as_array().unwrap();
    rows.iter()
        .flat_map(|row| {
            let name = row["subject"]["name"].as_str().unwrap_or_default();
            let ids = strings(&row["advisories"], "id");
            ids.into_iter().map(|id| (name.to_owned(), id.to_owned()))
        })
        .collect()
}

#[test]
fn a_scan_of_an_rpm_system_finds_every_advisory_with_a_newer_fix_and_no_other() {
    let (Some(folder), Some(_)) = (part("inventories/rpmdb"), INDEX.as_ref()) else {
        return;
    };
    let mut ran = 0;
    for system in below(&folder).iter().filter(|path| path.is_dir()) {
        let rows = table(&system.join("expected-matches.tsv"));
        let theirs: BTreeSet<(String, String)> = rows
            .iter()
            .map(|row| (row[0].clone(), row[2].clone()))
            .collect();
        let packages = table(&system.join("expected-packages.tsv")).len() as u64;
        let path = text(system);
        let database = text(&system.join("rpmdb.sqlite"));
        for words in [&["--root", path.as_str()][..], &[&path], &[&database]] {
            let report = report(words);
            assert_eq!(pairs(&report), theirs, "{words:?}");
            assert_eq!(report["summary"]["components"], packages, "{words:?}");
            assert_eq!(report["problems"], Value::Array(Vec::new()), "{words:?}");
            ran += theirs.len();
        }
    }
    assert!(ran > 0);
    println!("vectors: scan-rpmdb {ran} ran, 0 listed as wrong");
}

#[test]
fn a_scan_counts_every_package_of_a_system_however_it_is_named() {
    let (Some(folder), Some(_)) = (part("inventories"), INDEX.as_ref()) else {
        return;
    };
    let mut ran = 0;
    let families = below(&folder);
    let systems = families.iter().flat_map(|family| {
        let mut all = below(family);
        all.push(family.clone());
        all
    });
    for system in systems.filter(|path| path.join("expected.tsv").is_file()) {
        // One package of one version counts once, however many architectures of it there are.
        let rows = table(&system.join("expected.tsv"));
        let expected: BTreeSet<(&String, &String)> =
            rows.iter().map(|row| (&row[0], &row[1])).collect();
        let path = text(&system);
        for words in [&["--root", path.as_str()][..], &[&path]] {
            let report = report(words);
            let found = &report["summary"]["components"];
            assert_eq!(*found, expected.len(), "{words:?}");
        }
        ran += expected.len();
    }
    assert!(ran > 0);
    println!("vectors: scan-systems {ran} ran, 0 listed as wrong");
}

/// What cargo-audit's own tests expect of its folders, by their names.
fn holds(name: &str, report: &Value) -> Option<bool> {
    let rows = report["rows"].as_array().into_iter().flatten();
    let told: BTreeSet<&str> = rows
        .filter_map(|row| row["informational"].as_str())
        .collect();
    Some(match name {
        "base64_vuln" => told.contains(""),
        // A version that was taken back is no flaw of it.
        "no_vulns" | "yanked" => !told.contains(""),
        "unmaintained" | "unsound" | "notice" => told.contains(name),
        _ => return None,
    })
}

#[test]
fn cargo_audits_folders_are_what_their_names_say() {
    let folder = part("lockfiles/rustsec/cargo-audit/tests/support");
    let (Some(folder), Some(_)) = (folder, INDEX.as_ref()) else {
        return;
    };
    let mut ran = 0;
    for system in below(&folder) {
        let name = system.file_name().unwrap().to_string_lossy().into_owned();
        let report = report(&[&text(&system)]);
        let Some(holds) = holds(&name, &report) else {
            continue;
        };
        assert!(holds, "{name}: {:?}", pairs(&report));
        assert!(report["summary"]["components"] != 0, "{name}");
        ran += 1;
    }
    assert!(ran > 0);
    println!("vectors: scan-cargo-audit {ran} ran, 0 listed as wrong");
}

fn packages(report: &Value) -> u64 {
    report["summary"]["components"].as_u64().unwrap_or_default()
}

/// How many packages an image's list has, each version of each once: at least those of all platforms together, at
/// most those of each by itself, since two releases of a distribution may share a version.
fn listed(expected: &Value) -> std::ops::RangeInclusive<u64> {
    let platforms = expected["by_platform"].as_object();
    let lists = platforms.into_iter().flat_map(|lists| lists.values());
    let (mut together, mut apart) = (BTreeSet::new(), 0);
    for list in lists.chain([&expected["packages"]]) {
        let all = list.as_array().into_iter().flatten();
        let own: BTreeSet<String> = all
            .map(|one| format!("{} {} {}", one["type"], one["name"], one["version"]))
            .collect();
        apart += own.len() as u64;
        together.extend(own);
    }
    together.len() as u64..=apart
}

#[test]
fn every_image_is_read_or_said_to_be_damaged() {
    let (Some(folder), Some(_)) = (part("images"), INDEX.as_ref()) else {
        return;
    };
    let mut ran = 0;
    for image in files(&folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "tar"))
    {
        let report = report(&["--image", &text(image)]);
        let expected = image.with_extension("expected.json");
        if let Ok(expected) = std::fs::read(expected) {
            let expected: Value = serde_json::from_slice(&expected).unwrap();
            let problems = report["problems"].as_array().unwrap();
            let lost = problems.iter().any(|problem| problem["lost"] == true);
            match expected["error"].is_string() {
                true => assert!(lost, "{image:?}: nothing is said of {expected}"),
                false => assert!(listed(&expected).contains(&packages(&report)), "{image:?}"),
            }
        }
        ran += 1;
    }
    assert!(ran > 0);
    println!("vectors: scan-images {ran} ran, 0 listed as wrong");
}

#[test]
fn whole_folders_of_other_peoples_lists_are_scanned_to_the_end() {
    if INDEX.is_none() {
        return;
    }
    let mut ran = 0;
    for family in [
        "inventories",
        "lockfiles",
        "sbom",
        "images",
        "e2e",
        "sarif",
        "vex",
        "csaf",
        "crash-reports",
        "kev",
    ] {
        let Some(folder) = part(family) else {
            continue;
        };
        let mut components = 0;
        for path in below(&folder) {
            let report = report(&[&text(&path)]);
            components += report["summary"]["components"].as_u64().unwrap();
            ran += 1;
        }
        println!("{family}: {components} components");
    }
    assert!(ran > 0);
    println!("vectors: scan-folders {ran} ran, 0 listed as wrong");
}

#[test]
fn a_bomb_costs_a_message_and_not_the_memory() {
    let (Some(folder), Some(_)) = (part("sbom"), INDEX.as_ref()) else {
        return;
    };
    let bombs: Vec<PathBuf> = files(&folder)
        .into_iter()
        .filter(|path| path.file_stem().is_some_and(|name| name == "bomb"))
        .collect();
    for bomb in &bombs {
        let report = report(&[&text(bomb)]);
        let problems = report["problems"].as_array().unwrap();
        assert!(problems.iter().any(|problem| problem["lost"] == true));
    }
    println!("vectors: scan-bombs {} ran, 0 listed as wrong", bombs.len());
}

#[test]
fn an_ecosystem_that_the_index_knows_nothing_of_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (advisories, lists) = (
        folder.path().join("advisories"),
        folder.path().join("lists"),
    );
    std::fs::create_dir_all(&advisories).unwrap();
    std::fs::create_dir_all(&lists).unwrap();
    let advisory = r#"{"id": "RUSTSEC-2026-0001", "modified": "2026-01-01T00:00:00Z", "affected": [{"package":
        {"ecosystem": "crates.io", "name": "one"}, "versions": ["1.0.0"]}]}"#;
    std::fs::write(advisories.join("RUSTSEC-2026-0001.json"), advisory).unwrap();
    let crates = "version = 4\n[[package]]\nname = \"two\"\nversion = \"2.0.0\"\n";
    std::fs::write(lists.join("Cargo.lock"), crates).unwrap();
    std::fs::write(lists.join("requirements.txt"), "flask==2.0.0\n").unwrap();
    let index = text(&folder.path().join("index"));
    said(&[
        "index",
        "build",
        "--quiet",
        "-o",
        &index,
        "--from",
        &text(&advisories),
    ]);
    let told = said(&[
        "scan",
        &text(&lists),
        "--index",
        &index,
        "--no-history",
        "--quiet",
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_str(&told).unwrap();
    let names = strings(&report["uncompared"], "name");
    assert_eq!(names, ["1 component of PyPI"]);
}

#[test]
fn scanning_twice_says_the_same() {
    let (Some(folder), Some(_)) = (part("lockfiles"), INDEX.as_ref()) else {
        return;
    };
    for path in below(&folder) {
        let path = text(&path);
        assert!(scanned(&[&path]) == scanned(&[&path]), "{path}");
    }
}

#[test]
fn a_scan_opens_no_socket() {
    let clinic = common::root().join("examples/clinic");
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    if !traced(&trace, &["scan", &text(&clinic), "--no-history", "--quiet"]) {
        println!("skipped: no strace");
        return;
    }
    let trace = std::fs::read_to_string(trace).unwrap();
    let calls: Vec<&str> = trace
        .lines()
        .filter(|line| line.contains("socket(") || line.contains("connect("))
        .collect();
    assert!(calls.is_empty(), "{calls:?}");
    assert!(trace.contains("exited with 0"), "{trace}");
}

/// Runs the program under `strace`; whether there is one.
#[expect(
    clippy::disallowed_methods,
    reason = "the test starts the program it tests"
)]
fn traced(trace: &Path, words: &[&str]) -> bool {
    let started = std::process::Command::new("strace")
        .args(["-f", "-e", "trace=network", "-o"])
        .arg(trace)
        .arg(env!("CARGO_BIN_EXE_seamark"))
        .args(words)
        .env_remove("SEAMARK_INDEX")
        .output();
    started.is_ok_and(|output| output.status.success())
}
