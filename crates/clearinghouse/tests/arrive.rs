//! A report comes to the case of its flaw by itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::coordinate;
use clearinghouse::coordinate::arrive::{arrive, let_in};
use clearinghouse::coordinate::show;
use clearinghouse::deconflict::{self, Verdict};
use clearinghouse::submit::submit;
use clearinghouse::testing::{Testing, on_each_store};
use clearinghouse::{Actor, queue};
use finding::Report;
use finding::coordinate::{Part, Stage};
use finding::report::{Crash, Frame, Site};
use names::{FindingId, OrganizationId, OrganizationKind, ReportId};

/// A crash with a stack of its own, told in these words.
pub fn report(title: &str) -> Report {
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
    on_each_store("arrive_two_reports_of_one_flaw_come_to", async |house| {
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
    })
    .await;
}

/// The parts that organizations play in the case of `finding`.
async fn finders(house: &Testing, finding: FindingId) -> Vec<OrganizationId> {
    let link = house.store.link();
    let case = store::case::of_finding(link, finding)
        .await
        .unwrap()
        .unwrap();
    let parts = store::case::participants(link, case.id).await.unwrap();
    let finders = parts.iter().filter(|part| part.part == Part::Finder);
    finders.map(|part| part.organization).collect()
}

pub async fn finding_of(house: &Testing, report: ReportId) -> FindingId {
    let row = store::report::find(house.store.link(), report)
        .await
        .unwrap();
    row.unwrap().finding.unwrap()
}

/// The same flaw without what proves it: a person has to look.
pub fn guess(title: &str) -> Report {
    let mut guess = report(title);
    guess.crash = None;
    guess.sites[0].line = None;
    guess
}

pub async fn hand(house: &Testing, lab: &Actor, report: Report) -> ReportId {
    let digest = keys::sha256(&[report.title.as_bytes()]);
    let key = report.title.clone();
    submit(house, lab, &report, &key, digest, house.now)
        .await
        .unwrap()
        .report
}

#[tokio::test]
async fn the_finder_of_what_a_person_merged_joins_the_case() {
    on_each_store("arrive_merged", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let one = house.member(OrganizationKind::Finder, "One Lab").await;
        let two = house.member(OrganizationKind::Finder, "Two Lab").await;
        let first = hand(&house, &one, report("Palette overflow")).await;
        arrive(&house, house.now).await.unwrap();
        let second = hand(&house, &two, guess("Something with palettes")).await;
        arrive(&house, house.now).await.unwrap();
        let finding = finding_of(&house, first).await;
        assert_eq!(
            finders(&house, finding).await,
            [one.organization().unwrap()]
        );

        let asked = deconflict::next(&house, &staff, house.now)
            .await
            .unwrap()
            .unwrap();
        deconflict::decide(&house, &staff, asked.pair, Verdict::Same, house.now)
            .await
            .unwrap();
        let later = house.now + jiff::SignedDuration::from_mins(10);
        arrive(&house, later).await.unwrap();
        assert_eq!(finding_of(&house, second).await, finding);
        let both = [one.organization().unwrap(), two.organization().unwrap()];
        assert_eq!(finders(&house, finding).await, both);

        // Taken back: the report stands for itself, and comes to a case of its own once that is said.
        deconflict::undo(&house, &staff, asked.pair, later)
            .await
            .unwrap();
        deconflict::decide(&house, &staff, asked.pair, Verdict::Apart, later)
            .await
            .unwrap();
        arrive(&house, later + jiff::SignedDuration::from_mins(10))
            .await
            .unwrap();
        let own = finding_of(&house, second).await;
        assert_eq!(finders(&house, own).await, [two.organization().unwrap()]);
    })
    .await;
}

/// What `actor` sees of cases: how many, and of the first.
pub async fn seen(house: &Testing, actor: &Actor) -> usize {
    let filter = queue::Filter::default();
    let (lines, _) = queue::queue(house, actor, &filter, 1, house.now)
        .await
        .unwrap();
    for line in &lines {
        show::show(house, actor, line.case, house.now)
            .await
            .unwrap();
    }
    let work = queue::work(house, actor, house.now).await.unwrap();
    assert!(!lines.is_empty() || work.is_empty(), "{work:?}");
    lines.len()
}

#[tokio::test]
async fn whoever_hands_over_a_guess_sees_no_case_before_a_person_looked_whatever_it_is_of() {
    on_each_store("arrive_guess", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        hand(&house, &lab, report("Palette overflow")).await;
        arrive(&house, house.now).await.unwrap();
        // The very line and weakness, which the rule takes for the same; the function alone, which it leaves to a person;
        // and something new.
        let mut line = report("by line");
        line.crash = None;
        let function = guess("by function");
        let mut new = guess("by nothing");
        new.sites[0].file = "src/other.c".into();
        new.sites[0].function = Some("elsewhere".into());
        let mut sees = Vec::new();
        for (name, body) in [("Line", line), ("Function", function), ("New", new)] {
            let guesser = house.member(OrganizationKind::Finder, name).await;
            let id = hand(&house, &guesser, body).await;
            arrive(&house, house.now).await.unwrap();
            sees.push((guesser, id));
        }
        let finding = finding_of(&house, ReportId::new(1)).await;
        assert_eq!(
            finding_of(&house, sees[0].1).await,
            finding,
            "the rule took it for the same"
        );
        for (guesser, id) in &sees {
            assert_eq!(seen(&house, guesser).await, 0, "{id}");
        }
        // A person looks: a case that is new is shown to its finder, and whose report came by itself is let in.
        let all = queue::Filter::default();
        let (cases, _) = queue::queue(&house, &staff, &all, 1, house.now)
            .await
            .unwrap();
        for line in cases {
            coordinate::advance(&house, &staff, line.case, Stage::Triage, "", house.now)
                .await
                .unwrap();
        }
        let mut now_seen = Vec::new();
        for (guesser, _) in &sees {
            now_seen.push(seen(&house, guesser).await);
        }
        assert_eq!(now_seen, [0, 0, 1]);
        let_in(&house, &staff, sees[0].1, house.now).await.unwrap();
        arrive(&house, house.now).await.unwrap();
        assert_eq!(seen(&house, &sees[0].0).await, 1);
        // Nobody else lets anyone in.
        let outcome = let_in(&house, &lab, sees[1].1, house.now).await;
        assert!(
            matches!(outcome, Err(clearinghouse::Failure::Hidden)),
            "{outcome:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_second_report_of_one_who_is_in_brings_its_own_terms() {
    on_each_store("arrive_terms", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let first = hand(&house, &lab, report("Palette overflow")).await;
        let mut other = guess("Something with palettes");
        let until = house.now + jiff::SignedDuration::from_hours(24 * 200);
        other.terms.embargo_until = Some(until);
        // Handed over before the first has a case, and merged after: its terms come along all the same.
        hand(&house, &lab, other).await;
        arrive(&house, house.now).await.unwrap();
        let asked = deconflict::next(&house, &staff, house.now)
            .await
            .unwrap()
            .unwrap();
        deconflict::decide(&house, &staff, asked.pair, Verdict::Same, house.now)
            .await
            .unwrap();
        arrive(&house, house.now + jiff::SignedDuration::from_mins(10))
            .await
            .unwrap();
        let finding = finding_of(&house, first).await;
        let case = store::case::of_finding(house.store.link(), finding)
            .await
            .unwrap()
            .unwrap();
        let shown = show::show(&house, &staff, case.id, house.now)
            .await
            .unwrap();
        assert_eq!(shown.embargo.not_before(), Some(until));
    })
    .await;
}

#[tokio::test]
async fn a_report_that_is_split_off_comes_to_a_case_of_its_own() {
    on_each_store("arrive_split", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let one = house.member(OrganizationKind::Finder, "One Lab").await;
        let two = house.member(OrganizationKind::Finder, "Two Lab").await;
        hand(&house, &one, report("Palette overflow")).await;
        let second = hand(&house, &two, report("Writes past the palette")).await;
        arrive(&house, house.now).await.unwrap();
        let own = deconflict::split(&house, &staff, second, house.now)
            .await
            .unwrap();
        arrive(&house, house.now).await.unwrap();
        assert_eq!(finders(&house, own).await, [two.organization().unwrap()]);
    })
    .await;
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
    on_each_store("arrive_the_log_grows_alike_whether_a_r", async |house| {
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
    })
    .await;
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
    on_each_store("arrive_a_report_that_breaks_keeps_no_o", async |house| {
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
    })
    .await;
}
