//! Fetching, politely.

use std::path::{Path, PathBuf};

/// How fetching behaves.
#[derive(Clone, Debug, Default)]
pub struct Settings {}

/// What was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Where it is kept.
    pub path: PathBuf,
    /// Why it is the copy of an earlier time, if it is.
    pub stale: Option<String>,
}

/// Fetches `url` into `cache`.
pub fn fetch(url: &str, cache: &Path, settings: &Settings) -> std::io::Result<Fetched> {
    let _ = (cache, settings);
    Err(std::io::Error::other(format!(
        "`{url}` cannot be fetched yet"
    )))
}
