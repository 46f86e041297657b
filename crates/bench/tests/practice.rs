//! The practice suite as a folder: what its tasks share is the same in each, and its page tells of all of them.

#![expect(clippy::unwrap_used, reason = "a test stops where anything goes wrong")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of graders that several tasks carry, so that each folder is whole by itself.
const SHARED: [&str; 5] = ["guard.py", "where.py", "module.py", "patch.py", "replay.py"];

const STRATA: [&str; 6] = ["find", "prove", "fix", "reverse", "crypto", "web"];

fn suite() -> PathBuf {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/practice"
    ))
    .to_path_buf()
}

/// Names and folders of all tasks.
fn tasks() -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(suite().join("tasks")).unwrap();
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .collect()
}

/// A text of `task.toml`, which has its keys at the beginning of a line.
fn said(folder: &Path, key: &str) -> String {
    let text = fs::read_to_string(folder.join("task.toml")).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    line.unwrap_or_default().trim_matches('"').to_owned()
}

#[test]
fn what_graders_share_is_the_same_in_each() {
    let mut wrong = Vec::new();
    for shared in SHARED {
        let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, folder) in tasks() {
            if let Ok(text) = fs::read_to_string(folder.join("grader").join(shared)) {
                copies.entry(text).or_default().push(name);
            }
        }
        assert!(!copies.is_empty(), "no task has `grader/{shared}`");
        if copies.len() > 1 {
            let groups: Vec<_> = copies.into_values().collect();
            wrong.push(format!("`grader/{shared}` differs: {groups:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_stratum_has_four_tasks_and_the_page_names_them_all() {
    let page = fs::read_to_string(suite().join("README.md")).unwrap();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, folder) in tasks() {
        *counts.entry(said(&folder, "stratum")).or_default() += 1;
        let row = format!("| `{name}` | ");
        let minutes = format!(" | {} | ", said(&folder, "human_minutes"));
        let cheat = ["cheat.sh", "cheat.txt"]
            .iter()
            .find_map(|file| fs::read_to_string(folder.join(file)).ok())
            .unwrap();
        let cheat = cheat.lines().next().unwrap().replace("# expects: ", "");
        let is_told = page.lines().any(|line| {
            line.starts_with(&row)
                && line.contains(&minutes)
                && line.ends_with(&format!("`{cheat}` |"))
        });
        if !is_told {
            wrong.push(format!(
                "README.md has no row `{name}` with{minutes}`{cheat}`"
            ));
        }
    }
    let count: usize = counts.values().sum();
    if !page.contains(&format!("{count} small tasks")) {
        wrong.push(format!(
            "README.md does not say that there are {count} tasks"
        ));
    }
    for stratum in STRATA {
        if counts.get(stratum).is_none_or(|count| *count < 4) {
            wrong.push(format!("`{stratum}` has fewer than four tasks"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
