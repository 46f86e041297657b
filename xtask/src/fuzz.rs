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
        let mut arguments = vec!["+nightly", "fuzz", "run", &target, "--"];
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
