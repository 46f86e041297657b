//! Acts end well or in one of four ways, and always leave a trace.

use clearinghouse::testing::house;
use clearinghouse::{Actor, Failure, organization, submit};
use finding::Report;
use names::OrganizationKind;

#[tokio::test]
async fn the_same_key_again_gives_the_same_receipt() {
    let house = house().await;
    let now = house.now;
    let lab = house.member(OrganizationKind::Finder, "Lab").await;
    let report = Report {
        title: "overflow".into(),
        ..Report::default()
    };
    let first = submit::submit(&house, &lab, &report, "k1", [1; 32], now)
        .await
        .unwrap();
    let second = submit::submit(&house, &lab, &report, "k1", [1; 32], now)
        .await
        .unwrap();
    assert_eq!(
        (first.report, first.log_index, second.again),
        (second.report, second.log_index, true)
    );
    let other = submit::submit(&house, &lab, &report, "k1", [2; 32], now).await;
    assert!(matches!(other, Err(Failure::Refused(_))), "{other:?}");
}

#[tokio::test]
async fn a_second_organization_of_a_name_is_refused_beside_the_name() {
    let house = house().await;
    let kind = OrganizationKind::Vendor;
    organization::create(&house, &Actor::House, kind, "Maker", house.now)
        .await
        .unwrap();
    let second = organization::create(&house, &Actor::House, kind, "Maker", house.now).await;
    let Err(Failure::Refused(refusal)) = second else {
        panic!("{second:?}");
    };
    assert_eq!(
        refusal.about("name"),
        Some("an organization of this name takes part already")
    );
}
