//! `cargo xtask bench`: how fast, how small, and beside what. Printed as a table with ratios.
//!
//! Machines are noisy, so figures of one run are compared with each other only: each whole process runs several
//! times in turn with its neighbours, and the fastest run of each counts. An empty process runs beside them, for
//! nothing can be faster than starting.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::run::{command, have, root, run};

/// Runs of each short process.
const RUNS: usize = 15;
/// Components of the large bill of materials; about 250 bytes each make 250 MB.
const SBOM_COMPONENTS: usize = 640_000;

/// One measured process.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    seconds: f64,
    /// Seconds of processor, ours and the kernel's for us: what counts where others keep the machine busy.
    processor: f64,
    /// Peak resident memory, in MiB.
    mib: f64,
}

impl Measured {
    /// `4.2 ms (3.9 ms of processor), 12.0 MiB`.
    fn words(&self) -> String {
        let (wall, processor) = (self.seconds * 1e3, self.processor * 1e3);
        format!(
            "{wall:.1} ms ({processor:.1} ms of processor), {:.1} MiB",
            self.mib
        )
    }
}

/// Rows of the table.
#[derive(Default)]
struct Table {
    text: String,
}

impl Table {
    fn row(&mut self, what: &str, figure: &str, beside: &str) {
        let _ = writeln!(self.text, "| {what} | {figure} | {beside} |");
    }
}

/// Measures and prints. `cargo xtask bench measure PROGRAM ARGUMENTS…` is what it calls for each process.
pub fn bench(arguments: &[&str]) -> Result<(), String> {
    if let ["measure", program, rest @ ..] = arguments {
        return measure(program, rest);
    }
    let data = data()?;
    let place = root().join("target/bench");
    fs::create_dir_all(&place)
        .map_err(|error| format!("cannot make {}: {error}", place.display()))?;
    run(
        "cargo",
        &["build", "--release", "--locked", "-p", "cli", "-p", "xtask"],
    )?;
    let mut table = Table::default();
    let index = place.join("all.index");
    let empty = once("true", &[], RUNS)?;
    table.row(
        "an empty process",
        &empty.words(),
        "the limit for a whole process",
    );
    build(&mut table, &data, &index)?;
    locks(&mut table, &data, &place, &index, empty)?;
    sboms(&mut table, &place, &index)?;
    rooms(&mut table, &data, &index)?;
    println!(
        "\n| what | figure | beside |\n|---|---|---|\n{}",
        table.text
    );
    Ok(())
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

/// Runs a process once and prints its seconds, those of the processor, and peak memory; a process of its own, so that nothing adds up.
fn measure(program: &str, arguments: &[&str]) -> Result<(), String> {
    let mut child = command(program, arguments);
    child
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let start = Instant::now();
    let status = child
        .status()
        .map_err(|error| format!("cannot start `{program}`: {error}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| error.to_string())?;
    let time =
        |spent: nix::sys::time::TimeVal| spent.tv_sec() as f64 + spent.tv_usec() as f64 / 1e6;
    println!(
        "{seconds} {} {} {}",
        time(usage.user_time()) + time(usage.system_time()),
        usage.max_rss() as f64 / 1024.0,
        status.code().unwrap_or(-1)
    );
    Ok(())
}

/// The fastest of `runs`, with its memory.
fn once(program: &str, arguments: &[&str], runs: usize) -> Result<Measured, String> {
    let xtask = root().join("target/release/xtask").display().to_string();
    let mut words = vec!["bench", "measure", program];
    words.extend(arguments);
    let mut best: Option<Measured> = None;
    for _ in 0..runs {
        let output = command(&xtask, &words)
            .output()
            .map_err(|error| format!("cannot measure: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [seconds, processor, mib, code] = numbers[..] else {
            return Err(format!("`{program}` was not measured: {text}"));
        };
        if code > 1.0 {
            return Err(format!(
                "`{program} {}` ended with {code}",
                arguments.join(" ")
            ));
        }
        if best.is_none_or(|best| seconds < best.seconds) {
            best = Some(Measured {
                seconds,
                processor,
                mib,
            });
        }
    }
    best.ok_or_else(|| "nothing was run".to_owned())
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

fn cargo_locks(data: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![data.join("lockfiles/real-projects")];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => left.push(path),
                path if path.ends_with("Cargo.lock") => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn largest_lock(data: &Path) -> Option<PathBuf> {
    cargo_locks(data).into_iter().max_by_key(|lock| {
        fs::read_to_string(lock)
            .unwrap_or_default()
            .matches("[[package]]")
            .count()
    })
}

/// Joins the packages of several lockfiles, each once, up to 1,425.
fn join_locks(data: &Path, to: &Path) -> Result<usize, String> {
    const PACKAGES: usize = 1_425;
    let mut seen = BTreeSet::new();
    let mut text = String::from("# This file is automatically @generated by Cargo.\nversion = 4\n");
    for lock in cargo_locks(data) {
        let lock = fs::read_to_string(&lock).unwrap_or_default();
        for block in lock.split("[[package]]").skip(1) {
            let head: String = block
                .lines()
                .filter(|line| line.starts_with("name = ") || line.starts_with("version = "))
                .collect();
            if seen.len() < PACKAGES && block.contains("source = ") && seen.insert(head) {
                // Dependencies may name packages that were not joined, and no reader of versions needs them.
                let kept = block
                    .split("dependencies = [")
                    .next()
                    .unwrap_or(block)
                    .trim_end();
                let _ = write!(text, "\n[[package]]{kept}\n");
            }
        }
    }
    fs::create_dir_all(to.parent().unwrap_or(Path::new("."))).map_err(|error| error.to_string())?;
    fs::write(to, text).map_err(|error| error.to_string())?;
    Ok(seen.len())
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

/// What rooms measure of themselves, in one process: lines of `what | figure | beside`.
fn rooms(table: &mut Table, data: &Path, index: &Path) -> Result<(), String> {
    let (data, index) = (data.display().to_string(), index.display().to_string());
    for (room, name) in [
        ("versions", "keys"),
        ("inventory", "read"),
        ("scan", "matching"),
        ("clearinghouse", "deconflict"),
    ] {
        if !root()
            .join(format!("crates/{room}/benches/{name}.rs"))
            .exists()
        {
            continue;
        }
        eprintln!("$ cargo bench -p {room} --bench {name}");
        let output = command(
            "cargo",
            &[
                "bench", "--locked", "--quiet", "-p", room, "--bench", name, "--", &data, &index,
            ],
        )
        .output()
        .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            return Err(format!(
                "the benchmark of `{room}` failed: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        for line in text.lines() {
            if let [what, figure, beside] = line.split(" | ").collect::<Vec<_>>()[..] {
                table.row(what, figure, beside);
            }
        }
    }
    Ok(())
}
