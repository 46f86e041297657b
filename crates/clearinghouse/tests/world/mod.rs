//! A world in a seed: two nodes on one database, people of every kind, weather that breaks writes, a clock that jumps.

pub mod cases;
pub mod laws;
pub mod play;
pub mod proofs;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use clearinghouse::actor::Member;
use clearinghouse::testing::house_on;
use clearinghouse::{Actor, House};
use finding::pace::Pace;
use jiff::{SignedDuration, Timestamp};
use names::{OrganizationKind, Role};
use store::{Fault, Faults, Store};

/// Numbers that a seed repeats (SplitMix64, Steele and others 2014).
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64) -> Luck {
        Luck(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What goes wrong inside writes, while it is switched on.
pub struct Weather {
    bad: AtomicBool,
    drawn: AtomicU64,
    pub failed: AtomicU64,
    pub lost: AtomicU64,
}

impl Weather {
    fn draw(&self) -> u64 {
        mixed(
            self.drawn
                .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed),
        )
    }

    pub fn set(&self, bad: bool) {
        self.bad.store(bad, Ordering::Relaxed);
    }
}

impl Faults for Weather {
    fn at_statement(&self) -> bool {
        let fails = self.bad.load(Ordering::Relaxed) && self.draw().is_multiple_of(60);
        self.failed.fetch_add(u64::from(fails), Ordering::Relaxed);
        fails
    }

    fn at_commit(&self) -> Fault {
        if !self.bad.load(Ordering::Relaxed) {
            return Fault::None;
        }
        match self.draw() % 8 {
            0 => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                Fault::Fail
            }
            1 => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                Fault::FailButPersist
            }
            _ => Fault::None,
        }
    }
}

/// Everyone and everything.
pub struct World {
    pub nodes: [House; 2],
    pub weather: Arc<Weather>,
    pub finders: Vec<Actor>,
    pub staff: Actor,
    pub vendors: Vec<Actor>,
    /// Takes part, and in nothing that the others do.
    pub stranger: Actor,
    pub now: Timestamp,
}

impl World {
    pub async fn of(seed: u64, url: &str) -> World {
        let now = "2026-11-20T12:00:00Z".parse().expect("a time");
        let weather = Arc::new(Weather {
            bad: AtomicBool::new(false),
            drawn: AtomicU64::new(mixed(seed)),
            failed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        });
        let settings = store::Settings {
            durable: false,
            ..store::Settings::default()
        };
        let open = async || {
            let store = Store::open(url, &settings).await.expect("it opens");
            Arc::new(store.with_faults(weather.clone()))
        };
        let first = open().await;
        // In memory a second connection would be another database; elsewhere each node has its own.
        let second = if url.contains(":memory:") {
            first.clone()
        } else {
            open().await
        };
        let nodes = [
            house_on(first, seed, 1, now).await,
            house_on(second, seed, 2, now).await,
        ];
        let house = &nodes[0];
        let staff = person(house, OrganizationKind::Coordinator, "House", now).await;
        let mut vendors = Vec::new();
        for (name, most) in [("Maker", 1), ("Workshop", 2)] {
            let vendor = person(house, OrganizationKind::Vendor, name, now).await;
            let pace = Pace {
                open_max: Some(most),
                per_week_max: Some(most + 1),
                ..Pace::default()
            };
            let set = clearinghouse::pace::set(house, &vendor, &pace, now).await;
            set.expect("a vendor says its pace");
            vendors.push(vendor);
        }
        let mut finders = Vec::new();
        for name in ["Lab", "Team", "Scanner"] {
            finders.push(person(house, OrganizationKind::Finder, name, now).await);
        }
        World {
            finders,
            staff,
            vendors,
            stranger: person(house, OrganizationKind::Finder, "Stranger", now).await,
            nodes,
            weather,
            now,
        }
    }

    pub fn node(&self, luck: &mut Luck) -> &House {
        &self.nodes[luck.below(2)]
    }

    pub fn later(&mut self, seconds: i64) {
        let later = self.now.checked_add(SignedDuration::from_secs(seconds));
        self.now = later.expect("within the calendar");
    }
}

/// A member of a new organization.
async fn person(house: &House, kind: OrganizationKind, name: &str, now: Timestamp) -> Actor {
    let organization = clearinghouse::organization::create(house, &Actor::House, kind, name, now)
        .await
        .expect("the name is new");
    let tx = house.store.write().await.expect("the store answers");
    let email = format!("{}@test.example", name.to_lowercase());
    let id =
        store::organization::insert_member(tx.link(), organization, name, &email, Role::Admin, now)
            .await
            .expect("the address is new");
    tx.commit().await.expect("the store answers");
    Actor::Member(Member {
        id,
        name: name.into(),
        organization,
        kind,
        role: Role::Admin,
        staff: kind == OrganizationKind::Coordinator,
        scopes: None,
    })
}
