//! Other people's SARIF logs and crash reports, by the folder; and our own schema against what is accepted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use finding::submit::{Beside, Format, read, read_crash};
use serde_json::{Value, json};

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data(folder: &str) -> Option<PathBuf> {
    let given = std::env::var_os("SEAMARK_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let found = given.unwrap_or(beside).join(folder);
    if found.is_dir() {
        return Some(found);
    }
    println!("skipped: no shared data in {folder}");
    None
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(suffix) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn beside() -> Beside {
    let mut beside = Beside::default();
    beside.target.repository = Some("https://git.example/a/b".into());
    beside
}

/// How many results a log holds, counted without our reader.
fn results(log: &Value) -> usize {
    let runs = log["runs"].as_array().map(Vec::as_slice);
    let lists = runs.unwrap_or_default().iter();
    lists
        .filter_map(|run| run["results"].as_array())
        .map(Vec::len)
        .sum()
}

#[test]
fn every_result_of_every_sarif_log_is_a_report_or_says_why_not() {
    let Some(folder) = data("sarif") else { return };
    let (mut ran, mut refused) = (0, BTreeMap::<String, usize>::new());
    let (mut reports, mut over, mut wrong) = (0, 0, Vec::new());
    for file in files(&folder, ".sarif") {
        ran += 1;
        let bytes = std::fs::read(&file).expect("a file of the folder");
        let taken = match read(&bytes, Some(Format::Sarif), &beside()) {
            Ok(taken) => taken,
            Err(refusal) => {
                let said = refusal.to_string();
                let said = said.split(" at line").next().unwrap_or_default();
                *refused.entry(said.to_owned()).or_default() += 1;
                continue;
            }
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let log: Value = serde_json::from_slice(bytes).expect("what was read is JSON");
        let held = results(&log);
        if held > 0 && taken.drafts.len() + taken.passed_over != held {
            wrong.push(format!("{}: {held} results", file.display()));
        }
        over += taken.passed_over.min(held);
        for one in taken.drafts {
            match one.draft {
                Ok(_) => reports += 1,
                Err(refusal) => {
                    for problem in refusal.iter() {
                        let said = format!("{}: {}", problem.field, problem.message);
                        *refused.entry(said).or_default() += 1;
                    }
                }
            }
        }
    }
    println!("vectors: sarif {ran} ran, {reports} reports, {over} passed over");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(ran > 100 && reports > 500, "{ran} logs, {reports} reports");
    let said: Vec<String> = refused
        .iter()
        .map(|(why, count)| format!("{count} × {why}"))
        .collect();
    expect_test::expect!["1 × version: `2.0.0` is not read; convert the log to `2.1.0`"]
        .assert_eq(&said.join("\n"));
}

#[test]
fn a_crash_report_is_read_to_the_stack_that_another_reader_found() {
    let Some(folder) = data("crash-reports") else {
        return;
    };
    let (mut ran, mut frames, mut without) = (0, 0, 0);
    let mut wrong = Vec::new();
    for file in files(&folder, ".casrep") {
        let bytes = std::fs::read(&file).expect("a file of the folder");
        let Ok(casr) = serde_json::from_slice::<Value>(&bytes) else {
            continue;
        };
        let texts = |key: &str| -> Vec<String> {
            let found = casr[key].as_array().map(Vec::as_slice).unwrap_or_default();
            found
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let (report, theirs) = (texts("AsanReport"), texts("Stacktrace"));
        if report.is_empty() || theirs.is_empty() {
            without += 1;
            continue;
        }
        ran += 1;
        let crash = read_crash(&report.join("\n"));
        if crash.stack.len() != theirs.len() || crash.kind.is_empty() {
            wrong.push(format!(
                "{}: `{}`, {} frames, not {}",
                file.display(),
                crash.kind,
                crash.stack.len(),
                theirs.len()
            ));
        }
        for (ours, theirs) in crash.stack.iter().zip(&theirs) {
            frames += 1;
            let place = match ours.line {
                Some(line) => format!("{}:{line}", ours.file),
                None => ours.file.to_string(),
            };
            // What another reader printed has a number after its last colon exactly where there is a line.
            let has_line = theirs
                .rsplit(':')
                .next()
                .is_some_and(|last| last.parse::<u32>().is_ok());
            let same = theirs.contains(&*ours.function)
                && theirs.contains(&place)
                && theirs.contains(&*ours.module)
                && has_line == ours.line.is_some();
            if !same {
                wrong.push(format!("{}: {ours:?} is not {theirs}", file.display()));
            }
        }
    }
    println!(
        "vectors: crash-reports {ran} ran, {frames} frames, {without} without a sanitizer's text"
    );
    wrong.truncate(20);
    assert_eq!(wrong, Vec::<String>::new());
    assert!(ran > 100, "{ran} ran");
}

fn schema() -> Value {
    let text = include_str!("../../../docs/report.schema.json");
    serde_json::from_str(text).expect("the schema is JSON")
}

fn full() -> Value {
    json!({
        "key": "run-1/7", "title": "Overflow in decode", "description": "words\n",
        "target": {"package": "pkg:cargo/a@1.0.0", "repository": "https://git.example/a/b",
                   "product": {"vendor": "V", "name": "P"}, "versions": "vers:cargo/>=1.0.0|<1.2.0", "commit": "1a2b3c4"},
        "weaknesses": [787, "CWE-125"],
        "sites": [{"file": "src/a.c", "function": "decode", "line": 3}],
        "crash": {"kind": "SEGV", "stack": [{"function": "f", "file": "a.c", "line": 1, "module": "m"}], "raw": "text"},
        "proofs": [{"sha256": "0".repeat(64), "bytes": 12, "kind": "testcase", "harness": "fuzz_a"}],
        "patch": "--- a/a.c\n+++ b/a.c\n@@ -1,1 +1,1 @@\n-a\n+b\n",
        "severities": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
        "aliases": ["CVE-2026-1234"], "references": ["https://a.example/x"], "exploited": true,
        "terms": {"embargo_until": "2026-12-01T00:00:00Z", "tlp": "AMBER+STRICT", "disclose_at": "2027-01-01T00:00:00Z"},
        "provenance": {"finders": ["Ada"], "tools": ["T"], "hops": [{"organization": "A", "at": "2026-11-01T00:00:00Z", "note": "found"}],
                       "origins": ["issue 7"], "handling": [{"coordinator": "CERT", "id": "VU#1"}]}
    })
}

/// Reports that the schema and the reader must agree on.
fn cases() -> Vec<(&'static str, Value)> {
    let with = |key: &str, value: Value| {
        let mut changed = full();
        changed[key] = value;
        changed
    };
    let without = |key: &str| {
        let mut changed = full();
        changed.as_object_mut().expect("an object").remove(key);
        changed
    };
    vec![
        ("whole", full()),
        (
            "least",
            json!({"title": "a", "target": {"repository": "https://a.example/b"}}),
        ),
        ("no title", without("title")),
        ("no target", without("target")),
        ("empty target", with("target", json!({}))),
        ("unknown field", with("severity", json!("high"))),
        ("title is a number", with("title", json!(7))),
        ("empty title", with("title", json!(""))),
        ("long title", with("title", json!("a".repeat(513)))),
        ("weakness 0", with("weaknesses", json!([0]))),
        ("weakness in words", with("weaknesses", json!(["XSS"]))),
        (
            "seventeen weaknesses",
            with("weaknesses", json!((1..18).collect::<Vec<_>>())),
        ),
        ("site without a file", with("sites", json!([{"line": 3}]))),
        ("line 0", with("sites", json!([{"file": "a.c", "line": 0}]))),
        (
            "short hash",
            with("proofs", json!([{"sha256": "00", "bytes": 1}])),
        ),
        (
            "proof of nothing",
            with("proofs", json!([{"sha256": "0".repeat(64), "bytes": 0}])),
        ),
        (
            "reference to a script",
            with("references", json!(["javascript:x"])),
        ),
        ("alias with a space", with("aliases", json!(["CVE 1"]))),
        ("exploited in words", with("exploited", json!("no"))),
        ("purple", with("terms", json!({"tlp": "PURPLE"}))),
        (
            "hop without a time",
            with("provenance", json!({"hops": [{"organization": "A"}]})),
        ),
        (
            "finder without a name",
            with("provenance", json!({"finders": [""]})),
        ),
    ]
}

#[test]
fn the_schema_accepts_what_is_accepted_and_nothing_else() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is a schema");
    let mut table = String::new();
    for (name, report) in cases() {
        let bytes = report.to_string();
        let taken = read(bytes.as_bytes(), Some(Format::Json), &Beside::default())
            .and_then(finding::submit::Read::all);
        let (ours, theirs) = (taken.is_ok(), validator.is_valid(&report));
        assert_eq!(ours, theirs, "{name}: we say {taken:?}");
        table += &format!("{name}: {}\n", if ours { "taken" } else { "refused" });
    }
    expect_test::expect![[r#"
        whole: taken
        least: taken
        no title: refused
        no target: refused
        empty target: refused
        unknown field: refused
        title is a number: refused
        empty title: refused
        long title: refused
        weakness 0: refused
        weakness in words: refused
        seventeen weaknesses: refused
        site without a file: refused
        line 0: refused
        short hash: refused
        proof of nothing: refused
        reference to a script: refused
        alias with a space: refused
        exploited in words: refused
        purple: refused
        hop without a time: refused
        finder without a name: refused
    "#]]
    .assert_eq(&table);
}
