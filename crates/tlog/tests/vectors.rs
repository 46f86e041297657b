//! Other people's trees, proofs and notes, by the folder.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use keys::note::{Kind, Note, VerifierKey};
use keys::{SeededDice, Signer};
use serde::Deserialize;
use tlog::proof::{self, verify_consistency, verify_inclusion};
use tlog::{Checkpoint, Hash, TileId, Tree, integrate, tile};

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data(folder: &str) -> Option<PathBuf> {
    let given = std::env::var_os("SEAMARK_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let found = given.unwrap_or(beside).join("tlog").join(folder);
    if found.is_dir() {
        return Some(found);
    }
    println!("skipped: no shared data");
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn report(family: &str, ran: usize, wrong: &[String]) {
    println!("vectors: {family} {ran} ran, 0 listed as wrong");
    assert!(ran > 0, "{family}: the folder is there and held no vectors");
    assert!(
        wrong.is_empty(),
        "{} disagree:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// A proof as it would be read from a file: what is no hash makes it none.
fn hashes(proof: Option<Vec<String>>) -> Option<Vec<Hash>> {
    let proof = proof.unwrap_or_default();
    proof.iter().map(|hash| hash.parse().ok()).collect()
}

/// Some roots are words rather than hashes, to be compared only: the hash of the word stands for it.
fn root(text: &str) -> Hash {
    text.parse()
        .unwrap_or_else(|_| tlog::hash::leaf(text.as_bytes()))
}

/// Runs `holds` on each file of a family, and compares with what the file wants.
fn merkle(family: &str, holds: impl Fn(&str) -> serde_json::Result<(bool, bool)>) {
    let Some(folder) = data("merkle") else { return };
    let mut wrong = Vec::new();
    let files = files(&folder.join(family));
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        match holds(&text) {
            Ok((holds, want_err)) if holds != want_err => (),
            said => wrong.push(format!("{}: {said:?}", file.display())),
        }
    }
    report(&format!("tlog/merkle/{family}"), files.len(), &wrong);
}

#[test]
fn inclusion_proofs() {
    merkle("inclusion", |text| {
        let it: Inclusion = serde_json::from_str(text)?;
        let holds = hashes(it.proof)
            .zip(it.leaf_hash.parse().ok())
            .is_some_and(|(proof, leaf)| {
                verify_inclusion(leaf, it.leaf_idx, it.tree_size, root(&it.root), &proof).is_ok()
            });
        Ok((holds, it.want_err))
    });
}

#[test]
fn consistency_proofs() {
    merkle("consistency", |text| {
        let it: Consistency = serde_json::from_str(text)?;
        let (from, to) = ((it.size1, root(&it.root1)), (it.size2, root(&it.root2)));
        let proof = hashes(it.proof);
        let holds = proof.is_some_and(|proof| verify_consistency(from, to, &proof).is_ok());
        Ok((holds, it.want_err))
    });
}

/// A log that another implementation wrote: every checkpoint's root from its tiles and from its bundles, and every
/// checkpoint a beginning of every later one.
#[test]
fn a_log_that_tessera_wrote() {
    let Some(folder) = data("tessera") else {
        return;
    };
    let mut wrong = Vec::new();
    let mut ran = 0;
    let mut roots = BTreeMap::new();
    let mut widest = BTreeMap::<TileId, Vec<Hash>>::new();
    for file in files(&folder) {
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        if name.starts_with("checkpoint") {
            let note = Note::parse(&fs::read_to_string(&file).unwrap()).unwrap();
            assert_eq!(note.to_string(), fs::read_to_string(&file).unwrap());
            let checkpoint = Checkpoint::parse(note.text()).unwrap();
            roots.insert(checkpoint.size, checkpoint.root);
        } else if let Some(asked) = tile::parse(&name)
            && let Some(level) = asked.level
        {
            let hashes = tile::hashes(&fs::read(&file).unwrap()).unwrap();
            let id = TileId {
                level,
                index: asked.index,
            };
            if hashes.len() as u64 != asked.width {
                wrong.push(format!("{name} has {} hashes", hashes.len()));
            }
            let kept = widest.entry(id).or_default();
            let (short, long) = if kept.len() < hashes.len() {
                (&*kept, &hashes)
            } else {
                (&hashes, &*kept)
            };
            if !long.starts_with(short) {
                wrong.push(format!("{name} is no beginning of its tile"));
            }
            *kept = long.clone();
        }
    }
    for (&size, &root) in &roots {
        ran += 1;
        let of_tiles = proof::root(size, &widest);
        if of_tiles != Ok(root) || Tree::read(size, &widest).map(|tree| tree.root()) != Ok(root) {
            wrong.push(format!("tiles of {size} lead to {of_tiles:?}, not {root}"));
        }
        let bundle = fs::read(folder.join(tile::bundle_path(0, size))).unwrap_or_default();
        let entries = tile::entries(&bundle).unwrap();
        let leaves = entries.iter().map(|entry| tlog::hash::leaf(entry));
        if integrate(&Tree::default(), leaves).1.root() != root {
            wrong.push(format!("the bundle of {size} does not lead to {root}"));
        }
        if tile::bundle(entries) != bundle {
            wrong.push(format!("the bundle of {size} is written differently"));
        }
        for (&from, &old) in roots.range(..=size).filter(|(from, _)| **from > 0) {
            ran += 1;
            let proof = proof::consistency(from, size, &widest).unwrap();
            if verify_consistency((from, old), (size, root), &proof).is_err() {
                wrong.push(format!("{from} is no beginning of {size}"));
            }
        }
    }
    report("tlog/tessera", ran, &wrong);
}

/// The specifications' examples of notes: read and written back, checkpoints among them understood, and no key of
/// ours taken for theirs.
#[test]
fn notes_of_the_specifications() {
    let Some(folder) = data("c2sp") else { return };
    let ours = Signer::new(&mut SeededDice::new(1)).verifier();
    let stranger = VerifierKey::new("example.com/behind-the-sofa", Kind::Ed25519, ours).unwrap();
    let mut wrong = Vec::new();
    let mut ran = 0;
    for file in files(&folder) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        // Some examples are shortened with `[...]`, and some are of grammar, policies or requests.
        let is_note = text.contains("\n\n— ") && !text.contains("[...]");
        if name == "PROVENANCE.md" || !is_note {
            continue;
        }
        ran += 1;
        let text = format!("{}\n", text.trim_end());
        match Note::parse(&text) {
            Ok(note) if note.to_string() == text => {
                if note.verify(std::slice::from_ref(&stranger)).is_ok() {
                    wrong.push(format!("{name} verifies with a key of ours"));
                }
                if !name.starts_with("signed-note") && Checkpoint::parse(note.text()).is_err() {
                    wrong.push(format!("{name} is no checkpoint"));
                }
            }
            said => wrong.push(format!("{name}: {said:?}")),
        }
    }
    report("tlog/c2sp", ran, &wrong);
}
