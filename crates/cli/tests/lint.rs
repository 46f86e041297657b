//! `seamark lint`, by what it says.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use expect_test::{Expect, expect};
use serde_json::Value;

mod common;

use common::{said, seamark};

/// The moment all of it is reckoned with.
const AS_OF: &str = "2026-11-20T12:00:00Z";

const GOOD: &str = r#"{
  "schema_version": "1.7.4",
  "id": "PYSEC-2024-1",
  "modified": "2024-05-02T00:00:00Z",
  "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1.0"]}]
}
"#;

const WRONG: &str = r#"{
  "schema_version": "1.7.4",
  "id": "PYSEC-2024-2",
  "modified": "2024-05-02T00:00:00Z",
  "aliases": ["PYSEC-2024-2"],
  "affected": [{
    "package": {"ecosystem": "PyPI", "name": "Jinja_2"},
    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"fixed": "1.9"}]}]
  }],
  "references": [{"type": "WEB", "url": "https://example.org/\u001b[2J"}]
}
"#;

const VEX: &str = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Example Corp",
  "timestamp": "2024-05-02T00:00:00Z", "version": 1,
  "statements": [{"vulnerability": {"name": "CVE-2024-1111"}, "products": [{"@id": "pkg:npm/a@1.0.0"}], "status": "not_affected"}]}
"#;

/// A folder with one of each: clean, wrong, no JSON, and what is none of ours.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("b/good.json", GOOD);
    write("b/wrong.json", WRONG);
    write("a/vex.json", VEX);
    write("a/package.json", r#"{"name": "a"}"#);
    write("a/readme.md", "no JSON");
    folder
}

/// Exit code, standard output and standard error of `seamark lint` with these words, `FOLDER` for the folder's path.
fn told(folder: &Path, words: &[&str]) -> String {
    let place = folder.display().to_string();
    let words: Vec<String> = words
        .iter()
        .map(|word| word.replace("FOLDER", &place))
        .collect();
    let mut all = vec!["lint", "--as-of", AS_OF];
    all.extend(words.iter().map(String::as_str));
    let output = seamark(&all);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&place, "FOLDER");
    let code = output.status.code().unwrap_or(-1);
    format!(
        "exit {code}\n{}--- stderr\n{}",
        text(&output.stdout),
        text(&output.stderr)
    )
}

#[track_caller]
fn check(words: &[&str], expect: Expect) {
    let folder = folder();
    expect.assert_eq(&told(folder.path(), words));
}

fn json(folder: &Path, words: &[&str]) -> Value {
    let said = told(folder, words);
    let (_, rest) = said.split_once('\n').unwrap();
    serde_json::from_str(rest.split("--- stderr").next().unwrap()).unwrap()
}

#[test]
fn a_clean_document_is_one_line_and_exit_0() {
    check(
        &["FOLDER/b/good.json"],
        expect![[r#"
        exit 0
        1 file: nothing is wrong.
        --- stderr
    "#]],
    );
}

#[test]
fn the_same_check_says_the_same_bytes() {
    let folder = folder();
    let good = folder.path().join("b/good.json").display().to_string();
    for format in ["text", "json", "sarif"] {
        let words = ["lint", &good, "--as-of", AS_OF, "--format", format];
        assert_eq!(said(&words), said(&words), "{format}");
    }
}

#[test]
fn all_that_is_wrong_is_said_with_its_line() {
    check(
        &["FOLDER/b/wrong.json"],
        expect![[r#"
        exit 1
        FOLDER/b/wrong.json (OSV schema 1.7)
          5:15 error osv.alias.itself
            `aliases` names the record itself, `PYSEC-2024-2`; others belong there
          7:46 warning osv.package.name
            `Jinja_2` is not normalized; `jinja-2` would be right (PEP 503)
          8:82 error osv.range.end
            `fixed: 1.9` is before `introduced: 2.0`, and ends nothing
          8:82 warning osv.range.order
            event `fixed: 1.9` stands after `introduced: 2.0`; events are sorted from
            the oldest version on
          10:41 error schema
            `url` is `https://example.org/ [2J`; an address with its scheme, such as
            `https://example.org/a`, belongs there (RFC 3986)

        1 file, 0 without a problem: 3 errors, 2 warnings, 0 notes.
        --- stderr
    "#]],
    );
}

#[test]
fn a_folder_is_walked_in_order_and_what_is_none_of_ours_is_passed_over() {
    check(
        &["FOLDER"],
        expect![[r#"
        exit 1
        FOLDER/a/vex.json (OpenVEX 0.2.0)
          3:18 error schema
            entry 1 of `statements` needs `justification`, or `impact_statement`

        FOLDER/b/wrong.json (OSV schema 1.7)
          5:15 error osv.alias.itself
            `aliases` names the record itself, `PYSEC-2024-2`; others belong there
          7:46 warning osv.package.name
            `Jinja_2` is not normalized; `jinja-2` would be right (PEP 503)
          8:82 error osv.range.end
            `fixed: 1.9` is before `introduced: 2.0`, and ends nothing
          8:82 warning osv.range.order
            event `fixed: 1.9` stands after `introduced: 2.0`; events are sorted from
            the oldest version on
          10:41 error schema
            `url` is `https://example.org/ [2J`; an address with its scheme, such as
            `https://example.org/a`, belongs there (RFC 3986)

        3 files, 1 without a problem: 4 errors, 2 warnings, 0 notes.
        --- stderr
        seamark: 1 file passed over, of no format that is checked; a file that is named is always tried
    "#]],
    );
    check(
        &["FOLDER", "--severity", "error", "--quiet"],
        expect![[r#"
        exit 1
        FOLDER/a/vex.json (OpenVEX 0.2.0)
          3:18 error schema
            entry 1 of `statements` needs `justification`, or `impact_statement`

        FOLDER/b/wrong.json (OSV schema 1.7)
          5:15 error osv.alias.itself
            `aliases` names the record itself, `PYSEC-2024-2`; others belong there
          8:82 error osv.range.end
            `fixed: 1.9` is before `introduced: 2.0`, and ends nothing
          10:41 error schema
            `url` is `https://example.org/ [2J`; an address with its scheme, such as
            `https://example.org/a`, belongs there (RFC 3986)

        3 files, 1 without a problem: 4 errors, 0 warnings, 0 notes.
        --- stderr
    "#]],
    );
    check(
        &["FOLDER", "--only", "recommended,informative", "--quiet"],
        expect![[r#"
            exit 1
            FOLDER/b/wrong.json (OSV schema 1.7)
              7:46 warning osv.package.name
                `Jinja_2` is not normalized; `jinja-2` would be right (PEP 503)
              8:82 warning osv.range.order
                event `fixed: 1.9` stands after `introduced: 2.0`; events are sorted from
                the oldest version on

            3 files, 2 without a problem: 0 errors, 2 warnings, 0 notes.
            --- stderr
        "#]],
    );
}

#[test]
fn what_cannot_be_read_is_told_and_costs_no_other() {
    let folder = folder();
    fs::write(folder.path().join("b/broken.json"), "{\"id\": ").unwrap();
    let said = told(
        folder.path(),
        &["FOLDER/b", "FOLDER/gone.json", "FOLDER/a/package.json"],
    );
    expect![[r#"
        exit 2
        FOLDER/b/broken.json (JSON (RFC 8259))
          1:8 error json
            document ends where a value is expected

        FOLDER/b/wrong.json (OSV schema 1.7)
          5:15 error osv.alias.itself
            `aliases` names the record itself, `PYSEC-2024-2`; others belong there
          7:46 warning osv.package.name
            `Jinja_2` is not normalized; `jinja-2` would be right (PEP 503)
          8:82 error osv.range.end
            `fixed: 1.9` is before `introduced: 2.0`, and ends nothing
          8:82 warning osv.range.order
            event `fixed: 1.9` stands after `introduced: 2.0`; events are sorted from
            the oldest version on
          10:41 error schema
            `url` is `https://example.org/ [2J`; an address with its scheme, such as
            `https://example.org/a`, belongs there (RFC 3986)

        FOLDER/gone.json
          1:1 error file
            no such file or directory (os error 2)

        FOLDER/a/package.json
          1:1 error file
            document is of no known format: CSAF, OSV, CVE, OpenVEX or CycloneDX

        5 files, 1 without a problem: 6 errors, 2 warnings, 0 notes, 3 unreadable.
        --- stderr
        seamark: `FOLDER/b/broken.json`: document ends where a value is expected
        seamark: `FOLDER/gone.json`: no such file or directory (os error 2)
        seamark: `FOLDER/a/package.json`: document is of no known format: CSAF, OSV, CVE, OpenVEX or CycloneDX
    "#]].assert_eq(&said);
}

#[test]
fn a_program_reads_one_object_a_file() {
    let folder = folder();
    let report = json(
        folder.path(),
        &[
            "FOLDER/a/vex.json",
            "FOLDER/b/good.json",
            "FOLDER/gone.json",
            "--format",
            "json",
        ],
    );
    expect![[r#"
        [
          {
            "file": "FOLDER/a/vex.json",
            "format": "openvex",
            "edition": "OpenVEX 0.2.0",
            "problems": [
              {
                "test": "schema",
                "group": "schema",
                "severity": "error",
                "pointer": "/statements/0",
                "line": 3,
                "column": 18,
                "message": "entry 1 of `statements` needs `justification`, or `impact_statement`"
              }
            ],
            "untested": []
          },
          {
            "file": "FOLDER/b/good.json",
            "format": "osv",
            "edition": "OSV schema 1.7",
            "problems": [],
            "untested": []
          },
          {
            "file": "FOLDER/gone.json",
            "format": null,
            "edition": null,
            "problems": [
              {
                "test": "file",
                "group": "syntax",
                "severity": "error",
                "pointer": "",
                "line": 1,
                "column": 1,
                "message": "no such file or directory (os error 2)"
              }
            ],
            "untested": []
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&report).unwrap());
}

#[test]
fn sarif_is_what_its_schema_says() {
    let folder = folder();
    let sarif = json(
        folder.path(),
        &["FOLDER", "FOLDER/gone.json", "--format", "sarif"],
    );
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let place = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[place]["id"], result["ruleId"]);
        assert!(
            result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64() > Some(0)
        );
    }
    assert!(rules.iter().all(|rule| {
        rule["help"]["text"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    }));
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    expect![[r#"
        {
          "ruleId": "schema",
          "level": "error",
          "message": {
            "text": "entry 1 of `statements` needs `justification`, or `impact_statement`"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "FOLDER/a/vex.json"
                },
                "region": {
                  "startLine": 3,
                  "startColumn": 18
                }
              },
              "logicalLocations": [
                {
                  "fullyQualifiedName": "/statements/0",
                  "kind": "member"
                }
              ]
            }
          ],
          "properties": {
            "format": "openvex",
            "edition": "OpenVEX 0.2.0"
          },
          "ruleIndex": 5
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&run["results"][0]).unwrap());
}

#[test]
fn archives_are_read_where_they_lie() {
    let folder = folder();
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.path().join("all.zip")).unwrap());
    for (name, text) in [
        ("PYSEC-2024-1.json", GOOD),
        ("PYSEC-2024-2.json", WRONG),
        ("index.txt", "PYSEC"),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let report = json(folder.path(), &["FOLDER/all.zip", "--format", "json"]);
    let files: Vec<&str> = report
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["file"].as_str().unwrap())
        .collect();
    let place = folder.path().display();
    assert_eq!(
        files,
        [
            "FOLDER/all.zip!PYSEC-2024-1.json",
            "FOLDER/all.zip!PYSEC-2024-2.json"
        ],
        "{place}"
    );
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test starts the program it tests"
)]
fn standard_input_is_read_where_a_dash_asks_for_it() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_seamark"))
        .args([
            "lint", "-", "--as", "osv", "--format", "json", "--as-of", AS_OF,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{}").unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (&report[0]["file"], &report[0]["format"]),
        (&"standard input".into(), &"osv".into())
    );
}

#[test]
fn an_address_is_fetched_by_https_alone() {
    check(
        &["http://example.org/a.json"],
        expect![[r#"
        exit 2
        http://example.org/a.json
          1:1 error file
            `http://example.org/a.json` is not fetched; an address beginning with
            `https://` would be

        1 file, 0 without a problem: 1 error, 0 warnings, 0 notes, 1 unreadable.
        --- stderr
        seamark: `http://example.org/a.json`: `http://example.org/a.json` is not fetched; an address beginning with `https://` would be
    "#]],
    );
}
