//! The log's key changes, and what the old one signed stays good.

use std::fs;
use std::path::Path;

use keys::note::{Note, VerifierKey};
use serde_json::json;
use tlog::{Receipt, Trust, verify};

use crate::process::{Process, Program, said};
use crate::submit::seamark;

fn key(program: &Program) -> VerifierKey {
    let shown = program.get("/log.json").json();
    shown["key"].as_str().unwrap().parse().unwrap()
}

fn checkpoint(program: &Program) -> Note {
    Note::parse(&program.get("/log/checkpoint").body).unwrap()
}

fn hand_over(program: &Program, title: &str) -> String {
    let report = json!({"title": title, "target": {"package": "pkg:cargo/a@1.0.0"}});
    let taken = program.post("/reports.json", &report).json();
    let report = taken["receipts"][0]["report"].as_str().unwrap().to_owned();
    program.get(&format!("/reports/{report}/receipt.json")).body
}

fn proven(file: &Path, text: &str, key: &VerifierKey) -> String {
    fs::write(file, text).unwrap();
    let mut command = crate::submit::command(&seamark());
    let done = command
        .arg("verify")
        .arg(file)
        .args(["--key", &key.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    said
}

#[test]
fn a_new_key_is_followed_from_the_old_one_and_old_receipts_stay_good() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut process = Process::start(&data, &["--demo"]);
    let program = process.token("Lantern", &["read", "submit"]);
    let before = hand_over(&program, "Overflow before");
    let (old, token) = (key(&program), program.token);
    let old_head = checkpoint(&process.program(&token));
    process.kill();
    let (code, out, error) = said(&data, &["rotate-log-key"]);
    assert_eq!(code, 0, "{error}");
    let mut process = Process::start(&data, &[]);
    let program = process.program(&token);
    let new = key(&program);
    assert_ne!(new, old);
    assert!(
        out.contains(&format!("the log has the key {new} from entry ")),
        "{out}"
    );
    let new_head = checkpoint(&program);
    assert!(new_head.verify(std::slice::from_ref(&new)).is_ok());
    assert!(new_head.verify(std::slice::from_ref(&old)).is_err());
    assert!(old_head.verify(std::slice::from_ref(&old)).is_ok());
    // Whoever keeps the old key follows the statement to the new one.
    let after = hand_over(&program, "Overflow after");
    let receipt: Receipt = serde_json::from_str(&after).unwrap();
    let verified = verify(&receipt, std::slice::from_ref(&old)).unwrap();
    assert_eq!(
        (verified.trust, verified.key),
        (Trust::Followed(1), new.clone())
    );
    let file = folder.path().join("receipt.json");
    println!("{}", proven(&file, &before, &old));
    println!("{}", proven(&file, &after, &old));
    // The entry stands in the log for everyone.
    let size = program.get("/log.json").json()["size"].as_u64().unwrap();
    let entries = (0..size)
        .rev()
        .map(|index| program.get(&format!("/log/{index}.json")).json());
    let stated = entries
        .take(12)
        .any(|entry| entry["entry"]["open"]["act"] == "log.rotate");
    assert!(stated, "the change of key is not in the log");
    process.kill();
    let (code, out, error) = said(&data, &["check"]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
}

#[test]
fn a_new_openpgp_key_leaves_the_old_one_served_and_what_it_signed_signed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let keys = |process: &Process| -> Vec<String> {
        let program = process.program("");
        let metadata = program
            .get("/.well-known/csaf/provider-metadata.json")
            .json();
        let all = metadata["public_openpgp_keys"].as_array().unwrap().clone();
        let all = all
            .iter()
            .map(|key| key["fingerprint"].as_str().unwrap().to_owned());
        all.collect()
    };
    let mut process = Process::start(&data, &["--demo"]);
    let before = keys(&process);
    assert_eq!(before.len(), 1);
    let feed = "/csaf/white/csaf-feed-tlp-white.json";
    let entries = process.program("").get(feed).json()["feed"]["entry"].clone();
    let of_process = |process: &Process| {
        let program = process.program("");
        let listed = program.get("/csaf/white/index.txt").body;
        let first = listed.lines().next().unwrap().to_owned();
        program.get(&format!("/csaf/white/{first}.asc")).body
    };
    assert!(
        entries.as_array().is_some_and(|all| !all.is_empty()),
        "the demo publishes nothing"
    );
    let signature = of_process(&process);
    process.kill();
    let (code, out, error) = said(&data, &["rotate-openpgp-key"]);
    assert_eq!(code, 0, "{error}");
    let mut process = Process::start(&data, &[]);
    let after = keys(&process);
    assert_eq!(after.len(), 2);
    assert!(after.contains(&before[0]), "{after:?}");
    let new = after.iter().find(|key| **key != before[0]).unwrap();
    assert!(out.contains(&format!("is signed by {new}")), "{out}");
    let old = process
        .program("")
        .get(&format!("/csaf/openpgp/{}.asc", before[0]));
    assert_eq!(old.status, 200, "{}", old.body);
    assert_eq!(of_process(&process), signature);
    process.kill();
}
