//! What an organization takes out when it goes, and what is left of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clearinghouse::coordinate::{self, File, Opening};
use clearinghouse::log::receipt;
use clearinghouse::testing::Testing;
use clearinghouse::who::{export, leave};
use clearinghouse::{Actor, claim, submit};
use finding::Report;
use finding::claim::Draft;
use finding::report::ProofMark;
use names::{OrganizationId, OrganizationKind};
use serde_json::Value;

use super::{ada, join, known, on_both, said};

/// All that an export writes.
async fn exported(house: &Testing, actor: &Actor, id: OrganizationId) -> String {
    let (lines, mut waiting) = tokio::sync::mpsc::channel(export::LINES_WAITING);
    let read = async {
        let mut all = Vec::new();
        while let Some(line) = waiting.recv().await {
            all.extend(line);
        }
        String::from_utf8(all).unwrap()
    };
    let (done, text) = tokio::join!(export::export(house, actor, id, lines, house.now), read);
    done.unwrap();
    text
}

async fn leaving(house: Testing) {
    let (ada, _) = ada(&house).await;
    let (id, lab, session, _) = join(&house, &ada, OrganizationKind::Finder, "Lab").await;
    let (_, other, _, _) = join(&house, &ada, OrganizationKind::Finder, "Other").await;
    let report = Report {
        title: "a heap overflow nobody knows".into(),
        ..Report::default()
    };
    let mut mine = Vec::new();
    for key in ["a", "b", "c"] {
        mine.push(
            submit::submit(&house, &lab.actor, &report, key, [7; 32], house.now)
                .await
                .unwrap()
                .report,
        );
    }
    let theirs = submit::submit(&house, &other.actor, &report, "a", [7; 32], house.now)
        .await
        .unwrap()
        .report;

    let commitment = "ab".repeat(32);
    submit::commit(&house, &lab.actor, &[commitment.as_str().into()], house.now)
        .await
        .unwrap();
    let text = exported(&house, &lab.actor, id).await;
    assert_eq!(
        text.matches("a heap overflow nobody knows").count(),
        3,
        "{text}"
    );
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["kind"], &last["lines"]),
        (&"end".into(), &(lines.len() - 1).into()),
        "a cut is seen"
    );
    let key = house.keys.verifiers();
    let proved = lines.iter().filter(|line| !line["receipt"].is_null());
    let proved: Vec<&str> = proved
        .inspect(|line| {
            let receipt = tlog::Receipt::parse(&line["receipt"].to_string()).unwrap();
            tlog::verify(&receipt, &key).unwrap();
            assert!(receipt.opening.is_some(), "its own, so it is opened");
        })
        .map(|line| line["kind"].as_str().unwrap())
        .collect();
    assert_eq!(proved, ["report", "report", "report", "precommitment"]);
    assert!(text.contains("lab@example.org") && !text.contains("other@example.org"));

    let left = leave::leave(&house, &lab.actor, id, house.now)
        .await
        .unwrap();
    assert_eq!(
        (left.keys_destroyed, &left.reports_sha256),
        (3, &leave::digest(&mine))
    );
    let entries = store::log::entries(house.store.link(), left.log_index, 1)
        .await
        .unwrap();
    let entry = String::from_utf8_lossy(&entries[0]).into_owned();
    assert!(
        entry.contains(&left.reports_sha256) && entry.contains("\"act\":\"leave\""),
        "{entry}"
    );
    for id in mine {
        let kept = store::report::find(house.store.link(), id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (kept.key, kept.body, kept.fingerprint),
            (None, vec![], None)
        );
    }
    let kept = store::report::find(house.store.link(), theirs)
        .await
        .unwrap()
        .unwrap();
    assert!(kept.key.is_some(), "nothing of others goes with it");
    assert!(known(&house, &session, house.now).await.is_none());
    assert_eq!(
        said(leave::leave(&house, &Actor::House, id, house.now).await),
        "the organization has left before"
    );
    assert!(
        said(leave::leave(&house, &Actor::House, ada.member.organization, house.now).await)
            .contains("hand it over first")
    );
}

#[tokio::test]
async fn an_export_is_complete_and_leaving_destroys_what_was_sealed() {
    on_both(leaving).await;
}

/// Hands over a report of `bytes`' hash, and the bytes in two pieces.
async fn prove(house: &Testing, actor: &Actor, bytes: &[u8]) {
    let sha256 = finding::hex(&keys::sha256(&[bytes]));
    let report = Report {
        title: "with a proof".into(),
        proofs: vec![ProofMark {
            sha256: sha256.as_str().into(),
            bytes: bytes.len() as u64,
            kind: "testcase".into(),
            harness: None,
        }],
        ..Report::default()
    };
    let id = submit::submit(house, actor, &report, "proved", [9; 32], house.now)
        .await
        .unwrap()
        .report;
    for (at, piece) in [(0, &bytes[..4]), (4, &bytes[4..])] {
        submit::receive(house, actor, id, &sha256, at, piece, house.now)
            .await
            .unwrap();
    }
}

async fn going(house: Testing) {
    let now = house.now;
    let staff = house.member(OrganizationKind::Coordinator, "Harbor").await;
    let lab = house.member(OrganizationKind::Finder, "Lab").await;
    let id = lab.organization().unwrap();
    prove(&house, &lab, b"crashing input").await;
    let claim = Draft {
        targets: vec!["pkg:npm/left-behind".into()],
        testing: vec!["review".into()],
        contact: "lab@test.example".into(),
        days: 14,
        ..Draft::default()
    };
    let claim = claim::claim(&house, &lab, &claim, now).await.unwrap().id;
    let report = Report {
        title: "a flaw in the parser".into(),
        ..Report::default()
    };
    let finding = house.report(&lab, None, report).await;
    let opening = Opening::default();
    let case = coordinate::open(&house, &staff, finding, opening, now)
        .await
        .unwrap();
    let file = File {
        name: "trace.txt".into(),
        bytes: b"a trace of mine".to_vec(),
    };
    let files = std::slice::from_ref(&file);
    coordinate::message(&house, &lab, case, "words of mine", None, files, now)
        .await
        .unwrap();
    coordinate::message(&house, &staff, case, "words of ours", None, &[], now)
        .await
        .unwrap();

    let text = exported(&house, &lab, id).await;
    let kind = |kind: &str| -> Vec<Value> {
        let all = text.lines().map(|line| serde_json::from_str(line).unwrap());
        all.filter(|line: &Value| line["kind"] == kind).collect()
    };
    let decoded = |line: &Value| STANDARD.decode(line["bytes"].as_str().unwrap()).unwrap();
    let pieces: Vec<u8> = kind("proof").iter().flat_map(decoded).collect();
    assert_eq!(pieces, b"crashing input");
    assert_eq!(
        kind("claim")[0]["claim"]["targets"][0],
        "pkg:npm/left-behind"
    );
    assert_eq!(kind("message")[0]["text"], "words of mine");
    assert_eq!(decoded(&kind("attachment")[0]), file.bytes);
    assert!(!text.contains("words of ours"), "{text}");

    let left = leave::leave(&house, &lab, id, now).await.unwrap();
    assert_eq!((left.messages_destroyed, left.claims_destroyed), (1, 1));
    assert_eq!(
        said(claim::show(&house, &staff, claim, now).await),
        "no such thing"
    );
    let shown = coordinate::show::show(&house, &staff, case, now)
        .await
        .unwrap();
    let texts: Vec<&str> = shown.messages.iter().map(|one| &*one.text).collect();
    assert_eq!(
        texts,
        [
            "These words were destroyed when the organization that wrote them left.",
            "words of ours"
        ],
        "the case goes on"
    );
    assert!(shown.messages.iter().all(|one| one.files.is_empty()));
    let index = u64::try_from(left.log_index).unwrap();
    let receipt = receipt::receipt(&house, index, false, now).await.unwrap();
    let verified = tlog::verify(&receipt, &house.keys.verifiers()).unwrap();
    let says = format!("{verified:?}");
    assert!(says.contains(&left.reports_sha256), "{says}");
}

#[tokio::test]
async fn the_words_of_who_leaves_are_taken_out_whole_and_then_gone_from_cases_that_go_on() {
    on_both(going).await;
}
