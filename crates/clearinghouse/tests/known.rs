//! Who proves to know something by asking is seen by whoever coordinates it, and nothing that they measure says so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::coordinate::arrive::arrive;
use clearinghouse::coordinate::{self, show};
use clearinghouse::submit::{claim_check, submit};
use clearinghouse::testing::{Testing, on_each_store};
use clearinghouse::{Actor, known, queue};
use expect_test::expect;
use finding::Report;
use finding::coordinate::Stage;
use finding::known::{Evidence, Question, stack, trace};
use finding::report::{Crash, Frame, Site};
use jiff::SignedDuration;
use names::{CaseId, OrganizationKind};

/// A crash with a stack and a trace of its own.
fn report() -> Report {
    let at = |number: u32| format!("src/step{number}.c");
    let mut report = Report {
        title: "Palette overflow".into(),
        weaknesses: vec![787],
        sites: (1..=5)
            .map(|number| Site {
                file: at(number).into(),
                function: None,
                line: Some(number),
            })
            .collect(),
        crash: Some(Crash {
            kind: "heap-buffer-overflow".into(),
            stack: (1..=8)
                .map(|number| Frame {
                    function: format!("tide_step_{number}").into(),
                    file: at(number).into(),
                    line: Some(100 + number),
                    module: "".into(),
                })
                .collect(),
            raw: "".into(),
        }),
        ..Report::default()
    };
    report.target.package = Some("pkg:generic/tidepng@2.4.1".parse().unwrap());
    report
}

async fn asks(house: &Testing, actor: &Actor, evidence: &[Evidence]) -> bool {
    let question = Question::Evidence(evidence.to_vec());
    let answer = claim_check(house, actor, &question, house.now).await;
    answer.unwrap().matches
}

/// What the coordinator finds on the case's page, on their desk and in their mail.
async fn told(house: &Testing, staff: &Actor, case: CaseId) -> String {
    let shown = show::show(house, staff, case, house.now).await.unwrap();
    let mut said = String::new();
    for one in &shown.proved {
        let whose = if one.own { ", of its own" } else { "" };
        said += &format!("page: {} by {}{whose}\n", one.who, one.what);
    }
    for waiting in queue::work(house, staff, house.now).await.unwrap() {
        if waiting.what.contains("proved") {
            said += &format!("desk: {}\n", waiting.what);
        }
    }
    let later = house.now + SignedDuration::from_hours(1);
    for letter in clearinghouse::notice::take_letters(house, later, 100)
        .await
        .unwrap()
    {
        let lines = letter.text.lines().filter(|line| line.contains("proved"));
        said.extend(lines.map(|line| format!("mail: {line}\n")));
    }
    said
}

#[tokio::test]
async fn each_yes_to_a_stack_or_a_trace_is_put_before_the_coordinator() {
    on_each_store("known_yes", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let guesser = house.member(OrganizationKind::Finder, "Guesser").await;
        let body = report();
        let taken = submit(&house, &lab, &body, "k", [1; 32], house.now)
            .await
            .unwrap();
        arrive(&house, house.now).await.unwrap();
        let row = store::report::find(house.store.link(), taken.report)
            .await
            .unwrap();
        let finding = row.unwrap().finding.unwrap();
        let case = store::case::of_finding(house.store.link(), finding)
            .await
            .unwrap()
            .unwrap();

        coordinate::advance(&house, &staff, case.id, Stage::Triage, "", house.now)
            .await
            .unwrap();
        let (stack, trace) = (stack(&body).unwrap(), trace(&body).unwrap());
        let wrong = Evidence {
            digest: [7; 32],
            ..stack
        };
        assert!(!asks(&house, &guesser, &[wrong]).await);
        assert!(asks(&house, &guesser, &[stack, wrong]).await);
        assert!(asks(&house, &guesser, &[trace]).await);
        assert!(
            asks(&house, &lab, &[stack]).await,
            "the finder asks about their own"
        );
        assert_eq!(known::tell(&house, house.now).await.unwrap(), 2);
        assert_eq!(
            known::tell(&house, house.now).await.unwrap(),
            0,
            "once is enough"
        );
        expect![[r#"
            page: Lab by a stack, of its own
            page: Guesser by a trace
            page: Guesser by a stack
            desk: Guesser proved to know it, by a trace
            desk: Guesser proved to know it, by a stack
            mail:   - someone who did not report it proved to know what it is about
        "#]]
        .assert_eq(&told(&house, &staff, case.id).await);
        // Nobody else in the case learns who asks.
        let shown = show::show(&house, &lab, case.id, house.now).await.unwrap();
        assert!(shown.proved.is_empty());
    })
    .await;
}
