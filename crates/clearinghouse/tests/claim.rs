//! Claims, authorizations and maintainers' policies, act by act, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::claim::{self, BoardAsk, Choice, Made};
use clearinghouse::testing::{Testing, house_at, on_each_store};
use clearinghouse::welcome::{self, Speaker};
use clearinghouse::{Actor, Failure, authorization};
use finding::claim::{Draft, Standing, View};
use finding::report::Target;
use finding::welcome::{Act, Evidence, Source};
use jiff::{SignedDuration, Timestamp};
use names::authorization::{Scan, Unauthorized};
use names::{OrganizationKind, Place, Rules, Testing as Kind};

fn after(house: &Testing, days: i64) -> Timestamp {
    house
        .now
        .checked_add(SignedDuration::from_hours(24 * days))
        .unwrap()
}

fn draft(target: &str) -> Draft {
    Draft {
        targets: vec![target.into()],
        testing: vec!["review".into()],
        contact: "lab@test.example".into(),
        days: 14,
        ..Draft::default()
    }
}

async fn made(house: &Testing, actor: &Actor, target: &str) -> Made {
    claim::claim(house, actor, &draft(target), house.now)
        .await
        .unwrap()
}

async fn standing(house: &Testing, actor: &Actor, made: &Made, at: Timestamp) -> Standing {
    claim::show(house, actor, made.id, at)
        .await
        .unwrap()
        .standing
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn overlapping_claims_are_told_to_both_and_the_first_has_the_turn() {
    on_each_store("claim_both", async |house| {
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let team = house.member(OrganizationKind::Finder, "Team").await;
        let first = made(&house, &lab, "pkg:npm/a").await;
        let second = made(&house, &team, "pkg:npm/a@1.2.0").await;
        assert_eq!(
            (first.standing, second.standing),
            (Standing::Active, Standing::Waiting)
        );
        assert_eq!(
            &*second.overlaps[0].1.why,
            "both scan `pkg:npm/a` in versions `vers:npm/1.2.0`"
        );
        let theirs = claim::show(&house, &team, second.id, house.now)
            .await
            .unwrap();
        let ours = claim::show(&house, &lab, first.id, house.now)
            .await
            .unwrap();
        assert_eq!(
            (theirs.overlaps[0].id, theirs.overlaps[0].is_first),
            (first.id, true)
        );
        assert_eq!(
            (ours.overlaps[0].id, ours.overlaps[0].is_first),
            (second.id, false)
        );
        assert_eq!(ours.overlaps[0].holder.as_deref(), Some("Team"));
        assert_eq!(
            ours.overlaps[0].contact.as_deref(),
            Some("lab@test.example")
        );
        // The first lapses by itself, and the second has its turn.
        let then = after(&house, 14);
        assert_eq!(standing(&house, &lab, &first, then).await, Standing::Lapsed);
        assert_eq!(claim::lapse(&house, then).await.unwrap(), 1);
        assert_eq!(
            standing(&house, &team, &second, then).await,
            Standing::Active
        );
        // A clock set back makes nothing hold again.
        assert_eq!(
            standing(&house, &lab, &first, house.now).await,
            Standing::Lapsed
        );
    })
    .await;
}

#[tokio::test]
async fn a_split_that_leaves_no_overlap_begins_at_once() {
    on_each_store("claim_a_split_that_leaves_no_overlap_b", async |house| {
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let team = house.member(OrganizationKind::Finder, "Team").await;
        made(&house, &lab, "https://github.com/o/r#src").await;
        let second = made(&house, &team, "https://github.com/o/r").await;
        let split = |folder: &str| Choice::Split(Box::new(draft(folder)));
        let still = claim::answer(
            &house,
            &team,
            second.id,
            split("https://github.com/o/r#src/a"),
            house.now,
        )
        .await;
        assert!(
            refused(still)
                .starts_with("the claims still overlap: both scan `https://github.com/o/r#src/a`")
        );
        let apart = claim::answer(
            &house,
            &team,
            second.id,
            split("https://github.com/o/r#tests"),
            house.now,
        )
        .await
        .unwrap();
        assert_eq!(
            (apart.standing, apart.overlaps.len()),
            (Standing::Active, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_queues_begins_when_the_first_lets_go() {
    on_each_store("claim_whoever_queues_begins_when_the_f", async |house| {
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let team = house.member(OrganizationKind::Finder, "Team").await;
        let first = made(&house, &lab, "pkg:npm/a").await;
        let second = made(&house, &team, "pkg:npm/a").await;
        claim::answer(&house, &team, second.id, Choice::Queue, house.now)
            .await
            .unwrap();
        claim::release(&house, &lab, first.id, after(&house, 2))
            .await
            .unwrap();
        let shown = claim::show(&house, &team, second.id, after(&house, 2))
            .await
            .unwrap();
        assert_eq!(
            (shown.standing, shown.is_queued, shown.ends),
            (Standing::Active, true, after(&house, 16))
        );
        let again = claim::release(&house, &lab, first.id, after(&house, 2)).await;
        assert_eq!(refused(again), "the claim is released; make a new one");
    })
    .await;
}

#[tokio::test]
async fn a_claim_is_seen_as_far_as_its_light_says() {
    on_each_store("claim_a_claim_is_seen_as_far_as_its_li", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let team = house.member(OrganizationKind::Finder, "Team").await;
        let mut said = String::new();
        for tlp in ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"] {
            let target = format!("pkg:npm/{}", tlp.to_lowercase().replace('+', "-"));
            let asked = Draft {
                tlp: Some(tlp.into()),
                ..draft(&target)
            };
            let id = claim::claim(&house, &lab, &asked, house.now)
                .await
                .unwrap()
                .id;
            said += &format!("{tlp}:");
            for (who, actor) in [
                ("staff", &staff),
                ("team", &team),
                ("anyone", &Actor::Anonymous),
            ] {
                let view = match claim::show(&house, actor, id, house.now).await {
                    Ok(shown) => format!("{:?}", shown.view),
                    Err(Failure::Hidden) => "-".to_owned(),
                    Err(other) => panic!("{other:?}"),
                };
                said += &format!(" {who} {view}");
            }
            said.push('\n');
        }
        expect_test::expect![[r#"
        CLEAR: staff Full team Full anyone Full
        GREEN: staff Full team Full anyone -
        AMBER: staff Full team Anonymous anyone -
        AMBER+STRICT: staff Full team - anyone -
        RED: staff Full team - anyone -
    "#]]
        .assert_eq(&said);
        let board = claim::board(&house, &team, &BoardAsk::default(), house.now)
            .await
            .unwrap();
        assert_eq!(board.claims.len(), 3);
        let anonymous = board
            .claims
            .iter()
            .find(|shown| shown.view == View::Anonymous)
            .unwrap();
        assert_eq!(
            (&anonymous.holder, &anonymous.contact, &anonymous.claim),
            (&None, &None, &None)
        );
        assert!(anonymous.overlaps.is_empty());
        let stranger =
            claim::board(&house, &Actor::Anonymous, &BoardAsk::default(), house.now).await;
        assert!(matches!(stranger, Err(Failure::Denied)));
    })
    .await;
}

#[tokio::test]
async fn a_claim_is_changed_by_its_holder_alone() {
    on_each_store("claim_a_claim_is_changed_by_its_holder", async |house| {
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let team = house.member(OrganizationKind::Finder, "Team").await;
        let amber = made(&house, &lab, "pkg:npm/a").await;
        let green = Draft {
            tlp: Some("GREEN".into()),
            ..draft("pkg:npm/b")
        };
        let green = claim::claim(&house, &lab, &green, house.now).await.unwrap();
        // What they may not see all of is answered like what does not exist.
        let hidden = claim::release(&house, &team, amber.id, house.now).await;
        assert!(matches!(hidden, Err(Failure::Hidden)), "{hidden:?}");
        let denied = claim::renew(&house, &team, green.id, 30, house.now).await;
        assert!(matches!(denied, Err(Failure::Denied)), "{denied:?}");
    })
    .await;
}

#[tokio::test]
async fn the_database_names_no_target() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let house = house_at(&format!("sqlite:{}", path.display()), 1).await;
    let operator = house
        .member(OrganizationKind::Operator, "Water Works")
        .await;
    made(&house, &operator, "host:hidden-turbine.water.example").await;
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("turbine") && !text.contains("lab@test.example"));
        files += usize::from(text.contains("Water Works"));
    }
    assert!(files > 0, "the search finds what is there");
}

fn leave(house: &Testing, holder: &Actor, target: &str) -> authorization::NewAuthorization {
    authorization::NewAuthorization {
        holder: holder.organization().unwrap(),
        targets: vec![target.parse().unwrap()],
        sources: vec!["203.0.113.0/24".parse().unwrap()],
        rules: Rules {
            testing: vec![Kind::Review, Kind::Probe],
            contact: "noc@water.example".into(),
            ..Rules::default()
        },
        starts: house.now,
        ends: after(house, 7),
    }
}

#[tokio::test]
async fn a_token_holds_until_it_is_taken_back_or_ends() {
    on_each_store("claim_token", async |house| {
        let owner = house
            .member(OrganizationKind::Operator, "Water Works")
            .await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let (id, token) = authorization::authorize(
            &house,
            &owner,
            leave(&house, &lab, "host:*.water.example"),
            house.now,
        )
        .await
        .unwrap();
        let target: [Place; 1] = ["host:a.water.example".parse().unwrap()];
        let scan = |at: Timestamp| Scan {
            now: at.as_second(),
            owner: owner.organization().unwrap(),
            target: &target,
            source: "203.0.113.9".parse().ok(),
            revoked: &[],
        };
        let key = authorization::verifier(&house).unwrap();
        let verify =
            |scan: Scan<'_>| keys::authorization::verify(&token, std::slice::from_ref(&key), scan);
        assert_eq!(verify(scan(house.now)).unwrap().id, id);
        assert!(matches!(
            verify(scan(after(&house, 7))),
            Err(Unauthorized::Over { .. })
        ));
        // Both sides see it, nobody else does.
        assert!(authorization::show(&house, &lab, id).await.is_ok());
        let other = house.member(OrganizationKind::Finder, "Team").await;
        assert!(matches!(
            authorization::show(&house, &other, id).await,
            Err(Failure::Hidden)
        ));
        assert!(matches!(
            authorization::revoke(&house, &lab, id, house.now).await,
            Err(Failure::Denied)
        ));
        authorization::revoke(&house, &owner, id, house.now)
            .await
            .unwrap();
        let list = authorization::revocations(&house, house.now).await.unwrap();
        let list =
            keys::authorization::read_revocations(&list, std::slice::from_ref(&key)).unwrap();
        assert_eq!(
            verify(Scan {
                revoked: &list.revoked,
                ..scan(house.now)
            }),
            Err(Unauthorized::Revoked)
        );
        assert_eq!(
            authorization::check(&house, &token, scan(house.now))
                .await
                .unwrap(),
            Err(Unauthorized::Revoked)
        );
        // It leaves the list when it would have ended.
        let later = authorization::revocations(&house, after(&house, 7))
            .await
            .unwrap();
        assert!(
            keys::authorization::read_revocations(&later, &[key])
                .unwrap()
                .revoked
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn whatever_somebody_runs_is_claimed_with_their_leave() {
    on_each_store("claim_whatever_somebody_runs_is_claime", async |house| {
        let owner = house
            .member(OrganizationKind::Operator, "Water Works")
            .await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let asked = Draft {
            testing: vec!["probe".into()],
            ..draft("host:a.water.example")
        };
        let without = claim::claim(&house, &lab, &asked, house.now).await;
        assert!(refused(without).starts_with(
            "targets[0]: `host:a.water.example` would be touched, and nobody allowed it"
        ));
        authorization::authorize(
            &house,
            &owner,
            leave(&house, &lab, "host:*.water.example"),
            house.now,
        )
        .await
        .unwrap();
        claim::claim(&house, &lab, &asked, house.now).await.unwrap();
        let late = claim::claim(&house, &lab, &asked, after(&house, 7)).await;
        assert!(refused(late).starts_with("targets[0]: `host:a.water.example` would be touched"));
        let finder = authorization::authorize(
            &house,
            &lab,
            leave(&house, &owner, "host:*.water.example"),
            house.now,
        )
        .await;
        assert!(
            matches!(finder, Err(Failure::Denied)),
            "a finder owns nothing to be scanned"
        );
    })
    .await;
}

const OPT_OUT: &str =
    "version = 1\n[[rule]]\nfor = \"pkg:npm/a\"\nscan = \"no\"\nreport = \"public\"\nopen_max = 2";

#[tokio::test]
async fn a_proved_policy_is_honoured_and_an_unproved_one_only_asks_for_a_look() {
    on_each_store("claim_policy", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let vendor = house.member(OrganizationKind::Vendor, "Maker").await;
        let lab = house.member(OrganizationKind::Finder, "Lab").await;
        let id = welcome::keep(&house, &vendor, OPT_OUT, &Speaker::Own, house.now)
            .await
            .unwrap();
        let target = Target {
            package: Some("pkg:npm/a@1.0.0".parse().unwrap()),
            ..Target::default()
        };
        let ask = async |act: Act| {
            let applied = welcome::for_target(house.store.link(), &target, house.now)
                .await
                .unwrap();
            applied.answer(act, house.now).as_str()
        };
        assert_eq!(
            (ask(Act::Claim).await, ask(Act::Embargo).await),
            ("hold", "hold")
        );
        let held = claim::claim(&house, &lab, &draft("pkg:npm/a"), house.now).await;
        assert!(refused(held).contains(
            "somebody who has not proved to be the owner says: the owner asked not to be scanned"
        ));
        // Nobody needs leave of their own.
        made(&house, &vendor, "pkg:npm/a").await;
        assert!(matches!(
            welcome::prove(&house, &vendor, id, true, house.now).await,
            Err(Failure::Denied)
        ));
        welcome::prove(&house, &staff, id, true, house.now)
            .await
            .unwrap();
        assert_eq!(
            (ask(Act::Claim).await, ask(Act::Embargo).await),
            ("refuse", "refuse")
        );
        assert_eq!(ask(Act::Submit(Evidence::default())).await, "go");
        let full = Act::Send {
            evidence: Evidence::default(),
            open: 2,
            this_week: 0,
        };
        assert_eq!(ask(full).await, "hold");
        let refusal = refused(claim::claim(&house, &lab, &draft("pkg:npm/a"), house.now).await);
        assert_eq!(refusal, "targets[0]: the owner asked not to be scanned");
    })
    .await;
}

#[tokio::test]
async fn a_proof_stays_with_what_was_proved() {
    on_each_store("claim_a_proof_stays_with_what_was_prov", async |house| {
        let staff = house.member(OrganizationKind::Coordinator, "House").await;
        let vendor = house.member(OrganizationKind::Vendor, "Maker").await;
        let id = welcome::keep(&house, &vendor, OPT_OUT, &Speaker::Own, house.now)
            .await
            .unwrap();
        welcome::prove(&house, &staff, id, true, house.now)
            .await
            .unwrap();
        let source = async |document: &str| {
            let id = welcome::keep(&house, &vendor, document, &Speaker::Own, house.now)
                .await
                .unwrap();
            welcome::show(&house, &vendor, id)
                .await
                .unwrap()
                .kept
                .source
        };
        assert_eq!(
            source(&OPT_OUT.replace("scan = \"no\"", "scan = \"ask\"")).await,
            Source::Owner
        );
        assert_eq!(
            source(&OPT_OUT.replace("pkg:npm/a", "pkg:npm/b")).await,
            Source::Stranger
        );
        // Going back to the first words does not bring the proof back.
        assert_eq!(source(OPT_OUT).await, Source::Stranger);
        let gone = welcome::show(&house, &vendor, id).await;
        assert!(
            matches!(gone, Err(Failure::Hidden)),
            "a replaced policy says nothing"
        );
    })
    .await;
}

#[tokio::test]
async fn only_the_house_takes_in_what_others_keep() {
    on_each_store("claim_only_the_house_takes_in_what_oth", async |house| {
    let staff = house.member(OrganizationKind::Coordinator, "House").await;
    let vendor = house.member(OrganizationKind::Vendor, "Maker").await;
    let place: Place = "https://github.com/o/r".parse().unwrap();
    let document = "version = 1\n[[rule]]\nscan = \"no\"";
    let file = Speaker::File(place.clone());
    let by_staff = welcome::keep(&house, &staff, document, &file, house.now)
        .await
        .unwrap();
    assert_eq!(
        welcome::show(&house, &staff, by_staff)
            .await
            .unwrap()
            .kept
            .source,
        Source::Project
    );
    let by_vendor = welcome::keep(&house, &vendor, document, &file, house.now)
        .await
        .unwrap();
    assert_eq!(
        welcome::show(&house, &staff, by_vendor)
            .await
            .unwrap()
            .kept
            .source,
        Source::Stranger
    );
    let peer = Speaker::Peer("scrutineer.example".into());
    let record = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://github.com/alpha-omega-security/scrutineer/interchange/optout/v1","predicate":{{"repository":"{place}"}}}}"#
    );
    assert!(
        refused(welcome::keep(&house, &vendor, &record, &peer, house.now).await)
            .starts_with("speaker: ")
    );
    let applied = welcome::for_places(house.store.link(), &[place], None, house.now)
        .await
        .unwrap();
    assert_eq!(applied.answer(Act::Claim, house.now).as_str(), "refuse");
    welcome::withdraw(&house, &staff, by_staff, house.now)
        .await
        .unwrap();
    })
    .await;
}
