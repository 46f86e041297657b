//! A house that is whole is found whole, and whatever is changed in it is named.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use clearinghouse::check::check;
use clearinghouse::submit::submit;
use clearinghouse::testing::{Testing, house_at};
use clearinghouse::{House, Settings};
use expect_test::{Expect, expect};
use finding::Report;
use keys::{Keyring, SeededDice};
use names::{FindingId, OrganizationKind, ReportId};
use store::Tx;

fn report(title: &str) -> Report {
    let text =
        format!(r#"{{"title": "{title}", "target": {{"package": "pkg:cargo/{title}@1.0.0"}}}}"#);
    serde_json::from_str(&text).unwrap()
}

async fn house_with_reports(url: &str) -> Testing {
    let house = house_at(url, 1).await;
    let lab = house.member(OrganizationKind::Finder, "A lab").await;
    for (title, digest) in [("one", [1; 32]), ("two", [2; 32])] {
        submit(&house, &lab, &report(title), title, digest, house.now)
            .await
            .unwrap();
    }
    house
}

async fn problems(house: &House) -> String {
    check(house).await.unwrap().problems.join("\n")
}

/// Does `change` to a sound house, and says what is found then, on each database that is here.
async fn check_changed(test: &str, change: impl AsyncFn(&Tx), expected: Expect) {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(store::testing::postgres(test).await);
    for url in urls {
        let house = house_with_reports(&url).await;
        assert_eq!(problems(&house).await, "");
        let tx = house.store.write().await.unwrap();
        change(&tx).await;
        tx.commit().await.unwrap();
        expected.assert_eq(&problems(&house).await);
    }
}

#[tokio::test]
async fn a_sealed_text_that_does_not_open_is_found() {
    let change = async |tx: &Tx| {
        let id = ReportId::new(2);
        store::report::set_fingerprint(tx.link(), id, vec![1; 40])
            .await
            .unwrap();
    };
    check_changed(
        "check_sealed",
        change,
        expect!["`report.fingerprint` of row 2 does not open"],
    )
    .await;
}

#[tokio::test]
async fn a_report_in_another_finding_than_was_decided_is_found() {
    let change = async |tx: &Tx| {
        let id = ReportId::new(2);
        store::report::set_finding(tx.link(), id, FindingId::new(1))
            .await
            .unwrap();
    };
    check_changed(
        "check_finding",
        change,
        expect!["1 reports are in another finding than their last decision says"],
    )
    .await;
}

#[tokio::test]
async fn a_destroyed_key_is_no_fault_and_is_counted() {
    let house = house_with_reports("sqlite::memory:").await;
    let tx = house.store.write().await.unwrap();
    store::report::destroy(tx.link(), store::report::Which::One(ReportId::new(1)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let checked = check(&house).await.unwrap();
    assert_eq!(checked.problems, Vec::<String>::new());
    let count = |what: &str| {
        checked
            .counts
            .iter()
            .find(|(known, _)| *known == what)
            .unwrap()
            .1
    };
    assert_eq!(count("sealed values whose key was destroyed"), 1);
    assert!(count("sealed values that open") >= 2);
}

#[tokio::test]
async fn another_master_key_opens_nothing_and_every_column_says_so() {
    let house = house_with_reports("sqlite::memory:").await;
    let keys = Keyring::new("test.example/log", &mut SeededDice::new(2)).unwrap();
    let store = Arc::clone(&house.store);
    let other = House::over(
        store,
        keys,
        Settings::default(),
        Box::new(SeededDice::new(3)),
    );
    let said = problems(&other).await;
    for column in ["report.body", "report.fingerprint"] {
        assert!(
            said.contains(&format!("`{column}` of row 1 does not open")),
            "{said}"
        );
    }
}
