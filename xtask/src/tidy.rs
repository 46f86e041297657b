//! What no compiler checks: the map, the one place for `unsafe`, the length of lines, names of our own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::root;

/// Every arrow between our crates. A new one is a change of architecture: draw it here and in
/// ARCHITECTURE.md, and say why in the commit. Arrows to rooms below those listed are written out.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("names", &[]),
    ("archive", &[]),
    // For tests alone: whoever points at it outside [dev-dependencies] is told so.
    ("vectors", &[]),
    ("sandbox", &["archive"]),
    ("versions", &["names"]),
    ("priority", &["names"]),
    ("advisory", &["names", "versions"]),
    ("inventory", &["archive", "names", "versions"]),
    // `keys` checks by which key a provider signed.
    ("feeds", &["advisory", "archive", "keys", "names"]),
    ("lint", &["names", "priority", "versions"]),
    (
        "scan",
        &["advisory", "inventory", "names", "priority", "versions"],
    ),
    (
        "cli",
        &[
            "advisory",
            "archive",
            // `bench` measures a model; `frontier` and `model` are what it is asked with.
            "bench",
            "feeds",
            "frontier",
            "inventory",
            "keys",
            // Behind a feature of its own: a defender's build need not carry it.
            "lint",
            "model",
            "names",
            "priority",
            "prove",
            "sandbox",
            "scan",
            "tlog",
            "versions",
        ],
    ),
    ("keys", &["names"]),
    ("tlog", &["keys", "names"]),
    ("policy", &["names"]),
    ("finding", &["advisory", "names", "priority", "versions"]),
    ("prove", &["archive", "finding", "names", "sandbox"]),
    ("frontier", &["names"]),
    ("model", &["names"]),
    (
        "bench",
        &[
            "archive", "frontier", "keys", "model", "names", "sandbox", "tlog",
        ],
    ),
    ("store", &["advisory", "finding", "names", "priority"]),
    (
        "clearinghouse",
        &[
            "advisory", "finding", "frontier", "keys", "names", "policy", "priority", "store",
            "tlog", "versions",
        ],
    ),
    (
        "server",
        &[
            "advisory",
            "clearinghouse",
            "finding",
            "frontier",
            "keys",
            "names",
            "policy",
            "priority",
            // What a worker re-runs is what `seamark prove` runs.
            "prove",
            "sandbox",
            // OSV API v1 answers from an advisory index, as a scan does.
            "scan",
            "tlog",
        ],
    ),
    ("xtask", &[]),
];

/// The files that may say `unsafe`, and why they must.
const UNSAFE: &[(&str, &str)] = &[(
    "crates/scan/src/map.rs",
    "mapping a file is a promise to the kernel that no safe function can make",
)];

/// Checks all of it and says all that is wrong at once.
pub fn tidy() -> Result<(), String> {
    let mut wrong = Vec::new();
    arrows(&mut wrong);
    registry_names(&mut wrong);
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let name = file
            .strip_prefix(root())
            .unwrap_or(&file)
            .display()
            .to_string();
        source(&name, &text, &mut wrong);
    }
    if wrong.is_empty() {
        eprintln!("tidy: the map is true");
        return Ok(());
    }
    Err(format!("untidy:\n  {}", wrong.join("\n  ")))
}

fn arrows(wrong: &mut Vec<String>) {
    let drawn = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap_or_default();
    for (room, may) in ARROWS {
        let folder = if *room == "xtask" {
            root().join("xtask")
        } else {
            root().join("crates").join(room)
        };
        for arrow in dependencies(&folder.join("Cargo.toml")) {
            if !may.contains(&arrow.as_str()) {
                wrong.push(format!("`{room}` points at `{arrow}`, which nobody drew; draw it in xtask/src/tidy.rs and ARCHITECTURE.md, or ask the room below"));
            }
        }
        if *room != "xtask" && !drawn.contains(&format!("{room}/")) {
            wrong.push(format!("ARCHITECTURE.md does not show the room `{room}/`"));
        }
    }
    for folder in folders(&root().join("crates")) {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !ARROWS.iter().any(|(room, _)| *room == name) {
            wrong.push(format!(
                "`crates/{name}` is no room of the map; add it to ARROWS"
            ));
        }
    }
}

/// The rooms a manifest depends on outside its tests.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let Ok(table) = text.parse::<toml::Table>() else {
        return vec![format!("{} is no TOML", manifest.display())];
    };
    let Some(dependencies) = table.get("dependencies").and_then(toml::Value::as_table) else {
        return Vec::new();
    };
    dependencies
        .keys()
        .filter(|name| ARROWS.iter().any(|(room, _)| room == name))
        .cloned()
        .collect()
}

/// No crate of the registry may bear one of our names: a typing error in a manifest must not fetch a stranger.
fn registry_names(wrong: &mut Vec<String>) {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap_or_default();
    for block in lock
        .split("[[package]]")
        .filter(|block| block.contains("source = "))
    {
        if let Some((room, _)) = ARROWS
            .iter()
            .find(|(room, _)| block.contains(&format!("\nname = \"{room}\"\n")))
        {
            wrong.push(format!(
                "Cargo.lock holds a crate of the registry named `{room}`, as one of our rooms is"
            ));
        }
    }
}

fn source(name: &str, text: &str, wrong: &mut Vec<String>) {
    // In two words, lest this very line be found.
    if text.contains(concat!("unsafe", " {")) && !UNSAFE.iter().any(|(file, _)| *file == name) {
        wrong.push(format!("{name} says `unsafe`; only {} may", UNSAFE[0].0));
    }
    let head = text.trim_start();
    if name.contains("/src/") && !head.starts_with("//!") && !head.starts_with("#!") {
        wrong.push(format!(
            "{name} does not open with the question it answers (`//!`)"
        ));
    }
    for (number, line) in text.lines().enumerate() {
        if line.contains("#[allow(") && !name.starts_with("xtask/src/tidy.rs") {
            wrong.push(format!(
                "{name}:{} allows where it could expect with a reason",
                number + 1
            ));
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = folders(&root().join("crates"));
    left.push(root().join("xtask"));
    while let Some(folder) = left.pop() {
        left.extend(
            folders(&folder)
                .into_iter()
                .filter(|folder| !folder.ends_with("testdata") && !folder.ends_with("target")),
        );
        let entries = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|ending| ending == "rs")));
    }
    found.sort();
    found
}

fn folders(of: &Path) -> Vec<PathBuf> {
    fs::read_dir(of)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_true() {
        if let Err(wrong) = tidy() {
            panic!("{wrong}");
        }
    }

    #[test]
    fn an_undrawn_arrow_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("Cargo.toml");
        fs::write(
            &manifest,
            "[dependencies]\nscan.workspace = true\nserde = \"1\"\n",
        )
        .unwrap();
        assert_eq!(dependencies(&manifest), ["scan"]);
    }

    #[test]
    fn a_file_that_says_unsafe_is_found() {
        let mut wrong = Vec::new();
        source(
            "crates/names/src/lib.rs",
            concat!("//! Why.\nfn f() { unsafe", " { g() } }"),
            &mut wrong,
        );
        assert_eq!(
            wrong,
            ["crates/names/src/lib.rs says `unsafe`; only crates/scan/src/map.rs may"]
        );
    }
}
