//! `cargo xtask bench`: how fast, how small, and beside what. Printed as a table with ratios.
//!
//! Machines are noisy, so figures of one run are compared with each other only: each whole process runs several
//! times in turn with its neighbours, and the fastest run of each counts. An empty process runs beside them, for
//! nothing can be faster than starting; beside the clearinghouse stand the bare disk and the bare databases.

mod lock;
mod model;
mod process;
mod rooms;
mod scan;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::run::root;

/// Rows of the table.
#[derive(Default)]
pub struct Table {
    text: String,
}

impl Table {
    /// One row.
    pub fn row(&mut self, what: &str, figure: &str, beside: &str) {
        let _ = writeln!(self.text, "| {what} | {figure} | {beside} |");
    }
}

/// Measures `scan`, `lint`, `prove`, `house`, `osv`, `model` or, without a word, all, and prints; `million` lets `house` go up to 10^6 findings.
/// `cargo xtask bench measure PROGRAM ARGUMENTS…` is what it calls for each process.
pub fn bench(arguments: &[&str]) -> Result<(), String> {
    if let ["measure", program, rest @ ..] = arguments {
        return process::measure(program, rest);
    }
    let all = ["scan", "lint", "prove", "house", "osv", "model", "million"];
    if let Some(other) = arguments.iter().find(|word| !all.contains(word)) {
        return Err(format!(
            "`{other}` is no subject; write some of `scan`, `lint`, `prove`, `house`, `osv`, `model` and `million`"
        ));
    }
    let mut table = Table::default();
    let done = fill(&mut table, arguments);
    // Hours may have gone into what stands there, so it is shown also where a later room failed.
    println!(
        "\n| what | figure | beside |\n|---|---|---|\n{}",
        table.text
    );
    done
}

/// Fills in what `arguments` ask for, as far as nothing fails.
fn fill(table: &mut Table, arguments: &[&str]) -> Result<(), String> {
    let wants =
        |word| arguments.contains(&word) || !arguments.iter().any(|word| *word != "million");
    if wants("scan") {
        let data = data()?;
        let place = root().join("target/bench");
        fs::create_dir_all(&place)
            .map_err(|error| format!("cannot make {}: {error}", place.display()))?;
        let index = place.join("all.index");
        scan::scan(table, &data, &place, &index)?;
        rooms::scan(table, &data, &index)?;
    }
    if wants("lint") {
        rooms::lint(table, &data()?)?;
    }
    if wants("prove") {
        rooms::prove(table, &data()?)?;
    }
    if wants("house") {
        let sizes = arguments.iter().copied().filter(|word| *word == "million");
        rooms::house(table, &sizes.collect::<Vec<_>>())?;
    }
    if wants("model") {
        model::model(table)?;
    }
    if wants("osv") {
        let place = root().join("target/bench");
        fs::create_dir_all(&place)
            .map_err(|error| format!("cannot make {}: {error}", place.display()))?;
        rooms::osv(table, &data()?, &place.join("originals.index"))?;
    }
    Ok(())
}

/// Checks the coverage of every bound by simulation; prints the tables of `docs/statistics.md`.
pub fn simulate() -> Result<(), String> {
    crate::run::run(
        "cargo",
        &[
            "bench",
            "--profile",
            "ci",
            "--workspace",
            "--locked",
            "--bench",
            "coverage",
        ],
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "the benchmark finds the shared data through SEAMARK_DATA"
)]
fn data() -> Result<PathBuf, String> {
    let named = std::env::var_os("SEAMARK_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join("../shared/data"));
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(format!(
            "no corpora at {}; name a folder with SEAMARK_DATA",
            folder.display()
        ))
    }
}
