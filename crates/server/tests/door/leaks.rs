//! A member without the evidence cannot tell a house that holds another's embargoed finding from one that does not:
//! not by claim-check, counts, ids, search, filters, error texts, statuses or headers, and not by what an answer costs.
//!
//! Three worlds get the same requests. In one, another lab has handed over a flaw in `zq7lib`; in the next, one in
//! something else, so that ids and counts are alike and every byte has to be; in the third nothing, where numbers are
//! masked.

use std::sync::{Arc, LazyLock};

use clearinghouse::coordinate::arrive::arrive;
use clearinghouse::testing::Work;
use clearinghouse::who::invitation;
use jiff::SignedDuration;
use keys::totp;
use tokio::runtime::Runtime;

use crate::common::{House, Seen, Visitor};
use crate::proofs;
use crate::who::ada;

/// One for all and never dropped: a connection that was used in it goes back to its house only while it runs.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// What the member asks, with the evidence that they do not have left out: guesses at what the other lab found.
const ASKED: &[(&str, &str, &str)] = &[
    (
        "POST",
        "/claim-check.json",
        r#"{"evidence": [{"kind": "proof", "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}"#,
    ),
    (
        "POST",
        "/claim-check.json",
        r#"{"evidence": [{"kind": "stack", "sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}, {"kind": "trace", "sha256": "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"}]}"#,
    ),
    (
        "POST",
        "/claim-check.json",
        r#"{"hash": "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"}"#,
    ),
    ("POST", "/claim-check.json", r#"{"hash": "zq7lib"}"#),
    ("GET", "/reports.json", ""),
    ("GET", "/reports/R-000001.json", ""),
    ("GET", "/reports/R-000999.json", ""),
    ("GET", "/reports/R-000001/receipt.json", ""),
    (
        "POST",
        "/reports/R-000001/hops.json",
        r#"{"organization": "Guesser"}"#,
    ),
    ("POST", "/reports/R-000001/terms.json", r#"{"tlp": "RED"}"#),
    ("POST", "/reports/R-000001/split.json", "{}"),
    ("POST", "/reports/R-000001/let-in.json", "{}"),
    ("GET", "/reports/R-000002.json", ""),
    ("GET", "/validations.json", ""),
    ("GET", "/validations/V-000001.json", ""),
    ("GET", "/validations/V-000001", ""),
    ("GET", "/validations/V-000999.json", ""),
    ("GET", "/validations/V-000001/proof", ""),
    ("GET", "/validations/V-000001/minimized", ""),
    ("GET", "/validations/V-000001/statement", ""),
    ("POST", "/validations/V-000001/cancel.json", "{}"),
    (
        "POST",
        "/reports/R-000001/proofs/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/validate.json",
        "{}",
    ),
    ("GET", "/cases.json", ""),
    ("GET", "/cases.json?q=zq7lib", ""),
    ("GET", "/cases.json?q=ecosystem:npm+is:proven", ""),
    ("GET", "/cases.json?page=2", ""),
    ("GET", "/cases/C-000001.json", ""),
    ("GET", "/cases/C-000001", ""),
    ("GET", "/cases/C-000999.json", ""),
    ("GET", "/cases/C-000001/files/1", ""),
    (
        "POST",
        "/cases/C-000001/messages.json",
        r#"{"text": "is it zq7lib?"}"#,
    ),
    (
        "POST",
        "/cases/C-000001/stage.json",
        r#"{"stage": "closed"}"#,
    ),
    (
        "POST",
        "/cases/C-000001/embargo.json",
        r#"{"act": "refuse"}"#,
    ),
    (
        "POST",
        "/cases/C-000001/handoff.json",
        r#"{"coordinator": "CERT/CC"}"#,
    ),
    ("GET", "/cases/C-000001/withdraw", ""),
    ("GET", "/findings/F-000001.json", ""),
    ("GET", "/findings/F-000001", ""),
    ("GET", "/findings/F-000999.json", ""),
    ("GET", "/cases/C-000001/advisory.json", ""),
    ("GET", "/numbers.json", ""),
    ("GET", "/compare.json", ""),
    ("GET", "/compare/1.json", ""),
    ("GET", "/my.json", ""),
    ("GET", "/policies.json?package=pkg:npm/zq7lib", ""),
    ("GET", "/claims.json?q=zq7lib", ""),
    ("GET", "/organizations.json", ""),
    ("GET", "/advisories.json", ""),
    ("GET", "/advisories.json?q=zq7lib", ""),
    ("GET", "/advisories/A-000001.json", ""),
    (
        "POST",
        "/v1/query",
        r#"{"package": {"purl": "pkg:npm/zq7lib@1.0.0"}}"#,
    ),
    (
        "POST",
        "/v1/query",
        r#"{"package": {"name": "zq7lib", "ecosystem": "npm"}}"#,
    ),
    (
        "POST",
        "/v1/querybatch",
        r#"{"queries": [{"package": {"name": "zq7lib"}, "version": "1.0.0"}]}"#,
    ),
    ("GET", "/v1/vulns/x_127.0.0.1:8080-A-000001", ""),
    ("GET", "/v1/vulns/C-000001", ""),
    ("GET", "/osv/all.zip", ""),
    ("GET", "/osv/modified_id.csv", ""),
    ("GET", "/osv/ecosystems.txt", ""),
    ("GET", "/osv/npm/all.zip", ""),
    ("GET", "/osv/npm/x_127.0.0.1:8080-A-000001.json", ""),
    ("GET", "/", ""),
    ("GET", "/about.json", ""),
];

/// A guess, as a report: the very package, file, function, line and weakness, and nothing that proves them.
const GUESS: &str = r#"{"title": "Overflow", "target": {"package": "pkg:npm/zq7lib@1.0.0"}, "weaknesses": [787],
  "sites": [{"file": "zq7.c", "function": "decode", "line": 12}]}"#;

/// The same without the line, which only asks a person.
const VAGUE: &str = r#"{"title": "Overflow", "target": {"package": "pkg:npm/zq7lib"}, "weaknesses": [787],
  "sites": [{"file": "zq7.c", "function": "decode"}]}"#;

/// What the other lab handed over, about `package`, with a stack and a line.
fn found(package: &str) -> String {
    let frames: Vec<String> = (1..8)
        .map(|at| {
            format!(
                r#"{{"function": "step{at}", "file": "zq7.c", "line": {}}}"#,
                11 + at
            )
        })
        .collect();
    format!(
        r#"{{"title": "Overflow in {package}", "target": {{"package": "pkg:npm/{package}@1.0.0"}}, "weaknesses": [787],
          "sites": [{{"file": "zq7.c", "function": "decode", "line": 12}}],
          "crash": {{"kind": "heap-buffer-overflow", "stack": [{}]}}}}"#,
        frames.join(", ")
    )
}

struct World {
    house: House,
    work: Arc<Work>,
    guesser: Visitor,
}

/// A house where the other lab found something in `package`, if in anything, and its case is under embargo.
fn world(package: Option<&str>) -> World {
    let work = Arc::new(Work::default());
    let house = House::start_counted(&[], Arc::clone(&work));
    let (ada, _) = ada(&house);
    let other = finder(&house, &ada, "Other Lab");
    let guesser = finder(&house, &ada, "Guesser");
    if let Some(package) = package {
        // With a proof that was shown to work: its outcome, its bytes and that there is one are as secret as the rest.
        proofs::hands_over(&other, &found(package), 1, &proofs::bundle(package));
        comes(&house);
        proofs::rerun(&house, prove::Outcome::Proven);
        let moved = ada.send_json(
            "POST",
            "/cases/C-000001/stage.json",
            r#"{"stage": "triage"}"#,
        );
        assert_eq!(moved.status, 204, "{}", moved.body);
    }
    World {
        house,
        work,
        guesser,
    }
}

/// The first member of a new organization of finders.
pub fn finder(house: &House, ada: &Visitor, name: &str) -> Visitor {
    let new = format!(r#"{{"name": "{name}", "kind": "finder"}}"#);
    let made = ada.send_json("POST", "/organizations.json", &new);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/organizations/{id}/invitations.json");
    let email = name.to_lowercase().replace(' ', "-");
    let new = format!(r#"{{"email": "{email}@lab.example", "role": "admin"}}"#);
    let link = ada.send_json("POST", &path, &new).json()["link"].to_string();
    let link = link
        .trim_matches('"')
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let offer = invitation::offer(&house.app.house, &link, house.app.now());
    let device = RUNTIME.block_on(offer).unwrap().device;
    let seconds = u64::try_from(house.app.now().as_second()).unwrap();
    let code = device.code(seconds / totp::STEP_SECONDS);
    let form = format!("name={email}&password=a+sentence+that+is+easy+to+keep&code={code}");
    let welcome = house.anon().post(&format!("/invitations/{link}"), &form);
    assert_eq!(welcome.status, 200, "{}", welcome.body);
    house.anon().with("cookie", welcome.cookie().unwrap())
}

/// The house brings what was handed over to its cases.
pub fn comes(house: &House) {
    house.later(SignedDuration::from_mins(1));
    let app = &house.app;
    RUNTIME.block_on(async { while arrive(&app.house, app.now()).await.unwrap() > 0 {} });
}

/// Status, headers and body, without what differs from run to run whoever asks: the request's number and the port.
pub fn answer(seen: &Seen) -> String {
    let request = seen.header("x-request-id").unwrap_or("-").to_owned();
    let mut headers: Vec<String> = seen
        .headers
        .iter()
        .filter(|(name, _)| name != "date")
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    format!("{} {}\n{}", seen.status, headers.join("\n"), seen.body)
        .replace(&request, "NUMBER")
        .replace(&seen.host, "HOUSE")
}

/// Every run of digits and every hash as a mark: what is left is words.
pub fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for character in text.chars().chain(std::iter::once(' ')) {
        if character.is_ascii_alphanumeric() {
            word.push(character);
            continue;
        }
        let is_number = word.chars().any(|one| one.is_ascii_digit());
        out.push_str(if is_number { "#" } else { &word });
        word.clear();
        out.push(character);
    }
    out
}

/// A receipt of what was taken back, without what is drawn by lot: the key that was destroyed, and hashes of the log.
fn receipt(seen: &Seen) -> String {
    let told = seen.json();
    format!(
        "{} {:?}: {} at {}, {} hashes",
        seen.status,
        seen.header("content-length"),
        told["report"],
        told["log_index"],
        told["receipt"]["proof"].as_array().map_or(0, Vec::len)
    )
}

/// Plays everything; what each request was answered, and what it cost in statements and in keys unwrapped.
fn play(world: &World) -> Vec<(String, String, (u64, u64))> {
    let mut all = Vec::new();
    let mut ask = |method: &str, path: &str, body: &str| {
        let before = (world.work.count(), world.house.app.house.unwrapped());
        let kind = (!body.is_empty()).then_some("application/json");
        let seen = world.guesser.send(method, path, kind, body);
        let after = (world.work.count(), world.house.app.house.unwrapped());
        let cost = (after.0 - before.0, after.1 - before.1);
        let told = match path.ends_with("/withdraw.json") {
            true => receipt(&seen),
            false => answer(&seen),
        };
        all.push((format!("{method} {path} {body}"), told, cost));
    };
    for (method, path, body) in ASKED {
        ask(method, path, body);
    }
    for guess in [GUESS, VAGUE] {
        ask("POST", "/reports.json", guess);
        comes(&world.house);
        // Nobody has looked at it: the guess is there, and nothing has come of it that its finder could see.
        for path in ["/reports.json", "/cases.json", "/my.json"] {
            ask("GET", path, "");
        }
        for (method, path, body) in ASKED {
            ask(method, path, body);
        }
    }
    // Taken back again: neither the answer nor what it costs tells what the guess was the same as.
    let guesses = world.guesser.get("/reports.json").json();
    for line in guesses["reports"].as_array().expect("a list") {
        let id = line["report"].as_str().expect("a number");
        ask("GET", &format!("/reports/{id}/withdraw"), "");
        ask("POST", &format!("/reports/{id}/withdraw.json"), "{}");
        comes(&world.house);
        for path in [&*format!("/reports/{id}.json"), "/cases.json", "/my.json"] {
            ask("GET", path, "");
        }
    }
    all
}

#[test]
fn a_member_without_the_evidence_cannot_tell_whether_another_s_finding_is_there() {
    let same = play(&world(Some("zq7lib")));
    let decoy = play(&world(Some("unrelated")));
    assert!(same.len() > 100);
    for ((asked, with, _), (_, without, _)) in same.iter().zip(&decoy) {
        assert_eq!(with, without, "{asked}");
    }
    let none = play(&world(None));
    // Up to the first guess: from then on the first report of the empty house is the guesser's own.
    for ((asked, with, _), (_, without, _)) in same.iter().zip(&none).take(ASKED.len()) {
        // How many reports the house took is no secret: the log shows its length to everyone.
        assert_eq!(masked(with), masked(without), "{asked}");
    }
}

#[test]
fn an_answer_that_says_nothing_costs_the_same_whether_the_finding_is_there_or_not() {
    let same = play(&world(Some("zq7lib")));
    let decoy = play(&world(Some("unrelated")));
    let mut counted = 0;
    for ((asked, _, with), (_, _, without)) in same.iter().zip(&decoy) {
        // Taking a report compares it with what is held: see the threat model for what that is.
        if asked.starts_with("POST /reports.json") {
            continue;
        }
        counted += usize::from(with.0 > 0);
        assert_eq!(with, without, "{asked}");
    }
    assert!(counted > 50, "nothing was counted");
}
