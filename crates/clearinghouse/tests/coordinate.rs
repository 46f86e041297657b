//! One case, many parties: each does and sees what is theirs, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clearinghouse::coordinate::{self, File, Opening, show};
use clearinghouse::embargo::{Ask, embargo};
use clearinghouse::handoff::{self, HandOff};
use clearinghouse::testing::{Testing, house_at, stores};
use clearinghouse::verdict::{self, Hearsay};
use clearinghouse::{Actor, Failure, clocks, notice, pace, prioritize, publish, withdraw};
use finding::Report;
use finding::clocks::{Awareness, Mark, State};
use finding::coordinate::{Part, Stage};
use finding::embargo::Cause;
use finding::pace::Pace;
use finding::publish::Draft;
use finding::report::{Handling, Terms};
use finding::verdict::{Status, Word};
use jiff::{SignedDuration, Timestamp};
use names::{CaseId, FindingId, OrganizationId, OrganizationKind};

/// A word that stands in every secret of these tests.
const SECRET: &str = "heapspray-zanzibar";

struct World {
    house: Testing,
    staff: Actor,
    lab: Actor,
    maker: Actor,
    other: Actor,
}

/// The same parties on every database that is here.
async fn worlds(test: &str) -> Vec<World> {
    let mut worlds = Vec::new();
    for url in stores(test).await {
        worlds.push(world(&url).await);
    }
    worlds
}

async fn world(url: &str) -> World {
    let house = house_at(url, 7).await;
    let staff = house.member(OrganizationKind::Coordinator, "Harbor").await;
    let lab = house.member(OrganizationKind::Finder, "Lab").await;
    let maker = house.member(OrganizationKind::Vendor, "Maker").await;
    let other = house.member(OrganizationKind::Vendor, "Other").await;
    World {
        house,
        staff,
        lab,
        maker,
        other,
    }
}

fn of(actor: &Actor) -> OrganizationId {
    actor.organization().unwrap()
}

impl World {
    fn now(&self) -> Timestamp {
        self.house.now
    }

    fn day(&self, days: i64) -> Timestamp {
        self.now() + SignedDuration::from_hours(24 * days)
    }

    /// A case of one report of the lab's, on its terms.
    async fn case(&self, terms: Terms) -> CaseId {
        let body = Report {
            title: format!("{SECRET} in the parser").into(),
            terms,
            ..Report::default()
        };
        let finding = self.house.report(&self.lab, None, body).await;
        let opening = Opening {
            description: format!("{SECRET} as described").into(),
            ..Opening::default()
        };
        coordinate::open(&self.house, &self.staff, finding, opening, self.now())
            .await
            .unwrap()
    }

    /// The same with the maker brought in, sent it, and agreed.
    async fn case_with_maker(&self) -> CaseId {
        let id = self.case(Terms::default()).await;
        let now = self.now();
        coordinate::invite(
            &self.house,
            &self.staff,
            id,
            of(&self.maker),
            Part::Vendor,
            now,
        )
        .await
        .unwrap();
        // The lab named no day when it handed over, and so agreed to the house's.
        let shown = show::show(&self.house, &self.staff, id, now).await.unwrap();
        let until = shown.embargo.until().unwrap();
        pace::release(&self.house, now).await.unwrap();
        embargo(&self.house, &self.maker, id, Ask::Accept(until), now)
            .await
            .unwrap();
        id
    }

    /// What `actor` sees, in a line.
    async fn sees(&self, actor: &Actor, id: CaseId) -> String {
        match show::show(&self.house, actor, id, self.now()).await {
            Ok(shown) => format!(
                "{} {}, flaw {}, reports {}, messages {}, participants {}",
                shown.seat.part.as_str(),
                shown.stage.as_str(),
                shown.flaw.is_some(),
                shown.reports.len(),
                shown.messages.len(),
                shown.participants.len(),
            ),
            Err(failure) => failure.to_string(),
        }
    }
}

fn word(product: &str, status: Status) -> Word {
    Word {
        product: product.into(),
        versions: "1.0".into(),
        status,
        justification: None,
        words: "".into(),
        severity: None,
    }
}

#[tokio::test]
async fn a_vendor_knows_nothing_until_it_is_sent_and_reads_nothing_until_it_agrees() {
    for world in worlds("agrees").await {
        let (house, now) = (&world.house, world.now());
        let terms = Terms {
            embargo_until: Some(world.day(60)),
            ..Terms::default()
        };
        let id = world.case(terms).await;
        assert_eq!(
            world.sees(&world.staff, id).await,
            "coordinator triage, flaw true, reports 1, messages 0, participants 2"
        );
        // The lab asked for its day when it handed it over, and the coordinator agreed.
        assert_eq!(
            world.sees(&world.lab, id).await,
            "finder triage, flaw true, reports 1, messages 0, participants 2"
        );
        assert_eq!(world.sees(&world.maker, id).await, "no such thing");

        coordinate::invite(house, &world.staff, id, of(&world.maker), Part::Vendor, now)
            .await
            .unwrap();
        assert_eq!(world.sees(&world.maker, id).await, "no such thing");
        assert_eq!(pace::release(house, now).await.unwrap(), 1);
        assert_eq!(
            world.sees(&world.maker, id).await,
            "vendor with-vendor, flaw false, reports 0, messages 0, participants 2"
        );

        embargo(house, &world.maker, id, Ask::Accept(world.day(60)), now)
            .await
            .unwrap();
        assert_eq!(
            world.sees(&world.maker, id).await,
            "vendor with-vendor, flaw true, reports 1, messages 0, participants 3"
        );
        assert_eq!(world.sees(&world.other, id).await, "no such thing");
        assert_eq!(world.sees(&Actor::Anonymous, id).await, "no such thing");
    }
}

#[tokio::test]
async fn a_finding_has_one_case_and_only_the_staff_opens_it() {
    for world in worlds("opens").await {
        let (house, now) = (&world.house, world.now());
        let body = Report {
            title: "one".into(),
            ..Report::default()
        };
        let finding = world.house.report(&world.lab, None, body.clone()).await;
        let opened = coordinate::open(house, &world.lab, finding, Opening::default(), now).await;
        assert!(matches!(opened, Err(Failure::Hidden)), "{opened:?}");
        let id = coordinate::open(house, &Actor::House, finding, Opening::default(), now)
            .await
            .unwrap();
        assert_eq!(
            show::show(house, &world.staff, id, now)
                .await
                .unwrap()
                .stage,
            Stage::New
        );
        let again = coordinate::open(house, &world.staff, finding, Opening::default(), now).await;
        assert_eq!(
            again.unwrap_err().to_string(),
            format!("finding: {finding} has a case already, {id}")
        );
        let nothing = coordinate::open(
            house,
            &world.staff,
            FindingId::new(99),
            Opening::default(),
            now,
        )
        .await;
        assert!(matches!(nothing, Err(Failure::Hidden)));
    }
}

#[tokio::test]
async fn the_vendor_owns_the_verdict_and_what_was_heard_stands_until_it_speaks() {
    for world in worlds("verdict").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        for actor in [&world.staff, &world.lab] {
            let said = verdict::say(house, actor, id, word("libx", Status::Fixed), now).await;
            assert!(matches!(said, Err(Failure::Denied)), "{said:?}");
        }
        let stranger =
            verdict::say(house, &world.other, id, word("libx", Status::Fixed), now).await;
        assert!(matches!(stranger, Err(Failure::Hidden)), "{stranger:?}");

        let hearsay = Hearsay {
            vendor: of(&world.maker),
            source: "their blog".into(),
            word: word("libx", Status::Disputed),
        };
        let silent = verdict::hear(house, &world.staff, id, hearsay.clone(), now).await;
        assert_eq!(
            silent.unwrap_err().to_string(),
            "words: `disputed` says why in words"
        );
        let hearsay = Hearsay {
            word: word("libx", Status::Affected),
            ..hearsay
        };
        verdict::hear(house, &world.staff, id, hearsay, now)
            .await
            .unwrap();
        let said = |shown: show::Shown| {
            let product = &shown.verdicts[0];
            let statement = &product.said[0];
            (
                statement.word.status,
                statement.source.is_some(),
                product.overtaken.len(),
            )
        };
        let shown = show::show(house, &world.lab, id, now).await.unwrap();
        assert_eq!(said(shown), (Status::Affected, true, 0));

        verdict::say(house, &world.maker, id, word("libx", Status::Fixed), now)
            .await
            .unwrap();
        let shown = show::show(house, &world.lab, id, now).await.unwrap();
        assert_eq!(said(shown), (Status::Fixed, false, 1));
    }
}

#[tokio::test]
async fn a_maintainer_is_sent_what_they_agreed_to_the_exploited_first_and_the_rest_says_why_it_waits()
 {
    for world in worlds("pace").await {
        let (house, now) = (&world.house, world.now());
        let calm = Pace {
            open_max: Some(1),
            ..Pace::default()
        };
        pace::set(house, &world.maker, &calm, now).await.unwrap();
        let mut cases = Vec::new();
        for exploited in [false, true] {
            let body = Report {
                title: "a flaw".into(),
                exploited,
                ..Report::default()
            };
            let finding = world.house.report(&world.lab, None, body).await;
            let id = coordinate::open(house, &world.staff, finding, Opening::default(), now)
                .await
                .unwrap();
            coordinate::invite(house, &world.staff, id, of(&world.maker), Part::Vendor, now)
                .await
                .unwrap();
            cases.push(id);
        }
        assert_eq!(pace::release(house, now).await.unwrap(), 1);
        assert_eq!(pace::release(house, now).await.unwrap(), 0);
        assert_eq!(world.sees(&world.maker, cases[0]).await, "no such thing");
        assert!(
            world
                .sees(&world.maker, cases[1])
                .await
                .starts_with("vendor with-vendor")
        );
        let waits = show::show(house, &world.staff, cases[0], now)
            .await
            .unwrap()
            .waits;
        assert_eq!(
            waits,
            [(
                "Maker".into(),
                "they take 1 at a time, and have as many".into()
            )]
        );

        coordinate::advance(
            house,
            &world.staff,
            cases[1],
            Stage::Closed,
            "a duplicate of public work",
            now,
        )
        .await
        .unwrap();
        assert_eq!(pace::release(house, now).await.unwrap(), 1);
        assert!(
            world
                .sees(&world.maker, cases[0])
                .await
                .starts_with("vendor with-vendor")
        );
    }
}

#[tokio::test]
async fn who_opted_out_is_sent_nothing() {
    for world in worlds("optout").await {
        let (house, now) = (&world.house, world.now());
        let out = Pace {
            opted_out: true,
            ..Pace::default()
        };
        pace::set(house, &world.maker, &out, now).await.unwrap();
        let id = world.case(Terms::default()).await;
        coordinate::invite(house, &world.staff, id, of(&world.maker), Part::Vendor, now)
            .await
            .unwrap();
        assert_eq!(pace::release(house, world.day(400)).await.unwrap(), 0);
        assert_eq!(world.sees(&world.maker, id).await, "no such thing");
    }
}

#[tokio::test]
async fn an_embargo_ends_early_only_by_the_coordinator_and_publishing_waits_for_its_end() {
    for world in worlds("embargo").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        let leak = |source: &str| Ask::End(Cause::Leak, source.into());
        let ended = embargo(house, &world.maker, id, leak("a paste"), now).await;
        assert!(matches!(ended, Err(Failure::Denied)), "{ended:?}");
        coordinate::advance(house, &world.maker, id, Stage::Ready, "", now)
            .await
            .unwrap();
        let draft = told_of(&world);
        let early = publish::publish(house, &world.staff, id, &draft, now).await;
        assert!(
            early
                .unwrap_err()
                .to_string()
                .starts_with("embargo: kept until")
        );
        embargo(
            house,
            &world.maker,
            id,
            Ask::Alarm(Cause::Exploitation, "seen at a customer".into()),
            now,
        )
        .await
        .unwrap();
        let shown = show::show(house, &world.maker, id, now).await.unwrap();
        let clock = shown
            .clocks
            .iter()
            .find(|clock| &*clock.regime == "cra-14-early-warning")
            .unwrap();
        assert_eq!((clock.state, clock.due), (State::Running, world.day(1)));
        assert!(shown.flaw.unwrap().why[0].contains("being exploited"));

        embargo(
            house,
            &world.staff,
            id,
            leak("https://example.org/paste"),
            now,
        )
        .await
        .unwrap();
        let again = embargo(house, &world.maker, id, Ask::Propose(world.day(30)), now).await;
        assert_eq!(
            again.unwrap_err().to_string(),
            "the embargo has ended, and does not come back"
        );
        publish::publish(house, &world.staff, id, &draft, now)
            .await
            .unwrap();
    }
}

/// What may be told of a case of this world, once it may.
fn told_of(world: &World) -> Draft {
    Draft {
        title: "the parser writes past its buffer".into(),
        summary: format!("Of {}.", of(&world.maker)).into(),
        products: vec![word("pkg:cargo/leftish", Status::Affected)],
        ..Draft::default()
    }
}

#[tokio::test]
async fn a_day_that_comes_ends_the_embargo_tells_the_parties_and_publishes_nothing() {
    for world in worlds("lapse").await {
        let house = &world.house;
        let id = world.case_with_maker().await;
        assert_eq!(clocks::walk(house, world.now()).await.unwrap().lapses, 0);
        let walk = clocks::walk(house, world.day(91)).await.unwrap();
        assert_eq!((walk.cases, walk.lapses), (1, 1));
        assert!(walk.reminders > 0);
        let again = clocks::walk(house, world.day(91)).await.unwrap();
        assert_eq!(
            (again.reminders, again.lapses),
            (0, 0),
            "everything is said once"
        );
        let shown = show::show(house, &world.staff, id, world.day(91))
            .await
            .unwrap();
        assert_eq!(shown.stage, Stage::WithVendor);
        assert_eq!(shown.embargo.state().as_str(), "exited");
    }
}

#[tokio::test]
async fn what_is_written_to_one_is_read_by_one_and_the_coordinator() {
    for world in worlds("messages").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        let file = File {
            name: "proof.bin".into(),
            bytes: SECRET.as_bytes().to_vec(),
        };
        let (maker, files) = (Some(of(&world.maker)), std::slice::from_ref(&file));
        coordinate::message(house, &world.staff, id, "for you alone", maker, files, now)
            .await
            .unwrap();
        coordinate::message(house, &world.maker, id, "for all", None, &[], now)
            .await
            .unwrap();
        let texts = |shown: show::Shown| {
            shown
                .messages
                .iter()
                .map(|message| message.text.to_string())
                .collect::<Vec<_>>()
        };
        for (actor, expected) in [
            (&world.staff, vec!["for you alone", "for all"]),
            (&world.maker, vec!["for you alone", "for all"]),
            (&world.lab, vec!["for all"]),
        ] {
            assert_eq!(
                texts(show::show(house, actor, id, now).await.unwrap()),
                expected
            );
        }
        let shown = show::show(house, &world.maker, id, now).await.unwrap();
        let number = shown.messages[0].files[0].0;
        let read = coordinate::attachment(house, &world.maker, id, number, now)
            .await
            .unwrap();
        assert_eq!((read.name, read.bytes), (file.name, file.bytes));
        let peek = coordinate::attachment(house, &world.lab, id, number, now).await;
        assert!(matches!(peek, Err(Failure::Hidden)));
        let empty = coordinate::message(house, &world.lab, id, "  ", None, &[], now).await;
        assert_eq!(
            empty.unwrap_err().to_string(),
            "text: write something, or attach a file"
        );
    }
}

#[tokio::test]
async fn withdrawing_destroys_every_key_and_nobody_sees_the_case_any_more() {
    for world in worlds("withdraw").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        let denied = withdraw::withdraw(house, &world.maker, id, now).await;
        assert!(matches!(denied, Err(Failure::Denied)), "{denied:?}");
        let held = withdraw::withdraw(house, &world.lab, id, now)
            .await
            .unwrap();
        assert_eq!((held.reports.len(), held.keys_sha256.len()), (1, 2));
        let row = store::case::find(house.store.link(), id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((row.stage, row.key), (Stage::Withdrawn, None));
        let report = store::report::find(house.store.link(), held.reports[0])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(report.key, None);
        for actor in [&world.staff, &world.lab, &world.maker] {
            assert_eq!(world.sees(actor, id).await, "no such thing");
        }
        assert_eq!(
            held.log_index + 1,
            store::log::size(house.store.link()).await.unwrap()
        );
    }
}

#[tokio::test]
async fn nobody_withdraws_what_another_reported_too() {
    for world in worlds("both").await {
        let (house, now) = (&world.house, world.now());
        let until = |day| Report {
            title: "one".into(),
            terms: Terms {
                embargo_until: Some(world.day(day)),
                ..Terms::default()
            },
            ..Report::default()
        };
        let finding = world.house.report(&world.lab, None, until(60)).await;
        let other = Some(finding);
        world.house.report(&world.other, other, until(10)).await;
        let id = coordinate::open(house, &world.staff, finding, Opening::default(), now)
            .await
            .unwrap();
        let both = withdraw::withdraw(house, &world.lab, id, now)
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(
            both,
            "stage: others reported the same flaw; withdraw your own report instead of the case"
        );
        // A finder who did not agree to the longer day sees its own report, and not the other's.
        assert_eq!(
            world.sees(&world.other, id).await,
            "finder triage, flaw false, reports 1, messages 0, participants 2"
        );
        let shown = show::show(house, &world.other, id, now).await.unwrap();
        assert!(
            !shown.names.contains_key(&of(&world.lab)),
            "nor that there is another"
        );
    }
}

#[tokio::test]
async fn a_hand_off_keeps_credit_terms_and_numbers_and_says_whether_the_other_may_end_it() {
    for world in worlds("handoff").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        let handling = Handling {
            coordinator: "CERT/CC".into(),
            id: "VU#123456".into(),
        };
        handoff::note_handling(house, &world.staff, id, handling.clone(), now)
            .await
            .unwrap();
        let twice = handoff::note_handling(house, &world.staff, id, handling.clone(), now).await;
        assert_eq!(twice.unwrap_err().to_string(), "id: is noted already");

        let desk = house.member(OrganizationKind::Coordinator, "Desk").await;
        let to = HandOff {
            coordinator: "Desk".into(),
            organization: Some(of(&desk)),
            may_terminate: false,
        };
        let denied = handoff::hand_off(house, &world.maker, id, to.clone(), now).await;
        assert!(matches!(denied, Err(Failure::Denied)));
        let bundle = handoff::hand_off(house, &world.staff, id, to, now)
            .await
            .unwrap();
        let calls: Vec<&str> = bundle
            .provenance
            .handling
            .iter()
            .map(|handling| &*handling.id)
            .collect();
        let own = id.to_string();
        assert_eq!(calls, ["VU#123456", &own]);
        assert_eq!(
            bundle.provenance.hops.last().unwrap().note,
            "handed to Desk".into()
        );
        assert_eq!(bundle.embargo_until, Some(world.day(90)));

        assert!(
            world
                .sees(&desk, id)
                .await
                .starts_with("coordinator with-vendor, flaw true")
        );
        let ended = coordinate::advance(house, &desk, id, Stage::Closed, "done with it", now).await;
        assert!(
            ended
                .unwrap_err()
                .to_string()
                .starts_with("stage: the case was handed to you without leave to end it")
        );
        let further = HandOff {
            coordinator: "Third".into(),
            organization: None,
            may_terminate: true,
        };
        let further = handoff::hand_off(house, &desk, id, further, now).await;
        assert!(matches!(further, Err(Failure::Denied)), "{further:?}");
    }
}

#[tokio::test]
async fn a_manufacturer_says_when_it_became_aware_and_the_clocks_of_article_14_start() {
    for world in worlds("aware").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        let aware = (Mark::Aware, Some(Awareness::Incident));
        let future = embargo_mark(house, &world.maker, id, aware, world.day(1), now).await;
        assert_eq!(
            future.unwrap_err().to_string(),
            "at: is in the future; say when it happened"
        );
        embargo_mark(house, &world.maker, id, aware, now, now)
            .await
            .unwrap();
        let twice = embargo_mark(house, &world.maker, id, aware, now, now).await;
        assert_eq!(twice.unwrap_err().to_string(), "mark: was said already");
        let finder = embargo_mark(house, &world.lab, id, aware, now, now).await;
        assert!(matches!(finder, Err(Failure::Denied)));
        let shown = show::show(house, &world.maker, id, now).await.unwrap();
        let due: Vec<&str> = shown
            .clocks
            .iter()
            .map(|clock| &*clock.regime)
            .filter(|regime| regime.starts_with("cra"))
            .collect();
        assert_eq!(due, ["cra-14-early-warning", "cra-14-notification"]);
    }
}

use clearinghouse::embargo::mark as embargo_mark;

#[tokio::test]
async fn what_a_coordinator_looks_up_moves_a_finding_in_the_queue() {
    for world in worlds("queue").await {
        let (house, now) = (&world.house, world.now());
        let (first, second) = (
            world.case(Terms::default()).await,
            world.case(Terms::default()).await,
        );
        let order = async || {
            let lines =
                store::queue::lines(house.store.link(), &store::queue::Filter::default(), 10, 0)
                    .await
                    .unwrap();
            lines.into_iter().map(|line| line.case).collect::<Vec<_>>()
        };
        assert_eq!(order().await, [first, second]);
        let listed = prioritize::Answers {
            kev_added: Some(jiff::civil::date(2026, 11, 19)),
            ..Default::default()
        };
        let denied = prioritize::answer(house, &world.lab, second, &listed, now).await;
        assert!(matches!(denied, Err(Failure::Denied)));
        prioritize::answer(house, &world.staff, second, &listed, now)
            .await
            .unwrap();
        assert_eq!(order().await, [second, first]);
        let only = store::queue::Filter {
            participant: Some(of(&world.maker)),
            ..Default::default()
        };
        let seen = store::queue::lines(house.store.link(), &only, 10, 0)
            .await
            .unwrap();
        assert!(
            seen.is_empty(),
            "a vendor's list holds nothing it was not sent"
        );
    }
}

#[tokio::test]
async fn mail_holds_counts_and_links_and_no_word_of_a_case() {
    for world in worlds("mail").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        for text in [SECRET, "another heapspray-zanzibar"] {
            coordinate::message(house, &world.lab, id, text, None, &[], now)
                .await
                .unwrap();
        }
        assert_eq!(
            notice::take_letters(house, now, 100).await.unwrap(),
            [],
            "mail gathers for a while"
        );
        let later = now + SignedDuration::from_mins(6);
        let letters = notice::take_letters(house, later, 100).await.unwrap();
        let maker = letters
            .iter()
            .find(|letter| &*letter.to.name == "Maker")
            .unwrap();
        assert!(
            maker.text.contains("  - a message was written (2 times)\n"),
            "{}",
            maker.text
        );
        assert!(
            maker.text.contains(&format!("/cases/{id}\n")),
            "{}",
            maker.text
        );
        for letter in &letters {
            let whole = format!("{} {}", letter.subject, letter.text);
            assert!(
                !whole.contains("zanzibar") && !whole.contains("parser"),
                "{whole}"
            );
        }
        assert_eq!(
            notice::take_letters(house, later, 100).await.unwrap(),
            [],
            "one node has them"
        );
        for letter in &letters {
            notice::settle(house, &letter.notices, Ok(()), later)
                .await
                .unwrap();
        }
        let much_later = later + SignedDuration::from_hours(1);
        assert_eq!(
            notice::take_letters(house, much_later, 100).await.unwrap(),
            [],
            "they were said"
        );
    }
}

#[tokio::test]
async fn an_address_is_called_signed_again_after_a_failure_and_given_up_in_the_end() {
    for world in worlds("webhook").await {
        let (house, now) = (&world.house, world.now());
        let inside = notice::add_webhook(house, &world.maker, "https://10.0.0.7/hook", now).await;
        assert_eq!(
            inside.unwrap_err().to_string(),
            "url: the address is none of the public internet"
        );
        let (_, secret) =
            notice::add_webhook(house, &world.maker, "https://hooks.example.org/x", now)
                .await
                .unwrap();
        let id = world.case_with_maker().await;
        let calls = notice::take_calls(house, now, 10).await.unwrap();
        let call = calls.first().unwrap();
        assert_eq!(&*call.url, "https://hooks.example.org/x");
        let [(_, number), (_, at), (_, signature)] = &call.headers;
        assert_eq!(*signature, secret.signature(number, at, &call.body));
        assert!(
            call.body.contains(&id.to_string()) && !call.body.contains("zanzibar"),
            "{}",
            call.body
        );

        let mut at = now;
        for _ in 0..notice::ATTEMPTS_MAX {
            let failed = vec![call.notice.clone()];
            let tries = store_attempts(house, call.notice.id, &world.maker).await;
            let failed = failed
                .into_iter()
                .map(|notice| store::notice::Notice {
                    attempts: tries,
                    ..notice
                })
                .collect::<Vec<_>>();
            notice::settle(house, &failed, Err("connection refused".into()), at)
                .await
                .unwrap();
            at += SignedDuration::from_hours(25);
            notice::take_calls(house, at, 10).await.unwrap();
        }
        let recent = store::notice::recent(house.store.link(), of(&world.maker), 100)
            .await
            .unwrap();
        let (_, state, answer) = recent
            .iter()
            .find(|(notice, ..)| notice.id == call.notice.id)
            .unwrap();
        assert_eq!((*state, &**answer), ("dead", "connection refused"));
    }
}

async fn store_attempts(house: &Testing, id: i64, actor: &Actor) -> i64 {
    let recent = store::notice::recent(house.store.link(), of(actor), 100)
        .await
        .unwrap();
    recent
        .into_iter()
        .find(|(notice, ..)| notice.id == id)
        .unwrap()
        .0
        .attempts
}

#[tokio::test]
async fn no_embargoed_word_stands_in_the_database_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let world = world(&format!("sqlite:{}", path.display())).await;
    let (house, now) = (&world.house, world.now());
    let id = world.case_with_maker().await;
    let file = File {
        name: format!("{SECRET}.bin").into(),
        bytes: SECRET.as_bytes().to_vec(),
    };
    coordinate::message(house, &world.lab, id, SECRET, None, &[file], now)
        .await
        .unwrap();
    verdict::say(house, &world.maker, id, word(SECRET, Status::Affected), now)
        .await
        .unwrap();
    embargo(
        house,
        &world.maker,
        id,
        Ask::Alarm(Cause::Leak, SECRET.into()),
        now,
    )
    .await
    .unwrap();
    coordinate::advance(house, &world.maker, id, Stage::Triage, SECRET, now)
        .await
        .unwrap();
    let mut looked = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        looked += bytes.len();
        for word in ["zanzibar", "parser"] {
            assert!(
                !bytes
                    .windows(word.len())
                    .any(|window| window == word.as_bytes()),
                "`{word}` stands in the file"
            );
        }
    }
    assert!(looked > 100_000, "the file was looked at");
}

#[tokio::test]
async fn a_reader_and_a_token_for_other_things_change_nothing() {
    for world in worlds("reader").await {
        let (house, now) = (&world.house, world.now());
        let id = world.case_with_maker().await;
        let member = world.maker.member().unwrap().clone();
        let reader = Actor::Member(clearinghouse::actor::Member {
            role: names::Role::Reader,
            ..member.clone()
        });
        let token = Actor::Member(clearinghouse::actor::Member {
            scopes: Some(
                [policy::Scope::Read, policy::Scope::Submit]
                    .into_iter()
                    .collect(),
            ),
            ..member
        });
        for actor in [&reader, &token] {
            let said = coordinate::message(house, actor, id, "hello", None, &[], now).await;
            assert!(matches!(said, Err(Failure::Denied)), "{said:?}");
            let said = verdict::say(house, actor, id, word("libx", Status::Affected), now).await;
            assert!(matches!(said, Err(Failure::Denied)), "{said:?}");
        }
    }
}
