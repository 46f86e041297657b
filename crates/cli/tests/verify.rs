//! What `seamark verify` says of receipts: good ones, forged ones, and what is none.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

use std::fs;
use std::path::Path;

use expect_test::expect_file;
use keys::note::{Kind, Signature, SignerKey, VerifierKey, cosigned};
use keys::{SeededDice, Signer};
use serde_json::json;
use tlog::{Body, Checkpoint, Entry, Opening, Receipt, Tree, integrate, proof};

mod common;

use common::{said, seamark};

const ORIGIN: &str = "clearinghouse.example.org/log";

fn log() -> SignerKey {
    SignerKey::new(ORIGIN, Signer::new(&mut SeededDice::new(1))).unwrap()
}

fn witness() -> (Signer, VerifierKey) {
    let signer = Signer::new(&mut SeededDice::new(2));
    let key = VerifierKey::new("witness.example/w", Kind::Cosignature, signer.verifier()).unwrap();
    (signer, key)
}

/// Receipts for an open and a sealed entry of a log of three, cosigned.
fn receipts() -> [Receipt; 2] {
    let body = |report: &str| Body::new(&json!({"act": "submit", "report": report})).unwrap();
    let opening = Opening::new([7; 32], body("R-000002"));
    let entries = [
        Entry::Open(body("R-000001")),
        opening.entry(),
        Entry::Open(body("R-000003")),
    ];
    let (written, tree) = integrate(&Tree::default(), entries.iter().map(Entry::leaf));
    let kept = written
        .into_iter()
        .collect::<std::collections::BTreeMap<_, _>>();
    let mut note = Checkpoint::new(ORIGIN, 3, tree.root()).sign(&log());
    let (signer, key) = witness();
    let time: u64 = 1_795_176_000;
    let made = signer.sign(cosigned(time, note.text()).as_bytes());
    let bytes = [&time.to_be_bytes()[..], &made].concat();
    note.add(Signature::new(&key, bytes));
    [0, 1].map(|index| Receipt {
        form: Default::default(),
        origin: ORIGIN.into(),
        key: log().verifier().to_string(),
        index,
        entry: entries[index as usize].clone(),
        opening: (index == 1).then(|| opening.clone()),
        proof: proof::inclusion(index, 3, &kept).unwrap(),
        checkpoint: note.to_string(),
        rotations: vec![],
    })
}

/// What is said in a folder with `open.json`, `sealed.json`, `unopened.json`, `forged.json` and `word.json`.
fn transcript(words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let [open, sealed] = receipts();
    let mut unopened = sealed.clone();
    unopened.opening = None;
    let mut forged = open.clone();
    forged.index = 2;
    for (name, receipt) in [
        ("open", open),
        ("sealed", sealed),
        ("unopened", unopened),
        ("forged", forged),
    ] {
        fs::write(folder.path().join(format!("{name}.json")), receipt.print()).unwrap();
    }
    fs::write(folder.path().join("word.json"), "word").unwrap();
    fs::write(folder.path().join("notes.txt"), "not looked at").unwrap();
    let keys = format!(
        "# the log\n{}\n\n# the witness\n{}\n",
        log().verifier(),
        witness().1
    );
    fs::write(folder.path().join("keys.txt"), keys).unwrap();
    run(folder.path(), words)
}

fn run(folder: &Path, words: &[&str]) -> String {
    let place = folder.display().to_string();
    let full: Vec<String> = words
        .iter()
        .map(|it| it.replace("FOLDER", &place))
        .collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    let output = seamark(&full);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&place, "FOLDER");
    let code = output.status.code().unwrap_or(-1);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let words = words.join(" ");
    format!("$ seamark {words}\nexit {code}\n--- stdout\n{out}--- stderr\n{err}\n")
}

#[test]
fn a_receipt_is_checked_against_the_keys_that_were_given() {
    let words = [
        "verify",
        "FOLDER/sealed.json",
        "--keys",
        "FOLDER/keys.txt",
        "--strict",
    ];
    let json = [
        "verify",
        "FOLDER/sealed.json",
        "--keys",
        "FOLDER/keys.txt",
        "--format",
        "json",
    ];
    let said = [transcript(&words), transcript(&json)].concat();
    expect_file!["transcripts/verify-given.txt"].assert_eq(&said);
}

#[test]
fn a_key_that_was_not_given_is_said_loudly() {
    let plain = transcript(&["verify", "FOLDER/open.json"]);
    let strict = transcript(&["verify", "FOLDER/unopened.json", "--strict"]);
    expect_file!["transcripts/verify-itself.txt"].assert_eq(&[plain, strict].concat());
}

#[test]
fn the_help_names_every_exit_code() {
    let help = said(&["verify", "--help"]);
    for code in ["  0  ", "  1  ", "  2  ", "  3  "] {
        assert!(help.contains(code), "{help}");
    }
}

#[test]
fn one_bad_receipt_among_good_ones_is_named() {
    let key = log().verifier().to_string();
    let said = transcript(&["verify", "FOLDER", "--key", &key]);
    expect_file!["transcripts/verify-folder.txt"].assert_eq(&said);
}

#[test]
fn what_cannot_be_checked_says_why() {
    let other = SignerKey::new(ORIGIN, Signer::new(&mut SeededDice::new(9))).unwrap();
    let other = other.verifier().to_string();
    let said = [
        transcript(&["verify", "FOLDER/open.json", "--key", &other]),
        transcript(&["verify", "FOLDER/gone.json"]),
        transcript(&[
            "verify",
            "FOLDER/open.json",
            "--key",
            "word",
            "--key",
            "a+b+c",
        ]),
        transcript(&["verify", "FOLDER/open.json", "--format", "csv"]),
        transcript(&["verify", "-"]),
    ];
    expect_file!["transcripts/verify-wrong.txt"].assert_eq(&said.concat());
}
