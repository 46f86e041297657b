//! The log from top to bottom: acts append, a sequencer grows the tree, receipts prove it, and nothing else is believed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clearinghouse::log::check::check;
use clearinghouse::log::sequence::{Integrated, catch_up, integrate};
use clearinghouse::log::witness::{Outcome, answered, ask};
use clearinghouse::log::{self, Note, receipt, rotation};
use clearinghouse::testing::{house, house_at};
use clearinghouse::{Failure, House, Settings};
use expect_test::expect;
use jiff::Timestamp;
use keys::note::{Kind, Signature, VerifierKey, cosigned};
use keys::{Keyring, SeededDice, Signer};
use serde_json::json;
use store::{Fault, Faults, Store};
use tlog::{Entry, Trust, tile, verify};

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Every third note is sealed.
fn notes(count: usize) -> Vec<Note> {
    let note = |at: usize| {
        let body = json!({"act": "test", "at": at});
        match at % 3 {
            2 => Note::Sealed(body),
            _ => Note::Open(body),
        }
    };
    (0..count).map(note).collect()
}

async fn append(house: &House, count: usize) -> i64 {
    let tx = house.store.write().await.unwrap();
    let first = log::append(house, &tx, &notes(count)).await.unwrap();
    tx.commit().await.unwrap();
    first
}

fn log_key(house: &House) -> Vec<VerifierKey> {
    vec![house.keys.log().verifier().clone()]
}

/// A house over `store`, with the keys that seed 1 makes.
async fn house_over(store: Store) -> House {
    let mut dice = SeededDice::new(1);
    let keys = Keyring::new("test.example/log", &mut dice).unwrap();
    let dice = Box::new(dice);
    House::open(Arc::new(store), keys, Settings::default(), dice, now())
        .await
        .unwrap()
}

async fn problems(house: &House) -> Vec<String> {
    check(house).await.unwrap().problems
}

/// The databases that are here: SQLite in memory, and PostgreSQL where its URL is set.
async fn urls(test: &str) -> Vec<String> {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(store::testing::postgres(test).await);
    urls
}

#[tokio::test]
async fn what_acts_append_is_proven_by_receipts() {
    for url in urls("log_receipts").await {
        let house = house_at(&url, 1).await;
        assert_eq!(append(&house, 1).await, 0);
        assert_eq!(append(&house, 2499).await, 1);
        assert_eq!(catch_up(&house, now()).await.unwrap(), 2500);
        for index in [0, 1, 2, 255, 256, 2047, 2498, 2499] {
            let receipt = receipt::receipt(&house, index, true, now()).await.unwrap();
            let verified = verify(&receipt, &log_key(&house)).unwrap();
            assert_eq!((verified.trust, verified.size), (Trust::Given, 2500));
            let said = match &verified.entry {
                Entry::Open(body) => body.clone(),
                Entry::Sealed(_) => verified.opened.unwrap(),
            };
            let at = if index == 0 { 0 } else { index - 1 };
            assert_eq!(said.value(), json!({"act": "test", "at": at}));
        }
        assert_eq!(problems(&house).await, Vec::<String>::new());
        let checked = check(&house).await.unwrap();
        assert_eq!((checked.entries, checked.openings), (2500, 833));
    }
}

#[tokio::test]
async fn a_receipt_is_there_as_soon_as_it_is_asked_for() {
    let house = house().await;
    append(&house, 3).await;
    let receipt = receipt::receipt(&house, 1, false, now()).await.unwrap();
    assert_eq!(verify(&receipt, &log_key(&house)).unwrap().size, 3);
    let hidden = receipt::receipt(&house, 3, false, now()).await;
    assert!(matches!(hidden, Err(Failure::Hidden)));
    let hidden = receipt::receipt(&house, u64::MAX, false, now()).await;
    assert!(matches!(hidden, Err(Failure::Hidden)));
}

#[tokio::test]
async fn who_may_not_know_gets_a_receipt_that_opens_nothing() {
    let house = house().await;
    append(&house, 3).await;
    let closed = receipt::receipt(&house, 2, false, now()).await.unwrap();
    assert_eq!(closed.opening, None);
    assert!(verify(&closed, &log_key(&house)).is_ok());
    let opened = receipt::receipt(&house, 2, true, now()).await.unwrap();
    assert!(opened.opening.is_some());
}

#[tokio::test]
async fn what_is_published_everyone_may_open_and_the_log_says_so_once() {
    let house = house().await;
    append(&house, 3).await;
    for _ in 0..2 {
        let tx = house.store.write().await.unwrap();
        receipt::publish(&house, &tx, 2, now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let receipt = receipt::receipt(&house, 2, false, now()).await.unwrap();
    let opening = receipt.opening.unwrap();
    assert_eq!(opening.body.value(), json!({"act": "test", "at": 2}));
    assert_eq!(store::log::size(house.store.link()).await.unwrap(), 4);
    let said = receipt::receipt(&house, 3, false, now()).await.unwrap();
    let Entry::Open(body) = said.entry else {
        panic!("what opens an entry is open")
    };
    let back: tlog::Opening = serde_json::from_value(body.value()["opening"].clone()).unwrap();
    assert!(receipt.entry.is_opened_by(&back));
}

/// Fails the statement whose turn it is, or the commit.
struct Trip {
    left: AtomicI64,
    at_commit: Fault,
}

impl Faults for Trip {
    fn at_statement(&self) -> bool {
        self.left.fetch_sub(1, Ordering::Relaxed) == 0
    }

    fn at_commit(&self) -> Fault {
        match self.left.load(Ordering::Relaxed) {
            i64::MIN..=-1 => Fault::None,
            _ => self.at_commit,
        }
    }
}

#[tokio::test]
async fn a_sequencer_that_stops_at_any_write_begins_again_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("log.db").display());
    let settings = store::Settings {
        durable: false,
        ..store::Settings::default()
    };
    let open = async || Store::open(&url, &settings).await.unwrap();
    let sound = house_over(open().await).await;
    append(&sound, 300).await;
    let (mut size, mut failed) = (0, 0);
    // Each statement of a batch in turn, then the commit in both of its ways, until a batch goes through.
    for statement in 0..40 {
        for at_commit in [Fault::Fail, Fault::FailButPersist] {
            append(&sound, 1).await;
            let trip = Arc::new(Trip {
                left: AtomicI64::new(statement),
                at_commit,
            });
            let house = house_over_with(&url, &settings, trip).await;
            failed += i64::from(integrate(&house, now()).await.is_err());
            let after = catch_up(&sound, now()).await.unwrap();
            assert!(after > size, "it grew by what was appended");
            size = after;
            let log = store::log::size(sound.store.link()).await.unwrap();
            assert_eq!(after as i64, log);
            assert_eq!(problems(&sound).await, Vec::<String>::new());
        }
    }
    assert!(failed > 20, "{failed} batches failed");
}

/// A house over a database that has its tables already, so that nothing but what is tested meets `trip`.
async fn house_over_with(url: &str, settings: &store::Settings, trip: Arc<Trip>) -> House {
    let store = Store::open(url, settings).await.unwrap();
    let mut house = house_over(store).await;
    let store = Store::open(url, settings).await.unwrap();
    house.store = Arc::new(store.with_faults(trip));
    house
}

#[tokio::test]
async fn two_nodes_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("log.db").display());
    let mut all = vec![file];
    all.extend(store::testing::postgres("log_nodes").await);
    for url in all {
        let settings = store::Settings::default();
        let one = house_over(Store::open(&url, &settings).await.unwrap()).await;
        let other = house_over(Store::open(&url, &settings).await.unwrap()).await;
        for round in 1..=10 {
            append(&one, 7).await;
            append(&other, 5).await;
            let (first, second) = tokio::join!(catch_up(&one, now()), catch_up(&other, now()));
            assert_eq!((first.unwrap(), second.unwrap()), (round * 12, round * 12));
        }
        assert_eq!(problems(&one).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn nothing_new_signs_nothing_new() {
    let house = house().await;
    append(&house, 2).await;
    let done = integrate(&house, now()).await.unwrap();
    assert_eq!(done, Integrated { from: 0, to: 2 });
    let head = receipt::head(&house).await.unwrap();
    let done = integrate(&house, now()).await.unwrap();
    assert_eq!(done, Integrated { from: 2, to: 2 });
    assert_eq!(receipt::head(&house).await.unwrap(), head);
}

#[tokio::test]
async fn a_changed_tile_is_found_before_anything_more_is_signed() {
    let house = house().await;
    append(&house, 2).await;
    integrate(&house, now()).await.unwrap();
    let forged = store::log::tile::Tile {
        level: 0,
        idx: 0,
        hashes: [tlog::hash::leaf(b"a"), tlog::hash::leaf(b"b")]
            .iter()
            .flat_map(|hash| hash.0)
            .collect(),
    };
    let tx = house.store.write().await.unwrap();
    store::log::tile::keep(tx.link(), vec![forged], 2)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    append(&house, 1).await;
    let Err(Failure::Broken(incident)) = integrate(&house, now()).await else {
        panic!("a forged tile was signed")
    };
    expect!["the tiles of the log are not what was signed at 2 entries"]
        .assert_eq(&incident.cause().to_string());
    expect![[r#"
        [
            "`tile/0/000.p/2` is not what the entries make",
        ]
    "#]]
    .assert_debug_eq(&problems(&house).await);
}

#[tokio::test]
async fn a_head_of_another_tree_is_found() {
    let house = house().await;
    append(&house, 2).await;
    integrate(&house, now()).await.unwrap();
    let head = tlog::Checkpoint::new("test.example/log", 2, tlog::hash::empty());
    let stranger = Keyring::new("test.example/log", &mut SeededDice::new(9)).unwrap();
    for (key, expected) in [
        (
            house.keys.log(),
            expect![[r#"
                [
                    "the checkpoint over 2 entries is not what the entries make",
                ]
            "#]],
        ),
        (
            stranger.log(),
            expect![[r#"
                [
                    "the checkpoint over 2 entries: no signature is by a known key",
                ]
            "#]],
        ),
    ] {
        let note = head.sign(key).to_string();
        let tx = house.store.write().await.unwrap();
        store::log::checkpoint::keep(tx.link(), 2, &head.root.0, &note, now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        expected.assert_debug_eq(&problems(&house).await);
        assert!(integrate(&house, now()).await.is_err());
    }
}

#[tokio::test]
async fn what_no_act_wrote_is_found() {
    let house = house().await;
    append(&house, 2).await;
    let tx = house.store.write().await.unwrap();
    store::log::append(tx.link(), vec![b"word".to_vec()])
        .await
        .unwrap();
    store::log::keep_openings(tx.link(), vec![(1, vec![1; 60])])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    expect![[r#"
        [
            "entry 2 is no entry",
            "entry 1 is not opened by what is kept for it",
        ]
    "#]]
    .assert_debug_eq(&problems(&house).await);
}

/// Someone who cosigns what they are shown.
struct Witness {
    signer: Signer,
    key: VerifierKey,
}

fn witness() -> Witness {
    let signer = Signer::new(&mut SeededDice::new(2));
    let key = VerifierKey::new("witness.example/w", Kind::Cosignature, signer.verifier()).unwrap();
    Witness { signer, key }
}

impl Witness {
    /// The answer to a request, without looking at the proof.
    fn sign(&self, request: &str, time: u64) -> String {
        let (_, note) = request.split_once("\n\n").unwrap();
        let note = keys::note::Note::parse(note).unwrap();
        let made = self.signer.sign(cosigned(time, note.text()).as_bytes());
        let bytes = [&time.to_be_bytes()[..], &made].concat();
        format!("{}\n", Signature::new(&self.key, bytes))
    }
}

#[tokio::test]
async fn a_witness_cosigns_and_receipts_carry_it() {
    for url in urls("log_witness").await {
        let house = house_at(&url, 1).await;
        let witness = witness();
        assert!(ask(&house, &witness.key).await.unwrap().is_none());
        append(&house, 5).await;
        catch_up(&house, now()).await.unwrap();
        let asked = ask(&house, &witness.key).await.unwrap().unwrap();
        assert!(
            asked.body.starts_with("old 0\n\ntest.example/log\n5\n"),
            "{}",
            asked.body
        );
        let answer = witness.sign(&asked.body, 1_795_176_000);
        let outcome = answered(&house, &witness.key, &asked, (200, &answer), now()).await;
        assert_eq!(outcome.unwrap(), Outcome::Cosigned);
        assert!(ask(&house, &witness.key).await.unwrap().is_none());
        // The log goes on; an older entry's receipt keeps to the head that was cosigned.
        append(&house, 2).await;
        catch_up(&house, now()).await.unwrap();
        let keys = [log_key(&house), vec![witness.key.clone()]].concat();
        let old = receipt::receipt(&house, 4, false, now()).await.unwrap();
        let old = verify(&old, &keys).unwrap();
        assert_eq!(
            old.witnesses,
            [("witness.example/w".to_owned(), 1_795_176_000)]
        );
        let new = receipt::receipt(&house, 5, false, now()).await.unwrap();
        let new = verify(&new, &keys).unwrap();
        assert_eq!((new.size, new.witnesses.len()), (7, 0));
        let asked = ask(&house, &witness.key).await.unwrap().unwrap();
        assert!(asked.body.starts_with("old 5\n"), "{}", asked.body);
    }
}

#[tokio::test]
async fn a_witness_that_saw_another_log_is_a_problem_for_a_person() {
    let house = house().await;
    let witness = witness();
    append(&house, 5).await;
    catch_up(&house, now()).await.unwrap();
    let asked = ask(&house, &witness.key).await.unwrap().unwrap();
    let told = async |status: u16, body: &str| {
        let outcome = answered(&house, &witness.key, &asked, (status, body), now()).await;
        format!("{:?}", outcome.unwrap())
    };
    assert_eq!(told(409, "3\n").await, "AskAgain");
    let again = ask(&house, &witness.key).await.unwrap().unwrap();
    assert!(again.body.starts_with("old 3\n"), "{}", again.body);
    expect![[r#"Not("the witness saw a log of 9 entries, and this one has 5: a backup was restored, or the log was split")"#]]
        .assert_eq(&told(409, "9\n").await);
    expect![[r#"Not("the witness says that the log does not continue what it saw (422); look at this before anything else")"#]]
        .assert_eq(&told(422, "").await);
    expect![[r#"Not("the witness's answer is not its cosignature: not a signed note; at least one signature stands below a note, and each line ends with a newline")"#]]
        .assert_eq(&told(200, "").await);
    let known = store::log::checkpoint::witnesses(house.store.link())
        .await
        .unwrap();
    assert_eq!((known.len(), known[0].size), (1, 3));
    assert!(known[0].failure.is_some());
}

#[tokio::test]
async fn a_new_key_is_said_in_the_log_and_old_readers_follow_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("keys");
    let url = format!("sqlite:{}", folder.path().join("log.db").display());
    let mut dice = SeededDice::new(1);
    let keys = Keyring::create(&place, "test.example/log", &mut dice).unwrap();
    let first = keys.log().verifier().clone();
    let open = async |keys: Keyring| {
        let store = Store::open(&url, &store::Settings::default())
            .await
            .unwrap();
        let (store, dice) = (Arc::new(store), Box::new(SeededDice::new(3)));
        House::open(store, keys, Settings::default(), dice, now())
            .await
            .unwrap()
    };
    let house = open(keys).await;
    append(&house, 3).await;
    catch_up(&house, now()).await.unwrap();
    let house = open(Keyring::rotate(&place, &mut dice).unwrap()).await;
    assert_eq!(rotation::record(&house, now()).await.unwrap(), 1);
    assert_eq!(rotation::record(&house, now()).await.unwrap(), 0);
    catch_up(&house, now()).await.unwrap();
    let receipt = receipt::receipt(&house, 0, false, now()).await.unwrap();
    let verified = verify(&receipt, std::slice::from_ref(&first)).unwrap();
    assert_eq!((verified.size, verified.trust), (4, Trust::Followed(1)));
    assert_ne!(verified.key, first);
    assert_eq!(problems(&house).await, Vec::<String>::new());
}

#[tokio::test]
async fn tiles_and_bundles_are_what_readers_of_other_logs_expect() {
    let house = house().await;
    append(&house, 300).await;
    catch_up(&house, now()).await.unwrap();
    let served = async |path: &str| log::serve::file(&house, tile::parse(path).unwrap()).await;
    let entries = served("tile/entries/000").await.unwrap();
    let entries = tile::entries(&entries).unwrap();
    let leaves: Vec<_> = entries.iter().map(|it| tlog::hash::leaf(it)).collect();
    assert_eq!(served("tile/0/000").await.unwrap(), tile::bytes(&leaves));
    assert_eq!(served("tile/0/001.p/44").await.unwrap().len(), 44 * 32);
    assert_eq!(served("tile/0/001.p/43").await.unwrap().len(), 43 * 32);
    assert_eq!(served("tile/1/000.p/1").await.unwrap().len(), 32);
    let bundle = served("tile/entries/001.p/44").await.unwrap();
    assert_eq!(tile::entries(&bundle).unwrap().len(), 44);
    for path in [
        "tile/0/001",
        "tile/0/001.p/45",
        "tile/0/002.p/1",
        "tile/1/000.p/2",
        "tile/2/000.p/1",
        "tile/63/000",
    ] {
        assert!(matches!(served(path).await, Err(Failure::Hidden)), "{path}");
    }
    // An entry that no head covers yet is not served.
    append(&house, 1).await;
    assert!(matches!(
        served("tile/entries/001.p/45").await,
        Err(Failure::Hidden)
    ));
}
