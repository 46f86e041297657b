//! `cargo xtask test`: everything CI checks, in the order that fails fastest.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::postgres::{self, Postgres};
use crate::run::{command, have, root, run};

/// Runs all of it, or only the tests of the packages named after `-p`.
pub fn test(arguments: &[&str]) -> Result<(), String> {
    if !arguments.is_empty() {
        return tests(arguments, |cargo| cargo);
    }
    crate::tools::tools()?;
    database()?;
    run("cargo", &["fmt", "--all", "--check"])?;
    crate::tidy::tidy()?;
    let whole = ["test", "--profile", "ci", "--locked", "--workspace"];
    let build = [&whole[..], &["--all-targets", "--no-run"]].concat();
    eprintln!(
        "$ cargo {}   (Clippy compiles: a warning is an error)",
        build.join(" ")
    );
    let built = linted(&mut command("cargo", &build)).status();
    match built {
        Ok(status) if status.success() => tests(&["--workspace"], linted),
        Ok(status) => Err(format!(
            "what Clippy or the compiler says above is to be mended: {status}"
        )),
        Err(error) => Err(format!("cannot start `cargo`: {error}")),
    }
}

/// Has Clippy's own compiler build the workspace: what is linted is what is tested. `cargo clippy` would read all
/// dependencies a second time, which is ten minutes of a fresh clone's build on two cores.
fn linted(cargo: &mut Command) -> &mut Command {
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        // How `cargo clippy -- -D warnings` hands its words to that compiler.
        .env(
            "CLIPPY_ARGS",
            "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
        )
}

/// Licences, bans and sources, by `deny.toml`. The advisory check needs a copy of the RustSec database
/// and is left to whoever has one: `cargo deny check advisories`.
pub fn deny() -> Result<(), String> {
    if !have("cargo-deny") {
        eprintln!("xtask: installing cargo-deny from crates.io (once, some minutes)");
        run("cargo", &["install", "--locked", "--quiet", "cargo-deny"])?;
    }
    run(
        "cargo",
        &["deny", "--offline", "check", "licenses", "bans", "sources"],
    )
}

/// The same suite runs on SQLite and on PostgreSQL. From the distribution's packages, and only where it is missing.
fn database() -> Result<(), String> {
    match postgres::programs() {
        Some(_) => Ok(()),
        None => crate::tools::install(&["postgresql"]),
    }
}

/// A PostgreSQL for the tests, where one is installed and nobody has named another.
fn server_for(cargo: &mut Command) -> Result<Option<Postgres>, String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever has a PostgreSQL running for tests names it so"
    )]
    let named = std::env::var_os(postgres::ADDRESS).is_some();
    if named || postgres::programs().is_none() {
        return Ok(None);
    }
    let server = Postgres::start()?;
    eprintln!("xtask: tests find a PostgreSQL at {}", server.url());
    cargo.env(postgres::ADDRESS, server.url());
    Ok(Some(server))
}

/// How many of the slowest programs are named at the end.
const SLOWEST: usize = 8;

/// What the tests said, added up over all of them.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    vectors: Vec<(String, u64, u64)>,
    /// Which tests failed, for whoever sees only the last lines.
    red: Vec<String>,
    /// How long each program of tests ran, in seconds, by the last test that ended in it.
    programs: Vec<(u64, String)>,
    last: String,
}

/// Runs the tests, shows what they say, and adds up how many vectors of each family ran.
fn tests(packages: &[&str], prepare: fn(&mut Command) -> &mut Command) -> Result<(), String> {
    let data = root().join("../shared/data");
    let mut arguments = vec!["test", "--profile", "ci", "--locked", "--no-fail-fast"];
    arguments.extend(packages);
    // One thread a core already; the tests that matter read whole folders.
    arguments.extend(["--", "--show-output"]);
    let mut cargo = command("cargo", &arguments);
    prepare(&mut cargo).stdout(Stdio::piped());
    if data.is_dir() && cargo.get_envs().all(|(name, _)| name != "SEAMARK_DATA") {
        eprintln!(
            "xtask: vectors are read from {} unless SEAMARK_DATA names another folder",
            data.display()
        );
    }
    let server = server_for(&mut cargo)?;
    eprintln!("$ cargo {}", arguments.join(" "));
    let mut child = cargo
        .spawn()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    let mut tally = Tally::default();
    let output = child.stdout.take().expect("it was piped just above");
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| format!("cannot read what the tests say: {error}"))?;
        note(&line, &mut tally);
        if worth_showing(&line) {
            println!("{line}");
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("cargo test was lost: {error}"))?;
    drop(server);
    summary(&tally);
    if status.success() && tally.failed == 0 {
        Ok(())
    } else {
        Err(format!("tests failed: {status}"))
    }
}

fn note(line: &str, tally: &mut Tally) {
    if let Some(rest) = line.trim().strip_prefix("vectors: ") {
        tally.vectors.extend(vectors(rest));
    } else if line.starts_with("test result: ") {
        tally.passed += count(line, " passed");
        tally.failed += count(line, " failed");
        tally.ignored += count(line, " ignored");
        let seconds = line.rsplit_once("finished in ").map_or(0, |(_, rest)| {
            rest.split('.')
                .next()
                .and_then(|whole| whole.parse().ok())
                .unwrap_or(0)
        });
        tally
            .programs
            .push((seconds, std::mem::take(&mut tally.last)));
    } else if let Some((name, ending)) = line
        .strip_prefix("test ")
        .and_then(|rest| rest.split_once(" ... "))
    {
        if ending == "FAILED" {
            tally.red.push(name.to_owned());
        }
        tally.last = name.to_owned();
    }
}

/// `FAMILY 12 ran, 3 listed as wrong`.
fn vectors(text: &str) -> Option<(String, u64, u64)> {
    let (before, after) = text.split_once(" ran, ")?;
    let (family, ran) = before.rsplit_once(' ')?;
    Some((
        family.to_owned(),
        ran.parse().ok()?,
        count(after, " listed as wrong"),
    ))
}

/// The number right before `what`.
fn count(line: &str, what: &str) -> u64 {
    let before = line
        .split(what)
        .next()
        .filter(|before| before.len() < line.len())
        .unwrap_or("");
    before
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn worth_showing(line: &str) -> bool {
    !(line.ends_with("... ok")
        || line.starts_with("---- ")
        || line.trim().is_empty()
        || line == "successes:")
}

fn summary(tally: &Tally) {
    let mut families: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (family, ran, wrong) in &tally.vectors {
        let sum = families.entry(family).or_default();
        *sum = (sum.0 + ran, sum.1 + wrong);
    }
    println!(
        "\n{:<44} {:>9} {:>16}",
        "other people's vectors", "ran", "listed as wrong"
    );
    for (family, (ran, wrong)) in families {
        println!("{family:<44} {ran:>9} {wrong:>16}");
    }
    let mut programs: Vec<_> = tally.programs.iter().collect();
    programs.sort_by(|one, other| other.cmp(one));
    println!("\nthe slowest programs of tests, by the last test that ended in each");
    for (seconds, last) in programs.into_iter().take(SLOWEST) {
        println!("{seconds:>5} s  {last}");
    }
    for name in &tally.red {
        println!("failed: {name}");
    }
    println!(
        "\n{} passed, {} failed, {} skipped",
        tally.passed, tally.failed, tally.ignored
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_vectors_is_counted_whatever_its_family_is_called() {
        let counted = vectors("npm ranges 3734 ran, 4 listed as wrong");
        assert_eq!(counted, Some(("npm ranges".to_owned(), 3734, 4)));
        assert_eq!(vectors("nothing of the kind"), None);
    }

    #[test]
    fn a_result_line_is_added_up() {
        let mut tally = Tally::default();
        note(
            "test result: ok. 45 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out",
            &mut tally,
        );
        assert_eq!((tally.passed, tally.failed, tally.ignored), (45, 0, 2));
    }

    #[test]
    fn what_failed_and_what_took_long_is_known_at_the_end() {
        let mut tally = Tally::default();
        for line in [
            "test rules::a ... ok",
            "test rules::b ... FAILED",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 95.22s",
        ] {
            note(line, &mut tally);
        }
        assert_eq!(tally.red, ["rules::b"]);
        assert_eq!(tally.programs, [(95, "rules::b".to_owned())]);
    }
}
