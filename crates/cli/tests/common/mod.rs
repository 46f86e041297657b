//! The program as a user runs it.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The root of the workspace, where examples are.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `seamark` with these words, in the root of the workspace.
#[expect(
    clippy::disallowed_methods,
    reason = "the test starts the program it tests"
)]
pub fn seamark(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_seamark"))
        .args(words)
        .current_dir(root())
        .env_remove("SEAMARK_INDEX")
        .output()
        .expect("the program under test was built beside this test")
}

/// Its standard output, where it ended well.
pub fn said(words: &[&str]) -> String {
    let output = seamark(words);
    assert!(
        output.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("output is UTF-8")
}
