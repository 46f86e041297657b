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
