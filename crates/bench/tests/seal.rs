//! A sealed suite: who opens it, who does not, and what can be read of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use bench::seal::{self, Brought, Folder, Holder, HolderKey};
use expect_test::{Expect, expect};
use keys::SeededDice;
use names::Problems;

const TASK: &[&str] = &[
    "Recover the key that licence.c compares with.",
    "prompt.md",
    "grade.py",
    "flag = hmac(secret, b'task')",
];

/// A suite of one task.
fn suite() -> Folder {
    let place = tempfile::tempdir().expect("there is a place for temporary folders");
    let task = place.path().join("reverse-the-licence");
    fs::create_dir_all(task.join("grader")).expect("it is ours");
    fs::write(task.join("prompt.md"), TASK[0].repeat(50)).expect("it is ours");
    let grader = task.join("grader/grade.py");
    fs::write(&grader, TASK[3]).expect("it is ours");
    fs::set_permissions(&grader, fs::Permissions::from_mode(0o755)).expect("it is ours");
    seal::read_folder(place.path()).expect("a folder of files")
}

fn keys(dice: &mut SeededDice) -> Vec<HolderKey> {
    let all = [("Ada", "Agency"), ("Ben", "Bureau"), ("Cy", "Centre")];
    all.into_iter()
        .map(|(name, organization)| HolderKey::new(name, organization, dice).expect("good names"))
        .collect()
}

fn holders(keys: &[HolderKey]) -> Vec<Holder> {
    keys.iter().map(|key| key.holder().clone()).collect()
}

fn sealed(keys: &[HolderKey], dice: &mut SeededDice) -> Vec<u8> {
    seal::seal("5eed", "1", &suite(), 2, &holders(keys), dice)
        .expect("three of three organizations")
}

fn check(said: Result<Folder, Problems>, expected: Expect) {
    expected.assert_eq(&match said {
        Ok(folder) => format!("{} files", folder.files.len()),
        Err(problems) => problems.to_string(),
    });
}

#[test]
fn any_two_of_three_organizations_open_it_and_one_alone_does_not() {
    let dice = &mut SeededDice::new(1);
    let keys = keys(dice);
    let file = sealed(&keys, dice);
    let brought: Vec<Brought> = keys
        .iter()
        .map(|key| seal::unseal(&file, key).expect("each holds a share"))
        .collect();
    for (one, other) in [(0, 1), (1, 2), (2, 0)] {
        let pair = [brought[one].clone(), brought[other].clone()];
        assert_eq!(seal::open(&file, &pair).expect("two of three"), suite());
    }
    assert_eq!(seal::open(&file, &brought).expect("all three"), suite());
    check(
        seal::open(&file, &brought[..1]),
        expect!["there are 1 holders, and 2 are needed"],
    );
    let twice = [brought[0].clone(), brought[0].clone()];
    check(
        seal::open(&file, &twice),
        expect!["there are 1 holders, and 2 are needed"],
    );
    // A share that went as text is the same.
    let sent = brought[0].to_text();
    let received = Brought::from_text(&sent).expect("it is a share");
    check(
        seal::open(&file, &[received, brought[1].clone()]),
        expect!["2 files"],
    );
    assert_eq!(format!("{:?}", brought[0]), "Brought(1, ***)");
}

#[test]
fn two_holders_of_one_organization_count_once() {
    let dice = &mut SeededDice::new(2);
    let one = HolderKey::new("Ada", "The Agency", dice).expect("good names");
    let other = HolderKey::new("Abe", "the agency.", dice).expect("good names");
    let third = HolderKey::new("Ben", "Bureau", dice).expect("good names");
    let seal = |keys: &[&HolderKey], needed, dice: &mut SeededDice| {
        let holders: Vec<Holder> = keys.iter().map(|key| key.holder().clone()).collect();
        match seal::seal("5eed", "1", &suite(), needed, &holders, dice) {
            Ok(_) => "sealed".to_owned(),
            Err(problems) => problems.to_string(),
        }
    };
    expect!["`Ada` and `Abe` both belong to `The Agency`; holders of an opening belong to different organizations"]
        .assert_eq(&seal(&[&one, &other, &third], 2, dice));
    expect!["one holder alone would open it; at least 2 are needed"].assert_eq(&seal(
        &[&one, &third],
        1,
        dice,
    ));
    expect!["there are 1 holders, and 2 are needed"].assert_eq(&seal(&[&one], 2, dice));
    expect!["`Ada` and `Ada` both belong to `The Agency`; holders of an opening belong to different organizations; `Ada` and `Ada` have the same key; each makes their own"]
        .assert_eq(&seal(&[&one, &one], 2, dice));
    expect!["sealed"].assert_eq(&seal(&[&one, &third], 2, dice));
}

#[test]
fn who_holds_no_share_or_brings_a_wrong_one_is_named() {
    let dice = &mut SeededDice::new(3);
    let keys = keys(dice);
    let (file, other) = (sealed(&keys, dice), sealed(&keys, dice));
    let stranger = HolderKey::new("Eve", "Elsewhere", dice).expect("good names");
    expect!["`Eve` holds no share of this suite; `Ada`, `Ben`, `Cy` do"]
        .assert_eq(&seal::unseal(&file, &stranger).unwrap_err().to_string());
    let brought = |file: &[u8], at: usize| seal::unseal(file, &keys[at]).expect("a share");
    check(
        seal::open(&file, &[brought(&file, 0), brought(&other, 1)]),
        expect!["share 2 is not the one that was made; ask its holder for it again (`Ben`)"],
    );
}

#[test]
fn whoever_changes_a_byte_of_it_opens_nothing() {
    let dice = &mut SeededDice::new(4);
    let keys = keys(dice);
    let file = sealed(&keys, dice);
    let opened = |file: &[u8]| -> Result<Folder, Problems> {
        let brought = [seal::unseal(file, &keys[0])?, seal::unseal(file, &keys[2])?];
        seal::open(file, &brought)
    };
    assert!(opened(&file).is_ok());
    for at in (0..file.len()).step_by(7).chain(0..24) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(opened(&changed).is_err(), "byte {at}");
    }
    for end in (0..file.len()).step_by(13) {
        assert!(opened(&file[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn no_word_of_a_task_is_in_a_sealed_suite() {
    let dice = &mut SeededDice::new(5);
    let keys = keys(dice);
    let file = sealed(&keys, dice);
    let has = |word: &str| file.windows(word.len()).any(|part| part == word.as_bytes());
    for word in TASK
        .iter()
        .chain(&["licence", "reverse", "grader", "Recover"])
    {
        assert!(!has(word), "{word}");
    }
    // The search does find what is there: who holds it.
    assert!(has("Bureau"));
    for key in &keys {
        let secret = key.to_secret_text();
        let secret = secret.split('"').nth(15).expect("the fourth member");
        assert_eq!(secret.len(), 64);
        assert!(!has(secret));
    }
    let head = seal::head(&file).expect("it is ours");
    assert_eq!(
        (head.needed, head.holders.len(), &*head.suite),
        (2, 3, "5eed")
    );
}

#[test]
fn an_opened_suite_stands_in_a_folder_of_ones_own_and_goes_with_it() {
    let place = tempfile::tempdir().expect("there is a place for temporary folders");
    let private = suite()
        .put(place.path(), &mut SeededDice::new(6))
        .expect("the place is ours");
    let path = private.path().to_owned();
    let mode = |path: &std::path::Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&path), 0o700);
    assert_eq!(
        mode(&path.join("reverse-the-licence/grader/grade.py")),
        0o700
    );
    assert_eq!(mode(&path.join("reverse-the-licence/prompt.md")), 0o600);
    assert_eq!(seal::read_folder(&path).expect("files"), suite());
    drop(private);
    assert!(!path.exists());
}

#[test]
fn a_holders_files_are_read_as_they_were_written_and_a_wrong_one_tells_no_secret() {
    let dice = &mut SeededDice::new(7);
    let key = HolderKey::new("Ada", "Agency", dice).expect("good names");
    let again = HolderKey::read(key.to_secret_text().as_bytes()).expect("it is one");
    assert_eq!(again.holder(), key.holder());
    let public = key.holder().to_text();
    assert_eq!(
        &Holder::read(public.as_bytes()).expect("it is one"),
        key.holder()
    );
    assert!(format!("{key:?}").starts_with("HolderKey(***, "));
    let said = |text: &str| HolderKey::read(text.as_bytes()).unwrap_err().to_string();
    expect!["no secret file of a holder: line 5, column 7; it is an object of `format`, `name`, `organization` and `secret`"].assert_eq(&said(&public));
    let secret = key.to_secret_text();
    let broken = secret.replace("\"secret\": \"", "\"secret\": \"zz");
    let told = said(&broken);
    expect!["no secret file of a holder; its `format` is `seamark-holder-secret/1`, and its `secret` has 64 hexadecimal digits"].assert_eq(&told);
    expect!["no public file of a holder: line 5, column 10; it is an object of `format`, `name`, `organization` and `key`"]
        .assert_eq(&Holder::read(secret.as_bytes()).unwrap_err().to_string());
    for (name, organization) in [("", "A"), ("A", "\u{1b}[2J"), ("A", " ")] {
        assert!(HolderKey::new(name, organization, dice).is_err());
    }
}

#[test]
fn what_is_no_sealed_suite_is_told_so() {
    for (bytes, said) in [
        (
            &b"PK\x03\x04"[..],
            expect!["no sealed suite: it begins with `seamark-sealed/1` and a new line"],
        ),
        (
            b"seamark-sealed/1\n\0\0",
            expect!["no sealed suite: it was cut off"],
        ),
        (
            b"seamark-sealed/1\n\xff\xff\xff\xff",
            expect!["no sealed suite: its head is longer than 64 KiB"],
        ),
        (
            b"seamark-sealed/1\n\0\0\0\x02{}",
            expect!["no sealed suite: its head: missing field `format` at line 1 column 2"],
        ),
    ] {
        said.assert_eq(&seal::head(bytes).unwrap_err().to_string());
    }
    let place = tempfile::tempdir().expect("there is a place for temporary folders");
    std::os::unix::fs::symlink("/etc/passwd", place.path().join("link")).expect("it is ours");
    let problems = seal::read_folder(place.path()).unwrap_err().to_string();
    assert!(
        problems.starts_with("`link` is neither a file nor a folder; a suite has no links; "),
        "{problems}"
    );
}
