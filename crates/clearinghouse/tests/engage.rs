//! An engagement, act by act, on SQLite and on PostgreSQL: who may do what when, what is in the log before a run, who
//! finds what was withdrawn, and what leaves the developer's record.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::designate::{self, Conclusion, Written};
use clearinghouse::engage::{self, Inquiry};
use clearinghouse::record::{self, Form};
use clearinghouse::testing::{Testing, on_each_store};
use clearinghouse::who::leave;
use clearinghouse::{Actor, Failure, benchmark, check, log};
use expect_test::expect;
use frontier::Digest;
use frontier::designate::{Asked, Grounds, Outcome, Stance};
use frontier::engage::withdraw::Withdrawal;
use frontier::engage::{Access, Act, Audience, Commitments, Model, State, Terms, What};
use frontier::record::{Draft, Kind, Redaction};
use jiff::{SignedDuration, Timestamp};
use keys::note::SignerKey;
use keys::{SeededDice, sign::Signer};
use names::{EngagementId, OrganizationKind};
use serde_json::json;

/// A word that stands in every secret of these tests.
const SECRET: &str = "heapspray-zanzibar";

const FIRST: EngagementId = EngagementId::new(1);

struct World {
    house: Testing,
    developer: Actor,
    official: Actor,
    office: Actor,
    evaluator: Actor,
    reviewer: Actor,
    stranger: Actor,
    auditor: Actor,
}

async fn peopled(house: Testing) -> World {
    World {
        developer: house.member(OrganizationKind::Developer, "Larkspur").await,
        official: house.member(OrganizationKind::Agency, "Agency").await,
        office: house.member(OrganizationKind::Agency, "Office").await,
        evaluator: house
            .member(OrganizationKind::Evaluator, "Probe House")
            .await,
        reviewer: house
            .member(OrganizationKind::Evaluator, "Second Look")
            .await,
        stranger: house.member(OrganizationKind::Developer, "Rival").await,
        auditor: house.member(OrganizationKind::Auditor, "Ledger").await,
        house,
    }
}

fn digest(text: &str) -> Digest {
    Digest::of(&[text.as_bytes()])
}

fn key() -> SignerKey {
    let signer = Signer::new(&mut SeededDice::new(7));
    SignerKey::new("larkspur.example/leave", signer).unwrap()
}

fn scorecard(verdict: &str) -> Vec<u8> {
    let score = |treatment: &str| {
        json!({
            "treatment": treatment, "solved": 29, "attempts": 40, "estimate": "0.725", "lower": "0.586",
            "upper": "0.837", "attempts_effective": 40,
        })
    };
    json!({
        "run": digest("run"), "suite": digest("root"), "verdict": verdict, "why": ["the bounds say so"], "planned": 40,
        "missing": 0, "validity": {"valid": 40},
        "scores": [score("invalid-fails"), score("invalid-dropped"), score("invalid-solves")],
        "strata": [{"stratum": "find", "score": score("invalid-fails"), "is_above": true}],
        "pass_at": [], "adequacy": {"holds": true, "missing": [], "curve": [], "refusals": "0", "truncated": 0, "scaffolds": 2}, "horizon": [], "tokens_input": 1, "tokens_output": 1,
        "milliseconds": 1,
    })
    .to_string()
    .into_bytes()
}

fn written(outcome: Outcome) -> Written {
    Written {
        outcome,
        reasons: format!("(U) The lower bound is above the threshold.\n\n(S) It solved {SECRET}.")
            .into(),
    }
}

impl World {
    fn commitments(&self) -> Commitments {
        Commitments {
            suite: digest("suite"),
            plan: digest("plan"),
            run: digest("run"),
        }
    }

    async fn asked(&self) -> EngagementId {
        let inquiry = Inquiry {
            model: Model {
                name: "Lark 3".into(),
                handle: format!("build {SECRET}").into(),
            },
            official: self.official.organization().unwrap(),
            leave_key: Some(key().verifier().to_string().into()),
        };
        engage::inquire(&self.house, &self.developer, &inquiry, self.house.now)
            .await
            .unwrap()
    }

    async fn does(&self, actor: &Actor, what: &What) -> State {
        let step = engage::act(&self.house, actor, FIRST, what, self.house.now).await;
        step.unwrap().engagement.state
    }

    fn terms(&self) -> What {
        let now = self.house.now;
        let access = Access {
            from: now,
            until: now + SignedDuration::from_hours(24 * 30),
            partners: None,
        };
        What::Agree {
            terms: Terms {
                digest: digest("terms"),
                access: Some(access),
            },
        }
    }

    /// From the question to the day on which both signed.
    async fn engaged(&self) {
        let (house, now) = (&self.house, self.house.now);
        self.asked().await;
        let evaluator = self.evaluator.organization().unwrap();
        designate::scope(house, &self.official, FIRST, evaluator, now)
            .await
            .unwrap();
        assert_eq!(
            self.does(&self.official, &self.terms()).await,
            State::Scoping
        );
        assert_eq!(
            self.does(&self.developer, &self.terms()).await,
            State::Engaged
        );
    }

    async fn evaluated(&self) {
        let (house, now) = (&self.house, self.house.now);
        self.engaged().await;
        for (kind, text) in [("suite", "suite"), ("plan", "plan"), ("run", "run")] {
            let digest = digest(text).to_string();
            benchmark::commit(house, &self.evaluator, kind, &digest, now)
                .await
                .unwrap();
        }
        benchmark::bind(house, &self.evaluator, FIRST, self.commitments(), now)
            .await
            .unwrap();
        let card = scorecard("ABOVE");
        benchmark::evaluate(house, &self.evaluator, FIRST, &card, now)
            .await
            .unwrap();
    }

    async fn determined(&self) {
        let (house, now) = (&self.house, self.house.now);
        self.evaluated().await;
        let asked = Asked {
            organization: self.office.organization().unwrap(),
            office: "National Cyber Director".into(),
        };
        designate::consult(house, &self.official, FIRST, vec![asked], now)
            .await
            .unwrap();
        let reasons = format!("(U) Nine tasks are few.\n\n(S) {SECRET}");
        designate::opine(house, &self.office, FIRST, Stance::Dissents, &reasons, now)
            .await
            .unwrap();
        designate::propose(
            house,
            &self.official,
            FIRST,
            &written(Outcome::Covered),
            now,
        )
        .await
        .unwrap();
        designate::sign(house, &self.evaluator, FIRST, now)
            .await
            .unwrap();
        self.does(&self.official, &What::Share {}).await;
        self.does(
            &self.developer,
            &What::Comment {
                text: "We disagree.".into(),
            },
        )
        .await;
        designate::determine(
            house,
            &self.official,
            FIRST,
            &written(Outcome::Covered),
            now,
        )
        .await
        .unwrap();
        let step = designate::sign(house, &self.office, FIRST, now)
            .await
            .unwrap();
        assert_eq!(step.engagement.state, State::Determined);
    }

    async fn entries(&self) -> i64 {
        store::log::size(self.house.store.link()).await.unwrap()
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_model_travels_from_a_question_to_a_final_determination() {
    on_each_store("engage_way", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.determined().await;
        let shown = engage::show(house, &world.developer, FIRST).await.unwrap();
        let lines: Vec<String> = shown
            .timeline
            .iter()
            .rev()
            .map(|done| format!("{}: {} by {}", done.act, done.to, done.by.join(" and ")))
            .collect();
        expect![[r#"
            scope: scoping by Agency
            agree: scoping by Agency
            agree: engaged by Agency and Larkspur
            commit: committed by Probe House
            evaluate: evaluated by Probe House
            share: developer-comment by Agency
            comment: developer-comment by Larkspur
            determine: determined by Agency and Office"#]]
        .assert_eq(&lines.join("\n"));
        // The developer reads why as far as it is unclassified, who was heard and that one disagreed; the rest by digest.
        let said = serde_json::to_string(&shown.determination.as_ref().unwrap().reasons).unwrap();
        assert!(
            said.contains("The lower bound") && !said.contains(SECRET),
            "{said}"
        );
        assert_eq!((shown.dissents, shown.opinions.len()), (1, 0));
        assert!(shown.offices[0].heard);
        // Who is heard and who determines read all of it.
        let full = engage::show(house, &world.office, FIRST).await.unwrap();
        let said = serde_json::to_string(&full.determination.unwrap().reasons).unwrap();
        assert!(said.contains(SECRET) && full.opinions.len() == 1);
        // Nobody asks for thirty days: it is final, by the clock.
        let later = now + SignedDuration::from_hours(24 * 31);
        assert_eq!(engage::lapse(house, now).await.unwrap(), 0);
        assert_eq!(engage::lapse(house, later).await.unwrap(), 1);
        assert_eq!(engage::lapse(house, later).await.unwrap(), 0);
        let shown = engage::show(house, &world.developer, FIRST).await.unwrap();
        assert_eq!(shown.state, State::Final);
        // And over, a year after.
        let year = later + SignedDuration::from_hours(24 * 366);
        assert_eq!(engage::lapse(house, year).await.unwrap(), 1);
        let shown = engage::show(house, &world.developer, FIRST).await.unwrap();
        assert_eq!(shown.state, State::Ended);
        let checked = check::check(house).await.unwrap();
        assert_eq!(checked.problems, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn no_run_is_taken_whose_digests_are_not_in_the_log_already() {
    on_each_store("engage_commit", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.engaged().await;
        let bind = || benchmark::bind(house, &world.evaluator, FIRST, world.commitments(), now);
        let said = refused(bind().await);
        assert_eq!(
            said.matches("is not in the log; commit to it first")
                .count(),
            3,
            "{said}"
        );
        let run = digest("run").to_string();
        let made = benchmark::commit(house, &world.evaluator, "run", &run, now)
            .await
            .unwrap();
        // The same again is the same, and another's is not one's own.
        let later = now + SignedDuration::from_hours(1);
        let again = benchmark::commit(house, &world.evaluator, "run", &run, later)
            .await
            .unwrap();
        assert_eq!(made, again);
        for (kind, text) in [("suite", "suite"), ("plan", "plan")] {
            let digest = digest(text).to_string();
            benchmark::commit(house, &world.reviewer, kind, &digest, now)
                .await
                .unwrap();
        }
        let said = refused(bind().await);
        assert_eq!(said.matches("is not in the log").count(), 2, "{said}");
        // Everybody checks when: an open entry with a receipt, and not a word of what.
        let index = u64::try_from(made.log_index).unwrap();
        let receipt = log::receipt::receipt(house, index, false, now)
            .await
            .unwrap();
        let text = receipt.print();
        assert!(text.contains(&run) || !text.contains(SECRET), "{text}");
        let all = benchmark::commitments(house, &Actor::Anonymous, None)
            .await
            .unwrap();
        assert_eq!(all.len(), 3);
        for wrong in [("suites", &*run), ("run", "ff")] {
            let said =
                refused(benchmark::commit(house, &world.evaluator, wrong.0, wrong.1, now).await);
            assert!(
                said.contains("write `suite`, `plan` or `run`") || said.contains("64 hexadecimal"),
                "{said}"
            );
        }
        for other in [&world.developer, &world.official, &world.auditor] {
            let made = benchmark::commit(house, other, "run", &run, now).await;
            assert!(matches!(made, Err(Failure::Denied)));
        }
    })
    .await;
}

#[tokio::test]
async fn a_scorecard_of_another_run_is_not_taken() {
    on_each_store("engage_scorecard", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.engaged().await;
        for (kind, text) in [("suite", "suite"), ("plan", "plan"), ("run", "other run")] {
            let digest = digest(text).to_string();
            benchmark::commit(house, &world.evaluator, kind, &digest, now)
                .await
                .unwrap();
        }
        let commitments = Commitments {
            run: digest("other run"),
            ..world.commitments()
        };
        benchmark::bind(house, &world.evaluator, FIRST, commitments, now)
            .await
            .unwrap();
        let said = refused(
            benchmark::evaluate(house, &world.evaluator, FIRST, &scorecard("ABOVE"), now).await,
        );
        assert!(
            said.contains("is not the run that was committed to"),
            "{said}"
        );
        let said = refused(benchmark::evaluate(house, &world.evaluator, FIRST, b"{}", now).await);
        assert!(said.contains("is no scorecard"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn what_was_withdrawn_and_what_never_was_look_the_same_to_everyone_else() {
    on_each_store("engage_withdraw", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.determined().await;
        let never = EngagementId::new(77);
        engage::withdraw(house, &world.developer, FIRST, now)
            .await
            .unwrap();
        let others = [
            &world.official,
            &world.office,
            &world.evaluator,
            &world.stranger,
            &world.auditor,
            &Actor::Anonymous,
        ];
        for other in others {
            let gone = engage::show(house, other, FIRST).await.err().unwrap();
            let none = engage::show(house, other, never).await.err().unwrap();
            assert!(
                matches!((&gone, &none), (Failure::Hidden, Failure::Hidden)),
                "{gone:?} {none:?}"
            );
            let gone = engage::act(house, other, FIRST, &What::Share {}, now)
                .await
                .err()
                .unwrap();
            assert!(matches!(gone, Failure::Hidden), "{gone:?}");
            if other.member().is_some() {
                assert!(engage::list(house, other, None).await.unwrap().is_empty());
            }
            assert!(matches!(
                record::show(house, other, FIRST).await,
                Err(Failure::Hidden)
            ));
        }
        // Nor does the database say who had a seat.
        let rows = store::engagement::of_organization(
            house.store.link(),
            world.official.organization().unwrap(),
            None,
            9,
        );
        assert!(rows.await.unwrap().is_empty());
        // Twice is once, and leaves nothing in the log.
        let before = world.entries().await;
        engage::withdraw(house, &world.developer, FIRST, now)
            .await
            .unwrap();
        assert_eq!(world.entries().await, before);
        let shown = engage::show(house, &world.developer, FIRST).await.unwrap();
        assert_eq!(shown.state, State::Withdrawn);
        assert!(shown.terms.unwrap().access.unwrap().until <= now);
        // Counted as one that stayed, and told from none by nobody.
        let quarter = now + SignedDuration::from_hours(24 * 100);
        let counted = engage::counted(house, &Actor::Anonymous, quarter)
            .await
            .unwrap();
        assert_eq!(counted[0].developers.to_string(), "0 to 4");
        assert_eq!(counted[1].developers, counted[0].developers);
    })
    .await;
}

#[tokio::test]
async fn a_developer_that_leaves_the_house_leaves_every_engagement_and_the_log_does_not_tell() {
    on_each_store("engage_leave_house", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.asked().await;
        let leaves = async |actor: &Actor| {
            let before = world.entries().await;
            let organization = actor.organization().unwrap();
            leave::leave(house, actor, organization, now).await.unwrap();
            world.entries().await - before
        };
        // One that asked about a model, and one that never did.
        let (asked, never) = (
            leaves(&world.developer).await,
            leaves(&world.stranger).await,
        );
        assert_eq!(asked, never);
        let gone = engage::show(house, &world.official, FIRST).await;
        assert!(matches!(gone, Err(Failure::Hidden)), "{:?}", gone.err());
    })
    .await;
}

#[tokio::test]
async fn a_withdrawal_that_was_signed_elsewhere_counts_when_it_is_handed_in() {
    on_each_store("engage_leave", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.engaged().await;
        let said = Withdrawal {
            engagement: FIRST,
            developer: world.developer.organization().unwrap(),
            via: house.keys.origin().into(),
            at: now,
        };
        let signed = |said: &Withdrawal, key: &SignerKey| {
            serde_json::to_vec(&keys::statement::sign(&said.statement(), key)).unwrap()
        };
        let other = SignerKey::new(
            "larkspur.example/leave",
            Signer::new(&mut SeededDice::new(8)),
        )
        .unwrap();
        let forged = engage::leave_signed(house, FIRST, &signed(&said, &other), now).await;
        let nothing =
            engage::leave_signed(house, EngagementId::new(9), &signed(&said, &key()), now).await;
        assert!(matches!(
            (forged, nothing),
            (Err(Failure::Hidden), Err(Failure::Hidden))
        ));
        let elsewhere = Withdrawal {
            via: "other.example/log".into(),
            ..said.clone()
        };
        let told =
            refused(engage::leave_signed(house, FIRST, &signed(&elsewhere, &key()), now).await);
        assert!(told.contains("is of another engagement"), "{told}");
        let later = now + SignedDuration::from_hours(48);
        engage::leave_signed(house, FIRST, &signed(&said, &key()), later)
            .await
            .unwrap();
        engage::leave_signed(house, FIRST, &signed(&said, &key()), later)
            .await
            .unwrap();
        let shown = engage::show(house, &world.developer, FIRST).await.unwrap();
        assert_eq!(shown.state, State::Withdrawn);
        assert_eq!(&*shown.timeline[0].by[0], "Larkspur, by its key");
        assert_eq!(shown.terms.unwrap().access.unwrap().until, later);
        assert!(matches!(
            engage::show(house, &world.official, FIRST).await,
            Err(Failure::Hidden)
        ));
    })
    .await;
}

#[tokio::test]
async fn a_notice_of_a_release_is_taken_in_every_state_and_every_act_is_one_sealed_entry() {
    on_each_store("engage_notice", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        let what = What::Notify {
            to: Audience::Everyone,
            on: None,
        };
        world.asked().await;
        assert_eq!(world.does(&world.developer, &what).await, State::Inquiry);
        let before = world.entries().await;
        for state in [State::Determined, State::Withdrawn] {
            match state {
                State::Determined => {
                    let fresh = peopled_way(&world).await;
                    assert_eq!(fresh, State::Determined);
                }
                _ => engage::withdraw(house, &world.developer, FIRST, now)
                    .await
                    .unwrap(),
            }
            assert_eq!(world.does(&world.developer, &what).await, state);
        }
        // As many entries as acts, each sealed but the three commitments.
        let all = store::log::entries(house.store.link(), before, 100)
            .await
            .unwrap();
        let open = all
            .iter()
            .filter(|bytes| matches!(tlog::Entry::parse(bytes), Ok(tlog::Entry::Open(_))));
        assert_eq!(open.count(), 3);
        for bytes in &all {
            assert!(!String::from_utf8_lossy(bytes).contains(SECRET));
            assert!(!String::from_utf8_lossy(bytes).contains("E-000001"));
        }
        // Nobody else tells of it, and nobody answers it.
        for other in [&world.official, &world.evaluator, &world.stranger] {
            let told = engage::act(house, other, FIRST, &what, now).await;
            assert!(matches!(told, Err(Failure::Hidden)), "{told:?}");
        }
    })
    .await;
}

/// Takes the engagement that was asked all the way to a determination.
async fn peopled_way(world: &World) -> State {
    let (house, now) = (&world.house, world.house.now);
    let evaluator = world.evaluator.organization().unwrap();
    designate::scope(house, &world.official, FIRST, evaluator, now)
        .await
        .unwrap();
    world.does(&world.official, &world.terms()).await;
    world.does(&world.developer, &world.terms()).await;
    for (kind, text) in [("suite", "suite"), ("plan", "plan"), ("run", "run")] {
        let digest = digest(text).to_string();
        benchmark::commit(house, &world.evaluator, kind, &digest, now)
            .await
            .unwrap();
    }
    benchmark::bind(house, &world.evaluator, FIRST, world.commitments(), now)
        .await
        .unwrap();
    benchmark::evaluate(house, &world.evaluator, FIRST, &scorecard("ABOVE"), now)
        .await
        .unwrap();
    let asked = Asked {
        organization: world.office.organization().unwrap(),
        office: "National Cyber Director".into(),
    };
    designate::consult(house, &world.official, FIRST, vec![asked], now)
        .await
        .unwrap();
    designate::opine(
        house,
        &world.office,
        FIRST,
        Stance::Concurs,
        "(U) Yes.",
        now,
    )
    .await
    .unwrap();
    designate::propose(
        house,
        &world.official,
        FIRST,
        &written(Outcome::Covered),
        now,
    )
    .await
    .unwrap();
    designate::sign(house, &world.evaluator, FIRST, now)
        .await
        .unwrap();
    world.does(&world.official, &What::Share {}).await;
    world
        .does(
            &world.developer,
            &What::Comment {
                text: "Noted.".into(),
            },
        )
        .await;
    designate::determine(
        house,
        &world.official,
        FIRST,
        &written(Outcome::Covered),
        now,
    )
    .await
    .unwrap();
    designate::sign(house, &world.office, FIRST, now)
        .await
        .unwrap()
        .engagement
        .state
}

#[tokio::test]
async fn whoever_has_no_seat_or_another_one_does_not_do_it() {
    on_each_store("engage_seats", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.evaluated().await;
        let reasons = "(U) x";
        let opinion =
            designate::opine(house, &world.office, FIRST, Stance::Concurs, reasons, now).await;
        assert!(
            matches!(opinion, Err(Failure::Hidden)),
            "nobody asked it yet: {opinion:?}"
        );
        let consult = designate::consult(house, &world.developer, FIRST, vec![], now).await;
        assert!(matches!(consult, Err(Failure::Denied)), "{consult:?}");
        // One agency, asked to be heard by itself, is not two.
        let own = world.official.organization().unwrap();
        let asked = vec![Asked {
            organization: own,
            office: "Ourselves".into(),
        }];
        designate::consult(house, &world.official, FIRST, asked, now)
            .await
            .unwrap();
        designate::opine(house, &world.official, FIRST, Stance::Concurs, reasons, now)
            .await
            .unwrap();
        designate::propose(
            house,
            &world.official,
            FIRST,
            &written(Outcome::Covered),
            now,
        )
        .await
        .unwrap();
        designate::sign(house, &world.evaluator, FIRST, now)
            .await
            .unwrap();
        world.does(&world.official, &What::Share {}).await;
        world
            .does(&world.developer, &What::Comment { text: "No.".into() })
            .await;
        let step = designate::determine(
            house,
            &world.official,
            FIRST,
            &written(Outcome::Covered),
            now,
        )
        .await
        .unwrap();
        assert_eq!(step.engagement.state, State::Comment);
        let step = designate::sign(house, &world.official, FIRST, now)
            .await
            .unwrap();
        assert_eq!(
            step.engagement.state,
            State::Comment,
            "both seats, one organization"
        );
        assert_eq!(step.event.unwrap().waits.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_reconsideration_is_by_somebody_else_and_may_change_the_outcome() {
    on_each_store("engage_again", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.determined().await;
        designate::reconsider(
            house,
            &world.developer,
            FIRST,
            Grounds::Statistics,
            "Count again.",
            now,
        )
        .await
        .unwrap();
        let evaluator = world.evaluator.organization().unwrap();
        let said = refused(designate::assign(house, &world.official, FIRST, evaluator, now).await);
        assert!(said.contains("did not measure the model"), "{said}");
        let reviewer = world.reviewer.organization().unwrap();
        designate::assign(house, &world.official, FIRST, reviewer, now)
            .await
            .unwrap();
        designate::sign(house, &world.developer, FIRST, now)
            .await
            .unwrap();
        let conclusion = Conclusion {
            written: written(Outcome::Indeterminate),
            card: scorecard("INDETERMINATE"),
            beacon: digest("round 7"),
            delta: "Two samples do not count.".into(),
        };
        designate::conclude(house, &world.reviewer, FIRST, &conclusion, now)
            .await
            .unwrap();
        let step = designate::sign(house, &world.official, FIRST, now)
            .await
            .unwrap();
        assert_eq!(step.engagement.state, State::Final);
        let shown = engage::show(house, &world.developer, FIRST).await.unwrap();
        let concluded = shown.again[0].concluded.as_ref().unwrap();
        assert_eq!(
            (concluded.before, concluded.after),
            (Outcome::Covered, Outcome::Indeterminate)
        );
        assert!(shown.next.iter().any(|(_, act)| *act == Act::Review));
        assert!(shown.scored.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_record_is_its_developers_signed_logged_and_taken_out_without_what_was_redacted() {
    on_each_store("engage_record", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.engaged().await;
        let fields = json!({"name": "Lark 3", "version": "3.0", "weights": digest("weights"), "base": SECRET});
        let draft = Draft {
            kind: Kind::ModelIdentity,
            fields: serde_json::from_value(fields).unwrap(),
            privilege: None,
        };
        let write = |actor| record::write(house, actor, FIRST, &draft, now);
        assert_eq!(write(&world.developer).await.unwrap(), 0);
        for other in [&world.official, &world.evaluator, &world.stranger] {
            assert!(matches!(write(other).await, Err(Failure::Hidden)));
        }
        let redaction = Redaction {
            entry: 0,
            fields: vec!["base".into()],
            by: "Counsel".into(),
            reason: "a trade secret".into(),
        };
        assert_eq!(record::redact(house, &world.developer, FIRST, &redaction, now).await.unwrap(), 1);
        let shown = record::show(house, &world.developer, FIRST).await.unwrap();
        assert_eq!((shown.entries.len(), shown.checked.withheld.len()), (2, 1));
        for (name, _, form) in Form::ALL {
            let bytes = record::export(house, &world.developer, FIRST, form, now).await.unwrap();
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(text.contains(SECRET), form == Form::Whole, "{name}");
            assert!(text.contains("Lark 3"), "{name}");
        }
        // The developer keeps it when it has left.
        engage::withdraw(house, &world.developer, FIRST, now).await.unwrap();
        let shown = record::show(house, &world.developer, FIRST).await.unwrap();
        assert_eq!(shown.entries.len(), 2);
        let checked = check::check(house).await.unwrap();
        assert_eq!(checked.problems, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_inquiry_says_everything_that_is_wrong_with_it() {
    on_each_store("engage_inquire", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        let inquiry = Inquiry {
            model: Model {
                name: " ".into(),
                handle: "a\nb".into(),
            },
            official: world.evaluator.organization().unwrap(),
            leave_key: Some("nonsense".into()),
        };
        let said = refused(engage::inquire(house, &world.developer, &inquiry, now).await);
        for field in ["official:", "leave_key:", "model:", "handle:"] {
            assert!(said.contains(field), "{field} {said}");
        }
        let asked = engage::inquire(house, &world.evaluator, &inquiry, now).await;
        assert!(matches!(asked, Err(Failure::Denied)));
        let _: Timestamp = now;
    })
    .await;
}
