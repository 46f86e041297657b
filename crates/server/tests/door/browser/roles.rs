//! Each role's main job, done in a real browser with the keyboard alone, half of them by night.

use clearinghouse::coordinate::arrive;

use super::driver::{Browser, Look};
use crate::common::House;
use crate::who::wait;

/// A member of `organization` of the demo before the page they come in on; nothing where there is no browser.
pub(super) fn seated(organization: &str, look: Look) -> Option<(House, Browser)> {
    let browser = Browser::open()?;
    let house = House::start_as(&["--demo"]);
    browser.look(look);
    browser.go(&format!(
        "http://{}{}",
        house.address,
        house.entrance(organization)
    ));
    Some((house, browser))
}

#[test]
fn a_finder_hands_over_a_report_and_is_given_a_receipt() {
    let Some((_house, browser)) = seated("Ostrich Labs", Look::Light) else {
        return;
    };
    browser.press("Reports");
    browser.press("Hand over a report");
    browser.press("Hand it over");
    assert!(browser.text().contains("title"), "{}", browser.text());
    browser.fill("Title", "Two threads free one texture");
    browser.fill("Package", "pkg:generic/tidepng@2.4.1");
    browser.fill("Weaknesses", "416");
    browser.fill(
        "Description",
        "Closing a window while it draws frees it twice.",
    );
    browser.fill("Credit", "Wei Jun Tan of Ostrich Labs");
    browser.press("Hand it over");
    let text = browser.text();
    assert!(text.contains("Receipt that proves it offline"), "{text}");
    assert!(text.contains("Closing a window while it draws"), "{text}");
}

#[test]
fn a_maintainer_reads_a_case_and_gives_their_verdict() {
    let organization = "Tidewater Imaging Project";
    let Some((house, browser)) = seated(organization, Look::Dark) else {
        return;
    };
    let cases = house.member(organization).get("/cases.json").json();
    let cases = cases["cases"].as_array().unwrap();
    let told =
        |case: &&serde_json::Value| case["title"].is_string() && case["stage"] == "with-vendor";
    let case = cases
        .iter()
        .find(told)
        .expect("a case that they were told of");
    browser.press("Cases");
    browser.press(case["case"].as_str().unwrap());
    browser.press_here("Give a verdict on a product");
    browser.fill("Product", "pkg:generic/tidepng");
    browser.fill("Versions", "2.4.1");
    browser.choose("under investigation", "affected");
    browser.fill("In your words", "We see it too; a fix is on its way.");
    browser.press("Give the verdict");
    let text = browser.text();
    assert!(text.contains("Your verdict is given."), "{text}");
    assert!(text.contains("We see it too"), "{text}");
}

#[test]
fn a_coordinator_decides_a_pair_by_a_single_key_and_takes_it_back() {
    let Some((house, browser)) = seated("Seamark on trial", Look::Dark) else {
        return;
    };
    for (finder, line) in [("Lantern Fuzzing", 12), ("Ostrich Labs", 60)] {
        let report = format!(
            r#"{{"title": "A query is put together from what was typed", "weaknesses": [89],
                "target": {{"package": "pkg:npm/a@1.0.0"}},
                "sites": [{{"file": "src/db.js", "function": "find", "line": {line}}}]}}"#
        );
        let taken = house
            .member(finder)
            .send_json("POST", "/reports.json", &report);
        assert_eq!(taken.status, 201, "{}", taken.body);
    }
    wait(arrive::arrive(&house.app.house, house.app.now())).unwrap();
    browser.press("Compare");
    let asked = browser.text();
    assert!(asked.contains("the same function, `find`"), "{asked}");
    browser.access('s');
    let answered = browser.text();
    assert!(answered.contains("They are one finding now."), "{answered}");
    browser.access('u');
    let back = browser.text();
    assert!(back.contains("the same function, `find`"), "{back}");
}

#[test]
fn a_coordinator_takes_a_case_from_the_queue_and_rejects_it_with_a_reason() {
    let organization = "Seamark on trial";
    let Some((house, browser)) = seated(organization, Look::Light) else {
        return;
    };
    let cases = house.member(organization).get("/cases.json").json();
    let cases = cases["cases"].as_array().unwrap();
    let case = cases
        .iter()
        .find(|case| case["stage"] == "new")
        .expect("a new case");
    browser.press("Cases");
    browser.fill("Filter", "stage:new");
    browser.press("Filter");
    browser.press(case["case"].as_str().unwrap());
    browser.choose("in triage", "in triage");
    browser.fill("Why", "It is about the right product.");
    browser.press("Move it");
    let text = browser.text();
    assert!(text.contains("The case is moved."), "{text}");
    assert!(text.contains("in triage"), "{text}");
}

#[test]
fn a_coordinator_reads_what_a_proof_showed_and_cancels_one_that_waits() {
    let organization = "Seamark on trial";
    let Some((house, browser)) = seated(organization, Look::Dark) else {
        return;
    };
    let all = house.member(organization).get("/validations.json").json();
    let all = all["validations"].as_array().unwrap();
    let of = |word: &str| {
        let fits = |one: &&serde_json::Value| one["outcome"] == word || one["state"] == word;
        let found = all.iter().find(fits);
        found.expect("the demo has it")["validation"]
            .as_str()
            .unwrap()
    };
    browser.press("Proofs");
    browser.press(of("proven"));
    let text = browser.text();
    assert!(text.contains("What it does not show"), "{text}");
    assert!(text.contains("seamark prove V-"), "{text}");
    browser.press("Proofs");
    browser.press(of("queued"));
    browser.press(&format!("Cancel {}", of("queued")));
    let text = browser.text();
    assert!(text.contains("It is cancelled."), "{text}");
}

#[test]
fn a_scanning_team_claims_what_it_is_about_to_scan() {
    let Some((_house, browser)) = seated("Night Owl Scanning", Look::Light) else {
        return;
    };
    browser.press("Claims");
    browser.press("Claim a target");
    browser.fill("What you scan", "not a target");
    browser.press("Claim it");
    let refused = browser.text();
    assert!(refused.contains("not a target"), "{refused}");
    browser.tab_to("What you scan");
    browser.clear();
    browser.keys("pkg:npm/left-over");
    browser.fill("Call", "night@owl.example");
    browser.press("Claim it");
    let text = browser.text();
    assert!(text.contains("pkg:npm/left-over"), "{text}");
    assert!(text.contains("Let the claim go"), "{text}");
}

#[test]
fn an_operator_allows_a_scan_of_its_own_machines_and_is_shown_the_token_once() {
    let Some((house, browser)) = seated("Riverbend Credit Union", Look::Dark) else {
        return;
    };
    browser.press("Claims");
    browser.press("Authorizations");
    browser.press("Allow a scan");
    browser.fill("Who may scan", "O-000005");
    browser.fill("What may be scanned", "192.0.2.0/24");
    browser.fill("Until", "2026-11-27");
    browser.fill("Call", "it@riverbend.example");
    browser.press("Allow it and show the token");
    let text = browser.text();
    assert!(text.contains("Seamark-Authorization"), "{text}");
    browser.go(&format!("http://{}/authorizations", house.address));
    assert!(
        browser.text().contains("192.0.2.0/24"),
        "{}",
        browser.text()
    );
}

#[test]
fn an_administrator_invites_a_colleague_and_makes_a_token() {
    let organization = "Granite Ledger Software";
    let Some((house, browser)) = seated(organization, Look::Light) else {
        return;
    };
    browser.press("Organizations");
    browser.press(organization);
    browser.fill("Mail address", "new@granite.example");
    browser.press("Make the link");
    let text = browser.text();
    assert!(text.contains("/invitations/"), "{text}");
    browser.go(&format!("http://{}/account/tokens/new", house.address));
    browser.fill("What it is for", "nightly scan");
    browser.tick("submit");
    browser.press("Make the token");
    let text = browser.text();
    assert!(text.contains("smk_"), "{text}");
}

#[test]
fn an_auditor_follows_the_log_to_an_entry_and_its_proof() {
    let Some((_house, browser)) = seated("Open Books Audit", Look::Dark) else {
        return;
    };
    browser.press("Log");
    browser.press("Older entries");
    browser.press("Older entries");
    let text = browser.text();
    assert!(text.contains("sealed"), "{text}");
    browser.go_back();
    let first = browser.run("return document.querySelector('tbody a').innerText");
    browser.press(first.as_str().unwrap());
    let text = browser.text();
    assert!(
        text.contains("one file that proves this entry offline"),
        "{text}"
    );
}
