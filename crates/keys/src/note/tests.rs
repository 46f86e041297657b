//! What a signed note promises, and the examples of its specification.

use super::*;
use crate::SeededDice;
use expect_test::{Expect, expect};

fn key(name: &str, seed: u64) -> SignerKey {
    SignerKey::new(name, Signer::new(&mut SeededDice::new(seed))).unwrap()
}

fn cosigner(name: &str, seed: u64) -> (Signer, VerifierKey) {
    let signer = Signer::new(&mut SeededDice::new(seed));
    let key = VerifierKey::new(name, Kind::Cosignature, signer.verifier()).unwrap();
    (signer, key)
}

fn cosign(note: &mut Note, signer: &Signer, key: &VerifierKey, time: u64) {
    let made = signer.sign(cosigned(time, note.text()).as_bytes());
    let bytes = [&time.to_be_bytes()[..], &made].concat();
    note.add(Signature::new(key, bytes));
}

/// Reads `text` and says who of `keys` signed it.
fn check(text: &str, keys: &[VerifierKey], expected: Expect) {
    let said = Note::parse(text).and_then(|note| {
        let signed = note.verify(keys)?;
        let name = |it: &Signed<'_>| match it.at {
            Some(at) => format!("{} at {at}", it.key.name()),
            None => it.key.name().to_owned(),
        };
        Ok(signed.iter().map(name).collect::<Vec<_>>().join(", "))
    });
    expected.assert_eq(&said.unwrap_or_else(|error| error.to_string()));
}

/// The example of the signed-note specification; its key is published with Go's `sumdb/note`-style tools only as
/// an id, so the example is read and printed, and stays unknown.
const POEM: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

#[test]
fn the_specifications_example_is_read_and_printed_alike() {
    let note = Note::parse(POEM).unwrap();
    assert!(note.text().ends_with("\n\ned è subito sera.\n"));
    assert_eq!(note.to_string(), POEM);
    check(
        POEM,
        &[key("quasimodo.example/salvatore", 1).verifier],
        expect!["no signature is by a known key"],
    );
}

/// The key and note of the package documentation of Go's `golang.org/x/mod/sumdb/note`, which the specification began as.
#[test]
fn a_note_of_the_first_implementation_verifies() {
    let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key: VerifierKey = known.parse().unwrap();
    assert_eq!(key.to_string(), known);
    let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    check(note, std::slice::from_ref(&key), expect!["PeterNeumann"]);
    check(
        &note.replace("cryptography", "mathematics"),
        &[key],
        expect!["the signature of `PeterNeumann` is false: that key did not sign this text"],
    );
}

#[test]
fn several_sign_and_strangers_are_ignored() {
    let (log, other, stranger) = (key("log", 1), key("other", 2), key("stranger", 3));
    let (signer, witness) = cosigner("witness", 4);
    let mut note = Note::new("text\n").unwrap();
    for key in [&log, &stranger, &other, &log] {
        note.sign(key);
    }
    cosign(&mut note, &signer, &witness, 1679315147);
    assert_eq!(note.signatures().len(), 4, "the log signs once");
    let text = note.to_string();
    check(
        &text,
        &[log.verifier.clone(), witness, other.verifier.clone()],
        expect!["log, witness at 1679315147, other"],
    );
    check(
        &text,
        &[log.verifier.clone(), log.verifier.clone()],
        expect!["log"],
    );
    check(&text, &[], expect!["no signature is by a known key"]);
    // Of the same name, and yet another key.
    check(
        &text,
        &[key("log", 9).verifier],
        expect!["no signature is by a known key"],
    );
}

#[test]
fn a_false_signature_of_a_known_key_refuses_the_whole_note() {
    let (log, other) = (key("log", 1), key("other", 2));
    let mut note = Note::new("text\n").unwrap();
    note.sign(&log);
    note.add(Signature::new(&other.verifier, vec![7; 64]));
    let text = note.to_string();
    check(
        &text,
        &[log.verifier.clone(), other.verifier.clone()],
        expect!["the signature of `other` is false: that key did not sign this text"],
    );
    check(&text, std::slice::from_ref(&log.verifier), expect!["log"]);
    // A good one beside it does not help.
    note.sign(&other);
    check(
        &note.to_string(),
        &[other.verifier],
        expect!["the signature of `other` is false: that key did not sign this text"],
    );
}

#[test]
fn a_cosignature_covers_its_time() {
    let (signer, witness) = cosigner("witness", 1);
    let mut note = Note::new("log\n1\nroot\n").unwrap();
    cosign(&mut note, &signer, &witness, 100);
    check(
        &note.to_string(),
        std::slice::from_ref(&witness),
        expect!["witness at 100"],
    );
    let mut bytes = note.signatures[0].bytes.clone();
    bytes[7] ^= 1;
    note.signatures = vec![Signature::new(&witness, bytes)];
    check(
        &note.to_string(),
        std::slice::from_ref(&witness),
        expect!["the signature of `witness` is false: that key did not sign this text"],
    );
    // Past 2^63 - 1, even where it is signed.
    note.signatures.clear();
    cosign(&mut note, &signer, &witness, 1 << 63);
    check(
        &note.to_string(),
        &[witness],
        expect!["the signature of `witness` is false: that key did not sign this text"],
    );
}

#[test]
fn a_plain_signature_is_no_cosignature_of_the_same_key() {
    let signer = Signer::new(&mut SeededDice::new(1));
    let plain = SignerKey::new("name", signer.clone()).unwrap();
    let witness = VerifierKey::new("name", Kind::Cosignature, signer.verifier()).unwrap();
    assert_ne!(plain.verifier.id(), witness.id());
    let mut note = Note::new("text\n").unwrap();
    note.sign(&plain);
    check(
        &note.to_string(),
        &[witness],
        expect!["no signature is by a known key"],
    );
}

#[test]
fn what_is_no_note_says_what_one_is() {
    for (text, expected) in [
        (
            "",
            expect![
                "not a signed note; a note is a text, an empty line, and lines with signatures"
            ],
        ),
        (
            "text\n",
            expect![
                "not a signed note; a note is a text, an empty line, and lines with signatures"
            ],
        ),
        (
            "text\n\n",
            expect![
                "not a signed note; at least one signature stands below a note, and each line ends with a newline"
            ],
        ),
        (
            "text\n\n— log AAAAAAA=",
            expect![
                "not a signed note; at least one signature stands below a note, and each line ends with a newline"
            ],
        ),
        (
            "text\n\n- log AAAAAAA=\n",
            expect!["not a signed note; a signature is `— NAME BASE64`, on a line of its own"],
        ),
        (
            "text\n\n— log AAAAAA==\n",
            expect!["not a signed note; a signature is `— NAME BASE64`, on a line of its own"],
        ),
        (
            "text\n\n— lo+g AAAAAAA=\n",
            expect!["not a signed note; a signature is `— NAME BASE64`, on a line of its own"],
        ),
        (
            "te\txt\n\n— log AAAAAAA=\n",
            expect!["not a signed note; a note has no control characters other than newline"],
        ),
        (
            "te\r\n\n— log AAAAAAA=\n",
            expect!["not a signed note; a note has no control characters other than newline"],
        ),
    ] {
        check(text, &[], expected);
    }
    let many = format!("text\n\n{}", "— log AAAAAAA=\n".repeat(65));
    check(
        &many,
        &[],
        expect!["not a signed note; a note has at most 64 signatures"],
    );
    let long = format!("{}\n\n— log AAAAAAA=\n", "a".repeat(NOTE_BYTES_MAX));
    check(
        &long,
        &[],
        expect!["not a signed note; a note has at most 262144 bytes"],
    );
    assert!(Note::new("no newline").is_err());
}

#[test]
fn a_mistyped_key_is_no_key() {
    let good = key("log.example/a", 1).verifier.to_string();
    assert_eq!(good.parse::<VerifierKey>().unwrap().to_string(), good);
    let said = |text: &str| text.parse::<VerifierKey>().unwrap_err().to_string();
    expect!["not a key; its id is not that of its name and bytes, so part of it is mistyped"]
        .assert_eq(&said(&good.replace("log", "lag")));
    expect!["not a key; a key is `NAME+ID+KEY`, the id in 8 hex digits and the key in base64"]
        .assert_eq(&said("log.example"));
    expect!["not a key; a key is `NAME+ID+KEY`, the id in 8 hex digits and the key in base64"]
        .assert_eq(&said("log+1+AAAA"));
    expect!["not a key; an Ed25519 key has 32 bytes"].assert_eq(&said("log+00000001+AQID"));
    expect!["the key is of type 2, and types 1 (Ed25519) and 4 (cosignature) are known"]
        .assert_eq(&said("log+00000001+AgID"));
    expect!["not a key; a key's name is 1 to 512 bytes without spaces and `+`, such as `log.example.org/seamark`"]
        .assert_eq(&said(&good.replace("log", "l g")));
}

#[test]
fn a_private_key_is_written_and_read_and_prints_stars() {
    let key = key("log.example/a", 1);
    let written = key.reveal();
    let read = SignerKey::parse(&written).unwrap();
    assert_eq!(read.verifier, key.verifier);
    assert!(written.starts_with("PRIVATE+KEY+log.example/a+"));
    assert!(!format!("{key:?}").contains("PRIVATE"));
    assert!(SignerKey::parse(&written.replace("log", "lag")).is_err());
    assert!(SignerKey::parse(&key.verifier.to_string()).is_err());
}
