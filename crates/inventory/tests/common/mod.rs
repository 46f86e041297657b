//! Where the shared data is.

use std::path::{Path, PathBuf};

/// The shared data's folder of this name; `None` where there is none, and then a test has nothing to say.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("SEAMARK_DATA") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
    };
    let found = root.join(folder);
    if !found.is_dir() {
        println!("skipped: no shared data in {folder}");
        return None;
    }
    Some(found)
}

/// Every file below a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) => found.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}
