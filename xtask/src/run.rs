//! Start a program of the toolchain or the distribution, and say so.

use std::path::PathBuf;
use std::process::Command;

/// The root of the workspace.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("xtask is compiled inside the workspace")
}

/// A command that starts in the root of the workspace.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask drives the toolchain; nothing of Seamark itself starts a process here"
)]
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs it with its output shown; an error where it fails.
pub fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    eprintln!("$ {program} {}", arguments.join(" "));
    let status = command(program, arguments)
        .status()
        .map_err(|error| format!("cannot start `{program}`: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!(
            "`{program} {}` failed: {status}",
            arguments.join(" ")
        ))
    }
}

/// Whether `program` can be started.
pub fn have(program: &str) -> bool {
    command(program, &["--version"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
