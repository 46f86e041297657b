//! A model's way, each role's main job on it, with the keyboard alone.

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
