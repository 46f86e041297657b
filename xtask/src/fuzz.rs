//! `cargo xtask fuzz SECONDS`: every fuzz target for a while, then its corpus minimized.

use std::fs;

use crate::run::{have, root, run};

/// Needs a nightly toolchain and cargo-fuzz (installed from crates.io where missing).
pub fn fuzz(seconds: &str) -> Result<(), String> {
    let seconds: u32 = seconds
        .parse()
        .map_err(|_| format!("`{seconds}` is no number of seconds; try `cargo xtask fuzz 120`"))?;
    if !have("cargo-fuzz") {
        eprintln!("xtask: installing cargo-fuzz from crates.io (once)");
        run("cargo", &["install", "--locked", "--quiet", "cargo-fuzz"])?;
    }
    let mut failed = Vec::new();
    for target in targets()? {
        let time = format!("-max_total_time={seconds}");
        let bounds = [
            "-rss_limit_mb=2048",
            "-timeout=10",
            "-max_len=65536",
            time.as_str(),
        ];
        let corpora = corpora(&target)?;
        let mut arguments = vec!["+nightly", "fuzz", "run", &target];
        arguments.extend(corpora.iter().map(String::as_str));
        arguments.push("--");
        arguments.extend(bounds);
        if let Err(message) = run("cargo", &arguments) {
            failed.push(message);
            continue;
        }
        run("cargo", &["+nightly", "fuzz", "cmin", &target])?;
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("\n"))
    }
}

/// Where a target's inputs are kept, and those beside the reader that it may begin from.
fn corpora(target: &str) -> Result<Vec<String>, String> {
    let own = root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&own).map_err(|error| format!("cannot make {}: {error}", own.display()))?;
    let rooms = fs::read_dir(root().join("crates"))
        .into_iter()
        .flatten()
        .flatten();
    let beside = rooms.map(|room| room.path().join("testdata/fuzz").join(target));
    let folders = std::iter::once(own).chain(beside.filter(|folder| folder.is_dir()));
    Ok(folders.map(|folder| folder.display().to_string()).collect())
}

fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder)
        .map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            entry
                .path()
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
        })
        .collect();
    names.sort();
    Ok(names)
}
