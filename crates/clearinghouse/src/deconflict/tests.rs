//! Reports meet, people decide, and what was decided is taken back.

use finding::Report;
use finding::deconflict::{EDITION, Ground};
use finding::report::{ProofMark, Site};
use names::{FindingId, OrganizationKind, ReportId};

use super::*;
use crate::log::{self, Note};
use crate::testing::{Testing, on_each_store};
use crate::{Actor, Failure, seal};

/// A report of `function` in one package, with a proof where one is named.
fn report(function: &str, line: u32, proof: Option<char>) -> Report {
    let mut report = Report {
        title: format!("Overflow in {function}()").into(),
        weaknesses: vec![787],
        ..Report::default()
    };
    report.target.package = Some("pkg:generic/png@1.6".parse().unwrap());
    report.sites.push(Site {
        file: "png/read.c".into(),
        function: Some(function.into()),
        line: (line > 0).then_some(line),
    });
    report.proofs.extend(proof.map(|letter| ProofMark {
        sha256: letter.to_string().repeat(64).into(),
        bytes: 100,
        kind: "".into(),
        harness: None,
    }));
    report
}

/// Hands reports over in one transaction, as submitting does.
async fn hand_over(house: &Testing, actor: &Actor, reports: &[Report]) -> Vec<Joined> {
    let member = actor.member().unwrap();
    let tx = house.store.write().await.unwrap();
    let keys: Vec<_> = reports
        .iter()
        .map(|_| seal::new_key(house, "report"))
        .collect();
    let drawn: Vec<Drawn> = reports
        .iter()
        .zip(&keys)
        .map(|(report, (key, _))| draw(house, key, report))
        .collect();
    let borrowed: Vec<&Drawn> = drawn.iter().collect();
    let placed = place_chunk(house, &tx, &borrowed, house.now).await.unwrap();
    let findings: Vec<FindingId> = placed.findings().collect();
    let mut ids = Vec::new();
    for (at, drawn) in drawn.iter().enumerate() {
        let nonce = house.dice(|dice| {
            let mut bytes = [0; 8];
            dice.fill(&mut bytes);
            u64::from_be_bytes(bytes)
        });
        let (key, wrapped) = &keys[at];
        let draft = store::report::Draft {
            organization: member.organization,
            member: Some(member.id),
            finding: Some(findings[at]),
            received: house.now,
            idempotency: nonce.to_string().into(),
            digest: vec![0; 32],
            key: wrapped.clone(),
            body: seal::seal(house, key, BODY, &reports[at]),
            fingerprint: Some(drawn.sealed.clone()),
            log_index: 0,
        };
        ids.push(store::report::insert(tx.link(), draft).await.unwrap());
    }
    let joined = keep_chunk(house, &tx, &ids, &drawn, placed, house.now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    joined
}

async fn finding_of(house: &Testing, report: ReportId) -> FindingId {
    let row = store::report::find(house.store.link(), report)
        .await
        .unwrap()
        .unwrap();
    row.finding.unwrap()
}

async fn staff(house: &Testing) -> Actor {
    // The first organization of a house runs it.
    house.member(OrganizationKind::Coordinator, "Desk").await
}

#[tokio::test]
async fn two_reports_of_one_flaw_meet_in_one_chunk_as_in_two() {
    on_each_store("decide_two_reports_of_one_flaw_meet_in", async |house| {
        let ada = staff(&house).await;
        let one = report("png_copy", 12, Some('a'));
        let other = report("png_row", 90, Some('b'));
        let joined = hand_over(&house, &ada, &[one.clone(), other.clone(), one.clone()]).await;
        assert_eq!(joined[2].finding, joined[0].finding);
        assert_eq!(joined[2].ground, Some(Ground::Proof));
        assert!(joined[0].is_first && joined[1].is_first && !joined[2].is_first);
        assert_ne!(joined[1].finding, joined[0].finding);
        let later = hand_over(&house, &ada, &[other]).await;
        assert_eq!(later[0].finding, joined[1].finding);
        assert_eq!(finding_of(&house, later[0].report).await, joined[1].finding);
    })
    .await;
}

#[tokio::test]
async fn a_merge_moves_every_report_and_undoing_it_moves_them_back() {
    on_each_store("decide_a_merge_moves_every_report_and_", async |house| {
        let ada = staff(&house).await;
        let first = hand_over(&house, &ada, &[report("png_copy", 0, Some('a'))]).await;
        let newer = report("png_copy", 0, Some('b'));
        let second = hand_over(&house, &ada, &[newer.clone(), newer]).await;
        assert_eq!(
            (second[0].unsure, second[1].ground),
            (1, Some(Ground::Proof))
        );
        let asked = next(&house, &ada, house.now).await.unwrap().unwrap();
        assert_eq!(
            (asked.newer.finding, asked.older.finding),
            (second[0].finding, first[0].finding)
        );
        assert_eq!(
            (asked.newer.reports, asked.older.reports, asked.waiting),
            (2, 1, 1)
        );

        let decided = decide(&house, &ada, asked.pair, Verdict::Same, house.now)
            .await
            .unwrap();
        assert_eq!(decided.merged, Some((second[0].finding, first[0].finding)));
        for joined in first.iter().chain(&second) {
            assert_eq!(finding_of(&house, joined.report).await, first[0].finding);
        }
        assert!(next(&house, &ada, house.now).await.unwrap().is_none());
        let twice = decide(&house, &ada, asked.pair, Verdict::Same, house.now).await;
        assert!(matches!(twice, Err(Failure::Refused(_))));

        undo(&house, &ada, asked.pair, house.now).await.unwrap();
        for joined in first.iter().chain(&second) {
            assert_eq!(finding_of(&house, joined.report).await, joined.finding);
        }
        let again = next(&house, &ada, house.now).await.unwrap().unwrap();
        assert_eq!(
            (again.pair, &again.lines, &again.why),
            (asked.pair, &asked.lines, &asked.why)
        );
        let history = store::decision::of_report(house.store.link(), second[0].report)
            .await
            .unwrap();
        let words: Vec<&str> = history.iter().map(|decision| &*decision.outcome).collect();
        assert_eq!(words, ["unsure", "merged", "undone"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_asked_of_a_merged_finding_is_asked_of_the_one_it_is_part_of() {
    on_each_store("decide_what_was_asked_of_a_merged_find", async |house| {
        let ada = staff(&house).await;
        let mut findings = Vec::new();
        for proof in ['a', 'b', 'c'] {
            findings.push(
                hand_over(&house, &ada, &[report("png_copy", 0, Some(proof))]).await[0].finding,
            );
        }
        let waiting = || store::pair::waiting(house.store.link());
        assert_eq!(waiting().await.unwrap(), 3);
        let asked = next(&house, &ada, house.now).await.unwrap().unwrap();
        assert_eq!(
            (asked.newer.finding, asked.older.finding),
            (findings[1], findings[0])
        );
        decide(&house, &ada, asked.pair, Verdict::Apart, house.now)
            .await
            .unwrap();
        let asked = next(&house, &ada, house.now).await.unwrap().unwrap();
        decide(&house, &ada, asked.pair, Verdict::Same, house.now)
            .await
            .unwrap();
        // The third is part of the first now, which was told apart from the second: nothing is left to ask.
        assert_eq!(waiting().await.unwrap(), 0);
        undo(&house, &ada, asked.pair, house.now).await.unwrap();
        assert_eq!(waiting().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn siblings_are_linked_and_a_skipped_question_comes_last() {
    on_each_store("decide_siblings_are_linked_and_a_skipp", async |house| {
        let ada = staff(&house).await;
        let mut findings = Vec::new();
        for proof in ['a', 'b', 'c'] {
            findings.push(
                hand_over(&house, &ada, &[report("png_copy", 0, Some(proof))]).await[0].finding,
            );
        }
        let later = house.now + jiff::SignedDuration::from_secs(1);
        let first = next(&house, &ada, house.now).await.unwrap().unwrap();
        decide(&house, &ada, first.pair, Verdict::Skip, later)
            .await
            .unwrap();
        let second = next(&house, &ada, later).await.unwrap().unwrap();
        assert_ne!(second.pair, first.pair);
        decide(&house, &ada, second.pair, Verdict::Sibling, later)
            .await
            .unwrap();
        let siblings = store::pair::siblings(house.store.link(), second.newer.finding)
            .await
            .unwrap();
        assert_eq!(siblings, [second.older.finding]);
        let third = next(&house, &ada, later).await.unwrap().unwrap();
        assert_eq!((third.waiting, third.answered), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_report_is_taken_out_of_its_finding() {
    on_each_store("decide_a_report_is_taken_out_of_its_fi", async |house| {
        let ada = staff(&house).await;
        let one = report("png_copy", 12, Some('a'));
        let joined = hand_over(&house, &ada, &[one.clone(), one]).await;
        let own = split(&house, &ada, joined[1].report, house.now)
            .await
            .unwrap();
        assert_ne!(own, joined[0].finding);
        assert_eq!(finding_of(&house, joined[1].report).await, own);
        assert_eq!(
            finding_of(&house, joined[0].report).await,
            joined[0].finding
        );
        let alone = split(&house, &ada, joined[0].report, house.now).await;
        assert!(matches!(alone, Err(Failure::Refused(_))));
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_decide_learns_of_nothing_to_decide() {
    on_each_store("decide_whoever_may_not_decide_learns_o", async |house| {
        let ada = staff(&house).await;
        let bob = house.member(OrganizationKind::Finder, "Lab").await;
        hand_over(&house, &ada, &[report("png_copy", 0, Some('a'))]).await;
        hand_over(&house, &ada, &[report("png_copy", 0, Some('b'))]).await;
        let pair = next(&house, &ada, house.now).await.unwrap().unwrap().pair;
        for actor in [&bob, &Actor::Anonymous] {
            assert!(matches!(
                next(&house, actor, house.now).await,
                Err(Failure::Hidden)
            ));
            assert!(matches!(
                show(&house, actor, pair, house.now).await,
                Err(Failure::Hidden)
            ));
            let decided = decide(&house, actor, pair, Verdict::Same, house.now).await;
            assert!(matches!(decided, Err(Failure::Hidden)));
            assert!(matches!(
                undo(&house, actor, pair, house.now).await,
                Err(Failure::Hidden)
            ));
        }
    })
    .await;
}

#[tokio::test]
async fn a_term_that_everyone_has_is_kept_for_few() {
    on_each_store("decide_common_term", async |house| {
        let ada = staff(&house).await;
        let one = report("png_copy", 12, Some('a'));
        let many: Vec<Report> = (0..100).map(|_| one.clone()).collect();
        let joined = hand_over(&house, &ada, &many).await;
        assert!(joined.iter().all(|one| one.finding == joined[0].finding));
        let hashes = hashes(&house, &finding::Fingerprint::of(&one));
        warm(&house).await.unwrap();
        let held = house.held.lock().await;
        for hash in hashes {
            assert_eq!(held.find(hash).count(), held::REPORTS_OF_FINDING_MAX);
        }
    })
    .await;
}

/// Writes down that an older edition of the rule took `report` for a flaw of its own, in `own`.
async fn decided_before(house: &Testing, report: ReportId, own: FindingId) {
    let tx = house.store.write().await.unwrap();
    store::decision::place(tx.link(), &[(report, own)])
        .await
        .unwrap();
    let old = store::decision::Draft {
        report,
        at: house.now,
        decider: None,
        edition: EDITION - 1,
        outcome: "new",
        before: None,
        after: own,
        batch: None,
        undoes: None,
        sealed: None,
    };
    store::decision::append(tx.link(), vec![old]).await.unwrap();
    let moved = store::term::Change {
        id: 0,
        report,
        finding: Some(own),
        hashes: None,
        whole: false,
    };
    store::term::append(tx.link(), vec![moved]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn opened(house: &Testing) -> FindingId {
    let tx = house.store.write().await.unwrap();
    let opened = store::decision::open_findings(tx.link(), &[""], house.now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    opened[0]
}

#[tokio::test]
async fn a_newer_rule_asks_about_what_an_older_one_decided() {
    on_each_store("decide_newer", async |house| {
        let ada = staff(&house).await;
        let one = report("png_copy", 12, Some('a'));
        let joined = hand_over(&house, &ada, &[one.clone(), one]).await;
        assert_eq!(super::again(&house, 10, house.now).await.unwrap(), 0);
        let own = opened(&house).await;
        decided_before(&house, joined[1].report, own).await;
        assert_eq!(super::again(&house, 10, house.now).await.unwrap(), 1);
        assert_eq!(super::again(&house, 10, house.now).await.unwrap(), 0);
        let asked = next(&house, &ada, house.now).await.unwrap().unwrap();
        assert_eq!(
            (asked.newer.finding, asked.older.finding),
            (own, joined[0].finding)
        );
        assert_eq!(finding_of(&house, joined[1].report).await, own);
    })
    .await;
}

#[tokio::test]
async fn what_a_person_split_no_newer_rule_asks_about() {
    on_each_store("decide_split_apart", async |house| {
        let ada = staff(&house).await;
        let one = report("png_copy", 12, Some('a'));
        let joined = hand_over(&house, &ada, &[one.clone(), one]).await;
        let own = split(&house, &ada, joined[1].report, house.now)
            .await
            .unwrap();
        decided_before(&house, joined[1].report, own).await;
        assert_eq!(super::again(&house, 10, house.now).await.unwrap(), 1);
        let asked = next(&house, &ada, house.now).await.unwrap();
        assert!(asked.is_none(), "{asked:?}");
        // The page shows who set them apart, and takes it back: then it is asked.
        let rows = store::pair::find(house.store.link(), 1).await.unwrap();
        let pair = rows.unwrap();
        assert_eq!((&*pair.state, pair.newer), ("apart", own));
        let shown = show(&house, &ada, pair.id, house.now).await.unwrap();
        assert_eq!(shown.newer.finding, own);
        undo(&house, &ada, pair.id, house.now).await.unwrap();
        assert!(next(&house, &ada, house.now).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_was_set_apart_from_a_finding_stays_apart_from_the_one_that_it_became() {
    on_each_store("decide_apart_merged", async |house| {
        let ada = staff(&house).await;
        // The second has something of both others, which have nothing in common.
        let mut middle = report("png_copy", 0, Some('b'));
        middle.sites.extend(report("png_row", 0, None).sites);
        let all = [
            report("png_copy", 0, Some('a')),
            middle,
            report("png_row", 0, Some('c')),
        ];
        let mut held = Vec::new();
        for one in all {
            held.extend(hand_over(&house, &ada, &[one]).await);
        }
        let answer = async |newer: FindingId, verdict| {
            for pair in 1..10 {
                let row = store::pair::find(house.store.link(), pair).await.unwrap();
                if let Some(row) = row.filter(|row| row.newer == newer) {
                    decide(&house, &ada, row.id, verdict, house.now)
                        .await
                        .unwrap();
                    return;
                }
            }
            panic!("{newer} was not asked about");
        };
        answer(held[2].finding, Verdict::Apart).await;
        answer(held[1].finding, Verdict::Same).await;
        decided_before(&house, held[2].report, held[2].finding).await;
        assert_eq!(super::again(&house, 10, house.now).await.unwrap(), 1);
        let asked = next(&house, &ada, house.now).await.unwrap();
        assert!(asked.is_none(), "{asked:?}");
    })
    .await;
}

#[tokio::test]
async fn one_entry_stands_in_the_log_whatever_was_decided() {
    on_each_store("decide_one_entry_stands_in_the_log_wha", async |house| {
        let ada = staff(&house).await;
        let mut sizes = Vec::new();
        for proof in ['a', 'a', 'b'] {
            let before = size(&house).await;
            hand_over(&house, &ada, &[report("png_copy", 0, Some(proof))]).await;
            sizes.push(size(&house).await - before);
        }
        assert_eq!(sizes, [1, 1, 1]);
    })
    .await;
}

async fn size(house: &Testing) -> i64 {
    let tx = house.store.write().await.unwrap();
    let probe = [Note::Open(serde_json::json!({"probe": 1}))];
    // Not committed: the entry that would be next.
    log::append(house, &tx, &probe).await.unwrap()
}
