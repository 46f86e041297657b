//! `/validations/V-000123`: what the re-run of a proof showed, for those who may see the proof.
//!
//! What came out of a proof is a stranger's: text stands escaped in `<pre>`, and bytes leave as downloads only.

mod view;

use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use clearinghouse::validate::{self, File, Line};
use jiff::Timestamp;
use names::{ReportId, ValidationId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::reports::bodies::query;
use crate::page::{Ask, Path};
use crate::part::{Cell, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

pub use view::ValidationView;

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "validation-asked",
        "The proof waits for a worker to re-run it.",
    ),
    (
        "validation-cancelled",
        "It is cancelled. A worker that is at it stops within half a minute, and what it found is dropped.",
    ),
];

/// What waits, runs and is over, the oldest first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "validation/list.html")]
struct ValidationsView {
    validations: Vec<LineView>,
    /// The validation after which the next page begins.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ValidationsLineView)]
struct LineView {
    validation: String,
    report: String,
    /// `queued`, `running`, `done`, `cancelled` or `failed`.
    state: &'static str,
    /// `proven`, `not_reproduced`, `flaky`, `different_flaw` or `cannot_run`.
    outcome: Option<&'static str>,
    #[schema(value_type = String)]
    asked: Timestamp,
    #[schema(value_type = Option<String>)]
    ended: Option<Timestamp>,
    /// How often it was begun.
    attempt: i64,
    #[serde(skip)]
    #[schema(ignore)]
    tag: &'static str,
}

/// What was asked for.
#[derive(Serialize, ToSchema)]
struct AskedView {
    /// `V-000123`.
    validation: String,
}

impl From<Line> for LineView {
    fn from(line: Line) -> LineView {
        LineView {
            validation: line.id.to_string(),
            report: line.report.to_string(),
            state: line.state.as_str(),
            outcome: line.outcome.map(|outcome| outcome.as_str()),
            asked: line.asked,
            ended: line.ended,
            attempt: line.attempt,
            tag: line
                .outcome
                .map_or(line.state.shown(), |outcome| outcome.shown()),
        }
    }
}

impl ValidationsView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &["Validation", "Report", "State", "Begun", "Asked", "Ended"];
        let row = |line: &LineView| {
            vec![
                Cell::link(
                    line.validation.clone(),
                    format!("/validations/{}", line.validation),
                ),
                Cell::code(&line.report),
                Cell::tag(line.tag),
                Cell::number(line.attempt),
                Cell::when(line.asked),
                Cell::when(line.ended),
            ]
        };
        Table::new(
            "Proofs, in the order in which they were asked about",
            COLUMNS,
            "No proof has been handed over yet.",
        )
        .rows(self.validations.iter().map(row))
    }
}

/// What waits, runs and is over.
#[utoipa::path(get, path = "/validations", tag = "validations",
    params(("after" = Option<String>, Query, description = "The validation after which the page begins")),
    responses((status = 200, body = ValidationsView)))]
async fn list(ask: Ask) -> Answer {
    let after = query(&ask, "after");
    let after = after
        .map(|text| text.parse().map_err(|_| Problem::Hidden))
        .transpose()?;
    let lines = validate::list(&ask.app.house, &ask.visitor.actor(), after).await?;
    let full = lines.len() >= validate::LISTED_MAX;
    let next = lines
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    let view = ValidationsView {
        validations: lines.into_iter().map(LineView::from).collect(),
        next,
    };
    ask.page(Head::private("Proofs").wide(), &view)
}

/// One validation.
#[utoipa::path(get, path = "/validations/{id}", tag = "validations",
    params(("id" = String, Path, description = "`V-000123`")),
    responses((status = 200, body = ValidationView)))]
async fn show(ask: Ask, Path(id): Path<ValidationId>) -> Answer {
    let shown = validate::show(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    let case = shown.case;
    let view = ValidationView::of(shown).alone();
    let head = Head::private(format!("{id}: re-run of a proof")).wide();
    let head = match case {
        Some(case) => head.under(case.to_string(), format!("/cases/{case}")),
        None => head.under(view.report.clone(), format!("/reports/{}", view.report)),
    };
    ask.page(head.tagged(view.tag()), &view)
}

/// Asks for a proof of a report to be re-run.
#[utoipa::path(post, path = "/reports/{id}/proofs/{sha256}/validate", tag = "validations",
    params(("id" = String, Path), ("sha256" = String, Path)),
    responses((status = 201, body = AskedView)))]
async fn request(ask: Ask, Path((id, sha256)): Path<(ReportId, String)>) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let made = validate::request(house, &actor, id, &sha256, ask.now).await?;
    let view = AskedView {
        validation: made.to_string(),
    };
    ask.made(&format!("/validations/{made}"), "validation-asked", &view)
}

/// Ends a validation that is not over.
#[utoipa::path(post, path = "/validations/{id}/cancel", tag = "validations",
    params(("id" = String, Path)), responses((status = 204)))]
async fn cancel(ask: Ask, Path(id): Path<ValidationId>) -> Answer {
    validate::cancel(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.changed(&format!("/validations/{id}"), "validation-cancelled")
}

/// The proof as it was handed over, as a download.
#[utoipa::path(get, path = "/validations/{id}/proof", tag = "validations", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn bundle(ask: Ask, Path(id): Path<ValidationId>) -> Answer {
    let file = validate::bundle(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    download(file)
}

/// The smallest input that shows the flaw, as a download.
#[utoipa::path(get, path = "/validations/{id}/minimized", tag = "validations", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn minimized(ask: Ask, Path(id): Path<ValidationId>) -> Answer {
    let file = validate::minimized(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    download(file)
}

/// What this house says it saw, signed: an in-toto statement in a DSSE envelope, in the bytes whose hash the log has.
#[utoipa::path(get, path = "/validations/{id}/statement", tag = "validations", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn statement(ask: Ask, Path(id): Path<ValidationId>) -> Answer {
    let file = validate::statement(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    download(file)
}

/// The key that statements are signed with, as a line of a verifier key.
async fn key(ask: Ask) -> Answer {
    let line = format!("{}\n", validate::key(&ask.app.house)?);
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((headers, line).into_response())
}

/// Bytes that a browser saves and never shows. The name is ours, so nothing in it ends the header.
fn download(file: File) -> Answer {
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).map_err(Problem::broken)?,
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, file.bytes).into_response())
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_queue", routes!(list))
        .both("see_proof", routes!(show))
        .both("see_proof", routes!(bundle))
        .both("see_proof", routes!(minimized))
        .both("see_proof", routes!(statement))
        .both("validate", routes!(request))
        .both("cancel_validation", routes!(cancel))
        .page(
            "public: whoever holds a statement checks with it who signed",
            "GET",
            "/validations/key",
            get(key),
        )
}
