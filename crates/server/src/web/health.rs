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
    numbers(&ask.app)
}

/// The same, at the address of its own.
pub(crate) fn own(axum::extract::State(app): axum::extract::State<App>) -> Answer {
    numbers(&app)
}

fn numbers(app: &App) -> Answer {
    let handle = app.metrics.as_ref().ok_or(Problem::Hidden)?;
    handle.run_upkeep();
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        handle.render(),
    )
        .into_response())
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
