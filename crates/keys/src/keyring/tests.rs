//! What the folder of keys promises.

use super::*;
use crate::note::Note;
use crate::{DataKey, SeededDice};
use expect_test::expect;

const ORIGIN: &str = "clearinghouse.example.org/log";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The error's text, with the folder left out.
fn said(folder: &Path, keyring: Result<Keyring, KeyringError>) -> String {
    let error = keyring.unwrap_err().to_string();
    error.replace(&folder.display().to_string(), "FOLDER")
}

#[test]
fn keys_are_found_again_and_made_once() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data/keys");
    let dice = &mut SeededDice::new(1);
    let made = Keyring::open_or_create(&folder, ORIGIN, dice).unwrap();
    let found = Keyring::open_or_create(&folder, "another.example/log", dice).unwrap();
    assert_eq!(found.log().verifier(), made.log().verifier());
    assert_eq!(found.origin(), ORIGIN);
    let wrapped = made.master().wrap(&DataKey::new(dice), b"c", dice);
    assert!(found.master().unwrap(&wrapped, b"c").is_ok());
    expect!["`FOLDER/data/keys` holds keys already, and they are never overwritten"]
        .assert_eq(&said(place.path(), Keyring::create(&folder, ORIGIN, dice)));
    let left: Vec<_> = fs::read_dir(place.path().join("data")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is left beside the folder: {left:?}");
}

#[test]
fn keys_are_readable_by_their_owner_only() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("keys");
    Keyring::create(&folder, ORIGIN, &mut SeededDice::new(1)).unwrap();
    assert_eq!(mode(&folder), 0o700);
    for name in [MASTER, LOG] {
        let path = folder.join(name);
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = said(&folder, Keyring::open(&folder));
        assert_eq!(
            error,
            format!(
                "`FOLDER/{name}` can be read or written by others (mode 640); consider its key known, and if it is not, run `chmod 600 FOLDER/{name}`"
            )
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert!(Keyring::open(&folder).is_ok());
}

#[test]
fn a_lost_or_damaged_key_is_never_replaced() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("keys");
    let dice = &mut SeededDice::new(1);
    Keyring::create(&folder, ORIGIN, dice).unwrap();
    let text = fs::read_to_string(folder.join(LOG)).unwrap();
    fs::remove_file(folder.join(LOG)).unwrap();
    expect!["cannot read `FOLDER/log.key`"].assert_eq(&said(
        &folder,
        Keyring::open_or_create(&folder, ORIGIN, dice),
    ));
    write_secret(&folder.join(LOG), &text[..40]).unwrap();
    expect!["`FOLDER/log.key` holds no key: not a key; a key is `NAME+ID+KEY`, the id in 8 hex digits and the key in base64"]
        .assert_eq(&said(&folder, Keyring::open(&folder)));
    write_secret(&folder.join(MASTER), "word").unwrap();
    expect!["`FOLDER/master.key` holds no key: a master key is `seamark master key 1 ` and 32 bytes in base64"]
        .assert_eq(&said(&folder, Keyring::open(&folder)));
    fs::remove_file(folder.join(MASTER)).unwrap();
    expect!["cannot read `FOLDER/master.key`"].assert_eq(&said(
        &folder,
        Keyring::open_or_create(&folder, ORIGIN, dice),
    ));
}

#[test]
fn a_log_has_a_name_without_spaces() {
    let place = tempfile::tempdir().unwrap();
    let keyring = Keyring::create(&place.path().join("k"), "a log", &mut SeededDice::new(1));
    expect!["`a log` cannot name a log; use an address without scheme, spaces and `+`, such as `clearinghouse.example.org/log`"]
        .assert_eq(&said(place.path(), keyring));
    assert!(!place.path().join("k").exists());
}

#[test]
fn a_rotated_key_is_followed_from_the_first() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("keys");
    let dice = &mut SeededDice::new(1);
    let first = Keyring::create(&folder, ORIGIN, dice).unwrap();
    let second = Keyring::rotate(&folder, dice).unwrap();
    let third = Keyring::rotate(&folder, dice).unwrap();
    let known: Vec<VerifierKey> = [&third, &second, &first]
        .map(|it| it.log().verifier().clone())
        .into();
    assert_eq!(third.verifiers(), known);
    let rotations: Vec<Rotation> = third
        .rotations()
        .map(|it| Rotation::parse(it).unwrap())
        .collect();
    assert_eq!(
        (&rotations[0].old, &rotations[1].new),
        (&known[2], &known[0])
    );
    assert!(!folder.join(NEXT).exists());
    // What was sealed before still opens.
    let sealed = first.master().seal(b"c", b"word", dice);
    assert_eq!(third.master().open(b"c", &sealed).unwrap(), b"word");
}

#[test]
fn a_rotation_that_was_cut_short_is_finished_or_forgotten() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("keys");
    let dice = &mut SeededDice::new(1);
    let before = Keyring::create(&folder, ORIGIN, dice).unwrap();
    let next = SignerKey::new(ORIGIN, Signer::new(dice)).unwrap();
    write_secret(&folder.join(NEXT), &next.reveal()).unwrap();
    let opened = Keyring::open(&folder).unwrap();
    assert_eq!(opened.log().verifier(), before.log().verifier());
    assert!(!folder.join(NEXT).exists(), "nobody stated that it follows");
    write_secret(&folder.join(NEXT), &next.reveal()).unwrap();
    let note = Rotation::sign(1, before.log(), &next).to_string();
    write_secret(&folder.join("log.key.1"), &note).unwrap();
    let opened = Keyring::open(&folder).unwrap();
    assert_eq!(opened.log().verifier(), next.verifier());
    assert!(!folder.join(NEXT).exists(), "it is in its place");
}

#[test]
fn a_chain_with_a_gap_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("keys");
    let dice = &mut SeededDice::new(1);
    let first = Keyring::create(&folder, ORIGIN, dice).unwrap();
    Keyring::rotate(&folder, dice).unwrap();
    let stranger = SignerKey::new(ORIGIN, Signer::new(dice)).unwrap();
    let note = Rotation::sign(1, first.log(), &stranger).to_string();
    write_secret(&folder.join("log.key.1"), &note).unwrap();
    let error = said(&folder, Keyring::open(&folder));
    assert!(
        error.starts_with("`FOLDER/log.key.1` holds no key: it leads to the key"),
        "{error}"
    );
    let unsigned = Note::new("word\n").unwrap().to_string();
    write_secret(&folder.join("log.key.1"), &unsigned).unwrap();
    assert!(Keyring::open(&folder).is_err());
}
