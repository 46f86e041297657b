//! A report's history grows and its terms tighten, in the log, and the case that it is in is bound by them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::coordinate::{self, Opening, show};
use clearinghouse::provenance::{extend, mark};
use clearinghouse::submit::{self, submit};
use clearinghouse::testing::{Testing, on_each_store};
use clearinghouse::{Actor, Failure, handoff};
use expect_test::expect;
use finding::Report;
use finding::provenance::Extension;
use finding::report::{Handling, Hop, Terms};
use jiff::{SignedDuration, Timestamp};
use names::{OrganizationKind, ReportId, Tlp};

async fn handed(house: &Testing, lab: &Actor, title: &str) -> ReportId {
    let mut report = Report {
        title: title.into(),
        ..Report::default()
    };
    report.target.package = Some(format!("pkg:npm/{title}").parse().unwrap());
    report.provenance.finders = vec!["Ada".into()];
    let digest = keys::sha256(&[title.as_bytes()]);
    let taken = submit(house, lab, &report, title, digest, house.now).await;
    taken.unwrap().report
}

fn hop(organization: &str, at: Timestamp) -> Extension {
    Extension::Hop(Hop {
        organization: organization.into(),
        at,
        note: "received".into(),
    })
}

fn called(id: &str) -> Extension {
    Extension::Handling(Handling {
        coordinator: "CERT/CC".into(),
        id: id.into(),
    })
}

fn terms(days: i64, tlp: Tlp, house: &Testing) -> Extension {
    Extension::Terms(Terms {
        embargo_until: Some(house.now + SignedDuration::from_hours(24 * days)),
        tlp: Some(tlp),
        disclose_at: None,
    })
}

fn said<T>(outcome: Result<T, Failure>) -> String {
    outcome.map_or_else(|failure| failure.to_string(), |_| "done".to_owned())
}

#[tokio::test]
async fn what_is_added_stands_after_what_was_and_what_was_handed_over_stays() {
    on_each_store("provenance_grows", async |house| {
        house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let id = handed(&house, &lab, "a").await;
        for one in [
            hop("CERT/CC", house.now),
            called("VU#1"),
            terms(30, Tlp::Red, &house),
        ] {
            extend(&house, &lab, id, one, house.now).await.unwrap();
        }
        let shown = submit::show(&house, &lab, id, house.now).await.unwrap();
        let standing = shown.standing.unwrap();
        assert_eq!(standing.provenance.finders, ["Ada".into()]);
        assert_eq!(standing.provenance.hops.len(), 1);
        assert_eq!(&*standing.provenance.handling[0].id, "VU#1");
        assert_eq!(standing.terms.tlp, Some(Tlp::Red));
        assert!(
            shown.report.unwrap().provenance.hops.is_empty(),
            "handed over without"
        );
        let mut answers = String::new();
        for (what, one) in [
            ("noted twice", called("VU#1")),
            ("an earlier day", terms(10, Tlp::Red, &house)),
            ("a looser mark", terms(40, Tlp::Green, &house)),
            (
                "from the future",
                hop("X", house.now + SignedDuration::from_hours(1)),
            ),
        ] {
            let outcome = extend(&house, &lab, id, one, house.now).await;
            answers += &format!("{what}: {}\n", said(outcome));
        }
        expect![[r#"
            noted twice: id: is noted already
            an earlier day: embargo_until: is earlier than it was handed over with; an embargo ends early only by agreement in its case
            a looser mark: tlp: is looser than `RED`, under which it was handed over
            from the future: at: is in the future; say when it passed that hand
        "#]].assert_eq(&answers);
    })
    .await;
}

#[tokio::test]
async fn another_s_report_is_not_there_to_be_added_to() {
    on_each_store("provenance_hidden", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let other = house.member(OrganizationKind::Finder, "Other").await;
        let id = handed(&house, &lab, "a").await;
        for (report, actor) in [
            (id, &other),
            (ReportId::new(99), &other),
            (id, &Actor::Anonymous),
        ] {
            let outcome = extend(&house, actor, report, called("VU#1"), house.now).await;
            assert!(matches!(outcome, Err(Failure::Hidden)), "{outcome:?}");
        }
        // Who runs the clearinghouse writes down how a report travels on.
        extend(&house, &staff, id, called("VU#1"), house.now)
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn tightened_terms_bind_the_case_and_travel_with_it() {
    on_each_store("provenance_binds", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let id = handed(&house, &lab, "a").await;
        let row = store::report::find(house.store.link(), id).await.unwrap();
        let finding = row.unwrap().finding.unwrap();
        let case = coordinate::open(&house, &staff, finding, Opening::default(), house.now)
            .await
            .unwrap();
        extend(&house, &lab, id, terms(300, Tlp::Red, &house), house.now)
            .await
            .unwrap();
        let shown = show::show(&house, &staff, case, house.now).await.unwrap();
        let until = house.now + SignedDuration::from_hours(24 * 300);
        assert_eq!(
            (shown.embargo.not_before(), &*shown.tlp),
            (Some(until), "RED")
        );
        assert_eq!(shown.reports[0].body.terms.tlp, Some(Tlp::Red));
        let to = handoff::HandOff {
            coordinator: "CERT/CC".into(),
            organization: None,
            may_terminate: true,
        };
        let bundle = handoff::hand_off(&house, &staff, case, to, house.now)
            .await
            .unwrap();
        assert_eq!(bundle.terms.embargo_until, Some(until));
        let looser = mark(&house, &staff, case, Tlp::Amber, house.now).await;
        expect!["tlp: is no stricter than `RED`, which it has; only whoever marked it loosens it"]
            .assert_eq(&said(looser));
    })
    .await;
}

#[tokio::test]
async fn the_log_grows_alike_whether_there_is_a_case_or_a_person_has_to_look() {
    on_each_store("provenance_log", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let mut grown = Vec::new();
        for (title, has_case) in [("a", true), ("b", false)] {
            let id = handed(&house, &lab, title).await;
            let row = store::report::find(house.store.link(), id).await.unwrap();
            if has_case {
                let finding = row.unwrap().finding.unwrap();
                coordinate::open(&house, &staff, finding, Opening::default(), house.now)
                    .await
                    .unwrap();
            }
            let before = store::log::size(house.store.link()).await.unwrap();
            extend(&house, &lab, id, terms(30, Tlp::Red, &house), house.now)
                .await
                .unwrap();
            grown.push(store::log::size(house.store.link()).await.unwrap() - before);
        }
        assert_eq!(grown, [2, 2]);
    })
    .await;
}
