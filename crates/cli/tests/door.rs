//! The door, by what it says: transcripts with exit code, standard output and standard error.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

use std::fs;

use expect_test::expect_file;

mod common;

use common::{said, seamark};

/// The moment all transcripts are reckoned with.
const AS_OF: &str = "2026-11-20T12:00:00Z";

fn transcript(words: &[&str]) -> String {
    let output = seamark(words);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    format!(
        "$ seamark {}\nexit {code}\n--- stdout\n{}--- stderr\n{}",
        words.join(" "),
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// The clinic's plan on a fixed day, keeping nothing.
fn clinic(more: &[&str]) -> Vec<String> {
    let words = [
        "scan",
        "examples/clinic",
        "--offline",
        "--no-history",
        "--quiet",
        "--as-of",
        AS_OF,
    ];
    words
        .iter()
        .chain(more)
        .map(|word| (*word).to_owned())
        .collect()
}

fn told(more: &[&str]) -> String {
    let words = clinic(more);
    said(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn the_clinics_plan() {
    let words = clinic(&[]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    expect_file!["transcripts/clinic.txt"].assert_eq(&transcript(&words));
}

#[test]
fn the_clinics_plan_fits_80_columns() {
    let wide: Vec<String> = told(&["--all"])
        .lines()
        .filter(|line| line.chars().count() > 80)
        .map(str::to_owned)
        .collect();
    // A single word, such as an address or a path, cannot be broken.
    let broken: Vec<&String> = wide
        .iter()
        .filter(|line| line.split_whitespace().count() > 2)
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_flaw_explained() {
    expect_file!["transcripts/explain.txt"].assert_eq(&transcript(&[
        "explain",
        "GHSA-jfh8-c2jp-5v3q",
        "--config",
        "examples/clinic/seamark.toml",
        "--as-of",
        AS_OF,
    ]));
    expect_file!["transcripts/explain-unknown.txt"].assert_eq(&without_days(&transcript(&[
        "explain",
        "CVE-1999-0001",
        "--config",
        "examples/clinic/seamark.toml",
        "--as-of",
        AS_OF,
    ])));
}

/// The index of a command is as old as the command.
fn without_days(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    for word in &mut words {
        if word.len() == 10
            && word.as_bytes().get(4) == Some(&b'-')
            && word.as_bytes().get(7) == Some(&b'-')
        {
            *word = "DAY";
        }
    }
    words.join(" ")
}

#[test]
fn what_is_wrong_is_said_with_what_would_have_been_right() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("seamark.toml"),
        "[[asset]]\nname = \"a\"\npaths = [\"gone\"]\n",
    )
    .unwrap();
    let place = folder.path().display().to_string();
    let cases = [
        vec!["scan", place.as_str()],
        vec![
            "scan",
            "examples/clinic/inventory/scheduling",
            "--config",
            "examples/gone.toml",
        ],
        vec!["scan", "Cargo.lock", "--index", "Cargo.toml"],
        vec![
            "index",
            "build",
            "--from",
            "gone",
            "also-gone",
            "--output",
            "x.index",
        ],
        vec!["scan", "examples/clinic", "--since", "yesterday"],
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|words| transcript(words).replace(&place, "FOLDER"))
        .collect();
    expect_file!["transcripts/wrong.txt"].assert_eq(&said.join("\n"));
}

#[test]
fn exit_codes_say_what_scripts_ask() {
    let code = |more: &[&str]| {
        let words = clinic(more);
        seamark(&words.iter().map(String::as_str).collect::<Vec<_>>())
            .status
            .code()
    };
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--fail-on", "overdue"]), Some(1));
    assert_eq!(code(&["--fail-on", "kev"]), Some(1));
    let asked = [
        "scan",
        "examples/clinic/inventory/scheduling",
        "--config",
        "examples/clinic/seamark.toml",
        "--fail-on",
        "nothing",
    ];
    assert_eq!(seamark(&asked).status.code(), Some(2));
    assert_eq!(
        seamark(&["scan", "Cargo.lock", "--index", "no.index"])
            .status
            .code(),
        Some(3)
    );
}

#[test]
fn the_same_scan_says_the_same_bytes() {
    for format in [
        "table",
        "json",
        "sarif",
        "cyclonedx-vex",
        "openvex",
        "csv",
        "html",
    ] {
        assert_eq!(
            told(&["--format", format]),
            told(&["--format", format]),
            "{format}"
        );
    }
}

#[test]
fn everything_that_was_read_is_listed_where_it_is_asked_for() {
    let report: serde_json::Value =
        serde_json::from_str(&told(&["--format", "json", "--components"])).unwrap();
    let listed = report["components"].as_array().unwrap();
    assert_eq!(
        listed.len() as u64,
        report["summary"]["components"].as_u64().unwrap()
    );
    let libc = listed.iter().find(|one| one["name"] == "libc6").unwrap();
    assert_eq!(
        (&libc["version"], &libc["source"]),
        (&"2.36-9+deb12u1".into(), &"glibc".into())
    );
    let schema = fs::read_to_string(common::root().join("docs/scan.schema.json")).unwrap();
    assert_valid(&serde_json::from_str(&schema).unwrap(), &[], &report);
    assert!(!told(&["--format", "json"]).contains("\"components\": ["));
}

#[test]
fn json_follows_its_documented_schema() {
    let schema: serde_json::Value = serde_json::from_str(
        &fs::read_to_string(common::root().join("docs/scan.schema.json")).unwrap(),
    )
    .unwrap();
    let report: serde_json::Value = serde_json::from_str(&told(&["--format", "json"])).unwrap();
    assert_valid(&schema, &[], &report);
    assert!(
        report["rows"]
            .as_array()
            .is_some_and(|rows| rows.len() > 20)
    );
}

fn assert_valid(
    schema: &serde_json::Value,
    others: &[(&str, serde_json::Value)],
    document: &serde_json::Value,
) {
    let mut registry = jsonschema::Registry::new();
    for (address, other) in others {
        registry = registry.add(*address, other.clone()).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let validator = jsonschema::options()
        .with_registry(&registry)
        .build(schema)
        .unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A schema of the shared data, where it is.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn schema(name: &str) -> Option<serde_json::Value> {
    let named = std::env::var_os("SEAMARK_DATA").map(std::path::PathBuf::from);
    let folder = named
        .unwrap_or_else(|| common::root().join("../shared/data"))
        .join("schemas");
    let Ok(text) = fs::read_to_string(folder.join(name)) else {
        println!("skipped: no shared data with schemas/{name}");
        return None;
    };
    serde_json::from_str(&text).ok()
}

#[test]
fn vex_output_follows_the_official_schemas() {
    let (Some(cyclonedx), Some(spdx), Some(jsf), Some(openvex)) = (
        schema("cyclonedx/bom-1.6.schema.json"),
        schema("cyclonedx/spdx.schema.json"),
        schema("cyclonedx/jsf-0.82.schema.json"),
        schema("openvex/openvex_json_schema.json"),
    ) else {
        return;
    };
    let others = [
        ("http://cyclonedx.org/schema/spdx.schema.json", spdx),
        ("http://cyclonedx.org/schema/jsf-0.82.schema.json", jsf),
    ];
    assert_valid(
        &cyclonedx,
        &others,
        &serde_json::from_str(&told(&["--format", "cyclonedx-vex"])).unwrap(),
    );
    assert_valid(
        &openvex,
        &[],
        &serde_json::from_str(&told(&["--format", "openvex"])).unwrap(),
    );
    println!("vectors: official schemas of our output 2 ran, 0 listed as wrong");
}

#[test]
fn sarif_refers_to_what_it_declares() {
    let sarif: serde_json::Value = serde_json::from_str(&told(&["--format", "sarif"])).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .as_str()
            .unwrap();
        assert!(common::root().join(place).exists(), "{place}");
    }
}

/// A folder of the clinic's own, so that a history can be kept.
fn copy_of_the_clinic() -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    let from = common::root().join("examples/clinic");
    let mut left = vec![from.clone()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            let place = to.path().join(entry.path().strip_prefix(&from).unwrap());
            if entry.path().is_dir() {
                fs::create_dir_all(&place).unwrap();
                left.push(entry.path());
            } else {
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::copy(entry.path(), place).unwrap();
            }
        }
    }
    to
}

fn scanned(clinic: &tempfile::TempDir, as_of: &str, more: &[&str]) -> serde_json::Value {
    let place = clinic.path().display().to_string();
    let mut words = vec![
        "scan",
        place.as_str(),
        "--quiet",
        "--as-of",
        as_of,
        "--format",
        "json",
    ];
    words.extend(more);
    serde_json::from_str(&said(&words)).unwrap()
}

fn row<'a>(report: &'a serde_json::Value, flaw: &str) -> &'a serde_json::Value {
    report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["flaw"] == flaw)
        .unwrap_or_else(|| panic!("no row for {flaw}"))
}

#[test]
fn a_clock_that_runs_is_kept_between_scans() {
    let clinic = copy_of_the_clinic();
    let first = scanned(&clinic, "2026-11-20T12:00:00Z", &[]);
    assert_eq!(
        row(&first, "CVE-2021-23337")["priority"]["due"],
        "2026-12-04"
    );
    let second = scanned(&clinic, "2026-12-10T12:00:00Z", &[]);
    assert_eq!(
        row(&second, "CVE-2021-23337")["priority"]["due"],
        "2026-12-04"
    );
    assert_eq!(row(&second, "CVE-2021-23337")["priority"]["overdue"], true);
    assert_eq!(row(&second, "CVE-2021-23337")["first_seen"], "2026-11-20");
    assert_eq!(second["changes"].as_array().unwrap().len(), 0);
}

#[test]
fn taking_a_system_off_the_internet_dates_its_rows_anew() {
    let clinic = copy_of_the_clinic();
    scanned(&clinic, "2026-11-20T12:00:00Z", &[]);
    let settings = clinic.path().join("seamark.toml");
    let text = fs::read_to_string(&settings)
        .unwrap()
        .replace("exposed = true", "exposed = false");
    fs::write(&settings, text).unwrap();
    let second = scanned(&clinic, "2026-11-21T12:00:00Z", &[]);
    assert_eq!(
        row(&second, "CVE-2021-23337")["priority"]["due"],
        serde_json::Value::Null
    );
    let changes = second["changes"].as_array().unwrap();
    assert!(
        changes
            .iter()
            .any(|change| change["kind"] == "re-dated" && change["flaw"] == "CVE-2021-23337"),
        "{changes:#?}"
    );
}

#[test]
fn what_was_fixed_is_resolved_and_stays_on_record() {
    let clinic = copy_of_the_clinic();
    scanned(&clinic, "2026-11-20T12:00:00Z", &[]);
    let lock = clinic
        .path()
        .join("inventory/patient-portal/package-lock.json");
    let text = fs::read_to_string(&lock)
        .unwrap()
        .replace("4.17.20\"", "4.17.21\"");
    fs::write(&lock, text).unwrap();
    let second = scanned(&clinic, "2026-11-21T12:00:00Z", &[]);
    assert!(
        second["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["flaw"] != "CVE-2021-23337")
    );
    let changes = second["changes"].as_array().unwrap();
    assert!(
        changes
            .iter()
            .any(|change| change["kind"] == "resolved" && change["flaw"] == "CVE-2021-23337"),
        "{changes:#?}"
    );
}

#[test]
fn a_deferral_stands_until_its_conditions_change() {
    let clinic = copy_of_the_clinic();
    scanned(&clinic, "2026-11-20T12:00:00Z", &[]);
    let config = clinic.path().join("seamark.toml").display().to_string();
    let words = [
        "plan",
        "defer",
        "CVE-2023-30861",
        "--asset",
        "Scheduling",
        "--until",
        "2099-01-01",
        "--reason",
        "the vendor tests it first",
        "--by",
        "M. Tran",
        "--config",
        &config,
    ];
    assert!(
        seamark(&words).status.success(),
        "{}",
        String::from_utf8_lossy(&seamark(&words).stderr)
    );
    let second = scanned(&clinic, "2026-11-21T12:00:00Z", &[]);
    assert_eq!(row(&second, "CVE-2023-30861")["state"], "deferred");
    let settings = clinic.path().join("seamark.toml");
    let text = fs::read_to_string(&settings).unwrap().replace(
        "name = \"Scheduling\"\npaths = [\"inventory/scheduling\"]\nexposed = false",
        "name = \"Scheduling\"\npaths = [\"inventory/scheduling\"]\nexposed = true",
    );
    fs::write(&settings, text).unwrap();
    let third = scanned(&clinic, "2026-11-22T12:00:00Z", &[]);
    assert_eq!(row(&third, "CVE-2023-30861")["state"], "open");
}

#[test]
fn the_plan_is_shown_again_for_one_asset() {
    let clinic = copy_of_the_clinic();
    scanned(&clinic, "2026-11-20T12:00:00Z", &[]);
    let config = clinic.path().join("seamark.toml").display().to_string();
    let plan: serde_json::Value = serde_json::from_str(&said(&[
        "plan",
        "--config",
        &config,
        "--asset",
        "scheduling",
        "--format",
        "json",
    ]))
    .unwrap();
    let rows = plan["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["asset"] == "Scheduling"));
}

#[test]
fn a_damaged_history_is_never_replaced() {
    let clinic = copy_of_the_clinic();
    let place = clinic.path().join(".seamark");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("history.json"), "{ not a history").unwrap();
    let output = seamark(&["scan", &clinic.path().display().to_string(), "--quiet"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(place.join("history.json")).unwrap(),
        "{ not a history"
    );
}

#[test]
fn an_index_is_built_looked_into_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (one, two) = (at("one.index"), at("two.index"));
    let osv = "examples/clinic/advisories/osv";
    said(&[
        "index", "build", "--from", osv, "--output", &one, "--quiet", "--as-of", AS_OF,
    ]);
    said(&[
        "index",
        "build",
        "--from",
        osv,
        "examples/clinic/advisories/kev",
        "--output",
        &two,
        "--quiet",
        "--as-of",
        AS_OF,
    ]);
    let info: serde_json::Value = serde_json::from_str(&said(&[
        "index", "info", &two, "--verify", "--format", "json",
    ]))
    .unwrap();
    assert_eq!(info["kev"], 6);
    let diff: serde_json::Value =
        serde_json::from_str(&said(&["index", "diff", &one, &two, "--format", "json"])).unwrap();
    assert_eq!(diff["kev_added"].as_array().unwrap().len(), 6);
    assert_eq!(diff["added"].as_array().unwrap().len(), 0);
    let again = at("again.index");
    said(&[
        "index", "build", "--from", osv, "--output", &again, "--quiet", "--as-of", AS_OF,
    ]);
    assert_eq!(
        fs::read(&one).unwrap(),
        fs::read(&again).unwrap(),
        "the same input makes the same bytes"
    );
    said(&["index", "update", &one, "--quiet"]);
    let lock = "examples/clinic/inventory/patient-portal/package-lock.json";
    let report: serde_json::Value = serde_json::from_str(&said(&[
        "scan",
        lock,
        "--index",
        &one,
        "--offline",
        "--no-history",
        "--format",
        "json",
    ]))
    .unwrap();
    assert!(
        report["rows"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["flaw"] == "CVE-2021-23337")
    );
}
