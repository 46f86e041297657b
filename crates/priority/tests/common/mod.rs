//! Where other people's vectors are.

use std::path::{Path, PathBuf};

/// A folder of the shared data: under `SEAMARK_DATA`, else beside the workspace. `None` where it is absent.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("SEAMARK_DATA") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
    };
    let path = root.join(folder);
    if !path.is_dir() {
        println!("skipped: no shared data");
        return None;
    }
    Some(path)
}

/// Every file below `folder` whose name ends so, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("the folder can be read");
        for entry in entries {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
