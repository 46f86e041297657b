//! A finder takes a report back: what is destroyed, what goes on, and what nobody learns from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::coordinate::arrive::arrive;
use clearinghouse::coordinate::{self, show};
use clearinghouse::submit::{self, Withdrawal};
use clearinghouse::testing::{Testing, on_each_store};
use clearinghouse::{Actor, Failure, check, deconflict};
use finding::coordinate::Stage;
use jiff::SignedDuration;
use names::{CaseId, FindingId, OrganizationKind, ReportId};

use crate::arrive::{finding_of, guess, hand, report, seen};

async fn withdraw(house: &Testing, actor: &Actor, id: ReportId) -> Result<Withdrawal, Failure> {
    submit::withdraw(house, actor, id, house.now).await
}

async fn kept(house: &Testing, id: ReportId) -> store::report::Report {
    let row = store::report::find(house.store.link(), id).await.unwrap();
    row.unwrap()
}

async fn case_of(house: &Testing, finding: FindingId) -> store::case::Case {
    let case = store::case::of_finding(house.store.link(), finding).await;
    case.unwrap().unwrap()
}

/// What was there before and after: the house looks at what changed, also at what waits.
async fn later(house: &Testing) {
    arrive(house, house.now + SignedDuration::from_mins(10))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_taken_back_is_destroyed_and_a_case_that_nobody_else_reported_ends_with_it() {
    on_each_store("withdraw_alone", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let stranger = house.member(OrganizationKind::Finder, "Stranger").await;
        let id = hand(&house, &lab, report("Palette overflow")).await;
        arrive(&house, house.now).await.unwrap();
        assert_eq!(seen(&house, &staff).await, 1);
        let before = kept(&house, id).await;

        for actor in [&stranger, &staff] {
            let other = withdraw(&house, actor, id).await;
            assert!(
                matches!(other, Err(Failure::Hidden | Failure::Denied)),
                "only its finder: {other:?}"
            );
        }
        let held = withdraw(&house, &lab, id).await.unwrap();
        let wrapped = before.key.as_deref().unwrap();
        assert_eq!(*held.key_sha256, *finding::hex(&keys::sha256(&[wrapped])));
        let said = clearinghouse::log::opening(&house, house.store.link(), held.log_index)
            .await
            .unwrap();
        let said = said.body.as_str();
        assert!(
            said.contains("report.withdraw") && said.contains(&*held.key_sha256),
            "{said}"
        );

        let row = kept(&house, id).await;
        assert_eq!((row.key, row.fingerprint), (None, None));
        assert!(row.body.is_empty());
        assert_eq!(
            (row.digest, row.log_index),
            (before.digest, before.log_index),
            "the receipt stays true"
        );
        let own = submit::show(&house, &lab, id, house.now).await.unwrap();
        assert!(own.report.is_none());
        let again = withdraw(&house, &lab, id).await.unwrap_err();
        assert_eq!(again.to_string(), "R-000001 was withdrawn before");

        arrive(&house, house.now).await.unwrap();
        let case = case_of(&house, row.finding.unwrap()).await;
        assert_eq!((case.stage, case.key), (Stage::Withdrawn, None));
        assert_eq!(seen(&house, &lab).await, 0, "nobody had looked at it yet");
        // The same flaw is new again: what was taken back is not looked up any more.
        let other = hand(&house, &stranger, report("Writes past the palette")).await;
        arrive(&house, house.now).await.unwrap();
        assert_ne!(finding_of(&house, other).await, row.finding.unwrap());
        let checked = check::check(&house).await.unwrap();
        assert_eq!(checked.problems, Vec::<String>::new());
    })
    .await;
}

/// The case's title and its reports, as the coordinator reads them.
async fn told(house: &Testing, staff: &Actor, id: CaseId) -> (String, usize) {
    let shown = show::show(house, staff, id, house.now).await.unwrap();
    let title = shown.flaw.map(|flaw| flaw.title.to_string());
    (title.unwrap_or_default(), shown.reports.len())
}

#[tokio::test]
async fn what_others_reported_too_goes_on_in_their_words_until_the_last_of_them_takes_it_back() {
    on_each_store("withdraw_together", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let one = house.member(OrganizationKind::Finder, "One Lab").await;
        let two = house.member(OrganizationKind::Finder, "Two Lab").await;
        let first = hand(&house, &one, report("Palette overflow")).await;
        let second = hand(&house, &two, report("Writes past the palette")).await;
        arrive(&house, house.now).await.unwrap();
        let case = case_of(&house, finding_of(&house, first).await).await.id;
        let both = told(&house, &staff, case).await;
        assert_eq!(both, ("Palette overflow".to_owned(), 2));

        withdraw(&house, &one, first).await.unwrap();
        arrive(&house, house.now).await.unwrap();
        let one_left = told(&house, &staff, case).await;
        assert_eq!(one_left, ("Writes past the palette".to_owned(), 1));

        withdraw(&house, &two, second).await.unwrap();
        arrive(&house, house.now).await.unwrap();
        let row = store::case::find(house.store.link(), case).await.unwrap();
        assert_eq!(row.unwrap().stage, Stage::Withdrawn);
    })
    .await;
}

#[tokio::test]
async fn a_case_that_was_decided_stays_as_it_was_decided() {
    on_each_store("withdraw_closed", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let id = hand(&house, &lab, report("Palette overflow")).await;
        arrive(&house, house.now).await.unwrap();
        let case = case_of(&house, finding_of(&house, id).await).await.id;
        for (to, why) in [(Stage::Triage, ""), (Stage::Closed, "no flaw")] {
            coordinate::advance(&house, &staff, case, to, why, house.now)
                .await
                .unwrap();
        }
        withdraw(&house, &lab, id).await.unwrap();
        arrive(&house, house.now).await.unwrap();
        let row = store::case::find(house.store.link(), case).await.unwrap();
        assert_eq!(row.unwrap().stage, Stage::Closed);
        assert_eq!(told(&house, &staff, case).await.1, 0);
    })
    .await;
}

#[tokio::test]
async fn a_question_about_what_was_taken_back_is_not_asked_and_keeps_nobody_waiting() {
    on_each_store("withdraw_question", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let one = house.member(OrganizationKind::Finder, "One Lab").await;
        let two = house.member(OrganizationKind::Finder, "Two Lab").await;
        for taken_back in [0, 1] {
            let mut older = report("Palette overflow");
            let mut newer = guess("Something with palettes");
            let file = format!("src/chunk{taken_back}.c");
            for body in [&mut older, &mut newer] {
                body.title = format!("{} {taken_back}", body.title).into();
                body.sites[0].file = file.as_str().into();
                body.sites[0].function = Some(format!("tide_{taken_back}").into());
            }
            older.crash = None;
            let reports = [
                (&one, hand(&house, &one, older).await),
                (&two, hand(&house, &two, newer).await),
            ];
            arrive(&house, house.now).await.unwrap();
            let asked = deconflict::next(&house, &staff, house.now).await.unwrap();
            assert!(asked.is_some(), "{taken_back}: a person is asked");
            let (who, id) = reports[taken_back];
            withdraw(&house, who, id).await.unwrap();
            later(&house).await;
            let asked = deconflict::next(&house, &staff, house.now).await.unwrap();
            assert!(asked.is_none(), "{taken_back}: {asked:?}");
            let (_, left) = reports[1 - taken_back];
            let finding = finding_of(&house, left).await;
            let case = store::case::of_finding(house.store.link(), finding).await;
            let case = case.unwrap().unwrap();
            assert_eq!(case.stage, Stage::New, "what is left has a case");
        }
    })
    .await;
}

/// How many entries the log grew by while a report was handed over, came to its case, if it did, and was taken back.
async fn grown(house: &Testing, lab: &Actor, body: finding::Report) -> i64 {
    let link = house.store.link();
    let before = store::log::size(link).await.unwrap();
    let id = hand(house, lab, body).await;
    arrive(house, house.now).await.unwrap();
    withdraw(house, lab, id).await.unwrap();
    later(house).await;
    store::log::size(link).await.unwrap() - before
}

#[tokio::test]
async fn nobody_learns_by_taking_back_whether_others_reported_the_same() {
    on_each_store("withdraw_alike", async |house| {
        house.member(OrganizationKind::Coordinator, "House").await;
        let one = house.member(OrganizationKind::Finder, "One Lab").await;
        let two = house.member(OrganizationKind::Finder, "Two Lab").await;
        let mut elsewhere = report("Something else");
        elsewhere.crash = None;
        elsewhere.sites[0].file = "src/other.c".into();
        elsewhere.sites[0].function = Some("elsewhere".into());
        hand(&house, &one, report("Palette overflow")).await;
        arrive(&house, house.now).await.unwrap();
        let new = grown(&house, &two, elsewhere).await;
        let known = grown(&house, &two, report("Writes past the palette")).await;
        let unsure = grown(&house, &two, guess("Something with palettes")).await;
        assert_eq!((known, unsure), (new, new));
    })
    .await;
}
