//! At rest: what is under embargo stands in no file in words, and what was destroyed stands in none at all.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::process::{Process, Program, log_path, said};

/// Begins every embargoed word of this test; nothing else contains it.
const WORD: &str = "zq7xj9wk";

fn report(sha256: &str, bytes: usize) -> Value {
    json!({
        "title": "zq7xj9wktitle overflow",
        "description": "zq7xj9wkdescription of how",
        "target": {"package": "pkg:cargo/zq7xj9wkpackage@1.0.0", "repository": "https://git.example/zq7xj9wkrepository"},
        "weaknesses": [787],
        "sites": [{"file": "src/zq7xj9wkfile.rs", "function": "zq7xj9wkfunction", "line": 3}],
        "crash": {"kind": "SEGV", "stack": [{"function": "zq7xj9wkframe", "file": "src/zq7xj9wkfile.rs", "line": 3}]},
        "patch": "--- a/src/zq7xj9wkfile.rs\n+++ b/src/zq7xj9wkfile.rs\n@@ -1,2 +1,2 @@\n fn a() {\n-    zq7xj9wkold\n+    zq7xj9wknew\n",
        "references": ["https://git.example/zq7xj9wkreference"],
        "aliases": ["ZQ7XJ9WKALIAS-2026-1"],
        "proofs": [{"sha256": sha256, "bytes": bytes}],
        "provenance": {"finders": ["zq7xj9wkfinder"]}
    })
}

/// The files of the house, and a backup unpacked.
fn files(folder: &Path, data: &Path, backup: &str) -> Vec<(String, Vec<u8>)> {
    let file = folder.join(backup);
    let (code, _, error) = said(data, &["backup", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{error}");
    let mut all = vec![(
        "backup".to_owned(),
        zstd::decode_all(&fs::read(&file).unwrap()[..]).unwrap(),
    )];
    let mut look = vec![data.to_owned(), log_path(data)];
    while let Some(path) = look.pop() {
        match path.is_dir() {
            true => look.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            ),
            false => all.push((path.display().to_string(), fs::read(&path).unwrap())),
        }
    }
    all
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    place(bytes, word).is_some()
}

/// Where `word` stands, in capitals or not.
fn place(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes
        .windows(word.len())
        .position(|some| some.eq_ignore_ascii_case(word))
}

/// Sends what must be taken.
fn act(who: &Program, path: &str, body: &Value) {
    let seen = who
        .ask("POST", path, "application/json", &body.to_string())
        .unwrap();
    assert!(
        (200..300).contains(&seen.status),
        "{path}: {} {}",
        seen.status,
        seen.body
    );
}

fn find_case(staff: &Program) -> String {
    for _ in 0..600 {
        let listed = staff.get("/cases.json").json();
        for line in listed["cases"].as_array().unwrap() {
            if line["title"]
                .as_str()
                .is_some_and(|title| title.contains(WORD))
            {
                return line["case"].as_str().unwrap().to_owned();
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("no case came of it")
}

fn organization(staff: &Program, name: &str) -> String {
    let listed = staff.get("/organizations.json").json();
    let all = listed["organizations"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

/// Everything that people write about one case.
fn write(process: &Process) -> (Program, String) {
    let scopes = ["read", "submit", "claim", "coordinate"];
    let all = |role: &str| process.token(role, &scopes);
    let (lab, staff, owner) = (all("Lantern"), all("Seamark on trial"), all("Riverbend"));
    let proof = b"zq7xj9wkproof zq7xj9wkproof zq7xj9wkproof";
    let sha256 = finding::hex(&keys::sha256(&[proof]));
    let taken = lab
        .post("/reports.json", &report(&sha256, proof.len()))
        .json();
    let id = taken["receipts"][0]["report"].as_str().unwrap().to_owned();
    let piece = lab.with("upload-offset", "0").send(
        "PATCH",
        &format!("/reports/{id}/proofs/{sha256}"),
        "application/partial-upload",
        proof,
    );
    assert_eq!(piece.unwrap().header("upload-complete"), Some("?1"));
    let case = find_case(&staff);
    let to = |act: &str| format!("/cases/{case}/{act}.json");
    // Its finder sees it from then on.
    act(&staff, &to("stage"), &json!({"stage": "triage"}));
    let vendor = organization(&staff, "Tidewater Imaging Project");
    act(
        &staff,
        &to("participants"),
        &json!({"organization": vendor, "part": "vendor"}),
    );
    act(
        &lab,
        &to("messages"),
        &json!({"text": "zq7xj9wkmessage to everyone"}),
    );
    let form = "--b\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\nzq7xj9wksecond\r\n--b\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"zq7xj9wkname.txt\"\r\n\
        content-type: text/plain\r\n\r\nzq7xj9wkattachment\r\n--b--\r\n";
    let sent = staff
        .ask(
            "POST",
            &to("messages"),
            "multipart/form-data; boundary=b",
            form,
        )
        .unwrap();
    assert!(
        (200..300).contains(&sent.status),
        "{} {}",
        sent.status,
        sent.body
    );
    let heard = json!({"vendor": vendor, "source": "zq7xj9wksource", "product": "zq7xj9wkproduct", "versions": "1",
        "status": "under-investigation", "words": "zq7xj9wkverdict"});
    act(&staff, &to("heard"), &heard);
    act(
        &staff,
        &to("handling"),
        &json!({"coordinator": "zq7xj9wkcoordinator", "number": "zq7xj9wknumber"}),
    );
    act(
        &lab,
        &to("embargo"),
        &json!({"act": "alarm", "cause": "leak", "source": "zq7xj9wkleak"}),
    );
    let claim = json!({"targets": ["pkg:cargo/zq7xj9wkclaimed"], "days": 3, "contact": "zq7xj9wk@lab.example", "testing": ["review"]});
    act(&lab, "/claims.json", &claim);
    let holder = organization(&staff, "Lantern Fuzzing");
    let today = server::now::system()();
    let last = today
        .saturating_add(jiff::SignedDuration::from_hours(72))
        .unwrap();
    let day = |time: jiff::Timestamp| time.to_string()[..10].to_owned();
    let allowed = json!({"targets": ["https://zq7xj9wk.example/a/b"], "holder": holder, "starts": day(today),
        "ends": day(last), "contact": "zq7xj9wk@owner.example", "testing": ["review"]});
    act(&owner, "/authorizations.json", &allowed);
    let shown = staff.get(&format!("/cases/{case}.json")).body;
    for word in [
        "zq7xj9wkdescription",
        "zq7xj9wkmessage",
        "zq7xj9wksecond",
        "zq7xj9wkverdict",
    ] {
        assert!(shown.contains(word), "{word} is not shown: {shown}");
    }
    (lab, case)
}

#[test]
fn no_embargoed_word_stands_in_the_database_its_log_of_writes_a_backup_or_a_log_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut process = Process::start(&data, &["--demo", "--log", "json"]);
    let (lab, case) = write(&process);
    // What everybody asks for is in the addresses, and must not be in a line.
    let _ = lab.ask("GET", "/cases?q=zq7xj9wksearched", "", "");
    let all = files(folder.path(), &data, "before");
    assert!(all.iter().any(|(name, _)| name.ends_with("seamark.db-wal")));
    assert!(all.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 1 << 20);
    for (name, bytes) in &all {
        if let Some(at) = place(bytes, WORD.as_bytes()) {
            let around = &bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())];
            let around = String::from_utf8_lossy(around);
            panic!("an embargoed word stands in {name}: {around}");
        }
    }
    let destroyed = withdraw(&lab, &case, &folder.path().join("before"));
    for (name, bytes) in files(folder.path(), &data, "after") {
        for key in &destroyed {
            let coded = BASE64.encode(key);
            let found = bytes.windows(key.len()).any(|some| some == &key[..]);
            assert!(
                !found && !holds(&bytes, coded.as_bytes()),
                "a destroyed key stands in {name}"
            );
        }
    }
    process.terminate();
    assert!(process.wait().success());
    let (code, out, error) = said(&data, &["check"]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
}

/// Takes the case back; the wrapped keys that were destroyed, as the backup before has them.
fn withdraw(lab: &Program, case: &str, before: &PathBuf) -> Vec<Vec<u8>> {
    let held = lab
        .post(&format!("/cases/{case}/withdraw.json"), &json!({}))
        .json();
    let hashes: BTreeSet<&str> = held["keys_sha256"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hash| hash.as_str().unwrap())
        .collect();
    assert!(hashes.len() >= 2, "{held}");
    let bytes = fs::read(before).unwrap();
    let mut archive = tar::Archive::new(zstd::Decoder::new(&bytes[..]).unwrap());
    let mut keys = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut text = String::new();
        entry.unwrap().read_to_string(&mut text).unwrap();
        for line in text.lines() {
            let Ok(Value::Array(cells)) = serde_json::from_str(line) else {
                continue;
            };
            let bytes = cells.iter().filter_map(Value::as_str);
            let bytes = bytes.filter_map(|cell| BASE64.decode(cell).ok());
            keys.extend(
                bytes.filter(|bytes| hashes.contains(&*finding::hex(&keys::sha256(&[bytes])))),
            );
        }
    }
    assert_eq!(keys.len(), hashes.len());
    keys
}
