//! A house leaves in one file and comes back whole, in either database; what is not whole does not come back at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use clearinghouse::backup::{Manifest, backup};
use clearinghouse::check::check;
use clearinghouse::restore::restore;
use clearinghouse::{Failure, House, Settings, start};
use expect_test::{Expect, expect};
use jiff::Timestamp;
use keys::{Keyring, SeededDice};
use serde_json::json;
use server::demo;
use tokio::runtime::Runtime;

use crate::process::{Process, said};

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(work)
}

fn url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("seamark.db").display())
}

/// A house at work, with everything that the demo's people did.
async fn demo_house(folder: &Path) -> House {
    let dice = Box::new(SeededDice::new(1));
    let settings = Settings::default();
    let (url, keys) = (url(folder), folder.join("keys"));
    let house = start::start(&url, &keys, settings, dice, now())
        .await
        .unwrap();
    demo::fill(&house, now()).await.unwrap();
    clearinghouse::log::sequence::catch_up(&house, now())
        .await
        .unwrap();
    house
}

async fn looked_at(database: &str, keys: &Path) -> House {
    let dice = Box::new(SeededDice::new(2));
    start::look(database, keys, Settings::default(), dice)
        .await
        .unwrap()
}

/// What a backup holds, without when and from what it was made.
fn content(manifest: &Manifest) -> String {
    let told =
        json!({"schema": manifest.schema, "tables": manifest.tables, "parts": manifest.parts});
    serde_json::to_string_pretty(&told).unwrap()
}

#[test]
fn a_backup_of_one_database_is_the_same_house_in_the_other() {
    wait(async {
        let folder = tempfile::tempdir().unwrap();
        let house = demo_house(folder.path()).await;
        let keys = folder.path().join("keys");
        let first = folder.path().join("first.backup");
        let made = backup(&house.store, &house.keys, &first, now())
            .await
            .unwrap();
        let rows = |name: &str| made.tables.iter().find(|it| it.table == name).unwrap().rows;
        assert!(rows("report") > 50 && rows("case_event") > 50);
        assert_eq!(rows("session"), 0);
        let other = folder.path().join("other");
        fs::create_dir(&other).unwrap();
        let mut others = vec![url(&other)];
        others.extend(clearinghouse::testing::postgres("backup").await);
        println!("restored into {} databases", others.len());
        for (count, database) in others.iter().enumerate() {
            let store = start::store(database).await.unwrap();
            let keyring = Keyring::open(&keys).unwrap();
            restore(&store, &keyring, &first, now()).await.unwrap();
            drop(store);
            let back = looked_at(database, &keys).await;
            let checked = check(&back).await.unwrap();
            assert_eq!(checked.problems, Vec::<String>::new());
            assert!(
                checked
                    .counts
                    .iter()
                    .any(|(what, count)| *what == "sealed values that open" && *count > 300)
            );
            let again = folder.path().join(format!("again-{count}.backup"));
            let again = backup(&back.store, &back.keys, &again, now())
                .await
                .unwrap();
            assert_eq!(content(&again), content(&made), "{}", again.database);
            // Nobody's number is given again.
            let report = json!({"title": "After", "target": {"package": "pkg:cargo/a@1.0.0"}});
            let report: finding::Report = serde_json::from_value(report).unwrap();
            let lab = clearinghouse::testing::Testing {
                house: back,
                now: now(),
            };
            let member = lab
                .member(names::OrganizationKind::Finder, "A lab after")
                .await;
            let receipt =
                clearinghouse::submit::submit(&lab, &member, &report, "k", [7; 32], now());
            let receipt = receipt.await.unwrap();
            let next = names::ReportId::new(rows("report") as i64 + 1);
            assert_eq!(receipt.report, next);
        }
    });
}

#[test]
fn a_database_that_holds_a_house_is_left_alone() {
    wait(async {
        let folder = tempfile::tempdir().unwrap();
        let house = demo_house(folder.path()).await;
        let file = folder.path().join("a.backup");
        backup(&house.store, &house.keys, &file, now())
            .await
            .unwrap();
        let refused = restore(&house.store, &house.keys, &file, now()).await;
        let Err(Failure::Refused(refusal)) = refused else {
            panic!("it was restored over a house")
        };
        expect!["database: tables of a clearinghouse are there already; name an empty database, or move the file away"]
            .assert_eq(&refusal.to_string());
        let again = backup(&house.store, &house.keys, &file, now()).await;
        let Err(Failure::Broken(incident)) = again else {
            panic!("a backup took the place of another")
        };
        let said = incident.cause().to_string();
        assert!(
            said.ends_with(
                "it is there, and a backup never takes the place of another; name a new file"
            ),
            "{said}"
        );
    });
}

/// Changes a backup, and says what restoring it says; nothing may have been written then.
fn check_changed(house: &(tempfile::TempDir, House), change: impl FnOnce(&Path), expected: Expect) {
    let (folder, house) = house;
    wait(async {
        let file = folder.path().join("changed.backup");
        let _ = fs::remove_file(&file);
        backup(&house.store, &house.keys, &file, now())
            .await
            .unwrap();
        change(&file);
        let store = start::store("sqlite::memory:").await.unwrap();
        let refused = restore(&store, &house.keys, &file, now()).await;
        let Err(Failure::Refused(refusal)) = refused else {
            panic!("it was restored")
        };
        let said: Vec<String> = refusal
            .iter()
            .map(|it| format!("{}: {}", it.field, it.message))
            .collect();
        expected.assert_eq(&said.join("\n"));
        let empty = clearinghouse::testing::is_empty(&store).await;
        assert!(empty, "something was written");
    });
}

/// Packs the parts of a backup again, with `change` done to each: nothing leaves it out.
fn repack(file: &Path, mut change: impl FnMut(&str, Vec<u8>) -> Option<Vec<u8>>) {
    use std::io::Read;
    let bytes = fs::read(file).unwrap();
    let mut archive = tar::Archive::new(zstd::Decoder::new(&bytes[..]).unwrap());
    let mut packed = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut part = Vec::new();
        entry.read_to_end(&mut part).unwrap();
        let Some(part) = change(&name, part) else {
            continue;
        };
        let mut header = tar::Header::new_ustar();
        header.set_size(part.len() as u64);
        header.set_mode(0o600);
        packed.append_data(&mut header, &name, &part[..]).unwrap();
    }
    let bytes = packed.into_inner().unwrap().finish().unwrap();
    fs::write(file, bytes).unwrap();
}

fn text(part: Vec<u8>, from: &str, to: &str) -> Option<Vec<u8>> {
    let text = String::from_utf8(part).unwrap();
    assert!(text.contains(from), "`{from}` is not in it");
    Some(text.replacen(from, to, 1).into_bytes())
}

#[test]
fn what_is_wrong_with_a_backup_is_said_at_once_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let house = wait(async {
        let dice = Box::new(SeededDice::new(1));
        let settings = Settings::default();
        let keys = folder.path().join("keys");
        start::start(&url(folder.path()), &keys, settings, dice, now())
            .await
            .unwrap()
    });
    let house = (folder, house);
    check_changed(
        &house,
        |file| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        },
        expect![[r#"
            : it cannot be read to its end: incomplete frame
            manifest.json: it is missing: this is no backup, or was cut short"#]],
    );
    check_changed(
        &house,
        |file| fs::write(file, "this is no backup").unwrap(),
        expect![[r#"
            : it cannot be read to its end: Unknown frame descriptor
            manifest.json: it is missing: this is no backup, or was cut short"#]],
    );
    check_changed(
        &house,
        |file| {
            repack(file, |name, part| match name {
                name if name.starts_with("log_head/") => text(part, "[1,", "[1, "),
                name if name.starts_with("log_sequencer/") => None,
                "manifest.json" => text(part, "\"0001_core\"", "\"0001_core\", \"9999_future\""),
                _ => Some(part),
            });
        },
        expect![[r#"
            schema: it was made by a newer version, with 9999_future; restore with that one
            log_head/000001.jsonl: it has 1 rows and the SHA-256 173a3e814a3622185090bc99b14a5c77acbf2a3ccc67f25d4d8278de81288aa8, and the list says 1 and 0ee180ae6a69c648d4af232711b77df109b88887117f355b068c32142baff59c
            log_sequencer/000002.jsonl: it is missing"#]],
    );
    let stranger = Keyring::new("elsewhere.example/log", &mut SeededDice::new(9)).unwrap();
    wait(async {
        let file = house.0.path().join("changed.backup");
        let store = start::store("sqlite::memory:").await.unwrap();
        repack(&file, |_, part| Some(part));
        let _ = fs::remove_file(&file);
        backup(&house.1.store, &house.1.keys, &file, now())
            .await
            .unwrap();
        let Err(Failure::Refused(refusal)) = restore(&store, &stranger, &file, now()).await else {
            panic!("it was restored under keys that open nothing")
        };
        let said = refusal.to_string();
        let needs = format!(
            "it needs the master key `{}`",
            house.1.keys.master().fingerprint()
        );
        assert!(said.contains(&needs), "{said}");
        assert!(
            said.contains("keys.log: its log is signed by `seamark.invalid/log+"),
            "{said}"
        );
    });
}

#[test]
fn a_backup_made_under_load_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut process = Process::start(&data, &["--demo"]);
    let lab = process.token("finder", &["read", "submit"]);
    let over = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..3)
        .map(|line| {
            let (lab, over) = (lab.clone(), over.clone());
            thread::spawn(move || {
                let mut sent = 0;
                while !over.load(Ordering::Relaxed) {
                    let title = format!("Overflow {line} {sent}");
                    lab.post(
                        "/reports.json",
                        &json!({"title": title, "target": {"package": "pkg:cargo/a@1.0.0"}}),
                    );
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let other = folder.path().join("other");
    let mut files = Vec::new();
    for count in 0..3 {
        let file = folder.path().join(format!("{count}.backup"));
        let file = file.to_str().unwrap().to_owned();
        let (code, out, error) = said(&data, &["backup", &file]);
        assert_eq!(code, 0, "{error}");
        assert!(out.contains("the keys are not in it"), "{out}");
        files.push(file);
    }
    // A house at work can be looked at as well.
    let (code, out, error) = said(&data, &["check"]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    over.store(true, Ordering::Relaxed);
    let sent: i32 = busy.into_iter().map(|line| line.join().unwrap()).sum();
    assert!(sent > 10, "{sent} reports came in meanwhile");
    process.kill();
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let master = fs::read_to_string(data.join("keys/master.key")).unwrap();
        let secret = master.trim().rsplit(' ').next().unwrap();
        let unpacked = zstd::decode_all(&fs::read(&file).unwrap()[..]).unwrap();
        let at = unpacked
            .windows(secret.len())
            .position(|some| some == secret.as_bytes());
        assert_eq!(at, None, "the master key is in the backup");
        let _ = fs::remove_dir_all(&other);
        let (code, _, error) = said(&other, &["restore", &file]);
        assert_eq!(code, 1);
        assert!(
            error.contains("put the copy of that house's folder of keys there first"),
            "{error}"
        );
        copy(&data.join("keys"), &other.join("keys"));
        let (code, out, error) = said(&other, &["restore", &file]);
        assert_eq!((code, error.as_str()), (0, ""), "{out}");
        assert!(out.ends_with("all is well\n"), "{out}");
    }
    let (code, out, _) = said(&other, &["migrate"]);
    assert_eq!(
        (code, out.as_str()),
        (0, "the tables are what this version needs\n")
    );
    let mut back = Process::start(&other, &[]);
    let listed = back.program(&lab.token).get("/reports.json").json();
    assert!(!listed["reports"].as_array().unwrap().is_empty());
    let (code, _, error) = said(&other, &["rotate-log-key"]);
    assert_eq!(code, 1);
    assert!(error.contains("stop it first"), "{error}");
    back.kill();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        // Copies keep their mode.
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for command in [&["check"][..], &["backup", "x.backup"]] {
        let (code, _, error) = said(&data, command);
        assert_eq!(code, 1);
        assert!(
            error.starts_with("seamarkd: there is no database at `sqlite:"),
            "{error}"
        );
    }
    assert!(!data.exists());
}
