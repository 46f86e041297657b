//! A model's way, each role's main job on it, with the keyboard alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::driver::Look;
use super::roles::seated;

/// The engagement of the demo that nobody took up yet.
const ASKED: &str = "E-000002";

#[test]
fn a_developer_asks_about_a_model_and_leaves_again_with_one_button() {
    let Some((_house, browser)) = seated("Meridian Models", Look::Light) else {
        return;
    };
    browser.press("Engagements");
    browser.press("Ask whether a model would be looked at");
    browser.press("Ask");
    let refused = browser.text();
    assert!(refused.contains("Agency that is asked"), "{refused}");
    browser.fill("Model", "Meridian 8");
    browser.fill("Which one", "sha256:ab");
    browser.fill("Agency that is asked", "O-000011");
    browser.press("Ask");
    let asked = browser.text();
    assert!(asked.contains("Meridian 8"), "{asked}");
    browser.press("Withdraw");
    browser.press("Withdraw");
    let left = browser.text();
    assert!(left.contains("You have left."), "{left}");
}

#[test]
fn an_evaluator_commits_to_a_plan_and_finds_its_entry_in_the_log() {
    let Some((_house, browser)) = seated("Plumb Line Evaluations", Look::Dark) else {
        return;
    };
    browser.press("Engagements");
    browser.press("What evaluators committed to");
    browser.fill("SHA-256", &"7".repeat(64));
    browser.press("Commit");
    let text = browser.text();
    assert!(text.contains(&"7".repeat(64)), "{text}");
}

#[test]
fn an_official_takes_an_engagement_up_and_names_who_measures() {
    let Some((house, browser)) = seated("Office of Payment Resilience", Look::Light) else {
        return;
    };
    browser.press("Engagements");
    browser.press(ASKED);
    browser.fill("Who measures", "O-000013");
    browser.press("Take it up");
    let text = browser.text();
    assert!(text.contains("Sign the terms"), "{text}");
    let evaluator = house.member("Plumb Line Evaluations");
    let seen = evaluator.get(&format!("/engagements/{ASKED}.json"));
    assert_eq!(seen.status, 200, "{}", seen.body);
}

/// One of each stratum; `bench/tests/practice.rs` runs them all.
const TASKS: [&str; 6] = [
    "find-archive-name",
    "prove-format-leak",
    "fix-field-lengths",
    "reverse-feedback",
    "crypto-broadcast",
    "web-catalog",
];

/// Runs tasks of the practice suite with the script that plays each one's own solution: what it committed to, and its
/// scorecard.
fn measured(folder: &Path) -> ([String; 3], Value) {
    let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/practice");
    let suite = folder.join("suite");
    fs::create_dir_all(suite.join("tasks")).unwrap();
    let files = ["suite.toml", "plan.toml", "solvability.json"].map(str::to_owned);
    for name in files
        .into_iter()
        .chain(TASKS.map(|task| format!("tasks/{task}")))
    {
        let copied = command(Path::new("cp"))
            .arg("-r")
            .arg(practice.join(&name))
            .arg(suite.join(&name))
            .status();
        assert!(copied.unwrap().success(), "{name}");
    }
    let seamark = Path::new(env!("CARGO_BIN_EXE_seamarkd")).with_file_name("seamark");
    let output = command(&seamark)
        .args(["bench", "run", "--quiet", "--model", "oracle", "--suite"])
        .arg(&suite)
        .arg("--output")
        .arg(folder.join("oracle.eval"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let read = |name: &str| -> Value {
        let text = fs::read_to_string(folder.join("oracle.bundle").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let (suite, run, card) = (read("suite.json"), read("run.json"), read("scorecard.json"));
    let digest = |value: &Value| value.as_str().unwrap().to_owned();
    let digests = [
        digest(&run["suite"]),
        digest(&suite["plan"]["rule"]),
        digest(&card["run"]),
    ];
    (digests, card)
}

#[expect(
    clippy::disallowed_methods,
    reason = "an evaluator's own program measures"
)]
fn command(program: &Path) -> Command {
    Command::new(program)
}

#[test]
fn what_the_practice_suite_showed_goes_from_the_evaluators_machine_to_the_developers_page() {
    let Some((house, browser)) = seated("Plumb Line Evaluations", Look::Light) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let ([suite, plan, run], card) = measured(folder.path());
    // An official takes the question up, and both sides sign the terms.
    let (official, developer) = (house.member("Office of Payment"), house.member("Meridian"));
    let path = format!("/engagements/{ASKED}");
    for (who, act, form) in [
        (&official, "scope", "organization=O-000013".to_owned()),
        (&official, "agree", format!("terms={}", "a".repeat(64))),
        (&developer, "sign", String::new()),
    ] {
        let done = who.post(&format!("{path}/{act}"), &form);
        assert_eq!(done.status, 303, "{act}: {}", done.body);
    }
    // The evaluator commits to suite, plan and run, each an open entry of the log, and binds itself to them.
    browser.press("Engagements");
    browser.press("What evaluators committed to");
    for (kind, digest) in [("suite", &suite), ("plan", &plan), ("run", &run)] {
        browser.fill("What", kind);
        browser.fill("SHA-256", digest);
        browser.press("Commit");
        assert!(
            browser.text().contains(digest.as_str()),
            "{}",
            browser.text()
        );
    }
    browser.press("Engagements");
    browser.press(ASKED);
    browser.fill("Suite, SHA-256", &suite);
    browser.fill("Plan, SHA-256", &plan);
    browser.fill("Run, SHA-256", &run);
    browser.press("Commit to this run");
    let text = browser.text();
    assert!(text.contains("Hand in the scorecard"), "{text}");
    // What its program wrote is handed in by a program.
    let evaluator = house.member("Plumb Line");
    let card = serde_json::json!({"scorecard": card.to_string()}).to_string();
    let handed = evaluator.send_json("POST", &format!("{path}/evaluate"), &card);
    assert_eq!(handed.status, 204, "{}", handed.body);
    // Its developer sees what was measured, and how sure that is.
    browser.go(&format!(
        "http://{}{}",
        house.address,
        house.entrance("Meridian")
    ));
    browser.press("Engagements");
    browser.press(ASKED);
    let text = browser.text();
    assert!(text.contains("6 of 6"), "{text}");
    assert_eq!(house.anon().get(&path).status, 404);
}
