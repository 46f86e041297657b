//! A seeded simulation of people, a clock and broken writes, with laws after each step.
//!
//! `SEAMARK_SEED=n` replays one seed and says each step; a red seed becomes a named test below.

use crate::world::World;
use crate::world::laws::{self, Advisories, Held, Paces, Watcher};
use crate::world::play::{Play, Tally};
use crate::world::proofs;
use clearinghouse::coordinate::{self, arrive};
use clearinghouse::testing::house_on;
use clearinghouse::{House, claim, submit, validate};
use finding::Report;
use finding::coordinate::{Part, Stage};
use finding::validate::{Outcome, State};
use names::{AdvisoryId, CaseId, ClaimId, ReportId, ValidationId};

/// Seeds of one run: some 60 s on two cores, measured with the steps below.
const SEEDS: u64 = 1_000;

#[test]
fn the_laws_hold_whatever_happens() {
    if let Some(seed) = named_seed() {
        run(seed, true);
        return;
    }
    let halves = [0, 1].map(|half| {
        std::thread::spawn(move || {
            (0..SEEDS)
                .filter(|seed| seed % 2 == half)
                .map(|seed| run(seed, false))
                .fold(Tally::default(), Tally::plus)
        })
    });
    let tally = halves
        .into_iter()
        .map(|half| half.join().expect("a red seed says which"))
        .fold(Tally::default(), Tally::plus);
    println!("{SEEDS} seeds: {tally:?}");
    // A world in which little happens shows little.
    assert!(tally.broken > SEEDS, "the weather was too fair: {tally:?}");
    assert!(tally.cases > SEEDS && tally.sent > SEEDS / 20, "{tally:?}");
    assert!(
        tally.proven > SEEDS / 2 && tally.begun_again > SEEDS / 20,
        "{tally:?}"
    );
    assert!(
        tally.merged > SEEDS / 20 && tally.published > SEEDS / 100 && tally.taken_back > SEEDS / 10,
        "{tally:?}"
    );
}

#[expect(clippy::disallowed_methods, reason = "a seed is replayed by naming it")]
fn named_seed() -> Option<u64> {
    std::env::var("SEAMARK_SEED").ok()?.parse().ok()
}

/// Plays one seed; what happened in it.
fn run(seed: u64, says: bool) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let said = std::cell::RefCell::new(String::new());
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime
            .block_on(Play::new(seed, "sqlite::memory:"))
            .run(&runtime, &said)
    }));
    if says || played.is_err() {
        println!("{}", said.borrow());
    }
    match played {
        Ok(tally) => tally,
        Err(_) => panic!("seed {seed} is red; replay it with SEAMARK_SEED={seed}"),
    }
}

#[test]
fn two_nodes_on_one_file_and_on_one_postgresql_keep_the_laws_too() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let file = format!("sqlite:{}", folder.path().join("two.db").display());
    let postgres = runtime.block_on(store::testing::postgres("simulation"));
    for url in std::iter::once(file).chain(postgres) {
        let said = std::cell::RefCell::new(String::new());
        runtime.block_on(Play::new(7, &url)).run(&runtime, &said);
    }
}

thread_local! {
    /// Whether a panic of this thread is what a test waits for; then nobody need read it.
    static EXPECTED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Panics that are waited for are not printed; a red test is found among the words, not below them.
fn hush() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.with(std::cell::Cell::get) {
                usual(panic);
            }
        }));
    });
}

/// Breaks a world behind the acts' backs, and says whether `law` sees it.
fn sees(
    name: &str,
    breaks: impl AsyncFn(&mut World, &House),
    law: impl AsyncFn(&mut Eyes, &World, &House),
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    hush();
    let (mut world, mut eyes) = runtime.block_on(async {
        let mut world = World::of(3, "sqlite::memory:").await;
        let eyes = Eyes::of(&mut world).await;
        (world, eyes)
    });
    let mut look = |world: &World| {
        EXPECTED.with(|expected| expected.set(true));
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            runtime.block_on(law(&mut eyes, world, &world.nodes[0]));
        }));
        EXPECTED.with(|expected| expected.set(false));
        looked.is_ok()
    };
    assert!(look(&world), "{name}: red before anything is broken");
    // A third node breaks it, behind the backs of the two.
    runtime.block_on(async {
        let store = world.nodes[0].store.clone();
        let node = house_on(store, 3, 3, world.now).await;
        breaks(&mut world, &node).await;
    });
    assert!(!look(&world), "{name}: the law does not see it");
}

/// What those who watch hold in hand, and a report whose case is triaged.
struct Eyes {
    said: proofs::Said,
    watcher: Watcher,
    paces: Paces,
    advisories: Advisories,
    held: Held,
    taken_back: Vec<ReportId>,
    case: CaseId,
}

impl Eyes {
    async fn of(world: &mut World) -> Eyes {
        let (node, now) = (&world.nodes[0], world.now);
        let lab = &world.finders[0];
        let report = Report {
            title: "broken".into(),
            ..Report::default()
        };
        let proof = proofs::bundle(1);
        let mut report = report;
        report.proofs.push(proofs::mark(&proof));
        let draft = finding::submit::Draft {
            report,
            key: Some("k".into()),
            digest: [1; 32],
            inputs: proofs::inputs(Some(&proof)),
        };
        let prepared = submit::prepare(node, lab, draft, None, now).expect("it may be taken");
        let taken = submit::take(node, vec![prepared]).await;
        let receipt = taken.expect("it is taken").pop().expect("one");
        let receipt = receipt.expect("it is taken");
        validate::arrive(node, now).await.expect("it is asked");
        arrive::arrive(node, now).await.expect("it comes");
        let draft = finding::claim::Draft {
            targets: vec!["pkg:npm/broken".into()],
            testing: vec!["review".into()],
            contact: "lab@lab.example".into(),
            tlp: Some("RED".into()),
            days: 30,
            ..finding::claim::Draft::default()
        };
        let claimed = claim::claim(node, lab, &draft, now).await;
        claimed.expect("nobody else has it");
        let case = CaseId::new(1);
        coordinate::advance(node, &world.staff, case, Stage::Triage, "", now)
            .await
            .expect("it is triaged");
        Eyes {
            said: proofs::Said::default(),
            watcher: Watcher::default(),
            paces: Paces::default(),
            advisories: Advisories::default(),
            held: Held {
                organization: lab.organization().expect("a member"),
                report: receipt.report,
                log_index: receipt.log_index,
                digest: receipt.digest,
            },
            taken_back: Vec::new(),
            case,
        }
    }
}

/// Another log stands where the one was that they know, and is longer.
async fn replaced(world: &mut World) {
    let mut other = World::of(4, "sqlite::memory:").await;
    Eyes::of(&mut other).await;
    let lab = &other.finders[1];
    let report = Report {
        title: "another past".into(),
        ..Report::default()
    };
    let taken = submit::submit(&other.nodes[0], lab, &report, "k", [2; 32], other.now).await;
    taken.expect("it is taken");
    world.nodes = other.nodes;
}

#[test]
fn each_law_sees_what_breaks_it() {
    let first = CaseId::new(1);
    sees(
        "a report that is in another finding than was decided",
        async |world, node| {
            let tx = node.store.write().await.expect("it answers");
            let other = store::finding::insert(tx.link(), "", world.now).await;
            let other = other.expect("it answers");
            let moved = store::report::set_finding(tx.link(), ReportId::new(1), other).await;
            moved.expect("it answers");
            tx.commit().await.expect("it answers");
        },
        async |eyes, _, node| laws::a_report_is_in_one_finding(node, &eyes.held).await,
    );
    sees(
        "a case that is published without an advisory",
        async |_, node| {
            let tx = node.store.write().await.expect("it answers");
            let row = store::case::find(tx.link(), first).await;
            let mut row = row.expect("it answers").expect("it is there");
            row.stage = Stage::Published;
            store::case::update(tx.link(), &row)
                .await
                .expect("it answers");
            tx.commit().await.expect("it answers");
        },
        async |eyes, _, node| laws::what_is_published_is_in_the_log(node, eyes.case).await,
    );
    let let_in = async |world: &mut World, node: &House| {
        let stranger = world.stranger.organization().expect("a member");
        let tx = node.store.write().await.expect("it answers");
        let joined = store::case::join(tx.link(), first, stranger, Part::Finder, world.now).await;
        joined.expect("it answers");
        tx.commit().await.expect("it answers");
    };
    sees(
        "a stranger who reads a case",
        let_in,
        async |eyes, world, node| {
            laws::a_case_is_hidden_from_outsiders(world, node, eyes.case).await;
        },
    );
    sees(
        "a stranger whose queue holds a case",
        let_in,
        async |_, world, node| {
            laws::lists_tell_an_outsider_nothing(world, node, &[]).await;
        },
    );
    sees(
        "a maintainer who is sent two at a time",
        async |world, node| {
            let maker = world.vendors[0].organization().expect("a member");
            let tx = node.store.write().await.expect("it answers");
            for number in 0..2 {
                let finding = store::finding::insert(tx.link(), "", world.now).await;
                let draft = store::case::Draft {
                    finding: finding.expect("it answers"),
                    stage: Stage::WithVendor,
                    key: vec![number],
                    title: Vec::new(),
                    titled_by: None,
                    tlp: "RED".into(),
                };
                let case = store::case::insert(tx.link(), draft, world.now).await;
                let case = case.expect("it answers");
                let joined =
                    store::case::join(tx.link(), case, maker, Part::Vendor, world.now).await;
                joined.expect("it answers");
                let queued = store::queue::enqueue(tx.link(), case, maker, world.now).await;
                queued.expect("it answers");
                let sent = store::queue::sent(tx.link(), case, maker, world.now).await;
                assert!(sent.expect("it answers"));
            }
            tx.commit().await.expect("it answers");
        },
        async |eyes, world, node| eyes.paces.hold(world, node).await,
    );
    sees(
        "an advisory that is gone",
        async |_, _| {},
        async |eyes, _, node| {
            eyes.advisories.stay(node).await;
            eyes.advisories.0.insert((AdvisoryId::new(1), 1), [0; 32]);
        },
    );
    let done = async |node: &House, outcome: Outcome, log_index: i64| {
        let tx = node.store.write().await.expect("it answers");
        let row = store::validation::find(tx.link(), ValidationId::new(1)).await;
        let row = row.expect("it answers").expect("it is there");
        let ended = store::validation::Ended {
            state: State::Done,
            at: row.asked,
            log_index,
            outcome: Some(outcome),
            result: None,
            minimized: None,
            statement: None,
        };
        let ended = store::validation::end(tx.link(), &row, ended).await;
        assert!(ended.expect("it answers"));
        tx.commit().await.expect("it answers");
    };
    sees(
        "a validation that ended without an entry of its own",
        async |_, node| done(node, Outcome::Proven, 0).await,
        async |eyes, _, node| eyes.said.stay(node, true).await,
    );
    sees(
        "a validation whose worker was told that it counts, and does not",
        async |_, _| {},
        async |eyes, _, node| {
            eyes.said.stay(node, true).await;
            eyes.said
                .outcomes
                .insert(ValidationId::new(1), Outcome::Proven);
        },
    );
    sees(
        "a stranger who sees a proof",
        async |world, node| {
            let stranger = world.stranger.organization().expect("a member");
            let tx = node.store.write().await.expect("it answers");
            let part = Part::Coordinator;
            let joined = store::case::join(tx.link(), first, stranger, part, world.now).await;
            joined.expect("it answers");
            tx.commit().await.expect("it answers");
        },
        async |_, world, node| proofs::nobody_else_sees_a_proof(world, node, true).await,
    );
    sees(
        "a report that was taken back and is still there",
        async |_, _| {},
        async |eyes, _, node| {
            laws::what_was_taken_back_stays_gone(node, &eyes.taken_back).await;
            eyes.taken_back.push(eyes.held.report);
        },
    );
    sees(
        "two teams that hold one target",
        async |world, node| {
            let team = world.finders[1].organization().expect("a member");
            let tx = node.store.write().await.expect("it answers");
            let claim = store::claim::find(tx.link(), ClaimId::new(1)).await;
            let claim = claim.expect("it answers").expect("it is there");
            let other = store::claim::Draft {
                organization: team,
                body: claim.body,
                tlp: claim.tlp,
                lease: claim.lease,
                log_index: claim.log_index,
            };
            let made = store::claim::insert(tx.link(), other, &[]).await;
            made.expect("it answers");
            tx.commit().await.expect("it answers");
        },
        async |_, world, node| {
            let both = [(1, 0), (2, 1)]
                .map(|(id, team): (i64, usize)| (ClaimId::new(id), world.finders[team].clone()));
            let there = store::claim::find(node.store.link(), ClaimId::new(2)).await;
            let there = 1 + usize::from(there.expect("it answers").is_some());
            let held = both.into_iter().take(there).collect();
            laws::leases_end(node, &held, world.now).await;
        },
    );
    sees(
        "a log that tells another past to who watches",
        async |world, _| replaced(world).await,
        async |eyes, _, node| eyes.watcher.looks(node).await,
    );
    sees(
        "a log that tells another past to who reads it all",
        async |world, _| replaced(world).await,
        async |eyes, _, node| {
            if eyes.watcher.is_new() {
                eyes.watcher.looks(node).await;
            }
            eyes.watcher.reads_it_all_again(node).await;
        },
    );
    sees(
        "a log that shrank",
        async |world, _| {
            let other = World::of(4, "sqlite::memory:").await;
            world.nodes = other.nodes;
        },
        async |eyes, _, node| eyes.watcher.looks(node).await,
    );
    sees(
        "a report that is lost",
        async |world, _| {
            let other = World::of(4, "sqlite::memory:").await;
            world.nodes = other.nodes;
        },
        async |eyes, _, node| laws::nothing_acknowledged_is_lost(node, &eyes.held).await,
    );
}
