//! What the house does by itself: one list of jobs, each with its rhythm.
//!
//! A job finds its work in the database and takes it under a lock there, so that several houses on one database
//! share it. It does a bounded piece of it and returns; how often is in [`JOBS`].

use std::time::{Duration, Instant};

use clearinghouse::Failure;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::App;

/// What the house does by itself.
pub struct Job {
    /// As numbers and log lines call it.
    pub name: &'static str,
    /// How long it rests between two pieces of work.
    pub every: Duration,
    /// One piece of work. `|app| Box::pin(async move { … })`
    pub work: fn(App) -> BoxFuture<'static, Result<(), Failure>>,
}

/// Every job, a line each.
pub const JOBS: &[Job] = &[
    Job {
        name: "door",
        // What it sweeps away has no effect any more; an hour of it fits a page of the database.
        every: Duration::from_secs(3_600),
        work: |app| {
            Box::pin(
                async move { clearinghouse::who::throttle::sweep(&app.house, app.now()).await },
            )
        },
    },
    Job {
        name: "proof-expire",
        // A hundred uploads an hour that stand still for a week: more would be a flood, which the quota stops first.
        every: Duration::from_secs(3_600),
        work: |app| {
            Box::pin(async move {
                let now = app.now();
                clearinghouse::submit::expire(&app.house, now).await?;
                Ok(())
            })
        },
    },
    Job {
        name: "deconflict-again",
        // A hundred reports a minute: a new edition of the rule is through 10^5 reports in a day, and nobody waits for it.
        every: Duration::from_secs(60),
        work: |app| {
            Box::pin(async move {
                let now = app.now();
                clearinghouse::deconflict::again(&app.house, 100, now).await?;
                Ok(())
            })
        },
    },
    Job {
        name: "claim-lapse",
        // A lease that has passed holds for nobody; this lets whoever waits have their turn within the minute.
        every: Duration::from_secs(60),
        work: |app| {
            Box::pin(async move {
                clearinghouse::claim::lapse(&app.house, app.now()).await?;
                Ok(())
            })
        },
    },
];

/// Starts all jobs; each ends after the piece it is at when `stopped` says so.
pub fn spawn(app: &App, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let start = |job: &'static Job| tokio::spawn(keep_at(job, app.clone(), stopped.clone()));
    JOBS.iter().map(start).collect()
}

/// Does one piece of each job, in order: tests do so where time stands still.
///
/// # Errors
///
/// The first that does not end well.
pub async fn once(app: &App) -> Result<(), Failure> {
    for job in JOBS {
        (job.work)(app.clone()).await?;
    }
    Ok(())
}

async fn keep_at(job: &'static Job, app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        let started = Instant::now();
        let ending = match (job.work)(app.clone()).await {
            Ok(()) => "well",
            Err(Failure::Broken(incident)) => {
                tracing::error!(job = job.name, cause = %incident.cause(), "a job broke");
                "broken"
            }
            Err(other) => {
                tracing::error!(job = job.name, %other, "a job was refused");
                "refused"
            }
        };
        let labels = [("job", job.name), ("ending", ending)];
        metrics::counter!("seamarkd_jobs_total", &labels).increment(1);
        metrics::histogram!("seamarkd_job_seconds", &labels[..1])
            .record(started.elapsed().as_secs_f64());
        tokio::select! {
            () = tokio::time::sleep(job.every) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}
