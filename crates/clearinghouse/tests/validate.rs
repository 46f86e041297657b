//! A proof is re-run once in effect, whoever dies when; what it showed counts, is signed and logged, and is told to
//! nobody whom the embargo does not allow. On SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clearinghouse::coordinate::{self, arrive};
use clearinghouse::testing::{Testing, house_at, house_on, on_each_store};
use clearinghouse::validate::{self, Proved, work};
use clearinghouse::{Actor, Failure, House, check, log, pace, queue, submit, welcome, withdraw};
use expect_test::{Expect, expect};
use finding::coordinate::{Part, Stage};
use finding::submit::{Draft, Input};
use finding::validate::{Outcome, State};
use finding::{Report, hex};
use jiff::{SignedDuration, Timestamp};
use keys::sha256;
use names::{CaseId, OrganizationKind, ReportId, ValidationId};
use serde_json::json;
use store::{Fault, Faults, Store};

/// A word that stands in every secret of these tests.
const SECRET: &str = "heapspray-zanzibar";

const FIRST: ValidationId = ValidationId::new(1);

struct World {
    house: Testing,
    staff: Actor,
    lab: Actor,
    other: Actor,
    maker: Actor,
    stranger: Actor,
}

fn bundle(text: &str) -> Vec<u8> {
    [&[0x28, 0xb5, 0x2f, 0xfd], text.as_bytes()].concat()
}

fn draft(name: &str, proof: &[u8]) -> Draft {
    let mut report = Report {
        title: format!("{SECRET} in decode").into(),
        description: format!("{SECRET}, as {name} says").into(),
        ..Report::default()
    };
    report.target.package = Some("pkg:cargo/leftish@1.2.0".parse().unwrap());
    report.proofs.push(finding::report::ProofMark {
        sha256: hex(&sha256(&[proof])).into(),
        bytes: proof.len() as u64,
        kind: "bundle".into(),
        harness: None,
    });
    Draft {
        report,
        key: Some(name.into()),
        digest: sha256(&[name.as_bytes()]),
        inputs: vec![Input {
            proof: 0,
            bytes: proof.into(),
        }],
    }
}

/// What a prover would say.
fn proved(outcome: Outcome) -> Proved {
    Proved {
        outcome,
        result: json!({
            "outcome": outcome.as_str(), "runs": [{"output": SECRET}, {}, {}],
            "patch": {"builds": "held", "ends_proof": "held", "passes_tests": "failed", "holds": "not_asked"},
        }),
        minimized: Some(format!("{SECRET} small").into_bytes()),
        statement: json!({"_type": "https://in-toto.io/Statement/v1", "predicate": {"outcome": outcome.as_str()}}).to_string().into_bytes(),
    }
}

async fn peopled(house: Testing) -> World {
    World {
        staff: house.member(OrganizationKind::Coordinator, "Harbor").await,
        lab: house.member(OrganizationKind::Finder, "Lab").await,
        other: house.member(OrganizationKind::Finder, "Other").await,
        maker: house.member(OrganizationKind::Vendor, "Maker").await,
        stranger: house.member(OrganizationKind::Finder, "Nosy").await,
        house,
    }
}

impl World {
    async fn hands_over(&self, actor: &Actor, name: &str, proof: &[u8]) -> ReportId {
        let (house, now) = (&self.house, self.house.now);
        let prepared = submit::prepare(house, actor, draft(name, proof), None, now).unwrap();
        let taken = submit::take(house, vec![prepared]).await.unwrap();
        let report = taken.into_iter().next().unwrap().unwrap().report;
        validate::arrive(house, now).await.unwrap();
        report
    }

    /// The lab hands over a bundle; its case is triaged, and sent to the maker where it may be.
    async fn in_a_case(&self) -> CaseId {
        let (house, now) = (&self.house, self.house.now);
        self.hands_over(&self.lab, "lab", &bundle("lab")).await;
        while arrive::arrive(house, now).await.unwrap() > 0 {}
        let case = CaseId::new(1);
        coordinate::advance(house, &self.staff, case, Stage::Triage, "", now)
            .await
            .unwrap();
        let maker = self.maker.organization().unwrap();
        coordinate::invite(house, &self.staff, case, maker, Part::Vendor, now)
            .await
            .unwrap();
        case
    }

    async fn take(&self, worker: &str, at: Timestamp) -> Option<work::Taken> {
        work::take(&self.house, worker, at).await.unwrap()
    }

    async fn states(&self) -> String {
        let rows = store::validation::list(self.house.store.link(), ValidationId::new(0), 100)
            .await
            .unwrap();
        let line = |one: &store::validation::Validation| {
            let outcome = one.outcome.map_or("", Outcome::as_str);
            format!(
                "{} of {}: {} {outcome} attempt {}",
                one.id,
                one.report,
                one.state.as_str(),
                one.attempt
            )
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    async fn entries(&self) -> i64 {
        store::log::size(self.house.store.link()).await.unwrap()
    }
}

fn said<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Ok(value) => format!("{value:?}"),
        Err(failure) => failure.to_string(),
    }
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now + SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn a_bundle_is_asked_about_by_itself_and_anything_else_when_somebody_asks() {
    on_each_store("validate_ask", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        let first = world.hands_over(&world.lab, "lab", &bundle("lab")).await;
        let second = world.hands_over(&world.lab, "plain", b"plain input").await;
        assert_eq!(
            validate::arrive(house, now).await.unwrap(),
            0,
            "once is enough"
        );
        let ask = async |actor: &Actor, report, proof: &[u8]| {
            said(validate::request(house, actor, report, &hex(&sha256(&[proof])), now).await)
        };
        let plain: &[u8] = b"plain input";
        expect![["sha256: V-000001 re-runs it already, and is waiting"]]
            .assert_eq(&ask(&world.staff, first, &bundle("lab")).await);
        assert_eq!(
            ask(&world.stranger, first, &bundle("lab")).await,
            ask(&world.stranger, ReportId::new(99), plain).await
        );
        assert_eq!(
            ask(&world.other, second, plain).await,
            ask(&Actor::Anonymous, second, plain).await
        );
        expect!["sha256: its bytes are not here yet; whoever handed over the report sends them"]
            .assert_eq(&ask(&world.lab, second, b"another").await);
        expect!["ValidationId(2)"].assert_eq(&ask(&world.lab, second, plain).await);
        let cancelled = validate::cancel(house, &world.lab, FIRST, now).await;
        assert!(matches!(cancelled, Err(Failure::Denied)), "{cancelled:?}");
        let cancelled = validate::cancel(house, &world.stranger, FIRST, now).await;
        assert!(matches!(cancelled, Err(Failure::Hidden)), "{cancelled:?}");
        validate::cancel(house, &world.staff, FIRST, now)
            .await
            .unwrap();
        let again = validate::cancel(house, &world.staff, FIRST, now).await;
        expect!["is cancelled already"].assert_eq(&said(again));
        expect![["ValidationId(3)"]].assert_eq(&ask(&world.staff, first, &bundle("lab")).await);
        expect![[r#"
            V-000001 of R-000001: cancelled  attempt 0
            V-000002 of R-000002: queued  attempt 0
            V-000003 of R-000001: queued  attempt 0"#]]
        .assert_eq(&world.states().await);
        let list = validate::list(house, &world.lab, None).await;
        assert!(
            matches!(list, Err(Failure::Denied)),
            "the queue is the staff's"
        );
        assert_eq!(
            validate::list(house, &world.staff, None)
                .await
                .unwrap()
                .len(),
            3
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_dies_when_there_is_one_outcome_and_one_entry() {
    on_each_store("validate_lease", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.hands_over(&world.lab, "lab", &bundle("lab")).await;
        let before = world.entries().await;
        let first = world.take("one", now).await.unwrap();
        assert_eq!(first.proof, bundle("lab"));
        assert!(
            world.take("two", later(now, 20)).await.is_none(),
            "it is held"
        );
        assert!(work::hold(house, &first, later(now, 20)).await.unwrap());
        assert!(
            world.take("two", later(now, 45)).await.is_none(),
            "a sign of life counts"
        );
        // The first one is not heard of any more.
        let second = world.take("two", later(now, 60)).await.unwrap();
        assert_eq!((second.row.id, second.row.attempt), (FIRST, 2));
        assert!(
            !work::hold(house, &first, later(now, 61)).await.unwrap(),
            "it is another's"
        );
        let late = validate::record(house, &first, &proved(Outcome::Flaky), later(now, 62)).await;
        assert!(!late.unwrap(), "what the first one says comes too late");
        assert_eq!(world.entries().await, before, "a lease is no act");
        assert!(
            validate::record(house, &second, &proved(Outcome::Proven), later(now, 63))
                .await
                .unwrap()
        );
        assert!(
            !validate::record(house, &second, &proved(Outcome::Flaky), later(now, 64))
                .await
                .unwrap()
        );
        assert_eq!(world.entries().await, before + 1);
        assert!(world.take("three", later(now, 9_000)).await.is_none());
        expect!["V-000001 of R-000001: done proven attempt 2"].assert_eq(&world.states().await);
    })
    .await;
}

#[tokio::test]
async fn a_proof_that_no_worker_lives_through_fails_and_one_that_is_given_back_was_not_begun() {
    on_each_store("validate_give_up", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        world.hands_over(&world.lab, "lab", &bundle("lab")).await;
        let taken = world.take("one", now).await.unwrap();
        work::give_back(house, &taken).await.unwrap();
        assert!(!work::hold(house, &taken, now).await.unwrap());
        for round in 0..work::ATTEMPTS_MAX {
            let at = later(now, round * 1_000);
            assert_eq!(work::give_up(house, at).await.unwrap(), []);
            world.take("mortal", at).await.unwrap();
        }
        let before = world.entries().await;
        let at = later(now, 10_000);
        assert!(world.take("one", at).await.is_none(), "thrice is enough");
        assert_eq!(work::give_up(house, at).await.unwrap(), [ReportId::new(1)]);
        assert_eq!(work::give_up(house, at).await.unwrap(), []);
        assert_eq!(world.entries().await, before + 1);
        expect!["V-000001 of R-000001: failed  attempt 3"].assert_eq(&world.states().await);
    })
    .await;
}

#[tokio::test]
async fn who_hands_over_many_keeps_nobody_else_waiting() {
    on_each_store("validate_fair", async |house| {
        let world = peopled(house).await;
        let now = world.house.now;
        for number in 0..5 {
            let name = format!("lab {number}");
            world.hands_over(&world.lab, &name, &bundle(&name)).await;
        }
        world
            .hands_over(&world.other, "other", &bundle("other"))
            .await;
        let mut taken = Vec::new();
        for worker in ["one", "two", "three"] {
            taken.push(world.take(worker, now).await.unwrap().row.report.get());
        }
        assert_eq!(taken, [1, 6, 2], "the other's turn comes second");
    })
    .await;
}

#[tokio::test]
async fn what_is_withdrawn_or_cancelled_while_it_runs_ends_without_an_outcome() {
    on_each_store("validate_cancel", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        let case = world.in_a_case().await;
        let taken = world.take("one", now).await.unwrap();
        validate::cancel(house, &world.staff, FIRST, now)
            .await
            .unwrap();
        assert!(!work::hold(house, &taken, now).await.unwrap());
        assert!(
            !validate::record(house, &taken, &proved(Outcome::Proven), now)
                .await
                .unwrap()
        );
        let digest = hex(&sha256(&[&bundle("lab")]));
        let report = ReportId::new(1);
        validate::request(house, &world.lab, report, &digest, now)
            .await
            .unwrap();
        let taken = world.take("one", now).await.unwrap();
        validate::arrive(house, now).await.unwrap();
        withdraw::withdraw(house, &world.lab, case, now)
            .await
            .unwrap();
        assert!(
            !validate::record(house, &taken, &proved(Outcome::Proven), now)
                .await
                .unwrap()
        );
        expect![[r#"
            V-000001 of R-000001: cancelled  attempt 1
            V-000002 of R-000001: cancelled  attempt 1"#]]
        .assert_eq(&world.states().await);
        let checked = check::check(house).await.unwrap();
        assert_eq!(checked.problems, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_proof_that_works_counts_in_the_queue_is_signed_and_stands_in_the_log() {
    on_each_store("validate_counts", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        let case = world.in_a_case().await;
        let proven = queue::Filter {
            proven: true,
            ..queue::Filter::default()
        };
        let count = async || {
            queue::queue(house, &world.staff, &proven, 1, now)
                .await
                .unwrap()
                .0
                .len()
        };
        assert_eq!(count().await, 0);
        let taken = world.take("one", now).await.unwrap();
        assert!(
            validate::record(house, &taken, &proved(Outcome::Proven), now)
                .await
                .unwrap()
        );
        assert_eq!(count().await, 1);
        let shown = validate::show(house, &world.staff, FIRST, now)
            .await
            .unwrap();
        assert_eq!(
            (shown.case, shown.outcome),
            (Some(case), Some(Outcome::Proven))
        );
        let file = validate::statement(house, &world.lab, FIRST, now)
            .await
            .unwrap();
        assert_eq!(
            shown.statement_sha256.as_deref(),
            Some(&*hex(&sha256(&[&file.bytes])))
        );
        let envelope: keys::dsse::Envelope = serde_json::from_slice(&file.bytes).unwrap();
        let key: keys::note::VerifierKey = validate::key(house).unwrap().parse().unwrap();
        let (payload, _) =
            keys::dsse::verify(&envelope, keys::statement::PAYLOAD_TYPE, &[*key.verifier()])
                .unwrap();
        assert!(String::from_utf8(payload).unwrap().contains("\"proven\""));
        let opening = log::opening(house, house.store.link(), shown.ended_index.unwrap())
            .await
            .unwrap();
        assert!(
            opening
                .body
                .as_str()
                .contains(&hex(&sha256(&[&file.bytes]))),
            "{}",
            opening.body.as_str()
        );
        assert!(!opening.body.as_str().contains(SECRET));
        let bundled = validate::bundle(house, &world.staff, FIRST, now)
            .await
            .unwrap();
        assert_eq!(bundled.bytes, bundle("lab"));
        let small = validate::minimized(house, &world.lab, FIRST, now)
            .await
            .unwrap();
        assert_eq!(small.bytes, format!("{SECRET} small").into_bytes());
        let checked = check::check(house).await.unwrap();
        assert_eq!(checked.problems, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_proof_is_there_for_its_finder_the_staff_and_a_vendor_that_was_told() {
    on_each_store("validate_seen", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        let case = world.in_a_case().await;
        let taken = world.take("one", now).await.unwrap();
        validate::record(house, &taken, &proved(Outcome::Proven), now)
            .await
            .unwrap();
        // The other finder's report is of the same flaw, and in the same case.
        world
            .hands_over(&world.other, "other", &bundle("other"))
            .await;
        let sees = async |actor: &Actor, id: i64| {
            let id = ValidationId::new(id);
            let all = [
                validate::show(house, actor, id, now).await.map(|_| ()),
                validate::bundle(house, actor, id, now).await.map(|_| ()),
                validate::minimized(house, actor, id, now).await.map(|_| ()),
                validate::statement(house, actor, id, now).await.map(|_| ()),
            ];
            all.map(said).join(", ")
        };
        let nobody = sees(&Actor::Anonymous, 99).await;
        let mut seen = String::new();
        for (name, actor) in [
            ("anyone", &Actor::Anonymous),
            ("stranger", &world.stranger),
            ("other", &world.other),
            ("maker", &world.maker),
            ("lab", &world.lab),
            ("staff", &world.staff),
        ] {
            let first = sees(actor, 1).await;
            let first = if first == nobody { "nothing" } else { &first };
            seen.push_str(&format!("{name}: {first}\n"));
        }
        let told: Expect = expect![[r#"
            anyone: nothing
            stranger: nothing
            other: nothing
            maker: nothing
            lab: (), (), (), ()
            staff: (), (), (), ()
        "#]];
        told.assert_eq(&seen);
        pace::release(house, now).await.unwrap();
        let seen = coordinate::show::show(house, &world.maker, case, now)
            .await
            .unwrap();
        if !seen.seat.view.flaw {
            assert_eq!(sees(&world.maker, 1).await, nobody, "sent, and not told");
            let until = seen
                .embargo
                .until()
                .or(seen.embargo.proposal().map(|one| one.until))
                .unwrap();
            let accept = clearinghouse::embargo::Ask::Accept(until);
            clearinghouse::embargo::embargo(house, &world.maker, case, accept, now)
                .await
                .unwrap();
        }
        expect!["(), (), (), ()"].assert_eq(&sees(&world.maker, 1).await);
        let cancel = validate::cancel(house, &world.maker, FIRST, now).await;
        assert!(matches!(cancel, Err(Failure::Denied)), "{cancel:?}");
    })
    .await;
}

#[tokio::test]
async fn where_a_proof_is_required_an_unproven_report_waits_and_says_why() {
    let mut house = house_at("sqlite::memory:", 7).await;
    house.house.settings.proof_required = true;
    let world = peopled(house).await;
    let (house, now) = (&world.house, world.house.now);
    let case = world.in_a_case().await;
    let maker = world.maker.organization().unwrap();
    let why = async || {
        let waits = pace::waits(house, maker, now).await.unwrap();
        waits
            .iter()
            .map(|one| one.why.to_string())
            .collect::<Vec<_>>()
            .join("; ")
    };
    let held = async || {
        let handed = submit::show(house, &world.lab, ReportId::new(1), now)
            .await
            .unwrap();
        handed.receipt.maintainer.held.join("; ")
    };
    expect!["this house sends maintainers at once only what is proven, and all else when a person has looked at it; the proof is going to be re-run"].assert_eq(&why().await);
    assert_eq!(held().await, why().await);
    assert_eq!(pace::release(house, now).await.unwrap(), 0);
    let taken = world.take("one", now).await.unwrap();
    validate::record(house, &taken, &proved(Outcome::NotReproduced), now)
        .await
        .unwrap();
    expect!["this house sends maintainers at once only what is proven, and all else when a person has looked at it; the proof was re-run and did not show the flaw each time; a person looks at it"].assert_eq(&why().await);
    assert_eq!(pace::release(house, now).await.unwrap(), 0);
    let digest = hex(&sha256(&[&bundle("lab")]));
    validate::request(house, &world.lab, ReportId::new(1), &digest, now)
        .await
        .unwrap();
    let taken = world.take("one", now).await.unwrap();
    validate::record(house, &taken, &proved(Outcome::Proven), now)
        .await
        .unwrap();
    assert_eq!(
        (why().await, held().await),
        ("goes with the next round".to_owned(), String::new())
    );
    assert_eq!(pace::release(house, now).await.unwrap(), 1);
    let sent = coordinate::show::show(house, &world.maker, case, now).await;
    assert!(sent.is_ok(), "{:?}", sent.err());
}

#[tokio::test]
async fn a_maintainer_who_requires_a_reproducer_is_sent_what_is_proven() {
    let world = peopled(house_at("sqlite::memory:", 7).await).await;
    let (house, now) = (&world.house, world.house.now);
    let policy = "version = 1\n[[rule]]\nfor = \"pkg:cargo/leftish\"\nreproducer_required = true\n";
    welcome::keep(house, &world.maker, policy, &welcome::Speaker::Own, now)
        .await
        .unwrap();
    world.in_a_case().await;
    let maker = world.maker.organization().unwrap();
    let why = async || {
        pace::waits(house, maker, now).await.unwrap()[0]
            .why
            .to_string()
    };
    expect!["somebody who has not proved to be the owner says: the maintainer takes only reports with a reproducer that was shown to work; the proof is going to be re-run"].assert_eq(&why().await);
    let taken = world.take("one", now).await.unwrap();
    validate::record(house, &taken, &proved(Outcome::Proven), now)
        .await
        .unwrap();
    expect!["goes with the next round"].assert_eq(&why().await);
}

/// Fails at one statement, or at the commit in one of its ways.
struct Trip {
    left: AtomicI64,
    at_commit: Fault,
}

impl Faults for Trip {
    fn at_statement(&self) -> bool {
        self.left.fetch_sub(1, Ordering::Relaxed) == 0
    }

    fn at_commit(&self) -> Fault {
        self.at_commit
    }
}

/// What there is of a validation: its states, entries of the log, whether its finding is proven.
async fn traces(world: &World) -> (String, i64, bool) {
    let proven = queue::Filter {
        proven: true,
        ..queue::Filter::default()
    };
    let now = world.house.now;
    let queued = queue::queue(&world.house, &world.staff, &proven, 1, now)
        .await
        .unwrap();
    (
        world.states().await,
        world.entries().await,
        !queued.0.is_empty(),
    )
}

/// Runs `act` with each of its statements failing in turn, then with the commit failing: nothing of it is there. Then
/// with the commit's answer lost: all of it is there. Says how many statements failed.
async fn trips(url: &str, world: &World, act: impl AsyncFn(&House) -> Result<(), Failure>) -> i64 {
    let settings = store::Settings {
        durable: false,
        ..store::Settings::default()
    };
    let open = async || Store::open(url, &settings).await.unwrap();
    let before = traces(world).await;
    let now = world.house.now;
    let mut house = house_on(Arc::new(open().await), 7, 1, now).await;
    let mut failed = 0;
    loop {
        let trip = Arc::new(Trip {
            left: AtomicI64::new(failed),
            at_commit: Fault::Fail,
        });
        house.store = Arc::new(open().await.with_faults(trip.clone()));
        let ended = act(&house).await;
        assert!(matches!(ended, Err(Failure::Broken(_))), "{ended:?}");
        assert_eq!(traces(world).await, before, "half of it is there");
        if trip.left.load(Ordering::Relaxed) >= 0 {
            break;
        }
        failed += 1;
    }
    let trip = Arc::new(Trip {
        left: AtomicI64::new(i64::MAX),
        at_commit: Fault::FailButPersist,
    });
    house.store = Arc::new(open().await.with_faults(trip));
    let ended = act(&house).await;
    assert!(matches!(ended, Err(Failure::Broken(_))), "{ended:?}");
    failed
}

#[tokio::test]
async fn a_failing_write_leaves_neither_outcome_nor_entry() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![format!("sqlite:{}", folder.path().join("a.db").display())];
    urls.extend(store::testing::postgres("validate_fails").await);
    for url in urls {
        let world = peopled(house_at(&url, 7).await).await;
        let now = world.house.now;
        world.in_a_case().await;
        let (_, begun, _) = traces(&world).await;
        let cancel = async |house: &House| validate::cancel(house, &world.staff, FIRST, now).await;
        let mut failed = vec![trips(&url, &world, cancel).await];
        assert_eq!(traces(&world).await.1, begun + 1);
        let digest = hex(&sha256(&[&bundle("lab")]));
        let ask = async |house: &House| {
            let asked = validate::request(house, &world.lab, ReportId::new(1), &digest, now).await;
            asked.map(|_| ())
        };
        failed.push(trips(&url, &world, ask).await);
        assert_eq!(traces(&world).await.1, begun + 2);
        let taken = world.take("one", now).await.unwrap();
        let record = async |house: &House| {
            let done = validate::record(house, &taken, &proved(Outcome::Proven), now).await;
            done.map(|_| ())
        };
        failed.push(trips(&url, &world, record).await);
        // The worker that heard nothing asks again, and nothing is written twice.
        assert!(
            !validate::record(&world.house, &taken, &proved(Outcome::Proven), now)
                .await
                .unwrap()
        );
        let (states, entries, is_proven) = traces(&world).await;
        // A number that a failed write took is not given again on PostgreSQL.
        let masked: Vec<String> = states
            .lines()
            .map(|line| format!("V-#{}", &line[8..]))
            .collect();
        let masked = masked.join("\n");
        assert_eq!((entries, is_proven), (begun + 3, true));
        expect![[r#"
            V-# of R-000001: cancelled  attempt 0
            V-# of R-000001: done proven attempt 1"#]]
        .assert_eq(&masked);
        assert!(
            failed.iter().all(|count| *count > 8),
            "{failed:?} writes failed"
        );
        println!("{url}: {failed:?} writes failed");
    }
}

#[tokio::test]
async fn the_advisory_says_what_was_checked_by_whom_and_its_entry_opens() {
    on_each_store("validate_advisory", async |house| {
        let world = peopled(house).await;
        let (house, now) = (&world.house, world.house.now);
        let case = world.in_a_case().await;
        let taken = world.take("one", now).await.unwrap();
        validate::record(house, &taken, &proved(Outcome::Proven), now).await.unwrap();
        let day = now + SignedDuration::from_hours(24 * 400);
        let end = clearinghouse::embargo::Ask::End(finding::embargo::Cause::Leak, "seen".into());
        let _ = clearinghouse::embargo::embargo(house, &world.staff, case, end, now).await;
        pace::release(house, now).await.unwrap();
        let draft = finding::publish::Draft {
            title: "decode writes past its buffer".into(),
            summary: "A length from the input is not checked.".into(),
            products: vec![finding::verdict::Word {
                product: "pkg:cargo/leftish".into(),
                versions: "vers:cargo/<1.4.2".into(),
                status: finding::verdict::Status::Affected,
                justification: None,
                words: "".into(),
                severity: None,
            }],
            untold: "it was told".into(),
            ..finding::publish::Draft::default()
        };
        clearinghouse::publish::publish(house, &world.staff, case, &draft, day).await.unwrap();
        let kind = clearinghouse::publish::Kind::Osv;
        let id = names::AdvisoryId::new(1);
        let osv = clearinghouse::publish::bytes(house, &Actor::Anonymous, id, None, kind).await.unwrap();
        let osv = String::from_utf8(osv).unwrap();
        assert!(!osv.contains(SECRET));
        let at = osv.find("Checked by").unwrap();
        let sentence = &osv[at..at + osv[at..].find('"').unwrap()];
        expect!["Checked by An unnamed clearinghouse on 2026-11-20 (V-000001): a proof showed the flaw in each of 3 runs. The proposed patch builds, ends the proof; not shown: passes the target's own tests, holds against variants of the input."].assert_eq(sentence);
        let shown = validate::show(house, &world.staff, FIRST, day).await.unwrap();
        let index = shown.ended_index.unwrap() as u64;
        let receipt = log::receipt::receipt(house, index, false, day).await.unwrap();
        assert!(receipt.opening.is_some(), "everyone can check when we knew that it works");
        let sees = validate::show(house, &world.stranger, FIRST, day).await;
        assert!(matches!(sees, Err(Failure::Hidden)), "the proof stays with those who have it");
    })
    .await;
    let _ = State::ALL;
}
