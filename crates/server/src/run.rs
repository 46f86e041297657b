//! Starts the house, serves until told to stop, and stops in order.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use clap::Parser;
use clearinghouse::Failure;
use clearinghouse::start::start;
use clearinghouse::who::invitation;
use keys::SystemDice;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;

use crate::args::Args;
use crate::listener::Door;
use crate::settings::Settings;
use crate::visitor::Peer;
use crate::worker::{self, Work};
use crate::{App, command, demo, folder, forbid, jobs, log, now, osv, web};

/// Told to stop, a house finishes what it has begun; a supervisor kills after 30 s as a rule, so we are done before.
const STOP_SECONDS_MAX: u64 = 20;

/// Seconds below which a request falls: from what a person does not notice to the limit of a request.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];

/// What is counted when somebody asks, and what it says.
const GAUGES: &[(&str, &str)] = &[
    (
        "seamarkd_store_answers",
        "1 where the database answered just now.",
    ),
    ("seamarkd_log_entries", "Entries of the log."),
    (
        "seamarkd_log_unsequenced_entries",
        "Entries that no checkpoint signs for yet.",
    ),
    (
        "seamarkd_log_unsequenced_seconds",
        "Seconds for which one of them has been seen to wait.",
    ),
    ("seamarkd_cases_open", "Open cases, counted up to 10000."),
    (
        "seamarkd_notices_waiting",
        "Notices that were not sent yet.",
    ),
    (
        "seamarkd_work_waiting",
        "Pieces of work that wait for a job.",
    ),
    (
        "seamarkd_proofs_waiting",
        "Proofs that wait for a worker or are at one.",
    ),
    (
        "seamarkd_witness_behind_entries",
        "Entries that a witness has not cosigned yet.",
    ),
];

/// Reads the command line and does what it says. 0: done. 1: it could not. 2: it was not understood.
pub fn main() -> ExitCode {
    let args = Args::parse();
    log::start(args.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    let done = match &args.command {
        None => runtime.block_on(run(&args)),
        Some(command) => runtime.block_on(command::command(&args, command)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(&problem),
    }
}

async fn run(args: &Args) -> Result<(), String> {
    let mut settings = Settings::gather(args)?;
    let _held = folder::hold(&settings.data_dir, false)?;
    folder::keep_to_ourselves(&settings)?;
    osv::check(&settings)?;
    let door = open(settings.listen).await?;
    let address = door.address().map_err(|error| error.to_string())?;
    settings.listened(address);
    let clock = now::system();
    let keys = settings.keys_dir();
    let house = start(
        &settings.database,
        &keys,
        settings.house(),
        Box::new(SystemDice),
        clock(),
    );
    let house = house.await.map_err(|failure| said(&failure))?;
    let house = forbid::apply(house, &settings)?;
    let app = App::new(house, settings, clock, Some(recorder()?));
    let reading = app.clone();
    tokio::spawn(async move {
        // Whoever hands over a report before this is done waits for it; a failure is said to the first of them.
        let _ = clearinghouse::deconflict::warm(&reading.house).await;
    });
    let (stop, stopped) = watch::channel(false);
    if let Some(address) = app.settings.metrics_listen {
        let numbers = Router::new()
            .route("/metrics", get(web::health::own))
            .with_state(app.clone());
        tokio::spawn(serve(open(address).await?, numbers, stopped.clone()));
    }
    if app.settings.demo {
        show_demo(&app).await?;
    }
    let mut working = jobs::spawn(&app, &stopped);
    // What is invented is not run.
    if app.settings.file.worker.here && !app.settings.demo {
        let prover = worker::prover();
        let work = Work::new(
            Arc::clone(&app.house),
            same_clock(&app),
            &app.settings,
            prover,
        );
        let at_once = app.settings.file.worker.at_once;
        working.extend(worker::spawn(&work, at_once, &stopped));
    }
    say(&format!(
        "{} listens on http://{address}/",
        app.settings.name()
    ));
    let link = invitation::first(&app.house, app.now()).await;
    if let Some(link) = link.map_err(|failure| said(&failure))? {
        // The only place where it is told: whoever sees this screen may become the first administrator.
        say(&format!(
            "open this once, within a day, to become the first administrator:\n  {}invitations/{}",
            app.settings.url,
            link.reveal()
        ));
    }
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("told to stop; finishing what has begun");
        let _ = stop.send(true);
    });
    serve(door, web::router(app), stopped).await;
    for job in working {
        // A job that panicked has been logged by whoever saw it; the house stops all the same.
        let _ = job.await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Tells whoever started it. A house works on where nobody reads that any more, as behind `seamarkd | head -1`.
fn say(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::warn!(%error, "nobody reads what is said on standard output");
    }
}

/// The house's own clock.
fn same_clock(app: &App) -> worker::Now {
    let app = app.clone();
    Arc::new(move || app.now())
}

/// Fills the house, and says who can be played.
async fn show_demo(app: &App) -> Result<(), String> {
    let links = demo::fill(&app.house, app.now()).await;
    let links = links.map_err(|failure| said(&failure))?;
    say("everything here is invented; open a link to be a member of");
    for link in links {
        say(&format!(
            "  {:<36} {}demo/{}",
            link.role, app.settings.url, link.secret
        ));
    }
    Ok(())
}

async fn open(address: SocketAddr) -> Result<Door, String> {
    Door::open(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; `--listen` takes another address")
    })
}

/// Serves `router` at `door` until `stopped` says so, and then until what was begun is done or time is up.
pub async fn serve(door: Door, router: Router, stopped: watch::Receiver<bool>) {
    let told = |mut stopped: watch::Receiver<bool>| async move {
        // Where the sender is gone, nobody can say stop any more: it is one.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let service = router.into_make_service_with_connect_info::<Peer>();
    let serving = axum::serve(door, service).with_graceful_shutdown(told(stopped.clone()));
    let late = async {
        told(stopped).await;
        tokio::time::sleep(Duration::from_secs(STOP_SECONDS_MAX)).await;
    };
    tokio::select! {
        served = IntoFuture::into_future(serving) => if let Err(error) = served {
            tracing::error!(%error, "stopped serving");
        },
        () = late => tracing::warn!(seconds = STOP_SECONDS_MAX, "some requests were not done in time, and were dropped"),
    }
}

/// Waits for SIGTERM or SIGINT.
pub(crate) async fn told_to_stop() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// The cause, and what caused it, which only whoever started this reads.
pub(crate) fn said(failure: &Failure) -> String {
    let Failure::Broken(incident) = failure else {
        return failure.to_string();
    };
    let mut said = incident.cause().to_string();
    let mut next = incident.cause().source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // Some repeat in their own words what caused them.
        if !said.contains(&text) {
            said = format!("{said}: {text}");
        }
        next = cause.source();
    }
    said
}

fn recorder() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets(SECONDS)
        .map_err(|error| error.to_string())?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| error.to_string())?;
    metrics::describe_counter!(
        "seamarkd_requests_total",
        "Requests answered, by method, route and status."
    );
    metrics::describe_histogram!(
        "seamarkd_request_seconds",
        "Seconds from a request to its answer."
    );
    metrics::describe_counter!(
        "seamarkd_jobs_total",
        "Rounds of each job, by how they ended: `well`, `broken` or `refused`."
    );
    metrics::describe_histogram!(
        "seamarkd_job_seconds",
        "Seconds that a round of a job took."
    );
    for (name, said) in GAUGES {
        metrics::describe_gauge!(*name, *said);
    }
    Ok(handle)
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("seamarkd: {problem}");
    ExitCode::FAILURE
}
