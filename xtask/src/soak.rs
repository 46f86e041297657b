//! `cargo xtask soak`: the house is killed a hundred times under load, and has to have all that it acknowledged.

use std::process::Stdio;
use std::time::Instant;

use crate::run::command;

/// As often as is asked for where nobody says how often.
const ROUNDS: &str = "100";

/// Runs the test of kills with `rounds` of them, each followed by a check and a restart.
pub fn soak(rounds: Option<&str>) -> Result<(), String> {
    let arguments = [
        "test",
        "--profile",
        "ci",
        "--workspace",
        "--locked",
        "--test",
        "operate",
        "killed_at_any_moment",
        "--",
        "--nocapture",
    ];
    let started = Instant::now();
    let mut cargo = command("cargo", &arguments);
    cargo.env("SEAMARK_SOAK_ROUNDS", rounds.unwrap_or(ROUNDS));
    let status = cargo.stdin(Stdio::null()).status();
    let status = status.map_err(|error| format!("cannot start cargo: {error}"))?;
    println!("{} s", started.elapsed().as_secs());
    match status.success() {
        true => Ok(()),
        false => Err(format!("it lost something, or did not come back: {status}")),
    }
}
