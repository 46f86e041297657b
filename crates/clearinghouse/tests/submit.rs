//! Reports are taken once, whole, within what may be taken, and tell nobody of another's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clearinghouse::submit::{
    self, Gathering, Receipt, Status, claim_check, list, prepare, progress, receive, show,
};
use clearinghouse::testing::{Testing, house, house_at, house_on};
use clearinghouse::{Actor, Failure};
use expect_test::expect;
use finding::hex;
use finding::known::{self, Question};
use finding::submit::{Beside, Draft, Input, read};
use names::{OrganizationKind, ReportId};
use sha2::{Digest, Sha256};

fn draft(title: &str) -> Draft {
    let text = format!(r#"{{"title": "{title}", "target": {{"package": "pkg:cargo/a"}}}}"#);
    let all = read(text.as_bytes(), None, &Beside::default()).unwrap();
    all.all().unwrap().pop().unwrap().1
}

/// A report with a proof that came along.
fn proven(title: &str, bytes: &[u8]) -> Draft {
    let mut draft = draft(title);
    draft.report.proofs.push(mark(bytes));
    draft.inputs.push(Input {
        proof: 0,
        bytes: bytes.into(),
    });
    draft
}

/// A report that names a proof to be uploaded.
fn naming(title: &str, bytes: &[u8]) -> Draft {
    let mut draft = draft(title);
    draft.report.proofs.push(mark(bytes));
    draft
}

/// A report with a stack of eight frames of its own.
fn crashed(title: &str) -> Draft {
    let mut draft = draft(title);
    let frames: String = (0..8)
        .map(|at| format!("#{at} 0x1 in decode{at} /src/a/parse.c:{}:1\n", at + 7))
        .collect();
    let printed = format!("==1==ERROR: AddressSanitizer: SEGV on x\n{frames}");
    draft.report.crash = Some(finding::submit::read_crash(&printed));
    draft
}

fn mark(bytes: &[u8]) -> finding::report::ProofMark {
    finding::report::ProofMark {
        sha256: sha256(bytes).into(),
        bytes: bytes.len() as u64,
        kind: "testcase".into(),
        harness: None,
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

async fn lab(house: &Testing, name: &str) -> Actor {
    house.member(OrganizationKind::Finder, name).await
}

async fn take(house: &Testing, actor: &Actor, draft: Draft, key: &str) -> Result<Receipt, Failure> {
    let prepared = prepare(house, actor, draft, Some(key), house.now)?;
    submit::take(house, vec![prepared]).await?.pop().unwrap()
}

async fn log_size(house: &Testing) -> i64 {
    store::log::size(house.store.link()).await.unwrap()
}

fn said<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Ok(value) => format!("{value:?}"),
        Err(failure) => failure.to_string(),
    }
}

#[tokio::test]
async fn the_same_key_gives_the_same_receipt_and_another_report_under_it_is_refused() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    let first = take(&house, &lab, draft("a"), "k").await.unwrap();
    let second = take(&house, &lab, draft("a"), "k").await.unwrap();
    assert!(!first.again && second.again);
    assert_eq!(
        Receipt {
            again: true,
            ..first
        },
        second
    );
    expect!["key: this key was used for another report, R-000001; use a new key for a new report"]
        .assert_eq(&said(take(&house, &lab, draft("b"), "k").await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_duplicate_key_race_under_eight_uploads_at_once_fails_none() {
    let file = tempfile::tempdir().unwrap();
    let mut urls = vec![format!("sqlite:{}", file.path().join("race.db").display())];
    urls.extend(store::testing::postgres("race").await);
    for url in urls {
        let house = Arc::new(house_at(&url, 1).await);
        let lab = lab(&house, "Lab").await;
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (house, lab) = (Arc::clone(&house), lab.clone());
            tasks.push(tokio::spawn(async move { upload(&house, &lab).await }));
        }
        let mut fresh = 0;
        let mut ids: Vec<Vec<ReportId>> = Vec::new();
        for task in tasks {
            let receipts = task.await.unwrap();
            fresh += receipts.iter().filter(|receipt| !receipt.again).count();
            ids.push(receipts.iter().map(|receipt| receipt.report).collect());
        }
        assert_eq!(fresh, 250, "each report was taken once");
        assert!(
            ids.iter().all(|one| *one == ids[0]),
            "each holds the same receipts"
        );
    }
}

/// 250 reports in ten chunks, the same whoever sends them.
async fn upload(house: &Testing, lab: &Actor) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for chunk in 0..10 {
        let name = |at: usize| (chunk * 25 + at).to_string();
        let all = (0..25)
            .map(|at| prepare(house, lab, draft(&name(at)), Some(&name(at)), house.now).unwrap())
            .collect();
        let taken = submit::take(house, all).await.unwrap();
        receipts.extend(taken.into_iter().map(Result::unwrap));
    }
    receipts
}

#[tokio::test]
async fn a_document_is_taken_whole_or_not_at_all() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    take(&house, &lab, draft("a"), "doc#1").await.unwrap();
    let size = log_size(&house).await;
    let all = ["x", "y", "z"].map(|title| (format!("reports[{title}]").into(), draft(title)));
    let hand_over =
        async |key| submit::submit_all(&house, &lab, all.to_vec(), Some(key), house.now).await;
    expect!["reports[y].key: this key was used for another report, R-000001; use a new key for a new report"]
        .assert_eq(&said(hand_over("doc").await));
    assert_eq!(list(&house, &lab, None, 100).await.unwrap().len(), 1);
    assert_eq!(log_size(&house).await, size);
    assert_eq!(hand_over("other").await.unwrap().len(), 3);
    assert!(
        hand_over("other")
            .await
            .unwrap()
            .iter()
            .all(|receipt| receipt.again)
    );
}

#[tokio::test]
async fn a_quota_says_what_is_used_and_when_it_begins_again() {
    let mut house = house().await;
    house.house.settings.reports_per_day_max = 3;
    let lab = lab(&house, "Lab").await;
    let all = (0..5)
        .map(|at| prepare(&house, &lab, draft(&at.to_string()), None, house.now).unwrap())
        .collect();
    let taken = submit::take(&house, all).await.unwrap();
    let answers: Vec<String> = taken
        .into_iter()
        .map(|one| {
            one.map_or_else(
                |failure| failure.to_string(),
                |receipt| receipt.report.to_string(),
            )
        })
        .collect();
    expect![[r#"
        R-000001
        R-000002
        R-000003
        quota: 3 of 3 reports a day are used; the count begins again at 2026-11-21T00:00:00Z
        quota: 3 of 3 reports a day are used; the count begins again at 2026-11-21T00:00:00Z"#]]
    .assert_eq(&answers.join("\n"));
    // Asking again for what was taken costs nothing, and the next day begins anew.
    let again = prepare(&house, &lab, draft("0"), None, house.now).unwrap();
    let taken = submit::take(&house, vec![again]).await.unwrap();
    assert!(taken[0].as_ref().unwrap().again);
    assert!(take(&house, &lab, draft("3"), "3").await.is_err());
    house.now = "2026-11-21T00:00:00Z".parse().unwrap();
    assert!(take(&house, &lab, draft("3"), "3").await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_that_gather_are_each_answered_with_their_own_receipt() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    let now = house.now;
    let house = Arc::new(house.house);
    let gathering = Gathering::start(Arc::clone(&house));
    let mut tasks = Vec::new();
    for at in 0..300 {
        let draft = draft(&format!("t{at}"));
        let digest = draft.digest;
        let prepared = prepare(&house, &lab, draft, None, now).unwrap();
        let gathering = gathering.clone();
        tasks.push(tokio::spawn(async move {
            (digest, gathering.submit(prepared).await)
        }));
    }
    let mut indexes = Vec::new();
    for task in tasks {
        let (digest, receipt) = task.await.unwrap();
        let receipt = receipt.unwrap();
        assert_eq!(receipt.digest, digest);
        indexes.push(receipt.log_index);
    }
    indexes.sort_unstable();
    indexes.dedup();
    assert_eq!(indexes.len(), 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_uploads_of_the_same_thousand_reports_one_by_one_fail_none() {
    let file = tempfile::tempdir().unwrap();
    let mut urls = vec![format!("sqlite:{}", file.path().join("race.db").display())];
    urls.extend(store::testing::postgres("gathered").await);
    for url in urls {
        let house = house_at(&url, 1).await;
        let lab = lab(&house, "Lab").await;
        let now = house.now;
        let house = Arc::new(house.house);
        let gathering = Gathering::start(Arc::clone(&house));
        let mut tasks = Vec::new();
        for at in (0..1_000).flat_map(|at| [at; 4]) {
            let (gathering, lab) = (gathering.clone(), lab.clone());
            tasks.push(tokio::spawn(async move {
                let one = vec![("".into(), draft(&at.to_string()))];
                gathering.document(&lab, one, None, now).await
            }));
        }
        let mut receipts: Vec<Receipt> = Vec::new();
        for task in tasks {
            receipts.extend(task.await.unwrap().unwrap());
        }
        assert_eq!(receipts.iter().filter(|one| !one.again).count(), 1_000);
        for four in receipts.chunks(4) {
            assert!(four.iter().all(|one| one.report == four[0].report));
        }
    }
}

#[tokio::test]
async fn whoever_gathers_under_a_key_of_another_report_is_told_which() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    let now = house.now;
    let house = Arc::new(house.house);
    let gathering = Gathering::start(Arc::clone(&house));
    let hand_over = |title: &str| {
        let one = vec![("reports[0]".into(), draft(title))];
        gathering.document(&lab, one, Some("k"), now)
    };
    let (first, second) = tokio::join!(hand_over("a"), hand_over("b"));
    assert_eq!(first.unwrap()[0].report, ReportId::new(1));
    expect!["reports[0].key: this key was used for another report, R-000001; use a new key for a new report"]
        .assert_eq(&said(second));
}

/// Breaks a few statements of writes, the next ones that come.
#[derive(Default)]
struct Broken(AtomicU32);

impl store::Faults for Broken {
    fn at_statement(&self) -> bool {
        let left = |left: u32| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_ok()
    }
}

#[tokio::test]
async fn what_breaks_a_gathering_costs_none_of_the_others() {
    let broken = Arc::new(Broken::default());
    let faults: Arc<dyn store::Faults> = broken.clone();
    let store = store::Store::open("sqlite::memory:", &store::Settings::default())
        .await
        .unwrap()
        .with_faults(faults);
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let house = house_on(Arc::new(store), 1, 0, now).await;
    let testing = Testing { house, now };
    let lab = lab(&testing, "Lab").await;
    let house = Arc::new(testing.house);
    let gathering = Gathering::start(Arc::clone(&house));
    // One statement breaks the transaction of all, one that of the first alone; the others are whole.
    broken.0.store(2, Ordering::SeqCst);
    let tasks = (0..8).map(|at| {
        let one = vec![("".into(), draft(&at.to_string()))];
        let gathering = gathering.clone();
        let lab = lab.clone();
        async move { gathering.document(&lab, one, None, now).await }
    });
    let taken = futures_util::future::join_all(tasks).await;
    let kinds: Vec<bool> = taken.iter().map(Result::is_ok).collect();
    assert_eq!(kinds, [false, true, true, true, true, true, true, true]);
    // What broke may come again, under the same key.
    let again = vec![("".into(), draft("0"))];
    assert!(gathering.document(&lab, again, None, now).await.is_ok());
}

#[tokio::test]
async fn an_upload_that_was_killed_goes_on_where_it_stood() {
    let file = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", file.path().join("upload.db").display());
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let sha256 = sha256(&bytes);
    let first = house_at(&url, 1).await;
    let lab = lab(&first, "Lab").await;
    let report = take(&first, &lab, naming("a", &bytes), "k")
        .await
        .unwrap()
        .report;
    let (begin, end) = bytes.split_at(150_000);
    receive(&first, &lab, report, &sha256, 0, begin, first.now)
        .await
        .unwrap();
    drop(first);
    let second = house_at(&url, 1).await;
    let stands = progress(&second, &lab, report, &sha256).await.unwrap();
    assert_eq!((stands.offset, stands.complete), (150_000, false));
    let from_the_start = receive(&second, &lab, report, &sha256, 0, begin, second.now).await;
    expect!["offset: the upload stands at 150000; send what begins there"]
        .assert_eq(&said(from_the_start));
    let done = receive(&second, &lab, report, &sha256, 150_000, end, second.now)
        .await
        .unwrap();
    assert!(done.complete);
    let asked = Question::Evidence(vec![known::proof(&bytes).unwrap()]);
    assert!(
        claim_check(&second, &lab, &asked, second.now)
            .await
            .unwrap()
            .matches
    );
}

#[tokio::test]
async fn bytes_that_are_not_the_declared_ones_are_dropped() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    let (right, wrong) = (b"the right sixteen bytes", b"the wrong sixteen bytes");
    let report = take(&house, &lab, naming("a", right), "k")
        .await
        .unwrap()
        .report;
    let name = sha256(right);
    let send = async |offset, piece: &[u8]| {
        receive(&house, &lab, report, &name, offset, piece, house.now).await
    };
    expect!["sha256: all bytes are here and do not have this hash; they were dropped, send them again from 0"]
        .assert_eq(&said(send(0, wrong).await));
    assert_eq!(
        progress(&house, &lab, report, &name).await.unwrap().offset,
        0
    );
    expect!["offset: 24 bytes are more than the 23 that are missing of the 23 declared"]
        .assert_eq(&said(send(0, &[7; 24]).await));
    assert!(send(0, right).await.unwrap().complete);
    expect!["offset: the upload stands at 23; send what begins there"]
        .assert_eq(&said(send(0, b"x").await));
    assert_eq!(
        said(progress(&house, &lab, report, &"0".repeat(64)).await),
        "no such thing"
    );
}

#[tokio::test]
async fn an_upload_that_stands_still_for_a_week_is_forgotten() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    let report = take(&house, &lab, naming("a", &[7; 100]), "k")
        .await
        .unwrap()
        .report;
    let name = sha256(&[7; 100]);
    receive(&house, &lab, report, &name, 0, &[7; 50], house.now)
        .await
        .unwrap();
    let in_a_week = house.now + jiff::SignedDuration::from_hours(7 * 24);
    assert_eq!(submit::expire(&house, in_a_week).await.unwrap(), 0);
    let later = in_a_week + jiff::SignedDuration::from_secs(1);
    assert_eq!(submit::expire(&house, later).await.unwrap(), 1);
    assert_eq!(
        progress(&house, &lab, report, &name).await.unwrap().offset,
        0
    );
}

#[tokio::test]
async fn a_report_is_known_only_where_its_own_evidence_proves_it() {
    let house = house().await;
    let (one, other) = (lab(&house, "One").await, lab(&house, "Other").await);
    let input = b"an input that nobody guesses";
    take(&house, &one, proven("first", input), "1")
        .await
        .unwrap();
    take(&house, &one, crashed("second"), "2").await.unwrap();
    let mut table = String::new();
    for (name, draft) in [
        ("same words", draft("first")),
        ("same input", proven("other words", input)),
        ("same stack", crashed("other words")),
        ("hash of the input alone", naming("named", input)),
    ] {
        let receipt = take(&house, &other, draft, name).await.unwrap();
        let status = show(&house, &other, receipt.report, house.now)
            .await
            .unwrap()
            .status;
        table += &format!("{name}: {status:?}\n");
    }
    expect![[r#"
        same words: Received
        same input: Known
        same stack: Known
        hash of the input alone: Received
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn stacks_are_compared_only_as_often_as_they_may_be_asked_about() {
    let house = house().await;
    let (one, other) = (lab(&house, "One").await, lab(&house, "Other").await);
    take(&house, &one, crashed("held"), "held").await.unwrap();
    for at in 0..known::STRUCTURED_PER_DAY_MAX {
        let mut guess = crashed(&format!("guess {at}"));
        guess.report.crash.as_mut().unwrap().kind = format!("guess {at}").into();
        take(&house, &other, guess, &at.to_string()).await.unwrap();
    }
    let right = take(&house, &other, crashed("right"), "right")
        .await
        .unwrap();
    let status = show(&house, &other, right.report, house.now)
        .await
        .unwrap()
        .status;
    assert_eq!(status, Status::Received);
}

#[tokio::test]
async fn who_has_no_evidence_learns_nothing_from_a_check() {
    let house = house().await;
    let (one, other) = (lab(&house, "One").await, lab(&house, "Other").await);
    let input = b"an input that nobody guesses";
    take(&house, &one, proven("first", input), "1")
        .await
        .unwrap();
    let right = known::proof(input).unwrap();
    // The plain hash, which receipts and corpora name, is no evidence.
    let plain = known::Evidence {
        digest: Sha256::digest(input).into(),
        ..right
    };
    let mut table = String::new();
    for (name, question) in [
        (
            "nothing",
            Question::Evidence(vec![known::proof(b"another input of mine").unwrap()]),
        ),
        ("plain hash", Question::Evidence(vec![plain])),
        ("salted hash", Question::Scrutineer([1; 32])),
        ("the input itself", Question::Evidence(vec![right])),
    ] {
        let before = log_size(&house).await;
        let answer = claim_check(&house, &other, &question, house.now)
            .await
            .unwrap();
        let entries = log_size(&house).await - before;
        table += &format!("{name}: {}, {entries} sealed entry\n", answer.matches);
    }
    expect![[r#"
        nothing: false, 1 sealed entry
        plain hash: false, 1 sealed entry
        salted hash: false, 1 sealed entry
        the input itself: true, 1 sealed entry
    "#]]
    .assert_eq(&table);
}

#[tokio::test]
async fn a_salted_hash_is_answered_to_whoever_reported_it_and_to_nobody_else() {
    let mut house = house().await;
    house.house.settings.federation_salt = Some(clearinghouse::house::Salt("shared".into()));
    let (one, other) = (lab(&house, "One").await, lab(&house, "Other").await);
    let mut held = draft("held");
    held.report.target.repository = Some("https://git.example/a/b.git".into());
    held.report.weaknesses = vec![787];
    held.report.sites = vec![finding::report::Site {
        file: "src/a.c".into(),
        ..finding::report::Site::default()
    }];
    take(&house, &one, held.clone(), "k").await.unwrap();
    let hash = known::scrutineer_hash("shared", "https://git.example/a/b", "src/a.c:7", "CWE-787");
    let asked = Question::Scrutineer(hash);
    let ask = async |actor: &Actor| {
        let answer = claim_check(&house, actor, &asked, house.now).await;
        answer.unwrap().matches
    };
    assert!(ask(&one).await);
    assert!(!ask(&other).await, "site and weakness can be guessed");
    // Whoever reports the same is not told either that it was known.
    let receipt = take(&house, &other, held, "mine").await.unwrap();
    let status = show(&house, &other, receipt.report, house.now)
        .await
        .unwrap()
        .status;
    assert_eq!(status, Status::Received);
}

#[tokio::test]
async fn a_member_cannot_ask_at_scale() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    let digest = |at: u64| known::proof(&[&[0; 16][..], &at.to_be_bytes()].concat()).unwrap();
    for call in 0..known::DIGESTS_PER_DAY_MAX / 8 {
        let all = (0..8).map(|at| digest(call * 8 + at)).collect();
        claim_check(&house, &lab, &Question::Evidence(all), house.now)
            .await
            .unwrap();
    }
    let one_more = Question::Evidence(vec![digest(1)]);
    expect![
        "quota: 1000 of 1000 digests a day are used; the count begins again at 2026-11-21T00:00:00Z"
    ]
    .assert_eq(&said(claim_check(&house, &lab, &one_more, house.now).await));
}

#[tokio::test]
async fn a_report_of_another_cannot_be_told_from_one_that_is_not_there() {
    let house = house().await;
    let (one, other) = (lab(&house, "One").await, lab(&house, "Other").await);
    let held = take(&house, &one, naming("a", &[7; 100]), "k")
        .await
        .unwrap()
        .report;
    let (name, none) = (sha256(&[7; 100]), ReportId::new(999));
    for report in [held, none] {
        let zeros = "0".repeat(64);
        let piece = receive(&house, &other, report, &name, 0, b"x", house.now).await;
        let revealed = submit::reveal(&house, &other, &zeros, report, &zeros, house.now).await;
        for outcome in [
            said(show(&house, &other, report, house.now).await.map(|_| ())),
            said(progress(&house, &other, report, &name).await),
            said(piece),
            said(revealed),
        ] {
            assert_eq!(outcome, "no such thing");
        }
    }
    // Nor does a key that another organization used say so.
    assert!(!take(&house, &other, draft("b"), "k").await.unwrap().again);
    // The same report from another leaves as many entries as one that nobody handed over, and says as little.
    let mut entries = Vec::new();
    let mut size = log_size(&house).await;
    for title in ["nobody handed this over", "a"] {
        let receipt = take(&house, &other, draft(title), title).await.unwrap();
        let now = log_size(&house).await;
        entries.push((now - size, receipt.log_index - size));
        size = now;
    }
    assert_eq!(entries[0], entries[1]);
    let receipt = take(&house, &other, draft("a"), "again").await.unwrap();
    let status = show(&house, &other, receipt.report, house.now)
        .await
        .unwrap()
        .status;
    assert_eq!(status, Status::Received);
}

#[tokio::test]
async fn a_precommitment_proves_precedence_without_telling() {
    let house = house().await;
    let lab = lab(&house, "Lab").await;
    let later = draft("told later");
    let committed: Box<str> = hex(&finding::precommit::commitment(&[9; 32], &later.digest)).into();
    let commit = async || {
        submit::commit(&house, &lab, std::slice::from_ref(&committed), house.now)
            .await
            .unwrap()
    };
    let (first, again) = (commit().await, commit().await);
    assert_eq!(first[0].log_index, again[0].log_index);
    assert!(!first[0].again && again[0].again);
    let report = take(&house, &lab, later, "k").await.unwrap().report;
    let other = take(&house, &lab, draft("something else"), "l")
        .await
        .unwrap()
        .report;
    let salt = hex(&[9; 32]);
    let reveal =
        async |report| submit::reveal(&house, &lab, &committed, report, &salt, house.now).await;
    expect!["salt: this salt and this report do not make that commitment; the report must be handed over byte for byte as it was committed to"]
        .assert_eq(&said(reveal(other).await));
    let revealed = reveal(report).await.unwrap();
    assert_eq!(
        (revealed.report, revealed.log_index),
        (Some(report), first[0].log_index)
    );
    let taken = show(&house, &lab, report, house.now).await.unwrap().receipt;
    assert!(revealed.log_index < taken.log_index);
}
