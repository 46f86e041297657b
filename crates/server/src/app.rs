//! What every handler is handed: the house, its settings, its clock.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clearinghouse::House;
use clearinghouse::submit::Gathering;
use clearinghouse::watch::{self, Reach};
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;

use crate::now::Clock;
use crate::osv::Shelves;
use crate::settings::Settings;

/// A page takes a few milliseconds, so 512 at once are a backlog of seconds on two cores; more are turned away
/// with a word on when to come back, rather than kept waiting until everyone times out.
const REQUESTS_AT_ONCE_MAX: usize = 512;

/// A database that does not answer two small questions in this time keeps everyone waiting.
const STORE_SECONDS_MAX: u64 = 2;

/// The sequencer takes its turn twice a second, and a batch takes milliseconds: whoever waits a minute waits in vain,
/// and receipts with them.
const UNSEQUENCED_SECONDS_MAX: i64 = 60;

/// One running clearinghouse, cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What became of a job on this node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ran {
    pub last: Option<Timestamp>,
    /// `well`, `refused` or `broken`.
    pub ending: Option<&'static str>,
    pub runs: u64,
    pub failures: u64,
    pub failed: Option<Timestamp>,
}

/// What an [`App`] holds.
pub struct Inner {
    pub house: Arc<House>,
    /// Where reports that come one by one share a commit.
    pub gathering: Gathering,
    pub settings: Settings,
    pub clock: Clock,
    /// Numbers of this process; absent where nobody collects them.
    pub metrics: Option<PrometheusHandle>,
    /// What answers as osv.dev does.
    pub osv: Shelves,
    pub(crate) seats: Semaphore,
    /// Lists of what is provided, as they were rendered.
    pub(crate) provided: crate::web::provider::Cache,
    ran: Mutex<Vec<(&'static str, Ran)>>,
    seed: u64,
    requests: AtomicU64,
    /// An entry that the tree did not hold, and when it was first seen so.
    waits: Mutex<Option<(i64, Timestamp)>>,
}

impl App {
    /// The door of `house`. Inside a runtime: what is handed over is gathered by a task of its own.
    pub fn new(
        house: House,
        settings: Settings,
        clock: Clock,
        metrics: Option<PrometheusHandle>,
    ) -> App {
        let mut seed = [0; 8];
        house.dice(|dice| dice.fill(&mut seed));
        let house = Arc::new(house);
        App(Arc::new(Inner {
            gathering: Gathering::start(Arc::clone(&house)),
            house,
            settings,
            clock,
            metrics,
            osv: Shelves::default(),
            seats: Semaphore::new(REQUESTS_AT_ONCE_MAX),
            provided: crate::web::provider::Cache::default(),
            ran: Mutex::default(),
            seed: u64::from_be_bytes(seed),
            requests: AtomicU64::new(0),
            waits: Mutex::new(None),
        }))
    }

    /// The time, to be read once a request and passed on.
    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// What is missing before it can work; nothing where it can.
    pub async fn unready(&self) -> Option<String> {
        let reach = watch::reach(&self.house);
        let reach = tokio::time::timeout(Duration::from_secs(STORE_SECONDS_MAX), reach).await;
        let Ok(Ok(reach)) = reach else {
            return Some("the database does not answer".to_owned());
        };
        let seconds = self.unsequenced_seconds(reach);
        (seconds > UNSEQUENCED_SECONDS_MAX).then(|| {
            format!("the log has entries that no checkpoint signs for since {seconds} s; at most {UNSEQUENCED_SECONDS_MAX} s are well")
        })
    }

    /// For how many seconds an entry has been seen to wait for the sequencer; 0 where none does.
    pub fn unsequenced_seconds(&self, reach: Reach) -> i64 {
        let now = self.now();
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        // Entries have no time that everyone may read, so one that waits is remembered by its number.
        let kept = waits.filter(|(entry, _)| *entry > reach.sequenced);
        let since =
            kept.or_else(|| (reach.entries > reach.sequenced).then_some((reach.entries, now)));
        *waits = since;
        since.map_or(0, |(_, seen)| now.duration_since(seen).as_secs())
    }

    /// Notes that `job` ended now.
    pub(crate) fn job_ended(&self, job: &'static str, ending: &'static str) {
        let now = self.now();
        let mut all = self.0.ran.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|(name, _)| *name == job);
        let place = place.unwrap_or_else(|| {
            all.push((job, Ran::default()));
            all.len() - 1
        });
        let ran = &mut all[place].1;
        ran.runs += 1;
        ran.last = Some(now);
        ran.ending = Some(ending);
        if ending != "well" {
            ran.failures += 1;
            ran.failed = Some(now);
        }
    }

    /// What became of each job on this node.
    pub fn ran(&self) -> Vec<(&'static str, Ran)> {
        let all = self.0.ran.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }

    /// A number for the next request: 16 hexadecimal digits, no two alike in one process.
    pub fn request_id(&self) -> Box<str> {
        let count = self.0.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}", scramble(self.0.seed.wrapping_add(count))).into()
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): one-to-one, so different counts stay different.
fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
