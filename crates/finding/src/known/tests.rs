//! What `known` says, by tables.

use expect_test::{Expect, expect};

use super::*;
use crate::report::{Crash, Frame, Site};

fn crashed(own_frames: u32) -> Report {
    let mut stack = vec![Frame {
        function: "__asan_memcpy".into(),
        file: "asan.cpp".into(),
        line: Some(22),
        ..Frame::default()
    }];
    stack.extend((1..=own_frames).map(|line| Frame {
        function: format!("decode{line}(char const*)").into(),
        file: format!("/src/lib/parse{line}.c").into(),
        line: Some(line),
        ..Frame::default()
    }));
    Report {
        crash: Some(Crash {
            kind: "heap-buffer-overflow".into(),
            stack,
            ..Crash::default()
        }),
        ..Report::default()
    }
}

fn traced(lines: &[u32]) -> Report {
    Report {
        weaknesses: vec![89],
        sites: lines
            .iter()
            .map(|line| Site {
                file: "src/query.py".into(),
                line: Some(*line),
                function: None,
            })
            .collect(),
        ..Report::default()
    }
}

fn check(report: &Report, inputs: &[&[u8]], expected: Expect) {
    let inputs: Vec<Input> = inputs
        .iter()
        .map(|bytes| Input {
            proof: 0,
            bytes: Box::from(*bytes),
        })
        .collect();
    let kinds: Vec<&str> = evidence(report, &inputs)
        .iter()
        .map(|one| one.kind.as_str())
        .collect();
    expected.assert_eq(&kinds.join(" "));
}

#[test]
fn an_exact_site_with_its_weakness_is_no_evidence() {
    check(&traced(&[17]), &[], expect![""]);
    check(&traced(&[17, 20, 31]), &[], expect![""]);
    check(&traced(&[17, 20, 31, 40]), &[], expect!["trace"]);
}

#[test]
fn a_stack_counts_only_with_enough_frames_of_its_own() {
    check(&crashed(4), &[], expect![""]);
    check(&crashed(5), &[], expect!["stack"]);
}

#[test]
fn an_input_that_can_be_counted_through_is_no_evidence() {
    check(&Report::default(), &[b"fifteen bytes ."], expect![""]);
    check(&Report::default(), &[b"sixteen bytes .."], expect!["proof"]);
}

#[test]
fn what_differs_between_two_labs_does_not_change_a_stack() {
    let theirs = {
        let mut report = crashed(9);
        for frame in &mut report.crash.as_mut().expect("a crash").stack {
            frame.file = frame.file.replace("/src/", "/home/build/").into();
            frame.module = "/out/fuzzer".into();
        }
        report
    };
    assert_eq!(stack(&crashed(8)), stack(&theirs));
    let mut other = crashed(8);
    other.crash.as_mut().expect("a crash").kind = "heap-use-after-free".into();
    assert_ne!(stack(&crashed(8)), stack(&other));
}

#[test]
fn the_digest_of_a_proof_is_not_the_hash_that_receipts_name() {
    let bytes = b"sixteen bytes ..";
    let plain: [u8; 32] = Sha256::digest(bytes).into();
    assert_ne!(proof(bytes).expect("long enough").digest, plain);
}

#[test]
fn a_salted_hash_says_yes_only_about_what_the_asker_may_know() {
    let question = Question::Scrutineer([0; 32]);
    let own = Question::Evidence(Vec::new());
    let mut table = String::new();
    for (found, public, takes_part) in [
        (false, false, false),
        (true, false, false),
        (true, true, false),
        (true, false, true),
    ] {
        let held = Held {
            found,
            public,
            takes_part,
        };
        table += &format!(
            "found={found} public={public} takes_part={takes_part}: salted {}, evidence {}\n",
            answer(&question, held),
            answer(&own, held)
        );
    }
    expect![[r#"
        found=false public=false takes_part=false: salted false, evidence false
        found=true public=false takes_part=false: salted false, evidence true
        found=true public=true takes_part=false: salted true, evidence true
        found=true public=false takes_part=true: salted true, evidence true
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_salted_hash_is_what_an_instance_of_theirs_computes() {
    let spelled = |salt: &str, repository: &str, location: &str, cwe: &str| {
        let expected: [u8; 32] =
            Sha256::digest("s\0https://git.example/a/b\0src/lib/parse.c\0CWE-125,CWE-787").into();
        scrutineer_hash(salt, repository, location, cwe) == expected
    };
    assert!(spelled(
        "s",
        "https://git.example/a/b",
        "src/lib/parse.c",
        "CWE-125,CWE-787"
    ));
    assert!(spelled(
        "s",
        "HTTPS://Git.example/A/b.git",
        "src\\lib\\Parse.c:42:7",
        "cwe-787, CWE-125,,CWE-787"
    ));
    assert!(spelled(
        "s",
        "https://git.example/a/b/",
        "src/lib/parse.c:10-20\nsecond line",
        "CWE-787,CWE-125"
    ));
    assert!(!spelled(
        "t",
        "https://git.example/a/b",
        "src/lib/parse.c",
        "CWE-125,CWE-787"
    ));
}

#[test]
fn a_question_says_all_that_is_wrong_with_it() {
    let check = |text: &str, expected: Expect| {
        let said = match read_question(text.as_bytes()) {
            Ok(Question::Evidence(all)) => format!(
                "{} digests, costs {:?}",
                all.len(),
                cost(&Question::Evidence(all.clone()))
            ),
            Ok(Question::Scrutineer(_)) => "a salted hash".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        expected.assert_eq(&said);
    };
    let hash = "0".repeat(64);
    check(
        &format!(r#"{{"hash": "{hash}"}}"#),
        expect!["a salted hash"],
    );
    check(
        r#"{"hash": "0A"}"#,
        expect!["hash: is no SHA-256; give 64 hexadecimal digits in lower case"],
    );
    check(
        &format!(
            r#"{{"evidence": [{{"kind": "proof", "sha256": "{hash}"}}, {{"kind": "stack", "sha256": "{hash}"}}]}}"#
        ),
        expect!["2 digests, costs (2, 1)"],
    );
    check(
        r#"{"evidence": [{"kind": "site", "sha256": "x"}]}"#,
        expect![
            "evidence[0].kind: `site` is no kind of evidence; write `proof`, `stack` or `trace`; evidence[0].sha256: is no SHA-256; give 64 hexadecimal digits in lower case"
        ],
    );
    check(
        "{}",
        expect![[r#"evidence: give from 1 to 8 digests, each `{"kind": "proof", "sha256": "…"}`"#]],
    );
}
