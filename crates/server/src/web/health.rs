//! `/health`, `/ready`, `/metrics`: whether it is alive, whether it can work, and how much it does.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::page::Ask;
use crate::routes::Routes;
use crate::{Answer, App, Problem};

/// The process answers. A supervisor restarts it where this does not.
async fn health() -> &'static str {
    "alive\n"
}

/// It can work: send it traffic.
async fn ready(ask: Ask) -> Answer {
    match ask.app.unready().await {
        None => Ok("ready\n".into_response()),
        Some(what) => Ok((StatusCode::SERVICE_UNAVAILABLE, format!("{what}\n")).into_response()),
    }
}

/// Numbers in Prometheus' text format 0.0.4. Counts tell who knows how to read them what a house is working on;
/// so only a house that nobody but this machine reaches answers here, and any other on an address of its own.
async fn metrics(ask: Ask) -> Answer {
    if !ask.app.settings.is_local() {
        return Err(Problem::Hidden);
    }
    numbers(&ask.app).await
}

/// The same, at the address of its own.
pub(crate) async fn own(axum::extract::State(app): axum::extract::State<App>) -> Answer {
    numbers(&app).await
}

async fn numbers(app: &App) -> Answer {
    let handle = app.metrics.as_ref().ok_or(Problem::Hidden)?;
    watch(app).await;
    handle.run_upkeep();
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        handle.render(),
    )
        .into_response())
}

/// What is counted when somebody asks. A store that does not answer is a number as well.
async fn watch(app: &App) {
    let found = clearinghouse::watch::numbers(&app.house).await;
    metrics::gauge!("seamarkd_store_answers").set(if found.is_ok() { 1.0 } else { 0.0 });
    let Ok(found) = found else {
        return;
    };
    let waits = found.reach.entries - found.reach.sequenced;
    let seconds = app.unsequenced_seconds(found.reach);
    metrics::gauge!("seamarkd_log_entries").set(found.reach.entries as f64);
    metrics::gauge!("seamarkd_log_unsequenced_entries").set(waits as f64);
    metrics::gauge!("seamarkd_log_unsequenced_seconds").set(seconds as f64);
    metrics::gauge!("seamarkd_cases_open").set(found.cases_open as f64);
    metrics::gauge!("seamarkd_notices_waiting").set(found.notices as f64);
    metrics::gauge!("seamarkd_work_waiting").set(found.work as f64);
    metrics::gauge!("seamarkd_proofs_waiting").set(found.proofs as f64);
    let keys: Vec<_> = app
        .settings
        .file
        .witness
        .iter()
        .map(|it| it.key.clone())
        .collect();
    for one in clearinghouse::log::witness::standing(&app.house, &keys)
        .await
        .unwrap_or_default()
    {
        let behind = found.reach.sequenced.saturating_sub_unsigned(one.size);
        metrics::gauge!("seamarkd_witness_behind_entries", "witness" => one.name.to_string())
            .set(behind as f64);
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .page(
            "public: alive or not can be seen from outside",
            "GET",
            "/health",
            get(health),
        )
        .page(
            "public: ready or not can be seen from outside",
            "GET",
            "/ready",
            get(ready),
        )
        .page(
            "public: but hidden where others than this machine reach the house",
            "GET",
            "/metrics",
            get(metrics),
        )
}
