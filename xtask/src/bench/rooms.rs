//! Rooms: what each measures of itself, in one process or round a real `seamarkd`.

use std::fs;
use std::path::Path;

use super::Table;
use super::process::once;
use crate::postgres::{self, Postgres};
use crate::run::{command, root, run};

/// What rooms measure of scanning.
pub fn scan(table: &mut Table, data: &Path, index: &Path) -> Result<(), String> {
    let given = [data.display().to_string(), index.display().to_string()];
    let mut failed = Vec::new();
    for (room, name) in [
        ("versions", "keys"),
        ("advisory", "convert"),
        ("inventory", "read"),
        ("scan", "matching"),
    ] {
        failed.extend(bench(table, room, name, &given).err());
    }
    all_well(&failed)
}

/// What it takes to say all that is wrong with advisories: in one process, and one document as a process of its own.
pub fn lint(table: &mut Table, data: &Path) -> Result<(), String> {
    run(
        "cargo",
        &["build", "--release", "--locked", "-p", "cli", "-p", "xtask"],
    )?;
    let seamark = root().join("target/release/seamark").display().to_string();
    let samples = data.join("csaf/cisa/samples");
    let mut documents: Vec<(u64, String)> = fs::read_dir(&samples)
        .map_err(|error| format!("no documents at {}: {error}", samples.display()))?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let path = entry.path();
            let is_document = path.extension().is_some_and(|ending| ending == "json");
            is_document.then_some((entry.metadata().ok()?.len(), path.display().to_string()))
        })
        .collect();
    documents.sort();
    let middle = documents.get(documents.len() / 2);
    for (what, found) in [("a middling", middle), ("the largest", documents.last())] {
        if let Some((bytes, path)) = found {
            let took = once(&seamark, &["lint", path], 15)?;
            table.row(
                &format!(
                    "lint, {what} sample of CISA as a process, {} KB",
                    bytes / 1_000
                ),
                &took.words(),
                "goal: under 100 ms",
            );
        }
    }
    bench(table, "lint", "csaf", &[data.display().to_string()])
}

/// What they measure of proving.
pub fn prove(table: &mut Table, data: &Path) -> Result<(), String> {
    let given = [data.display().to_string()];
    let mut failed = Vec::new();
    for (room, name) in [
        ("sandbox", "empty"),
        ("prove", "proofs"),
        ("prove", "cluster"),
    ] {
        failed.extend(bench(table, room, name, &given).err());
    }
    all_well(&failed)
}

/// What they measure of the clearinghouse, on SQLite and on a PostgreSQL that flushes like one in service.
/// `sizes` are words for the benchmarks that take long: `million`.
pub fn house(table: &mut Table, sizes: &[&str]) -> Result<(), String> {
    let server = match postgres::programs() {
        Some(_) => Some(Postgres::start_durable()?),
        None => None,
    };
    let mut failed = Vec::new();
    for (room, name, subject) in [
        ("store", "raw", "raw"),
        ("store", "rows", "rows"),
        ("clearinghouse", "log", "log"),
        ("server", "door", "intake"),
        ("clearinghouse", "deconflict", "deconflict"),
        ("server", "door", "pages"),
    ] {
        let mut given = vec![subject.to_owned()];
        given.extend(sizes.iter().map(|word| (*word).to_owned()));
        if let Some(server) = &server {
            given.push(server.database(subject)?);
        }
        failed.extend(bench(table, room, name, &given).err());
    }
    all_well(&failed)
}

/// What it takes to answer as osv.dev does, over the shared databases of OSV.
pub fn osv(table: &mut Table, data: &Path, index: &Path) -> Result<(), String> {
    run("cargo", &["build", "--release", "--locked", "-p", "cli"])?;
    let seamark = root().join("target/release/seamark").display().to_string();
    let (index, from) = (index.display().to_string(), data.join("osv"));
    let from = from.display().to_string();
    let words = [
        "index",
        "build",
        "--quiet",
        "--originals",
        "--output",
        &index,
        "--from",
        &from,
    ];
    run(&seamark, &words)?;
    bench(table, "server", "door", &[format!("osv={index}")])
}

/// What failed, after every room had its turn.
fn all_well(failed: &[String]) -> Result<(), String> {
    match failed {
        [] => Ok(()),
        some => Err(some.join("\n")),
    }
}

/// Runs one: it prints lines of `what | figure | beside`.
pub fn bench(table: &mut Table, room: &str, name: &str, given: &[String]) -> Result<(), String> {
    eprintln!("$ cargo bench -p {room} --bench {name}");
    let mut words = vec![
        "bench",
        "--locked",
        "--quiet",
        "--workspace",
        "--bench",
        name,
        "--",
    ];
    words.extend(given.iter().map(String::as_str));
    let output = command("cargo", &words)
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in text.lines() {
        if let [what, figure, beside] = line.split(" | ").collect::<Vec<_>>()[..] {
            table.row(what, figure, beside);
        }
    }
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "the benchmark of `{room}` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}
