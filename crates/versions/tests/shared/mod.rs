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
    family: String,
    ran: usize,
    listed: usize,
    wrong: Vec<String>,
}

impl Tally {
    pub fn new(family: impl Into<String>) -> Tally {
        Tally {
            family: family.into(),
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
    pub fn listed_as_wrong(&mut self) {
        self.ran += 1;
        self.listed += 1;
    }

    /// Prints the line that `cargo xtask test` adds up, fails where anything disagreed, and says how many ran.
    pub fn finish_some(self) -> usize {
        if self.ran == 0 {
            return 0;
        }
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
        self.ran
    }

    /// As [`Tally::finish_some`], for a family that is there and so must hold vectors.
    pub fn finish(self) {
        let family = self.family.clone();
        assert!(
            self.finish_some() > 0,
            "{family}: the folder is there and held no vectors"
        );
    }
}
