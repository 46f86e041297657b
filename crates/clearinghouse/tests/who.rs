//! Who comes in, who does not, and what is left when someone goes, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod leaving;

use clearinghouse::testing::{Testing, house, house_at, house_on};
use clearinghouse::who::invitation::{self, Account, Chosen};
use clearinghouse::who::join::Joined;
use clearinghouse::who::sign_in::{self, From, Typed};
use clearinghouse::who::token::{self, Wish};
use clearinghouse::who::{
    Guest, Recognized, Shown, credential, leave, member, passkey, recognize, session,
};
use clearinghouse::{Actor, Failure, organization};
use jiff::{SignedDuration, Timestamp};
use names::{OrganizationId, OrganizationKind, Role};
use policy::{Action, Scope, Thing};

const FROM: From<'_> = From {
    address: "192.0.2.7",
    agent: "a browser",
};
const PASSWORD: &str = "a sentence that is easy to keep";

/// Plays on SQLite in memory, and on PostgreSQL where the tests have one.
async fn on_both(play: impl AsyncFn(Testing)) {
    play(house().await).await;
    if let Some(url) = store::testing::postgres("who").await {
        play(house_at(&url, 1).await).await;
    }
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap()
}

/// The code that the device of an open invitation shows.
async fn code(house: &Testing, link: &str, now: Timestamp) -> String {
    let offer = invitation::offer(house, link, now).await.unwrap();
    offer
        .device
        .code(u64::try_from(now.as_second()).unwrap() / keys::totp::STEP_SECONDS)
}

async fn accept(
    house: &Testing,
    link: &keys::Token,
    name: &str,
    email: &str,
    now: Timestamp,
) -> (Joined, keys::totp::Secret) {
    let device = invitation::offer(house, link.reveal(), now)
        .await
        .unwrap()
        .device;
    let code = code(house, link.reveal(), now).await;
    let proof = Chosen::Password {
        password: PASSWORD.to_owned(),
        code,
    };
    let account = Account {
        name: name.to_owned(),
        email: email.to_owned(),
        proof,
    };
    (
        invitation::accept(house, link.reveal(), account, FROM, now)
            .await
            .unwrap(),
        device,
    )
}

async fn known(house: &Testing, session: &keys::Token, now: Timestamp) -> Option<Guest> {
    match recognize(house, Shown::Session(session.reveal()), now)
        .await
        .unwrap()
    {
        Recognized::Guest(guest) => Some(guest),
        Recognized::Stranger | Recognized::Revoked => None,
    }
}

/// The first administrator of a fresh house.
async fn ada(house: &Testing) -> (Guest, keys::totp::Secret) {
    let link = invitation::first(house, house.now).await.unwrap().unwrap();
    let (accepted, device) = accept(house, &link, "Ada", "Ada@Example.org", house.now).await;
    (
        known(house, &accepted.session, house.now).await.unwrap(),
        device,
    )
}

/// An organization with one administrator.
async fn join(
    house: &Testing,
    staff: &Guest,
    kind: OrganizationKind,
    name: &str,
) -> (OrganizationId, Guest, keys::Token, keys::totp::Secret) {
    let now = house.now;
    let id = organization::create(house, &staff.actor, kind, name, now)
        .await
        .unwrap();
    let email = format!("{}@example.org", name.to_lowercase());
    let link = invitation::invite(house, &staff.actor, id, &email, Role::Admin, now)
        .await
        .unwrap();
    let (accepted, device) = accept(house, &link, name, "", now).await;
    let guest = known(house, &accepted.session, now).await.unwrap();
    (id, guest, accepted.session, device)
}

fn said<T>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(Failure::Refused(refusal)) => refusal.to_string(),
        Err(other) => other.to_string(),
    }
}

async fn sign_in(
    house: &Testing,
    email: &str,
    password: &str,
    code: &str,
    now: Timestamp,
) -> Result<keys::Token, Failure> {
    let typed = Typed {
        email: email.to_owned(),
        password: password.to_owned(),
        code: code.to_owned(),
    };
    sign_in::by_password(house, &typed, FROM, now).await
}

fn shows(device: &keys::totp::Secret, now: Timestamp) -> String {
    device.code(u64::try_from(now.as_second()).unwrap() / keys::totp::STEP_SECONDS)
}

#[tokio::test]
async fn the_first_link_makes_the_first_administrator_once() {
    on_both(async |house| {
        let old = invitation::first(&house, house.now).await.unwrap().unwrap();
        let link = invitation::first(&house, house.now).await.unwrap().unwrap();
        assert_eq!(
            said(invitation::offer(&house, old.reveal(), house.now).await),
            "no such thing",
            "only the newest opens"
        );
        let (accepted, _) = accept(&house, &link, "Ada", "Ada@Example.org", house.now).await;
        assert!(accepted.member.staff && accepted.member.role == Role::Admin);
        assert_eq!(accepted.recovery.len(), 10);
        let guest = known(&house, &accepted.session, house.now).await.unwrap();
        assert!(house.may(&guest.actor, Action::Administer, &Thing::instance()));
        assert_eq!(
            said(invitation::offer(&house, link.reveal(), house.now).await),
            "no such thing",
            "a link opens once"
        );
        assert!(
            invitation::first(&house, house.now)
                .await
                .unwrap()
                .is_none(),
            "there is a member now"
        );
    })
    .await;
}

#[tokio::test]
async fn a_link_lapses_and_can_be_taken_back() {
    on_both(async |house| {
        let (ada, _) = ada(&house).await;
        let id = ada.member.organization;
        let link = invitation::invite(
            &house,
            &ada.actor,
            id,
            "bo@example.org",
            Role::Member,
            house.now,
        )
        .await
        .unwrap();
        let week = later(house.now, 7 * 86_400);
        assert_eq!(
            said(invitation::offer(&house, link.reveal(), week).await),
            "no such thing"
        );
        assert_eq!(
            said(invitation::offer(&house, link.reveal(), later(week, -1)).await),
            "done"
        );
        let open = invitation::list(&house, &ada.actor, id, house.now)
            .await
            .unwrap();
        invitation::withdraw(&house, &ada.actor, id, open[0].id, house.now)
            .await
            .unwrap();
        assert_eq!(
            said(invitation::offer(&house, link.reveal(), house.now).await),
            "no such thing"
        );
    })
    .await;
}

#[tokio::test]
async fn all_that_is_wrong_with_a_new_account_is_said_at_once() {
    on_both(async |house| {
    let link = invitation::first(&house, house.now).await.unwrap().unwrap();
    let proof = Chosen::Password {
        password: "short".to_owned(),
        code: "000000".to_owned(),
    };
    let account = Account {
        name: " ".to_owned(),
        email: "ada".to_owned(),
        proof,
    };
    expect_test::expect!["name: write your name in one line of 1 to 100 characters; email: write one mail address, such as `ada@example.org`; password: write at least 12 characters; a sentence is easy to keep; code: this is not the code that the device shows now; look at its clock"]
        .assert_eq(&said(invitation::accept(&house, link.reveal(), account, FROM, house.now).await));
    }).await;
}

#[tokio::test]
async fn a_password_and_a_code_sign_in_and_no_code_counts_twice() {
    on_both(async |house| {
        let (_, device) = ada(&house).await;
        let now = later(house.now, 60);
        let code = shows(&device, now);
        let session = sign_in(&house, " ada@EXAMPLE.org ", PASSWORD, &code, now)
            .await
            .unwrap();
        assert!(known(&house, &session, now).await.is_some());
        assert_ne!(
            said(sign_in(&house, "ada@example.org", PASSWORD, &code, now).await),
            "done"
        );
    })
    .await;
}

#[tokio::test]
async fn no_answer_tells_whether_there_is_an_account() {
    on_both(async |house| {
        let (_, device) = ada(&house).await;
        let now = later(house.now, 60);
        let code = shows(&device, now);
        let answers = [
            sign_in(&house, "nobody@example.org", PASSWORD, &code, now).await,
            sign_in(
                &house,
                "ada@example.org",
                "another sentence entirely",
                &code,
                now,
            )
            .await,
            sign_in(&house, "ada@example.org", PASSWORD, "000000", now).await,
            sign_in(&house, "ada@example.org", &"x".repeat(2_000), &code, now).await,
        ];
        let answers: Vec<String> = answers.into_iter().map(said).collect();
        assert!(
            answers
                .iter()
                .all(|answer| *answer == answers[0] && answer != "done"),
            "{answers:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn too_many_tries_are_refused_alike_whether_there_is_an_account_or_not() {
    on_both(async |house| {
        let (_, device) = ada(&house).await;
        let now = later(house.now, 60);
        let mut last = Vec::new();
        for email in ["ada@example.org", "nobody@example.org"] {
            for _ in 0..10 {
                assert_ne!(
                    said(sign_in(&house, email, "wrong", "000000", now).await),
                    "done"
                );
            }
            let code = shows(&device, now);
            last.push(said(sign_in(&house, email, PASSWORD, &code, now).await));
        }
        assert_eq!(
            last,
            vec!["there were too many tries; wait 15 minutes, then try once more"; 2]
        );
        let after = later(now, 16 * 60);
        let code = shows(&device, after);
        assert_eq!(
            said(sign_in(&house, "ada@example.org", PASSWORD, &code, after).await),
            "done"
        );
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_device_once() {
    on_both(async |house| {
        let link = invitation::first(&house, house.now).await.unwrap().unwrap();
        let (accepted, _) = accept(&house, &link, "Ada", "ada@example.org", house.now).await;
        let code = accepted.recovery[3].to_uppercase();
        assert_eq!(
            said(sign_in(&house, "ada@example.org", PASSWORD, &code, house.now).await),
            "done"
        );
        assert_ne!(
            said(sign_in(&house, "ada@example.org", PASSWORD, &code, house.now).await),
            "done"
        );
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_hand_at_once() {
    on_both(async |house| {
        let (_, device) = ada(&house).await;
        let now = later(house.now, 60);
        let first = sign_in(
            &house,
            "ada@example.org",
            PASSWORD,
            &shows(&device, now),
            now,
        )
        .await
        .unwrap();
        let idle = later(now, 3_601);
        assert!(
            known(&house, &first, later(now, 3_599)).await.is_some(),
            "this is a use"
        );
        assert!(known(&house, &first, idle).await.is_some(), "so it goes on");
        assert!(
            known(&house, &first, later(idle, 3_601)).await.is_none(),
            "an hour without one ends it"
        );
        let second = sign_in(
            &house,
            "ada@example.org",
            PASSWORD,
            &shows(&device, later(now, 7_200)),
            later(now, 7_200),
        )
        .await
        .unwrap();
        let guest = known(&house, &second, later(now, 7_200)).await.unwrap();
        assert!(guest.session.is_some());
        session::sign_out(&house, &guest).await.unwrap();
        assert!(known(&house, &second, later(now, 7_200)).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_day_ends_a_session_however_busy() {
    on_both(async |house| {
        let (_, device) = ada(&house).await;
        let start = later(house.now, 60);
        let session = sign_in(
            &house,
            "ada@example.org",
            PASSWORD,
            &shows(&device, start),
            start,
        )
        .await
        .unwrap();
        for half_hours in 1..48 {
            assert!(
                known(&house, &session, later(start, half_hours * 1_800))
                    .await
                    .is_some(),
                "{half_hours}"
            );
        }
        assert!(
            known(&house, &session, later(start, 86_400))
                .await
                .is_none()
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_is_refused_as_soon_as_it_is_ended() {
    on_both(async |house| {
        let (ada, _) = ada(&house).await;
        let (_, lab, _, _) = join(&house, &ada, OrganizationKind::Finder, "Lab").await;
        let wish = Wish {
            label: "nightly scan".to_owned(),
            scopes: [Scope::Submit].into_iter().collect(),
            days: 30,
        };
        let token = token::make(&house, &lab, wish, house.now).await.unwrap();
        let shown = async |now| {
            recognize(&house, Shown::Token(token.reveal()), now)
                .await
                .unwrap()
        };
        let Recognized::Guest(program) = shown(house.now).await else {
            panic!()
        };
        assert!(house.may(&program.actor, Action::Submit, &Thing::instance()));
        assert!(!house.may(&program.actor, Action::SeeWork, &Thing::instance()));
        let wish = Wish {
            label: "more".to_owned(),
            scopes: [Scope::Read].into_iter().collect(),
            days: 30,
        };
        assert_eq!(
            said(token::make(&house, &program, wish, house.now).await),
            "not allowed",
            "a token makes no tokens"
        );
        assert!(matches!(
            shown(later(house.now, 30 * 86_400)).await,
            Recognized::Revoked
        ));
        let list = token::list(&house, &lab, house.now).await.unwrap();
        assert_eq!(
            (&*list[0].label, list[0].used),
            ("nightly scan", Some(house.now))
        );
        token::end(&house, &lab.actor, lab.member.id, list[0].id, house.now)
            .await
            .unwrap();
        assert!(matches!(shown(house.now).await, Recognized::Revoked));
    })
    .await;
}

#[tokio::test]
async fn a_last_use_is_written_down_at_most_once_a_minute() {
    on_both(async |house| {
        let (ada, _) = ada(&house).await;
        let wish = Wish {
            label: "watch".to_owned(),
            scopes: [Scope::Read].into_iter().collect(),
            days: 1,
        };
        let token = token::make(&house, &ada, wish, house.now).await.unwrap();
        let mut seen = Vec::new();
        for seconds in [0, 1, 59, 60, 61, 300] {
            recognize(
                &house,
                Shown::Token(token.reveal()),
                later(house.now, seconds),
            )
            .await
            .unwrap();
            let used = token::list(&house, &ada, house.now).await.unwrap()[0]
                .used
                .unwrap();
            seen.push(used.duration_since(house.now).as_secs());
        }
        assert_eq!(seen, [0, 0, 0, 60, 60, 300]);
    })
    .await;
}

#[tokio::test]
async fn who_is_removed_or_suspended_is_a_stranger_at_the_next_request() {
    on_both(async |house| {
        let (ada, _) = ada(&house).await;
        let (id, lab, session, _) = join(&house, &ada, OrganizationKind::Finder, "Lab").await;
        clearinghouse::who::account::suspend(&house, &ada.actor, id, true, house.now)
            .await
            .unwrap();
        assert!(known(&house, &session, house.now).await.is_none());
        clearinghouse::who::account::suspend(&house, &ada.actor, id, false, house.now)
            .await
            .unwrap();
        assert!(known(&house, &session, house.now).await.is_some());
        assert!(
            said(member::remove(&house, &lab.actor, lab.member.id, house.now).await)
                .starts_with("this is the only administrator")
        );
        let link = invitation::invite(
            &house,
            &lab.actor,
            id,
            "bo@example.org",
            Role::Member,
            house.now,
        )
        .await
        .unwrap();
        let (bo, _) = accept(&house, &link, "Bo", "", house.now).await;
        member::remove(&house, &lab.actor, bo.member.id, house.now)
            .await
            .unwrap();
        assert!(known(&house, &bo.session, house.now).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn an_invitation_tells_nobody_whether_someone_has_an_account_elsewhere() {
    on_both(async |house| {
        let (ada, device) = ada(&house).await;
        let (id, lab, _, _) = join(&house, &ada, OrganizationKind::Finder, "Lab").await;
        let link = invitation::invite(
            &house,
            &lab.actor,
            id,
            "ada@example.org",
            Role::Reader,
            house.now,
        )
        .await
        .unwrap();
        let (other, _) = accept(&house, &link, "Ada at the lab", "", house.now).await;
        assert_eq!(other.member.organization, id);
        let now = later(house.now, 60);
        let session = sign_in(
            &house,
            "ada@example.org",
            PASSWORD,
            &shows(&device, now),
            now,
        )
        .await
        .unwrap();
        assert_eq!(
            known(&house, &session, now).await.unwrap().member.id,
            ada.member.id,
            "the code tells which of the two"
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_on_what_they_may_not_see() {
    on_both(async |house| {
        let (ada, _) = ada(&house).await;
        let (id, lab, _, _) = join(&house, &ada, OrganizationKind::Finder, "Lab").await;
        let (_, maker, _, _) = join(&house, &ada, OrganizationKind::Vendor, "Maker").await;
        let now = house.now;
        assert_eq!(
            said(member::list(&house, &maker.actor, id).await),
            "no such thing"
        );
        assert_eq!(
            said(member::remove(&house, &maker.actor, lab.member.id, now).await),
            "no such thing"
        );
        assert_eq!(
            said(session::end_all(&house, &maker.actor, lab.member.id, None, now).await),
            "no such thing"
        );
        assert_eq!(
            said(
                invitation::invite(&house, &maker.actor, id, "x@example.org", Role::Admin, now)
                    .await
            ),
            "not allowed"
        );
        assert_eq!(
            said(leave::leave(&house, &maker.actor, id, now).await),
            "not allowed"
        );
        assert_eq!(
            said(
                organization::create(&house, &maker.actor, OrganizationKind::Vendor, "Other", now)
                    .await
            ),
            "not allowed"
        );
        assert_eq!(
            said(
                organization::create(
                    &house,
                    &Actor::Anonymous,
                    OrganizationKind::Vendor,
                    "Other",
                    now
                )
                .await
            ),
            "not allowed"
        );
    })
    .await;
}

#[tokio::test]
async fn the_last_way_in_cannot_be_removed() {
    on_both(async |house| {
        let (ada, _) = ada(&house).await;
        let ways = credential::list(&house, &ada).await.unwrap();
        let code = ways.iter().find(|way| &*way.kind == "code").unwrap();
        assert_eq!(
            said(credential::remove(&house, &ada, code.id, house.now).await),
            "this is the last way into your account; add another first"
        );
        passkey::add(&house, &ada, "key-1", "laptop", b"public key", house.now)
            .await
            .unwrap();
        assert_eq!(
            said(credential::remove(&house, &ada, code.id, house.now).await),
            "done"
        );
        let kinds: Vec<_> = credential::list(&house, &ada)
            .await
            .unwrap()
            .into_iter()
            .map(|way| way.kind)
            .collect();
        assert!(
            !kinds.iter().any(|kind| &**kind == "password"),
            "a password does not stand alone: {kinds:?}"
        );
        let session = passkey::sign_in(&house, "key-1", None, FROM, house.now)
            .await
            .unwrap();
        assert!(known(&house, &session, house.now).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_credential_of_someone_else_is_never_taken_over() {
    on_both(async |house| {
        let (ada, _) = ada(&house).await;
        let (_, lab, _, _) = join(&house, &ada, OrganizationKind::Finder, "Lab").await;
        passkey::add(&house, &ada, "key-1", "laptop", b"hers", house.now)
            .await
            .unwrap();
        assert_ne!(
            said(passkey::add(&house, &lab, "key-1", "theirs", b"other", house.now).await),
            "done"
        );
        assert_eq!(
            passkey::find(&house, "key-1").await.unwrap(),
            (ada.member.id, b"hers".to_vec())
        );
    })
    .await;
}

#[tokio::test]
async fn a_question_that_one_node_asks_is_answered_at_another_once_in_time_and_for_its_purpose() {
    on_both(async |asks| {
        let answers = house_on(asks.store.clone(), 1, 2, asks.now).await;
        let (ada, _) = ada(&asks).await;
        let now = asks.now;
        let ask = || passkey::ask(&asks, b"a challenge", FROM, now);
        let ticket = ask().await.unwrap();
        let kept = passkey::asked(&answers, ticket.reveal(), now).await;
        assert_eq!(kept.unwrap(), b"a challenge");
        let over = "this question was answered before, or more than ten minutes ago; begin again";
        for node in [&*asks, &answers] {
            let again = passkey::asked(node, ticket.reveal(), now).await;
            assert_eq!(said(again), over, "the second time");
        }
        let ticket = ask().await.unwrap();
        let late = passkey::asked(&answers, ticket.reveal(), later(now, 600)).await;
        assert_eq!(said(late), over, "after ten minutes");
        let ticket = ask().await.unwrap();
        let other = passkey::asked_new(&answers, &ada, ticket.reveal(), now).await;
        assert_eq!(said(other), over, "for another purpose");
        let mut last = said(ask().await);
        for _ in 0..200 {
            last = said(ask().await);
        }
        assert_eq!(
            last, "there were too many tries; wait 15 minutes, then try once more",
            "a stranger fills no table"
        );
    })
    .await;
}
