//! Patch: what a unified diff takes away and adds, whatever line it stands on and however it is indented.

use serde::{Deserialize, Serialize};

use super::function::cut;
use super::place::{path, same_file};
use super::text::{hash, mix};

/// What is read of a patch; the largest security fixes have some hundred KiB, most of it tests.
const PATCH_BYTES_MAX: usize = 512 * 1024;

/// Hunks that are kept. A fix touches a handful of places; a rewrite does not tell which of them was the flaw.
pub const HUNKS_MAX: usize = 16;

/// One change: lines that go, lines that come, as hashes without white space.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    #[serde(rename = "p")]
    pub file: Box<str>,
    /// Zero where nothing of weight is removed.
    #[serde(rename = "r", default)]
    pub removed: u64,
    /// Zero where nothing of weight is added.
    #[serde(rename = "a", default)]
    pub added: u64,
}

/// How two patches compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// The same changes to the same files.
    Same,
    /// At least one change takes the same lines from the same file, or adds the same lines to it.
    Shared,
    /// The same file is touched, elsewhere or otherwise.
    File,
    /// Nothing in common.
    Apart,
}

/// The hunks of a patch, tests and documentation left out.
pub fn hunks(patch: &str) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let mut file: Box<str> = "".into();
    let (mut removed, mut added) = (0, 0);
    for line in cut(patch, PATCH_BYTES_MAX).lines() {
        let header = line
            .strip_prefix("+++ ")
            .or_else(|| line.strip_prefix("--- "));
        let body = !(line.starts_with("@@") || header.is_some() || line.starts_with("diff "));
        // Context between two groups of changed lines parts them, so that other context does not.
        if !body || !line.starts_with(['+', '-']) {
            push(&mut hunks, &file, &mut removed, &mut added);
        }
        match header {
            Some("/dev/null") => {}
            Some(name) => {
                let name = name.split('\t').next().unwrap_or(name);
                let name = name
                    .strip_prefix("a/")
                    .or_else(|| name.strip_prefix("b/"))
                    .unwrap_or(name);
                file = path(name).unwrap_or_default();
            }
            None if body => match line.split_at_checked(1) {
                Some(("-", text)) => removed = fold(removed, text),
                Some(("+", text)) => added = fold(added, text),
                _ => {}
            },
            None => {}
        }
    }
    push(&mut hunks, &file, &mut removed, &mut added);
    hunks
}

/// How two lists of hunks compare; none where one is empty.
pub fn overlap(one: &[Hunk], other: &[Hunk]) -> Option<Overlap> {
    if one.is_empty() || other.is_empty() {
        return None;
    }
    let pairs = || {
        one.iter()
            .flat_map(|one| other.iter().map(move |other| (one, other)))
    };
    let holds = |list: &[Hunk], hunk: &Hunk| {
        let same = |held: &&Hunk| held.removed == hunk.removed && held.added == hunk.added;
        list.iter()
            .filter(same)
            .any(|held| same_file(&held.file, &hunk.file))
    };
    let shares = |one: &Hunk, other: &Hunk| {
        let removed = one.removed != 0 && one.removed == other.removed;
        let added = one.added != 0 && one.added == other.added;
        (removed || added) && same_file(&one.file, &other.file)
    };
    let same =
        one.iter().all(|hunk| holds(other, hunk)) && other.iter().all(|hunk| holds(one, hunk));
    Some(if same {
        Overlap::Same
    } else if pairs().any(|(one, other)| shares(one, other)) {
        Overlap::Shared
    } else if pairs().any(|(one, other)| same_file(&one.file, &other.file)) {
        Overlap::File
    } else {
        Overlap::Apart
    })
}

/// Keeps the change that has ended, where it is one of weight in a source file.
fn push(hunks: &mut Vec<Hunk>, file: &str, removed: &mut u64, added: &mut u64) {
    let hunk = Hunk {
        file: file.into(),
        removed: std::mem::take(removed),
        added: std::mem::take(added),
    };
    let weight = hunk.removed != 0 || hunk.added != 0;
    let kept = weight && !file.is_empty() && !beside(file) && !hunks.contains(&hunk);
    if kept && hunks.len() < HUNKS_MAX {
        hunks.push(hunk);
    }
}

/// Adds a line without white space; lines of brackets alone have no weight.
fn fold(sum: u64, line: &str) -> u64 {
    let bare: String = line
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let comment = bare.starts_with("//")
        || bare.starts_with("/*")
        || bare.starts_with('#') && !bare.starts_with("#i");
    if comment || !bare.contains(|letter: char| letter.is_alphanumeric()) {
        return sum;
    }
    mix(sum ^ hash(bare.as_bytes()))
}

/// Whether a file stands beside the source: tests, documents, lists of changes.
fn beside(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    let ends = [".md", ".txt", ".rst", ".lock", "changelog", ".json"];
    file.split('/')
        .any(|part| part.starts_with("test") || part == "docs" || part.contains("_test."))
        || ends.iter().any(|end| file.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIX: &str = "--- a/png/pngrutil.c\n+++ b/png/pngrutil.c\n@@ -10,4 +10,6 @@ void f(void)\n context\n-   if (n > 256)\n+   if (n > max)\n+      return;\n context\n";

    #[test]
    fn line_numbers_and_white_space_do_not_matter() {
        let other = "diff --git a/libpng/png/pngrutil.c b/libpng/png/pngrutil.c\n--- a/libpng/png/pngrutil.c\n+++ b/libpng/png/pngrutil.c\n@@ -90,3 +91,5 @@\n other\n-\tif( n > 256 )\n+\tif( n > max )\n+\t\treturn;\n}\n";
        assert_eq!(overlap(&hunks(FIX), &hunks(other)), Some(Overlap::Same));
    }

    #[test]
    fn another_fix_of_the_same_line_is_shared() {
        let other = "--- a/png/pngrutil.c\n+++ b/png/pngrutil.c\n@@ -1 +1 @@\n-   if (n > 256)\n+   n = clamp(n);\n";
        assert_eq!(overlap(&hunks(FIX), &hunks(other)), Some(Overlap::Shared));
        let elsewhere = "--- a/png/pngrutil.c\n+++ b/png/pngrutil.c\n@@ -1 +1 @@\n-   other();\n+   another();\n";
        assert_eq!(overlap(&hunks(FIX), &hunks(elsewhere)), Some(Overlap::File));
    }

    #[test]
    fn tests_and_brackets_are_no_evidence() {
        let patch = "--- a/tests/a.c\n+++ b/tests/a.c\n@@ -1 +1 @@\n-a();\n+b();\n--- a/src/b.c\n+++ b/src/b.c\n@@ -1 +1 @@\n-}\n+{\n";
        assert_eq!(hunks(patch), []);
    }
}
