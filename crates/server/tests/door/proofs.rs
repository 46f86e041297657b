//! Proofs at the door: what a re-run showed is a page and its JSON for those who may see the proof; bytes leave as
//! downloads; what came out of a proof stands escaped; and a report says that it takes the slow lane.

use clearinghouse::validate::{self, work};
use expect_test::expect;
use finding::hex;
use finding::report::Frame;
use keys::sha256;
use prove::{
    Attempt, Estimate, Isolation, Judged, Minimized, PatchCheck, Severity, Triaged, Validation,
    Verdict,
};

use crate::common::{House, Visitor};
use crate::leaks::{comes, finder};
use crate::outline::outline;
use crate::who::{ada, wait};

/// What a hostile proof prints: markup, an escape of a terminal, a long tail.
const PRINTED: &str = "ERROR: AddressSanitizer <script>alert(1)</script> \u{1b}[31mred";

/// A proof that looks like a bundle.
pub fn bundle(text: &str) -> Vec<u8> {
    [&[0x28, 0xb5, 0x2f, 0xfd], text.as_bytes()].concat()
}

/// Hands over a report in `package` with a bundle, and sends its bytes; the proof's hash.
pub fn hands_over(lab: &Visitor, report: &str, number: usize, proof: &[u8]) -> String {
    let hash = hex(&sha256(&[proof]));
    let named = format!(
        r#"{{"proofs": [{{"sha256": "{hash}", "bytes": {}, "kind": "bundle"}}],"#,
        proof.len()
    );
    let taken = lab.send_json("POST", "/reports.json", &report.replacen('{', &named, 1));
    assert_eq!(taken.status, 201, "{}", taken.body);
    let path = format!("/reports/R-{number:06}/proofs/{hash}");
    let sent = lab.with("upload-offset", "0").send_bytes(
        "PATCH",
        &path,
        Some("application/partial-upload"),
        proof,
    );
    assert_eq!(sent.status, 204, "{}", sent.body);
    hash
}

/// A worker takes the next proof and says `outcome`, as the real one would say it.
pub fn rerun(house: &House, outcome: prove::Outcome) {
    let (app, now) = (&house.app.house, house.app.now());
    wait(async {
        validate::arrive(app, now).await.unwrap();
        let taken = work::take(app, "test", now).await.unwrap().unwrap();
        let proved = server::worker::proved(said(outcome, &hex(&taken.row.digest))).unwrap();
        assert!(validate::record(app, &taken, &proved, now).await.unwrap());
    });
}

fn said(outcome: prove::Outcome, bundle: &str) -> Validation {
    let run = |judged| Attempt {
        judged,
        why: "heap-buffer-overflow in `zq7_decode`".into(),
        ended: "exit code 1".into(),
        output: "".into(),
        errors: PRINTED.into(),
        milliseconds: 12,
        memory_bytes: 4 << 20,
        changed: vec!["/tmp/<b>out</b>".into()],
    };
    Validation {
        outcome,
        why: vec!["each of 3 runs showed what is claimed".into()],
        bundle: bundle.into(),
        title: "zq7lib overflow".into(),
        claim: "decode writes past its buffer".into(),
        builds: Vec::new(),
        runs: vec![run(Judged::Met), run(Judged::Met), run(Judged::Met)],
        fixed: vec![run(Judged::NotMet)],
        crash: Some(Triaged {
            tool: "AddressSanitizer".into(),
            kind: "heap-buffer-overflow".into(),
            class: prove::Class::OutOfBounds,
            access: None,
            access_bytes: None,
            region: None,
            is_near_null: false,
            frames: vec![Frame {
                function: "zq7_decode".into(),
                file: "zq7.c".into(),
                line: Some(12),
                module: "".into(),
            }],
            signature: "0123".into(),
        }),
        estimate: Some(Estimate {
            severity: Severity::High,
            why: vec!["it writes past a buffer on the heap".into()],
        }),
        minimized: Some(Minimized {
            input: b"zq7 small".to_vec(),
            bytes_before: 900,
            runs: 40,
            is_complete: true,
        }),
        bisected: None,
        patch: Some(PatchCheck {
            patch: "a".repeat(64).into(),
            builds: Verdict::Held,
            ends_proof: Verdict::Held,
            passes_tests: Verdict::Held,
            holds: Verdict::Failed,
            variants: 100,
            telling_variants: 60,
            broken_by: vec![1, 2, 3],
            why: vec!["variant 17 shows the same".into()],
        }),
        proves: vec!["This input makes this build write past a buffer.".into()],
        does_not_prove: vec!["That anybody can reach it from outside.".into()],
        isolation: Some(Isolation {
            namespaces: vec!["user".into(), "network".into()],
            user: 65_534,
            kernel: "6.12".into(),
            ..Isolation::default()
        }),
        tool: "seamark 0.1.0".into(),
    }
}

const REPORT: &str =
    r#"{"title": "Overflow in decode", "target": {"package": "pkg:cargo/a@1.0.0"}}"#;

/// A house with one case whose proof was re-run, who runs the house, who handed it over, and a stranger.
fn house() -> (House, Visitor, Visitor, Visitor) {
    let house = House::start();
    let (ada, _) = ada(&house);
    let lab = finder(&house, &ada, "Lab");
    let nosy = finder(&house, &ada, "Nosy");
    hands_over(&lab, REPORT, 1, &bundle("one"));
    comes(&house);
    assert_eq!(
        ada.post("/cases/C-000001/stage", "stage=triage").status,
        303
    );
    rerun(&house, prove::Outcome::Proven);
    (house, ada, lab, nosy)
}

#[test]
fn a_validation_is_a_page_that_says_what_it_shows_and_what_it_does_not() {
    let (house, _, lab, _) = house();
    let page = lab.get("/validations/V-000001");
    expect![[r#"
        title V-000001: re-run of a proof – Seamark on trial
        li [R-000001](/reports/R-000001)
        h1 V-000001: re-run of a proof proven
        dt Validation
        dd V-000001
        dt State
        dd proven
        dt Asked
        dd 20 Nov 2026, 12:01 UTC
        dt By
        dd the report brought it
        dt Ended
        dd 20 Nov 2026, 12:01 UTC
        dt Begun
        dd 1
        dt Checked with
        dd seamark 0.1.0
        dt What went wrong
        dd heap-buffer-overflow (AddressSanitizer)
        dt Estimate by this run alone, not the vendor's word
        dd high
        decode writes past its buffer
        li each of 3 runs showed what is claimed
        h2 What this shows
        li This input makes this build write past a buffer.
        h2 What it does not show
        li That anybody can reach it from outside.
        caption Runs
        tr Run | Showed | Why | Ended | Milliseconds | Memory in KiB |
        tr 1 of the vulnerable build | what is claimed | heap-buffer-overflow in `zq7_decode` | exit code 1 | 12 | 4096 |
        tr 2 of the vulnerable build | what is claimed | heap-buffer-overflow in `zq7_decode` | exit code 1 | 12 | 4096 |
        tr 3 of the vulnerable build | what is claimed | heap-buffer-overflow in `zq7_decode` | exit code 1 | 12 | 4096 |
        tr 1 of the fixed build | nothing of it | heap-buffer-overflow in `zq7_decode` | exit code 1 | 12 | 4096 |
        caption Where it crashed, innermost first
        tr Function | File | Line |
        tr zq7_decode | zq7.c | 12 |
        h2 Why the estimate is high
        li it writes past a buffer on the heap
        An estimate by what was seen here alone. How severe it is in a product is its vendor's to say.
        caption Patch aaaaaaaaaaaa, checked by this house
        tr The patch | Verdict |
        tr applies and builds | held |
        tr ends the proof | held |
        tr passes the target's own tests | held |
        tr holds against variants of the input | did not hold |
        variant 17 shows the same
        summary What run 1 printed
        pre ERROR: AddressSanitizer <script>alert(1)</script> [31mred
        It wrote /tmp/<b>out</b>
        summary What run 2 printed
        pre ERROR: AddressSanitizer <script>alert(1)</script> [31mred
        It wrote /tmp/<b>out</b>
        summary What run 3 printed
        pre ERROR: AddressSanitizer <script>alert(1)</script> [31mred
        It wrote /tmp/<b>out</b>
        summary What stood between it and everything else
        dt Namespaces
        dd user, network
        dt Ran as user
        dd 65534
        dt System calls it may make
        dd 0
        dt Landlock
        dd none
        dt Memory held by
        dd nobody
        dt Processes held by
        dd nobody
        dt Kernel
        dd 6.12
        h2 Check it yourself
        Save the proof as V-000001-proof.tar.zst and run it where nothing can be harmed: it is a stranger's.
        pre sha256sum V-000001-proof.tar.zst seamark prove V-000001-proof.tar.zst
        dt SHA-256 of the proof
        dd 1d89d37886548fb743f97695a97b4282dced1bf30d3093ed629d990fe75938b1
        dt SHA-256 of the signed statement
        dd 3b7f07328238180d61250754bfcbd4152653ba9d42f9b0b79db0c74ba96c9b10
        dt Entry of the log, asked
        dd 17
        dt Entry of the log, ended
        dd 18
        [Download the proof of V-000001](/validations/V-000001/proof) 7 bytes
        [Download the smallest input of V-000001](/validations/V-000001/minimized) it had 900 bytes before
        [Download the signed statement of V-000001](/validations/V-000001/statement) in-toto in DSSE, by [this key](/validations/key)
        form POST /reports/R-000001/proofs/1d89d37886548fb743f97695a97b4282dced1bf30d3093ed629d990fe75938b1/validate
        button Have the proof of V-000001 run again
    "#]].assert_eq(&outline(&page.body).replace(&house.address.to_string(), "HOUSE"));
    assert!(
        page.body.contains("&#60;script&#62;"),
        "what a proof printed stands escaped"
    );
    assert!(
        !page.body.contains("<script")
            && !page.body.contains('\u{1b}')
            && !page.body.contains("<b>out")
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[test]
fn the_same_for_programs_with_the_prover_s_own_words() {
    let (_house, ada, lab, _) = house();
    let json = lab.get("/validations/V-000001.json").json();
    let picked = [
        "validation",
        "report",
        "state",
        "outcome",
        "attempt",
        "has_minimized",
    ];
    let picked: Vec<String> = picked
        .iter()
        .map(|name| format!("{name}: {}", json[*name]))
        .collect();
    expect![[r#"
        validation: "V-000001"
        report: "R-000001"
        state: "done"
        outcome: "proven"
        attempt: 1
        has_minimized: true"#]]
    .assert_eq(&picked.join("\n"));
    assert_eq!(
        json["result"]["crash"]["frames"][0]["function"],
        "zq7_decode"
    );
    assert_eq!(
        json["result"]["minimized"]["input"], "",
        "bytes are a download"
    );
    let listed = ada.get("/validations.json").json();
    assert_eq!(listed["validations"][0]["outcome"], "proven");
    let case = ada.get("/cases/C-000001.json").json();
    assert_eq!(case["validations"][0]["outcome"], "proven");
    let report = lab.get("/reports/R-000001.json").json();
    assert_eq!(
        (&report["shown"], &report["validations"][0]["outcome"]),
        (&"proven".into(), &"proven".into())
    );
    let queue = ada.get("/cases.json?q=is:proven").json();
    assert_eq!(queue["cases"].as_array().map(Vec::len), Some(1));
}

#[test]
fn bytes_of_a_proof_leave_as_downloads_and_never_as_pages() {
    let (_house, ada, lab, nosy) = house();
    for (path, bytes) in [
        ("proof", bundle("one")),
        ("minimized", b"zq7 small".to_vec()),
    ] {
        let address = format!("/validations/V-000001/{path}");
        for reader in [&ada, &lab] {
            let seen = reader.get(&address);
            let header = |name: &str| seen.header(name).unwrap_or("none").to_owned();
            assert_eq!(seen.bytes, bytes);
            assert_eq!(header("content-type"), "application/octet-stream");
            assert!(header("content-disposition").starts_with("attachment; filename=\"V-000001-"));
            assert_eq!(
                (header("cache-control"), header("x-content-type-options")),
                ("no-store".to_owned(), "nosniff".to_owned())
            );
        }
        assert_eq!(nosy.get(&address).status, 404);
    }
    let statement = lab.get("/validations/V-000001/statement");
    let envelope: keys::dsse::Envelope = serde_json::from_str(&statement.body).unwrap();
    let key: keys::note::VerifierKey = lab.get("/validations/key").body.trim().parse().unwrap();
    let (payload, _) =
        keys::dsse::verify(&envelope, keys::statement::PAYLOAD_TYPE, &[*key.verifier()]).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["predicate"]["outcome"], "proven");
    assert_eq!(
        payload["subject"][0]["digest"]["sha256"],
        hex(&sha256(&[&bundle("one")]))
    );
}

#[test]
fn who_may_not_see_a_proof_is_told_what_a_stranger_is_told_of_nothing() {
    let (house, _, _, nosy) = house();
    for visitor in [&nosy, &house.anon()] {
        for path in ["", ".json", "/proof", "/minimized", "/statement"] {
            let there = visitor.get(&format!("/validations/V-000001{path}"));
            let nowhere = visitor.get(&format!("/validations/V-000999{path}"));
            assert_eq!((there.status, nowhere.status), (404, 404), "{path}");
        }
        let asked = visitor.post("/validations/V-000001/cancel", "");
        assert_eq!(asked.status, 404);
    }
    let listed = nosy.get("/validations.json");
    assert_eq!(listed.status, 403, "{}", listed.body);
}

#[test]
fn the_page_of_the_case_has_what_is_needed_to_check_it_oneself() {
    let (_house, ada, _, _) = house();
    let page = ada.get("/cases/C-000001").body;
    for said in [
        "seamark prove V-000001-proof.tar.zst",
        &hex(&sha256(&[&bundle("one")])),
        "zq7_decode",
        "Estimate by this run alone, not the vendor&#39;s word",
        "What it does not show",
        "passes the target&#39;s own tests",
        "What run 1 printed",
        "/validations/V-000001/minimized",
        "re-ran a proof of R-000001: proven",
    ] {
        assert!(page.contains(said), "no `{said}` in {page}");
    }
    let queue = ada.get("/cases").body;
    assert!(queue.contains(">proven<"), "{queue}");
}

#[test]
fn what_is_exploited_and_proven_says_both_in_the_queue() {
    let house = House::start();
    let (ada, _) = ada(&house);
    let lab = finder(&house, &ada, "Lab");
    let report = REPORT.replacen('{', r#"{"exploited": true, "#, 1);
    hands_over(&lab, &report, 1, &bundle("one"));
    comes(&house);
    rerun(&house, prove::Outcome::Proven);
    let queue = ada.get("/cases").body;
    assert!(
        queue.contains(">exploited<") && queue.contains(">proven<"),
        "{queue}"
    );
}

#[test]
fn staff_asks_for_any_proof_and_cancels_and_a_refusal_says_why() {
    let (_house, ada, lab, _) = house();
    let plain = b"plain input";
    let hash = hands_over(&lab, &REPORT.replace("decode", "encode"), 2, plain);
    let ask = format!("/reports/R-000002/proofs/{hash}/validate");
    let asked = ada.send_json("POST", &format!("{ask}.json"), "{}");
    assert_eq!(
        (asked.status, asked.json()["validation"].as_str()),
        (201, Some("V-000002"))
    );
    let again = lab.send_json("POST", &format!("{ask}.json"), "{}");
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(
        again
            .body
            .contains("V-000002 re-runs it already, and is waiting"),
        "{}",
        again.body
    );
    let page = ada.get("/validations/V-000002").body;
    assert!(
        page.contains("action=\"/validations/V-000002/cancel\""),
        "{page}"
    );
    assert!(
        !lab.get("/validations/V-000002").body.contains("/cancel"),
        "what one may not do is not drawn"
    );
    assert_eq!(lab.post("/validations/V-000002/cancel", "").status, 403);
    assert_eq!(ada.post("/validations/V-000002/cancel", "").status, 303);
    let page = ada.get("/validations/V-000002").body;
    assert!(page.contains("Nothing is known of the proof."), "{page}");
}

#[test]
fn a_report_without_a_proof_takes_the_slow_lane_and_its_receipt_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("seamarkd.toml"),
        "proof_required = true\n",
    )
    .unwrap();
    let folder = folder.path().display().to_string();
    let house = House::start_as(&["--data-dir", &folder]);
    let (ada, _) = ada(&house);
    let lab = finder(&house, &ada, "Lab");
    let taken = lab.send_json("POST", "/reports.json", REPORT).json();
    let held = |receipt: &serde_json::Value| {
        receipt["maintainer"]["held"][0]
            .as_str()
            .unwrap_or("nothing")
            .to_owned()
    };
    expect!["this house sends maintainers at once only what is proven, and all else when a person has looked at it; add a bundle that shows the flaw, as `seamark prove --new` makes one, or an input or a script for a person to look at"].assert_eq(&held(&taken["receipts"][0]));
    assert!(
        lab.get("/reports/R-000001")
            .body
            .contains("It takes the slow lane:")
    );
    hands_over(&lab, &REPORT.replace("decode", "encode"), 2, &bundle("two"));
    wait(validate::arrive(&house.app.house, house.app.now())).unwrap();
    let of = |id: &str| held(&lab.get(&format!("/reports/{id}.json")).json()["receipt"]);
    expect!["this house sends maintainers at once only what is proven, and all else when a person has looked at it; the proof is going to be re-run"].assert_eq(&of("R-000002"));
    rerun(&house, prove::Outcome::Flaky);
    expect!["this house sends maintainers at once only what is proven, and all else when a person has looked at it; the proof was re-run and did not show the flaw each time; a person looks at it"].assert_eq(&of("R-000002"));
}
