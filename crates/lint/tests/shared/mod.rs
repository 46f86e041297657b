//! Where the shared data is, and how a document is checked in a test.

use std::path::{Path, PathBuf};

use lint::{Report, Settings};

/// When the documents are held to be validated.
pub const NOW: &str = "2026-11-22T00:00:00Z";

/// The shared data, or `None` where there is none here.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn shared() -> Option<PathBuf> {
    std::env::var_os("SEAMARK_DATA").map(PathBuf::from)
}

/// Everything that is said about the file at `path`.
pub fn check(path: &Path) -> Report {
    let bytes = std::fs::read(path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    bytes_of(&name, &bytes)
}

/// Everything that is said about `bytes`, a file of `name`.
pub fn bytes_of(name: &str, bytes: &[u8]) -> Report {
    let settings = Settings::at(NOW.parse().expect("it is a time"));
    lint::check(name, bytes, &settings).unwrap_or_else(|error| panic!("{name}: {}", error.why))
}
