//! Worker: proofs that wait are taken and re-run, some at a time, here or in a process of its own (`seamarkd worker`).
//!
//! The re-run is handed in as a [`Prover`]: what it does, and what may stop it. A worker shows every now and then that it
//! lives; told that a proof is no longer its own, it stops that run. Told to stop itself, it gives back what it has.

mod prover;

use std::sync::Arc;
use std::time::Duration;

use clearinghouse::validate::work::{self, Taken};
use clearinghouse::validate::{self, Proved};
use clearinghouse::{Failure, House};
use jiff::Timestamp;
use prove::Cancel;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::settings::Settings;

pub use prover::{proved, prover};

/// What re-runs a proof, on a thread of its own. It comes to an end soon after it is cancelled; what it says then is
/// dropped. Nothing where it could not say anything.
pub type Prover = Arc<dyn Fn(&Taken, &Cancel) -> Option<Proved> + Send + Sync>;

/// The time, for every lane.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Whoever finds nothing to do looks again after this: a proof waits so long at most, and an idle worker asks the
/// database one small question.
const IDLE: Duration = Duration::from_secs(2);

/// Between two tries to hand in what was found, while the store is away; tried until the lease is long over.
const RETRY: Duration = Duration::from_secs(2);
const RETRIES_MAX: usize = 60;

/// How a worker works.
#[derive(Clone)]
pub struct Work {
    pub house: Arc<House>,
    pub clock: Now,
    pub prover: Prover,
    /// Whoever else runs, no two have this name.
    pub name: String,
    /// One proof may take so long, all its runs together.
    pub seconds_max: u64,
}

impl Work {
    /// A worker of `house`, with a name that is its own.
    pub fn new(house: Arc<House>, clock: Now, settings: &Settings, prover: Prover) -> Work {
        let mut drawn = [0; 8];
        house.dice(|dice| dice.fill(&mut drawn));
        Work {
            house,
            clock,
            prover,
            name: format!("{:016x}", u64::from_be_bytes(drawn)),
            seconds_max: settings.file.worker.seconds_max,
        }
    }
}

/// Starts `at_once` lanes, each with one proof at a time; each ends soon after `stopped` says so.
pub fn spawn(work: &Work, at_once: usize, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let lane = |number: usize| {
        let mut own = work.clone();
        own.name = format!("{}-{number}", work.name);
        tokio::spawn(keep_at(own, stopped.clone()))
    };
    (0..at_once).map(lane).collect()
}

async fn keep_at(work: Work, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let rest = match once(&work, &mut stopped).await {
            Ok(true) => continue,
            Ok(false) => IDLE,
            Err(failure) => {
                said(&failure);
                IDLE
            }
        };
        tokio::select! {
            () = sleep(rest) => {}
            () = told(&mut stopped) => return,
        }
    }
}

/// Takes one and does it; `false` where none waits.
///
/// # Errors
///
/// Where the store does not answer.
pub async fn once(work: &Work, stopped: &mut watch::Receiver<bool>) -> Result<bool, Failure> {
    let now = (work.clock)();
    work::give_up(&work.house, now).await?;
    let Some(taken) = work::take(&work.house, &work.name, now).await? else {
        return Ok(false);
    };
    let id = taken.row.id;
    tracing::info!(validation = %id, attempt = taken.row.attempt, "re-runs the proof of {id}");
    let taken = Arc::new(taken);
    match run(work, &taken, stopped).await {
        Ending::Said(Some(proved)) => {
            let kept = hand_in(work, &taken, &proved).await?;
            let outcome = proved.outcome.as_str();
            match kept {
                true => tracing::info!(validation = %id, outcome, "{id} is {outcome}"),
                false => tracing::info!(validation = %id, "{id} was cancelled or taken by another"),
            }
        }
        // Its lease ends, and it is begun again, not for ever.
        Ending::Said(None) => tracing::error!(validation = %id, "the prover broke at {id}"),
        Ending::Gone => tracing::info!(validation = %id, "{id} was cancelled or taken by another"),
        Ending::Stopped => {
            work::give_back(&work.house, &taken).await?;
            tracing::info!(validation = %id, "gave {id} back");
        }
    }
    Ok(true)
}

/// How a run ended.
enum Ending {
    Said(Option<Proved>),
    /// It is no longer the worker's.
    Gone,
    /// The worker was told to stop.
    Stopped,
}

async fn run(work: &Work, taken: &Arc<Taken>, stopped: &mut watch::Receiver<bool>) -> Ending {
    let cancel = Cancel::default();
    let (prover, own, flag) = (Arc::clone(&work.prover), Arc::clone(taken), cancel.clone());
    let mut running = tokio::task::spawn_blocking(move || prover(&own, &flag));
    let end = Instant::now() + Duration::from_secs(work.seconds_max);
    let beat = Duration::from_secs(work::BEAT.unsigned_abs().as_secs());
    let ended = loop {
        tokio::select! {
            said = &mut running => return Ending::Said(said.ok().flatten()),
            () = sleep(beat) => match work::hold(&work.house, taken, (work.clock)()).await {
                Ok(true) => {}
                Ok(false) => break Ending::Gone,
                // The lease lasts for a while without signs of life.
                Err(failure) => said(&failure),
            },
            () = tokio::time::sleep_until(end) => {
                break Ending::Said(prover::too_long(taken, work.seconds_max));
            }
            () = told(stopped) => break Ending::Stopped,
        }
    };
    cancel.cancel();
    // Not before it has ended: a lane has one proof at a time.
    let _ = running.await;
    ended
}

/// Hands in what was found, again and again while the store is away.
async fn hand_in(work: &Work, taken: &Taken, proved: &Proved) -> Result<bool, Failure> {
    let mut tries = 0;
    loop {
        match validate::record(&work.house, taken, proved, (work.clock)()).await {
            Err(failure @ Failure::Broken(_)) if tries < RETRIES_MAX => {
                said(&failure);
                tries += 1;
                sleep(RETRY).await;
            }
            ended => return ended,
        }
    }
}

/// Comes back once the worker is told to stop; where nobody can say so any more, that is one.
async fn told(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

fn said(failure: &Failure) {
    match failure {
        Failure::Broken(incident) => tracing::error!(cause = %incident.cause(), "a worker broke"),
        other => tracing::error!(%other, "a worker was refused"),
    }
}
