//! A report comes to the case of its flaw by itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::coordinate::arrive::arrive;
use clearinghouse::submit::submit;
use clearinghouse::testing::{Testing, house};
use clearinghouse::{Actor, queue};
use finding::Report;
use finding::report::{Crash, Frame, Site};
use names::{OrganizationKind, ReportId};

/// A crash with a stack of its own, told in these words.
fn report(title: &str) -> Report {
    let frame = |number: u32| Frame {
        function: format!("tide_step_{number}").into(),
        file: "src/chunk.c".into(),
        line: Some(100 + number),
        module: "".into(),
    };
    let mut report = Report {
        title: title.into(),
        weaknesses: vec![787],
        sites: vec![Site {
            file: "src/chunk.c".into(),
            function: Some("tide_step_1".into()),
            line: Some(101),
        }],
        crash: Some(Crash {
            kind: "heap-buffer-overflow".into(),
            stack: (1..=6).map(frame).collect(),
            raw: "".into(),
        }),
        ..Report::default()
    };
    report.target.package = Some("pkg:generic/tidepng@2.4.1".parse().unwrap());
    report
}

async fn hand_over(house: &Testing, lab: &Actor, title: &str) -> ReportId {
    let digest = keys::sha256(&[title.as_bytes()]);
    let taken = submit(house, lab, &report(title), title, digest, house.now).await;
    taken.unwrap().report
}

#[tokio::test]
async fn two_reports_of_one_flaw_come_to_one_case_with_both_finders() {
    let house = house().await;
    let staff = house.member(OrganizationKind::Coordinator, "House").await;
    let one = house.member(OrganizationKind::Finder, "One Lab").await;
    let two = house.member(OrganizationKind::Finder, "Two Lab").await;
    hand_over(&house, &one, "Palette overflow").await;
    assert_eq!(arrive(&house, house.now).await.unwrap(), 1);
    hand_over(&house, &two, "Writes past the palette").await;
    assert_eq!(arrive(&house, house.now).await.unwrap(), 1);
    assert_eq!(
        arrive(&house, house.now).await.unwrap(),
        0,
        "once is enough"
    );

    let filter = queue::Filter::default();
    let (cases, _) = queue::queue(&house, &staff, &filter, 1, house.now)
        .await
        .unwrap();
    assert_eq!(cases.len(), 1);
    let link = house.store.link();
    let parts = store::case::participants(link, cases[0].case)
        .await
        .unwrap();
    for finder in [one, two] {
        let finder = finder.organization().unwrap();
        assert!(
            parts.iter().any(|part| part.organization == finder),
            "{parts:?}"
        );
    }
}

/// How many entries the log grew by while `report` was handed over and came to its case, if it did.
async fn grown(house: &Testing, lab: &Actor, report: Report) -> i64 {
    let before = store::log::size(house.store.link()).await.unwrap();
    let text = serde_json::to_vec(&report).unwrap();
    let digest = keys::sha256(&[&text]);
    let key = format!("{digest:?}");
    submit(house, lab, &report, &key, digest, house.now)
        .await
        .unwrap();
    arrive(house, house.now).await.unwrap();
    store::log::size(house.store.link()).await.unwrap() - before
}

#[tokio::test]
async fn the_log_grows_alike_whether_a_report_is_new_the_same_or_for_a_person() {
    let house = house().await;
    house.member(OrganizationKind::Coordinator, "House").await;
    let one = house.member(OrganizationKind::Finder, "One Lab").await;
    let two = house.member(OrganizationKind::Finder, "Two Lab").await;
    let mut guess = report("Something with palettes");
    guess.crash = None;
    let new = grown(&house, &one, report("Palette overflow")).await;
    let same = grown(&house, &two, report("Writes past the palette")).await;
    let unsure = grown(&house, &two, guess).await;
    let cases = queue_of(&house).await;
    assert_eq!(
        (new, same, unsure, cases),
        (new, new, new, 1),
        "the guess waits for a person"
    );
}

async fn queue_of(house: &Testing) -> usize {
    let mut count = 0;
    for finding in 1..10 {
        let id = names::FindingId::new(finding);
        count += usize::from(
            store::case::of_finding(house.store.link(), id)
                .await
                .unwrap()
                .is_some(),
        );
    }
    count
}

#[tokio::test]
async fn a_report_that_breaks_keeps_no_other_waiting() {
    let house = house().await;
    house.member(OrganizationKind::Coordinator, "House").await;
    let lab = house.member(OrganizationKind::Finder, "Lab").await;
    let tx = house.store.write().await.unwrap();
    let damaged = ["no number of a report".to_owned()];
    store::job::add(tx.link(), "arrive", &damaged, house.now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    hand_over(&house, &lab, "Palette overflow").await;
    assert!(arrive(&house, house.now).await.is_err(), "it is said");
    assert_eq!(queue_of(&house).await, 1, "and the other came");
}
