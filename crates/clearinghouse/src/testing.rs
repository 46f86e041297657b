//! Testing: a house in memory, with dice that repeat themselves, for this room's tests and the door's.

mod invented;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use keys::{Keyring, SeededDice};
use names::{FindingId, MemberId, OrganizationKind, Role};
use store::Store;

use crate::actor::Member;
use crate::{Actor, House, Settings, log, organization, seal};

pub use invented::invented;

/// When every house of a test opens.
const START: &str = "2026-11-20T12:00:00Z";

/// A house and the time it was opened at.
pub struct Testing {
    pub house: House,
    pub now: Timestamp,
}

impl std::ops::Deref for Testing {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

/// A fresh house on SQLite in memory.
pub async fn house() -> Testing {
    house_at("sqlite::memory:", 1).await
}

/// A fresh house on the database at `url`, with dice seeded by `seed`.
///
/// # Panics
///
/// Where the database does not answer: there is nothing to test then.
pub async fn house_at(url: &str, seed: u64) -> Testing {
    open_at(url, seed, false).await
}

/// The same where each commit reaches the disk: what a benchmark measures.
///
/// # Panics
///
/// Where the database does not answer.
pub async fn durable_house_at(url: &str, seed: u64) -> Testing {
    open_at(url, seed, true).await
}

async fn open_at(url: &str, seed: u64, durable: bool) -> Testing {
    let now = START.parse().expect("it is written as RFC 3339 says");
    let settings = store::Settings {
        durable,
        ..store::Settings::default()
    };
    let store = Store::open(url, &settings)
        .await
        .expect("the database of the test opens");
    let house = house_on(Arc::new(store), seed, 0, now).await;
    Testing { house, now }
}

/// Counts what answers cost, in statements.
#[derive(Default)]
pub struct Work(AtomicU64);

impl Work {
    /// Statements so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl store::Faults for Work {
    fn at_read(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn at_statement(&self) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst);
        false
    }
}

/// A fresh house on SQLite in memory whose statements `work` counts.
///
/// # Panics
///
/// Where the database does not open.
pub async fn counted(work: Arc<Work>) -> Testing {
    let now = START.parse().expect("it is written as RFC 3339 says");
    let settings = store::Settings {
        durable: false,
        ..store::Settings::default()
    };
    let store = Store::open("sqlite::memory:", &settings)
        .await
        .expect("the database of the test opens")
        .with_faults(work);
    let house = house_on(Arc::new(store), 1, 0, now).await;
    Testing { house, now }
}

/// The databases that acts are tested on: SQLite in memory, and a fresh one named after `test` on PostgreSQL, where the
/// tests have one.
pub async fn stores(test: &str) -> Vec<String> {
    let memory = "sqlite::memory:".to_owned();
    let all = std::iter::once(memory).chain(store::testing::postgres(test).await);
    all.collect()
}

/// Plays the same on every one of [`stores`], each in a house of its own.
pub async fn on_each_store(test: &str, play: impl AsyncFn(Testing)) {
    for url in stores(test).await {
        play(house_at(&url, 1).await).await;
    }
}

/// A house on a store that is open already: node number `node` of those that share the keys of `seed`.
///
/// # Panics
///
/// Where the store does not answer.
pub async fn house_on(store: Arc<Store>, seed: u64, node: u64, now: Timestamp) -> House {
    let mut dice = SeededDice::new(seed);
    let keys = Keyring::new("test.example/log", &mut dice).expect("the origin is a plain name");
    let dice = match node {
        0 => dice,
        // Two nodes that threw alike would seal two texts under one key.
        node => SeededDice::new(seed.wrapping_add(node << 32)),
    };
    let opened = House::open(store, keys, Settings::default(), Box::new(dice), now).await;
    // Thrown with dice of its own: what the others give stays as it is.
    let key = keys::openpgp::Key::new("A clearinghouse in a test", 0, &mut SeededDice::new(!seed));
    let opened = opened.expect("a fresh house opens");
    opened.with_openpgp(Some(keys::openpgp::Ring::unkept(key)))
}

/// The URL of a fresh PostgreSQL database, where the tests have a server; see [`store::testing::postgres`].
pub async fn postgres(test: &str) -> Option<String> {
    store::testing::postgres(test).await
}

/// Whether no table of ours is in `store`.
///
/// # Panics
///
/// Where the store does not answer.
pub async fn is_empty(store: &Store) -> bool {
    let empty = store::backup::is_empty(store.link()).await;
    empty.expect("the store answers")
}

impl Testing {
    /// A member of a new organization, who may all that its kind may.
    ///
    /// # Panics
    ///
    /// Where an organization of that name is here already.
    pub async fn member(&self, kind: OrganizationKind, name: &str) -> Actor {
        let organization = organization::create(&self.house, &Actor::House, kind, name, self.now)
            .await
            .expect("the name is new");
        let tx = self.house.store.write().await.expect("the store answers");
        let email = format!("{}@test.example", name.to_lowercase().replace(' ', "-"));
        let id: MemberId = store::organization::insert_member(
            tx.link(),
            organization,
            name,
            &email,
            Role::Admin,
            self.now,
        )
        .await
        .expect("the address is new");
        let found = store::organization::find(tx.link(), organization)
            .await
            .expect("the store answers");
        tx.commit().await.expect("the store answers");
        Actor::Member(Member {
            id,
            name: name.into(),
            organization,
            kind,
            role: Role::Admin,
            staff: found.is_some_and(|found| found.staff),
            scopes: None,
        })
    }

    /// Copies the first findings up to `count`, with all that hangs on them; see [`store::testing::multiply`].
    ///
    /// # Panics
    ///
    /// Where the store does not answer.
    pub async fn multiply(&self, originals: i64, count: i64) {
        store::testing::multiply(&self.house.store, originals, count)
            .await
            .expect("the store answers");
    }

    /// A report of `finder`'s on `finding`, or on a new one, as if it was handed over and looked at.
    ///
    /// # Panics
    ///
    /// Where the store does not answer.
    pub async fn report(
        &self,
        finder: &Actor,
        finding: Option<FindingId>,
        body: finding::Report,
    ) -> FindingId {
        let organization = finder.organization().expect("a finder is a member");
        let tx = self.house.store.write().await.expect("the store answers");
        let finding = match finding {
            Some(finding) => finding,
            None => store::finding::insert(tx.link(), "", self.now)
                .await
                .expect("the store answers"),
        };
        let (key, wrapped) = seal::new_key(&self.house, "report");
        let note = log::Note::Sealed(serde_json::json!({
            "act": "submit",
            "organization": organization,
            "at": self.now,
        }));
        let log_index = log::append(&self.house, &tx, &[note])
            .await
            .expect("the store answers");
        let draft = store::report::Draft {
            organization,
            member: None,
            finding: Some(finding),
            received: self.now,
            idempotency: format!("{finding} {organization}").into(),
            digest: vec![0; 32],
            key: wrapped,
            body: seal::seal(&self.house, &key, "report body", &body),
            fingerprint: None,
            log_index,
        };
        store::report::insert(tx.link(), draft)
            .await
            .expect("the store answers");
        tx.commit().await.expect("the store answers");
        finding
    }
}
