//! `seamark convert`, by what it says: exit code, standard output, standard error and files.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use expect_test::expect;

mod common;

use common::{root, said, seamark};

/// One record with what only some formats hold.
const OSV: &str = r#"{"schema_version": "1.4.0", "id": "GHSA-2222-3333-4444", "aliases": ["CVE-2026-1000"],
"published": "2026-01-01T00:00:00Z", "modified": "2026-01-02T00:00:00Z", "summary": "Overflow in left", "details": "A length is not checked.",
"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
"affected": [{"package": {"ecosystem": "npm", "name": "left"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.4.2"}]}]}],
"references": [{"type": "FIX", "url": "https://left.example/fix"}], "credits": [{"name": "Ada", "type": "FINDER", "contact": ["mailto:ada@left.example"]}]}"#;

/// Code and standard error, with the folder's name left out.
fn ended(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = seamark(words);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (
        output.status.code(),
        told.replace(&folder.display().to_string(), "DIR"),
    )
}

/// Checks that it ends so, and that each of these stands in what it says.
fn check(folder: &Path, words: &[&str], code: i32, lines: &[&str]) {
    let (code_told, told) = ended(folder, words);
    assert_eq!(code_told, Some(code), "{words:?}\n{told}");
    for line in lines {
        assert!(told.contains(line), "{words:?}: no `{line}` in\n{told}");
    }
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_record_is_converted_and_each_loss_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let osv = file(folder.path(), "a.json", OSV);
    let name = "DIR/a.json: ghsa-2222-3333-4444.json: lost: ";
    check(
        folder.path(),
        &["convert", &osv, "--to", "csaf-2.1"],
        0,
        &[
            &format!("{name}`/credits/*/contact` is not carried over"),
            &format!("{name}kinds of references have no field in CSAF"),
        ],
    );
    check(
        folder.path(),
        &["convert", &osv, "--to", "openvex"],
        0,
        &[
            "lost: ranges have no field in OpenVEX",
            "lost: severities have no field in OpenVEX",
        ],
    );
    let strict = ["convert", &osv, "--to", "cve", "--strict", "--quiet"];
    assert_eq!(ended(folder.path(), &strict), (Some(1), String::new()));
    // Within a format nothing is lost.
    let within = ["convert", &osv, "--to", "osv", "--strict"];
    assert_eq!(ended(folder.path(), &within), (Some(0), String::new()));
}

#[test]
fn several_documents_want_a_folder_and_have_proper_names_there() {
    let folder = tempfile::tempdir().unwrap();
    let one = file(folder.path(), "a.json", OSV);
    let other = OSV
        .replace("GHSA-2222", "GHSA-5555")
        .replace("-1000", "-1001");
    let two = file(folder.path(), "b.json", &other);
    check(
        folder.path(),
        &["convert", &one, &two, "--to", "csaf-2.0", "--quiet"],
        2,
        &["standard output takes one; `--output DIR` takes any number"],
    );
    let out = folder.path().join("out");
    let shown = out.display().to_string();
    for to in ["csaf-2.1", "osv", "openvex", "cyclonedx-1.6", "cve"] {
        let words = [
            "convert", &one, &two, "--to", to, "--output", &shown, "--quiet",
        ];
        check(folder.path(), &words, 0, &["2 documents written"]);
    }
    let mut names: Vec<String> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    expect![[r#"
        CVE-2026-1000.json
        CVE-2026-1001.json
        GHSA-2222-3333-4444.cdx.json
        GHSA-2222-3333-4444.json
        GHSA-2222-3333-4444.openvex.json
        GHSA-5555-3333-4444.cdx.json
        GHSA-5555-3333-4444.json
        GHSA-5555-3333-4444.openvex.json
        ghsa-2222-3333-4444.json
        ghsa-5555-3333-4444.json
    "#]]
    .assert_eq(&(names.join("\n") + "\n"));
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_converted() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "a.json", OSV);
    let cut = file(
        folder.path(),
        "cut.json",
        "{\"id\": \"GHSA-1\", \"modified\": \"2026",
    );
    let other = file(
        folder.path(),
        "other.json",
        "{\"name\": \"nothing of ours\"}",
    );
    let out = folder.path().join("out").display().to_string();
    check(
        folder.path(),
        &[
            "convert",
            &good,
            &cut,
            &other,
            "missing.json",
            "--to",
            "osv",
            "--output",
            &out,
        ],
        2,
        &[
            "DIR/cut.json: ",
            "DIR/other.json: is in none of the formats that are read",
            "missing.json: cannot be opened",
            "1 document written, 0 with losses, 3 not readable",
        ],
    );
    assert!(folder.path().join("out/GHSA-2222-3333-4444.json").exists());
}

#[test]
fn a_corpus_in_an_archive_passes_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.zip");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for number in 0..3_000 {
        let options = zip::write::SimpleFileOptions::default();
        archive
            .start_file(format!("{number}.json"), options)
            .unwrap();
        let record = OSV.replace("GHSA-2222", &format!("GHSA-{number:04}"));
        archive.write_all(record.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let (zip, out) = (
        path.display().to_string(),
        folder.path().join("out").display().to_string(),
    );
    check(
        folder.path(),
        &[
            "convert", &zip, "--to", "csaf-2.1", "--output", &out, "--quiet",
        ],
        0,
        &["3,000 documents written, 3000 with losses, 0 not readable"],
    );
    assert_eq!(fs::read_dir(&out).unwrap().count(), 3_000);
}

#[test]
fn a_name_leads_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let odd = file(
        folder.path(),
        "a.json",
        &OSV.replace("GHSA-2222-3333-4444", "../../etc/passwd"),
    );
    let out = folder.path().join("out").display().to_string();
    let output = seamark(&["convert", &odd, "--to", "osv", "--output", &out, "--quiet"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(folder.path().join("out/_.._etc_passwd.json").exists());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test starts the program it tests"
)]
fn standard_input_is_a_document_too() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_seamark"))
        .args(["convert", "-", "--to", "csaf-2.0", "--quiet"])
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(OSV.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"csaf_version\": \"2.0\""));
}

#[test]
fn a_publisher_is_who_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let osv = file(folder.path(), "a.json", OSV);
    let output = said(&[
        "convert",
        &osv,
        "--to",
        "csaf-2.1",
        "--quiet",
        "--publisher",
        "Example House",
        "--namespace",
        "https://house.example",
    ]);
    let document: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(
        document["document"]["publisher"],
        serde_json::json!({"category": "multiplier", "name": "Example House", "namespace": "https://house.example"})
    );
    check(
        folder.path(),
        &[
            "convert",
            &osv,
            "--to",
            "csaf-2.1",
            "--publisher",
            "Example House",
        ],
        2,
        &["--namespace <URL>"],
    );
}
