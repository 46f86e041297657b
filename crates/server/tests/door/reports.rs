//! A finder's way through the door: any format, receipts, uploads in pieces, and what a stranger is told.

use crate::common::{House, Visitor};
use crate::who::ada;

/// A program with a token that hands over.
fn program(house: &House) -> Visitor {
    let (ada, _) = ada(house);
    let made = ada.send_json(
        "POST",
        "/account/tokens.json",
        r#"{"label": "nightly", "scopes": ["read", "submit"], "days": 30}"#,
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    house
        .anon()
        .with("authorization", &format!("Bearer {token}"))
        .with("accept", "application/json")
}

const REPORT: &str =
    r#"{"title": "Overflow in decode", "target": {"package": "pkg:cargo/a@1.0.0"}}"#;

#[test]
fn a_report_is_taken_once_and_shown_to_its_finder_alone() {
    let house = House::start();
    let lab = program(&house);
    let first = lab.send_json("POST", "/reports.json", REPORT);
    assert_eq!(first.status, 201, "{}", first.body);
    let receipt = &first.json()["receipts"][0];
    assert_eq!(receipt["report"], "R-000001");
    assert_eq!(receipt["again"], false);
    let again = lab.send_json("POST", "/reports.json", REPORT).json();
    assert_eq!(again["receipts"][0]["report"], "R-000001");
    assert_eq!(again["receipts"][0]["again"], true);
    let shown = lab.get("/reports/R-000001.json").json();
    assert_eq!(shown["status"], "received");
    assert_eq!(shown["report"]["title"], "Overflow in decode");
    assert_eq!(
        lab.get("/reports.json").json()["reports"][0]["report"],
        "R-000001"
    );
    let proved = lab.get("/reports/R-000001/receipt.json").json();
    assert_eq!(proved["form"], "seamark receipt 1");
    assert_eq!(proved["index"], receipt["log_index"]);
    let stranger = house.anon();
    let (held, none) = (
        stranger.get("/reports/R-000001"),
        stranger.get("/reports/R-000009"),
    );
    assert_eq!(held.status, 404);
    assert_eq!(
        held.said().replace("R-000001", "R"),
        none.said().replace("R-000009", "R")
    );
}

#[test]
fn a_finder_takes_a_report_back_and_holds_a_receipt_of_that() {
    let house = House::start();
    let lab = program(&house);
    lab.send_json("POST", "/reports.json", REPORT);
    let stranger = house.anon();
    for path in ["/reports/R-000001/withdraw", "/reports/R-000009/withdraw"] {
        assert_eq!(stranger.get(path).status, 303, "{path}");
    }
    let held = lab.send_json("POST", "/reports/R-000001/withdraw.json", "{}");
    assert_eq!(held.status, 200, "{}", held.body);
    let held = held.json();
    assert_eq!(held["receipt"]["index"], held["log_index"]);
    let said = held["receipt"]["opening"].to_string();
    assert!(
        said.contains(held["key_sha256"].as_str().unwrap()),
        "{said}"
    );
    let shown = lab.get("/reports/R-000001.json");
    assert_eq!(shown.json()["status"], "withdrawn");
    assert!(!shown.body.contains("decode"), "{}", shown.body);
    let proved = lab.get("/reports/R-000001/receipt.json");
    assert_eq!(proved.json()["form"], "seamark receipt 1");
    let again = lab.send_json("POST", "/reports/R-000001/withdraw.json", "{}");
    assert_eq!(again.status, 422);
    assert!(
        again.body.contains("R-000001 was withdrawn before"),
        "{}",
        again.body
    );
    // Sent once more under the same key it is the same report, which stays taken back.
    let sent = lab.send_json("POST", "/reports.json", REPORT).json();
    assert_eq!(sent["receipts"][0]["again"], true);
}

#[test]
fn everything_wrong_with_a_document_is_said_and_nothing_of_it_taken() {
    let house = House::start();
    let lab = program(&house);
    let body =
        format!(r#"{{"reports": [{REPORT}, {{"title": 7, "target": {{"package": "a"}}}}]}}"#);
    let refused = lab.send_json("POST", "/reports.json", &body);
    assert_eq!(refused.status, 422);
    let fields: Vec<String> = refused.json()["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields, ["reports[1].title", "reports[1].target.package"]);
    let listed = lab.get("/reports.json").json();
    assert_eq!(listed["reports"].as_array().unwrap().len(), 0);
}

#[test]
fn each_line_of_a_stream_is_answered_by_a_line() {
    let house = House::start();
    let lab = program(&house);
    let body = format!("{REPORT}\n{{\"title\": \"b\"}}\n{REPORT}\n");
    let answered = lab.send("POST", "/reports.json", Some("application/x-ndjson"), &body);
    assert_eq!(answered.status, 200, "{}", answered.body);
    let lines: Vec<serde_json::Value> = answered
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["receipt"]["report"], "R-000001");
    assert_eq!(lines[1]["problems"][0]["field"], "target");
    assert_eq!(lines[2]["problems"][0]["field"], "key");
    let checked = lab.send(
        "POST",
        "/reports.json?check=true",
        Some("application/x-ndjson"),
        REPORT,
    );
    assert_eq!(checked.body.trim(), r#"{"line":1,"receipt":null}"#);
}

#[test]
fn other_formats_are_known_by_their_type_or_by_what_they_are() {
    let house = House::start();
    let lab = program(&house);
    let sarif = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [{"message": {"text": "bad"}}]}]}"#;
    let markdown = "---\ntarget: {package: \"pkg:cargo/a\"}\n---\n# Bad\nwords\n";
    let pov = r#"{"architecture": "x86_64", "engine": "libfuzzer", "fuzzer_name": "f", "sanitizer": "address", "testcase": "AAECAwQFBgcICQoLDA0ODw=="}"#;
    let crash = "==7==ERROR: AddressSanitizer: SEGV on x\n    #0 0x1 in f /a.c:3:1\n";
    for (kind, body, title) in [
        ("application/sarif+json", sarif, "bad"),
        ("application/json", sarif, "bad"),
        ("text/markdown", markdown, "Bad"),
        (
            "application/json",
            pov,
            "Crash under the address sanitizer in fuzz target f",
        ),
        ("text/plain", crash, "SEGV in f"),
    ] {
        let path = "/reports.json?repository=https://git.example/a/b";
        let taken = lab.send("POST", path, Some(kind), body);
        assert_eq!(taken.status, 201, "{kind}: {}", taken.body);
        let report = taken.json()["receipts"][0]["report"]
            .as_str()
            .unwrap()
            .to_owned();
        let shown = lab.get(&format!("/reports/{report}.json")).json();
        assert_eq!(shown["report"]["title"], title);
    }
    let asked = r#"{"evidence": [{"kind": "proof", "sha256": "9d2a2e5e9e8a2d0b8d0c3c1f3c7d3a2b1a0f9e8d7c6b5a49382716054f3e2d1c"}]}"#;
    let check = lab.send_json("POST", "/claim-check", asked);
    assert_eq!(
        (check.status, check.body.as_str()),
        (200, r#"{"match":false}"#)
    );
}

#[test]
fn a_proof_goes_up_in_pieces_and_says_where_it_stands() {
    let house = House::start();
    let lab = program(&house);
    let sha256 = finding::hex(&keys::sha256(&[b"the whole of the proof"]));
    let report = REPORT.replace(
        r#""title""#,
        &format!(r#""proofs": [{{"sha256": "{sha256}", "bytes": 22}}], "title""#),
    );
    assert_eq!(lab.send_json("POST", "/reports.json", &report).status, 201);
    let path = format!("/reports/R-000001/proofs/{sha256}");
    let piece = |offset: &str, body: &str| {
        let seen = lab.with("upload-offset", offset).send(
            "PATCH",
            &path,
            Some("application/partial-upload"),
            body,
        );
        let said = |name: &str| seen.header(name).unwrap_or("none").to_owned();
        format!(
            "{} {} {}",
            seen.status,
            said("upload-offset"),
            said("upload-complete")
        )
    };
    assert_eq!(piece("0", "the whole "), "204 10 ?0");
    assert_eq!(piece("0", "the whole "), "409 10 ?0");
    let stands = lab.send("HEAD", &path, None, "");
    assert_eq!(
        (stands.status, stands.header("upload-offset")),
        (204, Some("10"))
    );
    assert_eq!(piece("10", "of the proof"), "204 22 ?1");
    assert_eq!(house.anon().send("HEAD", &path, None, "").status, 404);
}
