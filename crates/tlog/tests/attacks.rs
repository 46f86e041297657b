//! Attacks on who reads a receipt or follows a log, each by its name, and the error that stops it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

mod common;

use common::{Kept, grown, leaves, mth};
use expect_test::{Expect, expect};
use keys::note::{Kind, Note, Signature, SignerKey, VerifierKey, cosigned};
use keys::{SeededDice, Signer};
use serde_json::json;
use tlog::proof::{self, verify_consistency};
use tlog::witness::{self, Answer};
use tlog::{Body, Checkpoint, Entry, Hash, Opening, Receipt, Tree, integrate, verify};

const ORIGIN: &str = "clearinghouse.example.org/log";

fn key(name: &str, seed: u64) -> SignerKey {
    SignerKey::new(name, Signer::new(&mut SeededDice::new(seed))).unwrap()
}

/// Someone who cosigns what they are shown.
struct Witness {
    signer: Signer,
    key: VerifierKey,
}

impl Witness {
    fn new(name: &str, seed: u64) -> Witness {
        let signer = Signer::new(&mut SeededDice::new(seed));
        let key = VerifierKey::new(name, Kind::Cosignature, signer.verifier()).unwrap();
        Witness { signer, key }
    }

    fn cosign(&self, note: &Note, time: u64) -> Signature {
        let made = self.signer.sign(cosigned(time, note.text()).as_bytes());
        let bytes = [&time.to_be_bytes()[..], &made].concat();
        Signature::new(&self.key, bytes)
    }
}

/// A log of five entries, of which the third is sealed, with one witness.
struct Play {
    log: SignerKey,
    witness: Witness,
    entries: Vec<Entry>,
    opening: Opening,
    tree: Tree,
    kept: Kept,
}

fn play() -> Play {
    let body = |text: &str| Body::new(&json!({"act": "submit", "report": text})).unwrap();
    let opening = Opening::new([7; 32], body("R-000003"));
    let mut entries: Vec<Entry> = ["R-000001", "R-000002", "", "R-000004", "R-000005"]
        .map(|text| Entry::Open(body(text)))
        .into();
    entries[2] = opening.entry();
    let (written, tree) = integrate(&Tree::default(), entries.iter().map(Entry::leaf));
    Play {
        log: key(ORIGIN, 1),
        witness: Witness::new("witness.example/w", 2),
        entries,
        opening,
        tree,
        kept: written.into_iter().collect(),
    }
}

impl Play {
    fn note(&self) -> Note {
        let checkpoint = Checkpoint::new(ORIGIN, self.tree.size(), self.tree.root());
        let mut note = checkpoint.sign(&self.log);
        note.add(self.witness.cosign(&note, 1_790_000_000));
        note
    }

    fn receipt(&self) -> Receipt {
        Receipt {
            form: Default::default(),
            origin: ORIGIN.into(),
            key: self.log.verifier().to_string(),
            index: 2,
            entry: self.entries[2].clone(),
            opening: Some(self.opening.clone()),
            proof: proof::inclusion(2, self.tree.size(), &self.kept).unwrap(),
            checkpoint: self.note().to_string(),
            rotations: vec![],
        }
    }

    fn keys(&self) -> Vec<VerifierKey> {
        vec![self.log.verifier().clone(), self.witness.key.clone()]
    }
}

/// What a reader who knows `keys` is told of `receipt`, through the file and back.
fn check(receipt: &Receipt, keys: &[VerifierKey], expected: Expect) {
    let read = Receipt::parse(&receipt.print()).and_then(|receipt| verify(&receipt, keys));
    let said = match read {
        Err(error) => error.to_string(),
        Ok(it) => format!(
            "entry {} of {}, {:?}, witnesses {:?}, strangers {:?}, opened {}",
            it.index,
            it.size,
            it.trust,
            it.witnesses,
            it.strangers,
            it.opened.as_ref().map_or("no", Body::as_str)
        ),
    };
    expected.assert_eq(&said);
}

/// The attack: `change` is done to a good receipt, which is then read by someone who knows log and witness.
fn attack(change: impl FnOnce(&Play, &mut Receipt), expected: Expect) {
    let play = play();
    let mut receipt = play.receipt();
    change(&play, &mut receipt);
    check(&receipt, &play.keys(), expected);
}

#[test]
fn a_good_receipt_proves_what_it_says() {
    attack(
        |_, _| (),
        expect![[
            r#"entry 2 of 5, Given, witnesses [("witness.example/w", 1790000000)], strangers [], opened {"act":"submit","report":"R-000003"}"#
        ]],
    );
    attack(
        |_, receipt| receipt.opening = None,
        expect![[
            r#"entry 2 of 5, Given, witnesses [("witness.example/w", 1790000000)], strangers [], opened no"#
        ]],
    );
}

#[test]
fn a_key_that_nobody_gave_is_said_loudly() {
    let play = play();
    check(
        &play.receipt(),
        &[],
        expect![[
            r#"entry 2 of 5, Itself, witnesses [], strangers ["witness.example/w"], opened {"act":"submit","report":"R-000003"}"#
        ]],
    );
    check(
        &play.receipt(),
        std::slice::from_ref(&play.witness.key),
        expect![[
            r#"entry 2 of 5, Itself, witnesses [("witness.example/w", 1790000000)], strangers [], opened {"act":"submit","report":"R-000003"}"#
        ]],
    );
}

#[test]
fn checkpoint_signed_by_unknown_key() {
    let forge = |play: &Play, receipt: &mut Receipt| {
        let checkpoint = Checkpoint::parse(play.note().text()).unwrap();
        receipt.checkpoint = checkpoint.sign(&key(ORIGIN, 66)).to_string();
    };
    attack(
        forge,
        expect!["the checkpoint does not count: no signature is by a known key"],
    );
    // With the forger's key in the receipt as well.
    attack(
        |play, receipt| {
            forge(play, receipt);
            receipt.key = key(ORIGIN, 66).verifier().to_string();
        },
        expect![
            "the receipt is signed with `clearinghouse.example.org/log+061aa9bc+AfCNb2MjNHyKaTBkhKj2glSsNYTnd9BruChJXpbrcAML`, which is no key that was given and follows none"
        ],
    );
}

#[test]
fn checkpoint_cosigned_falsely() {
    attack(
        |play, receipt| {
            let checkpoint = Checkpoint::parse(play.note().text()).unwrap();
            let mut note = checkpoint.sign(&play.log);
            let other = Note::new("another text\n").unwrap();
            note.add(play.witness.cosign(&other, 1_790_000_000));
            receipt.checkpoint = note.to_string();
        },
        expect![
            "the checkpoint does not count: the signature of `witness.example/w` is false: that key did not sign this text"
        ],
    );
}

#[test]
fn wrong_origin() {
    attack(
        |_, receipt| receipt.origin = "another.example/log".into(),
        expect![
            "the receipt is of the log `another.example/log`, and its key or checkpoint of `clearinghouse.example.org/log`"
        ],
    );
    // The same key signs for a log of another name.
    attack(
        |play, receipt| {
            let mut checkpoint = Checkpoint::parse(play.note().text()).unwrap();
            checkpoint.origin = "another.example/log".into();
            receipt.checkpoint = checkpoint.sign(&play.log).to_string();
        },
        expect![
            "the checkpoint does not count: the checkpoint is of the log `another.example/log`, and no key of that name signed it"
        ],
    );
}

#[test]
fn swapped_entry() {
    attack(
        |play, receipt| {
            receipt.entry = play.entries[3].clone();
            receipt.opening = None;
        },
        expect![
            "the entry is not proven to be in the log: the proof does not lead to the root that was signed"
        ],
    );
    attack(
        |_, receipt| receipt.index = 3,
        expect![
            "the entry is not proven to be in the log: the proof does not lead to the root that was signed"
        ],
    );
    attack(
        |_, receipt| receipt.index = 5,
        expect!["the entry is not proven to be in the log: entry 5 is not in a tree of 5 entries"],
    );
}

#[test]
fn truncated_proof() {
    attack(
        |_, receipt| {
            receipt.proof.pop();
        },
        expect![
            "the entry is not proven to be in the log: the proof has too few or too many hashes for a tree of this size"
        ],
    );
    attack(
        |_, receipt| receipt.proof.clear(),
        expect![
            "the entry is not proven to be in the log: the proof has too few or too many hashes for a tree of this size"
        ],
    );
    attack(
        |_, receipt| receipt.proof.push(receipt.proof[0]),
        expect![
            "the entry is not proven to be in the log: the proof has too few or too many hashes for a tree of this size"
        ],
    );
}

#[test]
fn opening_with_wrong_salt() {
    attack(
        |play, receipt| receipt.opening = Some(Opening::new([8; 32], play.opening.body.clone())),
        expect!["the opening is not what was sealed: its salt or body is another"],
    );
    attack(
        |play, receipt| {
            let body = Body::new(&json!({"act": "submit", "report": "R-000009"})).unwrap();
            receipt.opening = Some(Opening::new(play.opening.salt, body));
        },
        expect!["the opening is not what was sealed: its salt or body is another"],
    );
}

#[test]
fn opening_of_what_was_open() {
    attack(
        |play, receipt| {
            receipt.index = 1;
            receipt.entry = play.entries[1].clone();
            receipt.proof = proof::inclusion(1, 5, &play.kept).unwrap();
        },
        expect!["the opening is not what was sealed: its salt or body is another"],
    );
}

#[test]
fn entry_posing_as_node() {
    // The hash of two entries as one entry of a smaller tree: leaves and nodes are hashed apart.
    let all = leaves(2);
    let posing = tlog::hash::leaf(&[all[0].0, all[1].0].concat());
    let root = mth(&all);
    assert_eq!(
        proof::verify_inclusion(posing, 0, 1, root, &[]),
        Err(proof::ProofError::Root)
    );
}

fn follow(from: (u64, Hash), to: (u64, Hash), proof: &[Hash], expected: Expect) {
    let said = verify_consistency(from, to, proof);
    expected.assert_eq(&said.map_or_else(|error| error.to_string(), |()| "continues".into()));
}

#[test]
fn tree_that_shrank() {
    let (old, new) = (grown([300]).0, grown([200]).0);
    follow(
        (300, old.root()),
        (200, new.root()),
        &[],
        expect!["the log shrank from 300 to 200 entries"],
    );
}

#[test]
fn forked_root() {
    let all = leaves(300);
    let mut other = all.clone();
    other[17] = leaves(1000)[999];
    let (written, fork) = integrate(&Tree::default(), other);
    let kept: Kept = written.into_iter().collect();
    let proof = proof::consistency(200, 300, &kept).unwrap();
    let old = (200, mth(&all[..200]));
    follow(
        old,
        (300, fork.root()),
        &proof,
        expect!["the log forked: the earlier tree is no beginning of the later one"],
    );
    follow(
        old,
        (200, fork.root()),
        &[],
        expect!["the log forked: the earlier tree is no beginning of the later one"],
    );
    follow(
        old,
        (300, mth(&all)),
        &proof,
        expect!["the log forked: the earlier tree is no beginning of the later one"],
    );
}

#[test]
fn empty_tree_that_proves_everything() {
    follow(
        (0, tlog::hash::empty()),
        (5, mth(&leaves(5))),
        &[],
        expect!["nothing follows from a tree without entries"],
    );
}

#[test]
fn a_file_that_is_no_receipt_says_why() {
    let said = |text: &str| Receipt::parse(text).unwrap_err().to_string();
    expect!["not a receipt: EOF while parsing a value at line 1 column 0"].assert_eq(&said(""));
    let good = play().receipt().print();
    expect!["not a receipt: `form` is `seamark receipt 1` in what this version reads at line 2 column 29"]
        .assert_eq(&said(&good.replace("receipt 1", "receipt 2")));
    expect!["not a receipt: a receipt has at most 1048576 bytes"]
        .assert_eq(&said(&" ".repeat(2 << 20)));
}

#[test]
fn rotated_keys_are_followed_forward_only() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keys");
    let dice = &mut keys::SeededDice::new(1);
    let first = keys::Keyring::create(&folder, ORIGIN, dice).unwrap();
    keys::Keyring::rotate(&folder, dice).unwrap();
    let third = keys::Keyring::rotate(&folder, dice).unwrap();
    let play = play();
    let mut receipt = play.receipt();
    receipt.opening = None;
    receipt.key = third.log().verifier().to_string();
    let checkpoint = Checkpoint::new(ORIGIN, play.tree.size(), play.tree.root());
    receipt.checkpoint = checkpoint.sign(third.log()).to_string();
    receipt.rotations = third.rotations().map(str::to_owned).collect();
    let key = |ring: &keys::Keyring| ring.log().verifier().clone();
    check(
        &receipt,
        &[key(&first)],
        expect!["entry 2 of 5, Followed(2), witnesses [], strangers [], opened no"],
    );
    check(
        &receipt,
        &[key(&third)],
        expect!["entry 2 of 5, Given, witnesses [], strangers [], opened no"],
    );
    // Who stole the first key cannot sign in the name of the third.
    receipt.key = key(&first).to_string();
    receipt.checkpoint = checkpoint.sign(first.log()).to_string();
    let said = verify(&receipt, &[key(&third)]).unwrap_err().to_string();
    assert!(
        said.ends_with("which is no key that was given and follows none"),
        "{said}"
    );
    // A chain with a link that nobody signed.
    receipt.key = key(&third).to_string();
    receipt.rotations.remove(0);
    let said = verify(&receipt, &[key(&first)]).unwrap_err().to_string();
    assert!(
        said.ends_with("which is no key that was given and follows none"),
        "{said}"
    );
    receipt.rotations = vec!["word".into()];
    check(
        &receipt,
        &[key(&first)],
        expect![
            "a change of the log's key is not signed as it must be: not a signed note; a note is a text, an empty line, and lines with signatures"
        ],
    );
}

#[test]
fn a_witness_is_believed_about_its_own_signature_only() {
    let play = play();
    let note = Checkpoint::new(ORIGIN, 5, play.tree.root()).sign(&play.log);
    let cosignature = play.witness.cosign(&note, 1_790_000_000);
    let other = Witness::new("other.example/w", 9).cosign(&note, 1_790_000_000);
    let ask = |status: u16, body: &str| witness::answer(status, body, &note, &play.witness.key);
    let good = format!("{other}\n{cosignature}\n");
    assert_eq!(
        ask(200, &good),
        Ok(Answer::Cosigned(vec![cosignature.clone()]))
    );
    assert_eq!(ask(409, "17\n"), Ok(Answer::Behind(17)));
    let said = |status: u16, body: &str| ask(status, body).unwrap_err().to_string();
    expect!["the witness's answer is not its cosignature: no signature is by a known key"]
        .assert_eq(&said(200, &format!("{other}\n")));
    let elsewhere = play.witness.cosign(&Note::new("other\n").unwrap(), 1);
    expect!["the witness's answer is not its cosignature: the signature of `witness.example/w` is false: that key did not sign this text"].assert_eq(&said(200, &format!("{elsewhere}\n")));
    expect!["the witness's answer is not its cosignature: not a signed note; at least one signature stands below a note, and each line ends with a newline"].assert_eq(&said(200, ""));
    expect!["the witness says that the log does not continue what it saw (422); look at this before anything else"].assert_eq(&said(422, ""));
    expect!["the witness says that the log does not continue what it saw (409); look at this before anything else"].assert_eq(&said(409, "no"));
    expect!["the witness does not know this log; ask its operator to add it"]
        .assert_eq(&said(404, ""));
    expect!["the witness knows this log by another key; tell its operator of the rotation"]
        .assert_eq(&said(403, ""));
    expect!["the witness answered 500"].assert_eq(&said(500, ""));
}

#[test]
fn what_a_witness_is_sent() {
    let play = play();
    let note = Checkpoint::new(ORIGIN, 5, play.tree.root()).sign(&play.log);
    let proof = proof::consistency(3, 5, &play.kept).unwrap();
    let request = witness::request(3, &proof, &note);
    let (head, below) = request.split_once("\n\n").unwrap();
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], "old 3");
    let sent: Vec<Hash> = lines[1..]
        .iter()
        .map(|line| line.parse().unwrap())
        .collect();
    assert_eq!(sent, proof);
    assert_eq!(below, note.to_string());
}

#[test]
fn a_receipt_is_exported_for_other_logs_tools() {
    let play = play();
    let text = tlog::export::tlog_proof(&play.receipt());
    let (head, below) = text.split_once("\n\n").unwrap();
    assert_eq!(below, play.note().to_string());
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert!(lines[1].starts_with("extra "), "{}", lines[1]);
    assert_eq!(lines[2], "index 2");
    assert_eq!(lines.len() - 3, play.receipt().proof.len());
    assert!(!text.contains("R-000003"));
}
