//! Where other people's vectors are.

use std::path::PathBuf;

/// A folder of the shared data, or `None` (and a line saying so) where there is none.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("SEAMARK_DATA") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
    };
    let folder = root.join(folder);
    if !folder.is_dir() {
        println!("skipped: no shared data");
        return None;
    }
    Some(folder)
}
