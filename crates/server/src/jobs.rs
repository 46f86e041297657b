//! What the house does by itself: one list of jobs, each with its rhythm.
//!
//! A job finds its work in the database and takes it under a lock there, so that several houses on one database
//! share it. It does a bounded piece of it and returns; how often is in [`JOBS`].

pub mod mail;
pub mod outside;
pub mod webhook;
pub mod witness;

use std::sync::Arc;
use std::time::{Duration, Instant};

use clearinghouse::Failure;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::App;

pub use mail::Mailer;
pub use webhook::Caller;

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
        name: "log-sequence",
        // Whoever asks for a receipt sooner has its entry taken in at once; this is for who follows the log.
        every: Duration::from_millis(500),
        work: |app| {
            Box::pin(async move {
                clearinghouse::log::sequence::catch_up(&app.house, app.now()).await?;
                Ok(())
            })
        },
    },
    Job {
        name: "witnesses",
        // Each is asked about the newest head alone, so that many entries cost it no more than few.
        every: Duration::from_secs(10),
        work: |app| Box::pin(async move { witness::witnesses(&app).await }),
    },
    Job {
        name: "overwrite",
        // What was destroyed is gone from the database's own log of writes within a minute.
        every: Duration::from_secs(60),
        work: |app| Box::pin(async move { clearinghouse::watch::overwrite(&app.house).await }),
    },
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
        name: "arrive",
        // A finding has its case within seconds.
        every: Duration::from_secs(2),
        work: |app| {
            Box::pin(async move {
                clearinghouse::coordinate::arrive::arrive(&app.house, app.now()).await?;
                Ok(())
            })
        },
    },
    Job {
        name: "validate",
        // A proof waits for its worker within seconds; whoever runs here or elsewhere takes it from there.
        every: Duration::from_secs(2),
        work: |app| {
            Box::pin(async move {
                clearinghouse::validate::arrive(&app.house, app.now()).await?;
                clearinghouse::validate::work::give_up(&app.house, app.now()).await?;
                Ok(())
            })
        },
    },
    Job {
        name: "engage",
        // A determination is final, and over, within an hour of its day.
        every: Duration::from_secs(3_600),
        work: |app| {
            Box::pin(async move {
                clearinghouse::engage::lapse(&app.house, app.now()).await?;
                Ok(())
            })
        },
    },
    Job {
        name: "osv",
        // What was published answers within seconds, and a mirror that was built anew does.
        every: Duration::from_secs(2),
        work: |app| Box::pin(async move { app.osv.fill(&app).await }),
    },
    Job {
        name: "numbers",
        // A month is counted once, in the hour after it is over.
        every: Duration::from_secs(3_600),
        work: |app| {
            Box::pin(async move {
                clearinghouse::numbers::count(&app.house, app.now()).await?;
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
        name: "known",
        // Who guesses at what is held is seen within minutes, and nothing that they can measure tells them so.
        every: Duration::from_secs(60),
        work: |app| {
            Box::pin(async move {
                clearinghouse::known::tell(&app.house, app.now()).await?;
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
    Job {
        name: "pace",
        // What a maintainer agreed to goes out within seconds of having room.
        every: Duration::from_secs(15),
        work: |app| {
            Box::pin(async move {
                let count = clearinghouse::pace::release(&app.house, app.now()).await?;
                if count > 0 {
                    tracing::info!(count, "sent cases that waited for their maintainers");
                }
                Ok(())
            })
        },
    },
    Job {
        name: "clocks",
        // Deadlines are hours and days: said within minutes. Lapsed embargoes end here; nothing is published.
        every: Duration::from_secs(5 * 60),
        work: |app| {
            Box::pin(async move {
                clearinghouse::clocks::walk(&app.house, app.now()).await?;
                Ok(())
            })
        },
    },
    Job {
        name: "provide",
        // What was published before its files were kept is signed within minutes of the start; then there is none.
        every: Duration::from_secs(60),
        work: |app| {
            Box::pin(async move {
                while clearinghouse::publish::fill(&app.house, app.now()).await? > 0 {}
                Ok(())
            })
        },
    },
    Job {
        name: "mail",
        every: Duration::from_secs(15),
        work: |app| Box::pin(mail(app)),
    },
    Job {
        name: "webhooks",
        every: Duration::from_secs(15),
        work: |app| {
            Box::pin(async move {
                let caller = Arc::new(Caller::new(app.settings.file.private_webhooks));
                outside::calls(&app.house, &caller, app.now()).await?;
                Ok(())
            })
        },
    },
];

/// Where no mail server is set, letters wait for one.
async fn mail(app: App) -> Result<(), Failure> {
    let Some(set) = &app.settings.file.mail else {
        return Ok(());
    };
    let mailer = Mailer::new(&set.server, &set.from).map_err(Failure::broken)?;
    outside::letters(&app.house, &Arc::new(mailer), app.now()).await?;
    Ok(())
}

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
        app.job_ended(job.name, ending);
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
