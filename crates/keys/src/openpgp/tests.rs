//! What GnuPG says of our keys and signatures, and what the folder promises.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use super::*;
use crate::SeededDice;
use expect_test::expect;

const MADE: u32 = 1_790_000_000;

fn key(seed: u64) -> Key {
    Key::new(
        "Harbor ISAC <csirt@harbor.example>",
        MADE,
        &mut SeededDice::new(seed),
    )
}

/// GnuPG in a home of its own, where the clock stands an hour after the key was made; `None` where it is not installed.
#[expect(
    clippy::disallowed_methods,
    reason = "the other side of this format is a program, and it is asked what it thinks"
)]
fn gpg(home: &Path, arguments: &[&str]) -> Option<Output> {
    fs::set_permissions(home, fs::Permissions::from_mode(0o700)).unwrap();
    let clock = format!("{}", MADE + 3_600);
    let out = Command::new("gpg")
        .env("GNUPGHOME", home)
        .env("LC_ALL", "C")
        .args([
            "--batch",
            "--no-tty",
            "--status-fd",
            "1",
            "--faked-system-time",
            &clock,
        ])
        .args(arguments)
        .output();
    if out.is_err() {
        eprintln!("GnuPG is not installed: what it thinks of our signatures was not asked");
    }
    out.ok()
}

fn said(out: &Output) -> String {
    let all = [&out.stdout[..], &out.stderr[..]].concat();
    String::from_utf8_lossy(&all).into_owned()
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

#[test]
fn gnupg_verifies_what_was_signed_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path();
    // Many keys, so that halves of signatures with leading zeros are among them.
    for seed in 0..12 {
        let key = key(seed);
        let [public, document, signature] =
            ["public.asc", "a.json", "a.json.asc"].map(|name| home.join(name));
        fs::write(&public, key.public()).unwrap();
        fs::write(&document, "{\"a\": 1}\n").unwrap();
        fs::write(&signature, key.sign(b"{\"a\": 1}\n", MADE + 60)).unwrap();
        let Some(imported) = gpg(home, &["--import", path(&public)]) else {
            return;
        };
        let imported = said(&imported);
        assert!(
            imported.contains(&format!("IMPORT_OK 1 {}", key.fingerprint())),
            "{imported}"
        );
        let verify = || gpg(home, &["--verify", path(&signature), path(&document)]).unwrap();
        let good = verify();
        assert!(good.status.success(), "{}", said(&good));
        let valid = format!("VALIDSIG {} ", key.fingerprint());
        assert!(said(&good).contains(&valid), "{}", said(&good));
        assert!(
            said(&good).contains("Harbor ISAC <csirt@harbor.example>"),
            "{}",
            said(&good)
        );
        fs::write(&document, "{\"a\": 2}\n").unwrap();
        let bad = verify();
        assert!(
            !bad.status.success() && said(&bad).contains("BADSIG"),
            "{}",
            said(&bad)
        );
    }
}

#[test]
fn gnupg_verifies_a_text_that_stays_readable() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path();
    let key = key(1);
    let (public, text) = (home.join("public.asc"), home.join("security.txt"));
    let signed = key.sign_text(
        "Contact: mailto:a@b.example\n-- \nExpires: never  \n",
        MADE + 60,
    );
    assert!(signed.contains("\n- --\nExpires: never\n"), "{signed}");
    fs::write(&public, key.public()).unwrap();
    fs::write(&text, &signed).unwrap();
    if gpg(home, &["--import", path(&public)]).is_none() {
        return;
    }
    let good = gpg(home, &["--verify", path(&text)]).unwrap();
    assert!(good.status.success(), "{}", said(&good));
    fs::write(&text, signed.replace("mailto:a@", "mailto:c@")).unwrap();
    let bad = gpg(home, &["--verify", path(&text)]).unwrap();
    assert!(!bad.status.success(), "{}", said(&bad));
}

#[test]
fn a_key_is_the_same_bytes_whenever_it_is_written() {
    let key = key(1);
    assert_eq!(key.public(), key.clone().public());
    expect![[r#"
        A61F95152058D27418B05B94E170E1AD1D1FF340
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        xjMEarE7gBYJKwYBBAHaRw8BAQdARLFIcKB/BVDIdYwMWEUygFNwFpJD5IdOFJXU
        yQWTRWnNIkhhcmJvciBJU0FDIDxjc2lydEBoYXJib3IuZXhhbXBsZT7CewQTFgoA
        IwUCarE7gBYhBKYflRUgWNJ0GLBblOFw4a0dH/NAAhsDAhkBAAoJEOFw4a0dH/NA
        vG8A/iACMMKZZaAIAOsq99yL3kcFUbufnGzdb7o69yZrYThoAP4i3aJR8IkQC7Xj
        cY4tp3b9SgEcELdr7uREWFkG25siDw==
        =qWd9
        -----END PGP PUBLIC KEY BLOCK-----
    "#]]
    .assert_eq(&format!("{}\n{}", key.fingerprint(), key.public()));
    assert_eq!(
        format!("{key:?}"),
        format!("Key(***, {} {})", key.fingerprint(), key.name)
    );
}

#[test]
fn a_name_is_one_line_and_ends_between_letters() {
    let dice = &mut SeededDice::new(1);
    let long = format!("a\nb{}", "ä".repeat(200));
    let key = Key::new(&long, MADE, dice);
    assert!(key.name.starts_with("abä") && key.name.len() <= NAME_BYTES_MAX);
}

#[test]
fn a_key_is_made_once_kept_from_others_and_found_again() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let dice = &mut SeededDice::new(1);
    assert!(Ring::open(folder).unwrap().is_none());
    let made = Ring::open_or_create(folder, "Harbor ISAC", MADE, dice).unwrap();
    let found = Ring::open_or_create(folder, "Another name", MADE + 9, dice).unwrap();
    assert_eq!(found.key().public(), made.key().public());
    let file = folder.join("openpgp.key");
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let next = Ring::rotate(folder, "Harbor ISAC", MADE + 60, dice).unwrap();
    assert_ne!(next.key().fingerprint(), made.key().fingerprint());
    let opened = Ring::open(folder).unwrap().unwrap();
    assert_eq!(opened.key().fingerprint(), next.key().fingerprint());

    fs::write(&file, "seamark openpgp key 1 now key name").unwrap();
    let wrong = Ring::open(folder).unwrap_err().to_string();
    expect!["`FOLDER/openpgp.key` holds no key: an OpenPGP key is `seamark openpgp key 1 `, the second it was made in, 32 bytes in base64 and a name"]
        .assert_eq(&wrong.replace(&folder.display().to_string(), "FOLDER"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(
        Ring::open(folder)
            .unwrap_err()
            .to_string()
            .contains("can be read or written by others")
    );
}
