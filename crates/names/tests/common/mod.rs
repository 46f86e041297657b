//! Other people's vectors: where they are, and how they are counted.

use std::path::{Path, PathBuf};

/// The folder of shared vectors, where there is one.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data() -> Option<PathBuf> {
    let given = std::env::var_os("SEAMARK_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let found = given.unwrap_or(beside);
    if found.is_dir() {
        return Some(found);
    }
    println!("skipped: no shared data");
    None
}

/// All files below `folder` whose path ends with `suffix`, sorted.
pub fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(suffix) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What became of one family's vectors.
pub struct Tally {
    family: &'static str,
    ran: usize,
    listed: usize,
    wrong: Vec<String>,
}

impl Tally {
    pub fn new(family: &'static str) -> Tally {
        Tally {
            family,
            ran: 0,
            listed: 0,
            wrong: Vec::new(),
        }
    }

    /// One vector agreed, or `message` says how it did not.
    pub fn agree(&mut self, agrees: bool, message: impl FnOnce() -> String) {
        self.ran += 1;
        if !agrees {
            self.wrong.push(message());
        }
    }

    /// One vector is itself wrong, for a reason that stands where it is listed.
    #[expect(dead_code, reason = "not every family has wrong vectors")]
    pub fn listed_as_wrong(&mut self) {
        self.ran += 1;
        self.listed += 1;
    }

    /// Prints the line that `cargo xtask test` adds up, and fails where anything disagreed.
    pub fn finish(self) {
        println!(
            "vectors: {} {} ran, {} listed as wrong",
            self.family, self.ran, self.listed
        );
        assert!(
            self.wrong.is_empty(),
            "{} disagree:\n{}",
            self.wrong.len(),
            self.wrong.join("\n")
        );
        assert!(
            self.ran > 0,
            "{}: the folder is there and held no vectors",
            self.family
        );
    }
}
