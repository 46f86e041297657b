//! The door of a real `seamarkd`, measured: `cargo bench -p server --bench door -- intake pages`.
//!
//! On SQLite in a file, and on the PostgreSQL databases whose addresses are given, one for each subject. `reports=N`
//! says how many are handed over one by one, ten times as many in bulk; `million` has pages drawn over 10^6 findings.
//! `osv=FILE` asks the index of that name, built with originals, as clients of OSV API v1 do.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark starts the process it measures, and stops where anything goes wrong"
)]

mod intake;
mod osv;
mod pages;
mod site;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |word: &str| arguments.iter().any(|one| one == word);
    let value = |name: &str| arguments.iter().find_map(|one| one.strip_prefix(name));
    let singles = value("reports=").map_or(10_000, |count| count.parse().unwrap());
    let findings = if has("million") { 1_000_000 } else { 100_000 };
    let mut postgres = arguments.iter().filter(|one| one.starts_with("postgres:"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    if has("intake") {
        runtime.block_on(intake::measure("SQLite", None, singles));
        if let Some(url) = postgres.next() {
            runtime.block_on(intake::measure("PostgreSQL", Some(url), singles));
        }
    }
    if let Some(index) = value("osv=") {
        runtime.block_on(osv::measure(index.as_ref()));
    }
    if has("pages") {
        runtime.block_on(pages::measure("SQLite", None, findings));
        if let Some(url) = postgres.next() {
            runtime.block_on(pages::measure("PostgreSQL", Some(url), findings));
        }
    }
}
