//! Scan: whole scans, and the index they read.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Table;
use super::lock::{join_locks, largest_lock};
use super::process::{Measured, once};
use crate::run::{command, have, root, run};

/// Runs of each short process.
const RUNS: usize = 15;
/// Components of the large bill of materials; about 250 bytes each make 250 MB.
const SBOM_COMPONENTS: usize = 640_000;

/// The index, scans of lockfiles and of a bill of materials.
pub fn scan(table: &mut Table, data: &Path, place: &Path, index: &Path) -> Result<(), String> {
    run(
        "cargo",
        &["build", "--release", "--locked", "-p", "cli", "-p", "xtask"],
    )?;
    let empty = once("true", &[], RUNS)?;
    table.row(
        "an empty process",
        &empty.words(),
        "the limit for a whole process",
    );
    build(table, data, index)?;
    locks(table, data, place, index, empty)?;
    sboms(table, place, index)
}

fn seamark() -> String {
    root().join("target/release/seamark").display().to_string()
}

/// Every corpus of the shared data into one index.
fn build(table: &mut Table, data: &Path, index: &Path) -> Result<(), String> {
    let corpora = [
        "osv",
        "advisories-native/rustsec",
        "csaf",
        "cve",
        "kev",
        "epss",
        "vex",
    ];
    let mut words = vec![
        "index".to_owned(),
        "build".to_owned(),
        "--quiet".to_owned(),
        "--output".to_owned(),
        index.display().to_string(),
        "--from".to_owned(),
    ];
    words.extend(
        corpora
            .iter()
            .map(|corpus| data.join(corpus))
            .filter(|corpus| corpus.exists())
            .map(|corpus| corpus.display().to_string()),
    );
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let built = once(&seamark(), &words, 1)?;
    let size = fs::metadata(index)
        .map_err(|error| error.to_string())?
        .len();
    let info = command(
        &seamark(),
        &[
            "index",
            "info",
            "--format",
            "json",
            &index.display().to_string(),
        ],
    )
    .output()
    .map_err(|error| error.to_string())?;
    let info: serde_json::Value =
        serde_json::from_slice(&info.stdout).map_err(|error| error.to_string())?;
    let advisories = info["advisories"].as_f64().unwrap_or_default();
    let records: f64 = info["sources"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|source| source["records"].as_f64())
        .sum();
    table.row(
        "index build, all corpora",
        &format!(
            "{:.1} s ({:.1} s of processor), {:.0} advisories/s ({:.0} records/s)",
            built.seconds,
            built.processor,
            advisories / built.seconds,
            records / built.seconds
        ),
        &format!("peak {:.0} MiB (goal: under 512)", built.mib),
    );
    table.row(
        "index size",
        &format!("{:.1} MB", size as f64 / 1e6),
        &format!(
            "{:.0} bytes an advisory, {:.0} a record",
            size as f64 / advisories,
            size as f64 / records
        ),
    );
    Ok(())
}

/// Whole scans of lockfiles, with cargo-audit beside where it is installed.
fn locks(
    table: &mut Table,
    data: &Path,
    place: &Path,
    index: &Path,
    empty: Measured,
) -> Result<(), String> {
    let largest = largest_lock(data);
    let joined = place.join("joined/Cargo.lock");
    let packages = join_locks(data, &joined)?;
    let index = index.display().to_string();
    let mut cases: Vec<(String, PathBuf, usize)> = Vec::new();
    if let Some(lock) = largest {
        let count = fs::read_to_string(&lock)
            .unwrap_or_default()
            .matches("[[package]]")
            .count();
        cases.push((
            format!("scan, the largest Cargo.lock, {count} packages"),
            lock,
            count,
        ));
    }
    cases.push((
        format!("scan, joined Cargo.lock, {packages} packages"),
        joined.clone(),
        packages,
    ));
    for (what, lock, _) in cases {
        let lock = lock.display().to_string();
        let ours = once(
            &seamark(),
            &[
                "scan",
                &lock,
                "--index",
                &index,
                "--offline",
                "--no-history",
                "--format",
                "json",
                "--quiet",
            ],
            RUNS,
        )?;
        table.row(
            &what,
            &ours.words(),
            &format!(
                "{:.1} × an empty process (goal: under 5 ms, 15 MiB)",
                ours.seconds / empty.seconds
            ),
        );
    }
    match audit(data, place, &joined) {
        Ok(Some(audit)) => table.row(
            &format!("cargo audit --no-fetch, {packages} packages"),
            &audit.words(),
            "RustSec alone",
        ),
        Ok(None) => table.row(
            "cargo audit --no-fetch",
            "not installed",
            "`cargo install cargo-audit` to have it beside",
        ),
        Err(message) => table.row("cargo audit --no-fetch", "could not be run", &message),
    }
    Ok(())
}

/// cargo-audit over the same lockfile, with the RustSec advisories of the shared data as its database.
fn audit(data: &Path, place: &Path, lock: &Path) -> Result<Option<Measured>, String> {
    if !have("cargo-audit") {
        return Ok(None);
    }
    let database = place.join("advisory-db");
    if !database.join(".git").exists() {
        let zip = data
            .join("advisories-native/rustsec/advisories.zip")
            .display()
            .to_string();
        let folder = database.display().to_string();
        run("unzip", &["-q", "-o", &zip, "-d", &folder])?;
        for words in [
            &["init", "-q", &folder][..],
            &["-C", &folder, "add", "-A"],
            &[
                "-C",
                &folder,
                "-c",
                "user.name=bench",
                "-c",
                "user.email=bench@localhost",
                "commit",
                "-q",
                "-m",
                "advisories",
            ],
        ] {
            run("git", words)?;
        }
    }
    let (database, lock) = (database.display().to_string(), lock.display().to_string());
    once(
        "cargo-audit",
        &[
            "audit",
            "--no-fetch",
            "--stale",
            "--db",
            &database,
            "--file",
            &lock,
        ],
        RUNS,
    )
    .map(Some)
}

/// A bill of materials of 250 MB and a tenth of it: memory must not follow.
fn sboms(table: &mut Table, place: &Path, index: &Path) -> Result<(), String> {
    let index = index.display().to_string();
    let mut memory = Vec::new();
    for components in [SBOM_COMPONENTS / 10, SBOM_COMPONENTS] {
        let file = place.join(format!("generated-{components}.cdx.json"));
        let size = generate(&file, components)?;
        let scanned = once(
            &seamark(),
            &[
                "scan",
                &file.display().to_string(),
                "--index",
                &index,
                "--offline",
                "--no-history",
                "--format",
                "json",
                "--quiet",
            ],
            3,
        )?;
        memory.push(scanned.mib);
        table.row(
            &format!(
                "scan, generated SBOM, {:.0} MB, {components} components",
                size as f64 / 1e6
            ),
            &format!(
                "{:.2} s ({:.2} s of processor), {:.0} MB/s, {:.1} MiB",
                scanned.seconds,
                scanned.processor,
                size as f64 / 1e6 / scanned.processor,
                scanned.mib
            ),
            "read, matched and written as JSON; the rate is by processor time",
        );
    }
    if let [small, large] = memory[..] {
        table.row(
            "memory, ten times the SBOM",
            &format!("{:.2} ×", large / small),
            "goal: 1",
        );
    }
    Ok(())
}

/// Writes a CycloneDX document as a generator would; the same bytes every time.
fn generate(file: &Path, components: usize) -> Result<u64, String> {
    if let Ok(found) = fs::metadata(file) {
        return Ok(found.len());
    }
    let out = fs::File::create(file).map_err(|error| error.to_string())?;
    let mut out = BufWriter::with_capacity(1 << 20, out);
    let mut write = || -> std::io::Result<()> {
        write!(
            out,
            "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"components\":["
        )?;
        for n in 0..components {
            let comma = if n == 0 { "" } else { "," };
            write!(
                out,
                "{comma}{{\"type\":\"library\",\"bom-ref\":\"pkg:npm/example-{n}@1.{}.{}\",\"name\":\"example-{n}\",\"version\":\"1.{}.{}\",\
                 \"description\":\"A package that exists only to be counted, and has a description as long as most have.\",\
                 \"licenses\":[{{\"license\":{{\"id\":\"MIT\"}}}}],\"hashes\":[{{\"alg\":\"SHA-256\",\"content\":\"{n:064x}\"}}],\
                 \"purl\":\"pkg:npm/example-{n}@1.{}.{}\"}}",
                n % 40,
                n % 7,
                n % 40,
                n % 7,
                n % 40,
                n % 7
            )?;
        }
        out.write_all(b"]}\n")?;
        out.flush()
    };
    write().map_err(|error| error.to_string())?;
    fs::metadata(file)
        .map(|found| found.len())
        .map_err(|error| error.to_string())
}
