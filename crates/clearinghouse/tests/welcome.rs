//! Maintainers' policies at every step of a report: what its finder is told, and what is held, on each store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::coordinate::{self, Opening};
use clearinghouse::embargo::{Ask, embargo};
use clearinghouse::submit::{self, Receipt, prepare, show};
use clearinghouse::testing::{Testing, on_each_store};
use clearinghouse::welcome::{self, Speaker};
use clearinghouse::{Actor, Failure};
use expect_test::expect;
use finding::submit::{Beside, Draft, read};
use jiff::SignedDuration;
use names::OrganizationKind;

const POLICY: &str = r#"
version = 1

[[rule]]
for = "pkg:npm/opted-out"
report = "no"

[[rule]]
for = "pkg:npm/in-public"
report = "public"
route = "https://in-public.example/issues"

[[rule]]
for = "pkg:npm/in-private"
report = "private"
languages = ["en", "de"]

[[rule]]
for = "pkg:npm/strict"
reproducer_required = true
patch_required = true

[[rule]]
for = "pkg:npm/asleep"
paused_until = 2026-12-24
"#;

fn draft(package: &str, more: &str) -> Draft {
    let text = format!(
        r#"{{"title": "overflow in {package}", "target": {{"package": "pkg:npm/{package}@1.0.0"}}{more}}}"#
    );
    let all = read(text.as_bytes(), None, &Beside::default()).unwrap();
    all.all().unwrap().pop().unwrap().1
}

async fn take(house: &Testing, actor: &Actor, drafts: Vec<Draft>) -> Vec<Receipt> {
    let prepared = drafts.into_iter();
    let prepared = prepared.map(|draft| prepare(house, actor, draft, None, house.now).unwrap());
    let taken = submit::take(house, prepared.collect()).await.unwrap();
    taken.into_iter().map(Result::unwrap).collect()
}

/// What each finder is told, line by line.
fn told(receipts: &[Receipt]) -> String {
    let mut said = String::new();
    for receipt in receipts {
        said += &format!("{}\n", receipt.report);
        for asks in &receipt.maintainer.asks {
            said += &format!("  {asks}\n");
        }
        for held in &receipt.maintainer.held {
            said += &format!("  held: {held}\n");
        }
    }
    said
}

/// A maintainer whose policy is kept, and proved to be theirs where `is_owner`.
async fn maintainer(house: &Testing, is_owner: bool) -> Actor {
    let staff = house.member(OrganizationKind::Coordinator, "House").await;
    let maker = house.member(OrganizationKind::Vendor, "Maker").await;
    let id = welcome::keep(house, &maker, POLICY, &Speaker::Own, house.now)
        .await
        .unwrap();
    welcome::prove(house, &staff, id, is_owner, house.now)
        .await
        .unwrap();
    staff
}

#[tokio::test]
async fn a_finder_is_told_what_the_maintainer_asks_for_and_what_happens_now() {
    on_each_store("welcome_told", async |house| {
        maintainer(&house, true).await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let patch = r#", "patch": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n""#;
        let all = vec![
            draft("opted-out", ""),
            draft("in-public", ""),
            draft("in-private", ""),
            draft("strict", ""),
            draft("strict", patch),
            draft("asleep", ""),
            draft("of-nobody", ""),
        ];
        let receipts = take(&house, &lab, all).await;
        expect![[r#"
            R-000001
              the maintainer asks not to be told
              held: the maintainer asked not to be told
            R-000002
              the maintainer asks to be told in public only: no embargo is proposed; the terms you gave are kept
              the maintainer asks to be told through https://in-public.example/issues
            R-000003
              the maintainer asks to be told in private: keep it to yourself until it is published
              the maintainer asks to be written to in en, de
            R-000004
              the maintainer asks for a reproducer with each report
              the maintainer asks for a patch with each report
              held: the maintainer takes only reports with a reproducer that was shown to work; add a bundle that shows the flaw, as `seamark prove --new` makes one, or an input or a script for a person to look at
              held: the maintainer takes only reports with a patch; add a unified diff that fixes the flaw
            R-000005
              the maintainer asks for a reproducer with each report
              the maintainer asks for a patch with each report
              held: the maintainer takes only reports with a reproducer that was shown to work; add a bundle that shows the flaw, as `seamark prove --new` makes one, or an input or a script for a person to look at
            R-000006
              the maintainer asks to be sent nothing before 2026-12-24T00:00:00Z
              held: the maintainer takes nothing before 2026-12-24T00:00:00Z
            R-000007
        "#]].assert_eq(&told(&receipts));
        // The page says the same as the receipt, and a receipt that is given again says it again.
        for receipt in &receipts {
            let shown = show(&house, &lab, receipt.report, house.now).await.unwrap();
            assert_eq!(shown.receipt.maintainer, receipt.maintainer);
        }
        let again = take(&house, &lab, vec![draft("strict", "")]).await;
        assert!(again[0].again);
        assert_eq!(again[0].maintainer, receipts[3].maintainer);
        // When the pause is over nothing is held any more.
        let later = house.now + SignedDuration::from_hours(24 * 60);
        let shown = show(&house, &lab, receipts[5].report, later).await.unwrap();
        assert_eq!(shown.receipt.maintainer, submit::Wished::default());
    })
    .await;
}

#[tokio::test]
async fn who_proved_nothing_holds_a_report_up_and_says_so() {
    on_each_store("welcome_stranger", async |house| {
        maintainer(&house, false).await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let all = vec![draft("opted-out", ""), draft("strict", "")];
        expect![[r#"
            R-000001
              somebody who has not proved to be the owner asks not to be told
              held: somebody who has not proved to be the owner says: the maintainer asked not to be told
            R-000002
              somebody who has not proved to be the owner asks for a reproducer with each report
              somebody who has not proved to be the owner asks for a patch with each report
              held: somebody who has not proved to be the owner says: the maintainer takes only reports with a reproducer that was shown to work; add a bundle that shows the flaw, as `seamark prove --new` makes one, or an input or a script for a person to look at
              held: somebody who has not proved to be the owner says: the maintainer takes only reports with a patch; add a unified diff that fixes the flaw
        "#]].assert_eq(&told(&take(&house, &lab, all).await));
    })
    .await;
}

#[tokio::test]
async fn what_a_finder_is_told_does_not_hang_on_what_others_reported() {
    let lone = async |others: bool| {
        let house = clearinghouse::testing::house().await;
        maintainer(&house, true).await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let other = house.member(OrganizationKind::Finder, "Other").await;
        if others {
            // Another one came with all that the maintainer asks for.
            let proof = format!(
                r#", "proofs": [{{"sha256": "{}", "bytes": 9}}]"#,
                "a".repeat(64)
            );
            take(&house, &other, vec![draft("strict", &proof)]).await;
        }
        let receipts = take(&house, &lab, vec![draft("strict", "")]).await;
        receipts[0].maintainer.clone()
    };
    assert_eq!(lone(true).await, lone(false).await);
}

#[tokio::test]
async fn no_day_is_bargained_over_where_the_maintainer_is_told_in_public_only() {
    on_each_store("welcome_public", async |house| {
        let staff = maintainer(&house, true).await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let mut said = String::new();
        for package in ["in-public", "in-private"] {
            let finding = house.report(&lab, None, draft(package, "").report).await;
            let case = coordinate::open(&house, &staff, finding, Opening::default(), house.now)
                .await
                .unwrap();
            let until = house.now + SignedDuration::from_hours(24 * 40);
            let state = match embargo(&house, &lab, case, Ask::Propose(until), house.now).await {
                Ok(state) => state.as_str().to_owned(),
                Err(Failure::Refused(refusal)) => refusal.to_string(),
                Err(other) => panic!("{other}"),
            };
            said += &format!("{package}: {state}\n");
        }
        expect![[r#"
            in-public: until: the maintainer is told in public only, so there is no embargo
            in-private: revise
        "#]]
        .assert_eq(&said);
    })
    .await;
}
