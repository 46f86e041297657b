//! `/organizations/…/export` and `…/leave`: taking out what is one's own, and going for good.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use clearinghouse::log::receipt;
use clearinghouse::organization;
use clearinghouse::who::export as act;
use clearinghouse::who::leave;
use names::OrganizationId;
use policy::{Action, Thing};
use serde::Serialize;
use tlog::Receipt;
use tokio::sync::mpsc;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::ConfirmPage;
use crate::page::{Ask, Path};
use crate::part::Confirm;
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

/// Everything that is an organization's own, a JSON object a line, as fast as it is read.
async fn export(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    ask.member()?;
    let actor = ask.visitor.actor();
    act::may(&ask.app.house, &actor, id)?;
    let (lines, waiting) = mpsc::channel(act::LINES_WAITING);
    let (app, now) = (ask.app.clone(), ask.now);
    let work = tokio::spawn(async move { act::export(&app.house, &actor, id, lines, now).await });
    let parts = futures_util::stream::unfold((waiting, Some(work)), async |(mut waiting, work)| {
        if let Some(line) = waiting.recv().await {
            return Some((Ok(line), (waiting, work)));
        }
        match work?.await {
            Ok(Ok(())) => None,
            // Cut off, so that nobody takes it for whole.
            _ => {
                let cut = std::io::Error::other("the export stopped before its end");
                Some((Err(cut), (waiting, None)))
            }
        }
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"{id}.ndjson\"");
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::try_from(name).map_err(Problem::broken)?,
    );
    Ok(response)
}

async fn confirm_leave(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    ask.member()?;
    let actor = ask.visitor.actor();
    ask.app
        .house
        .reveal(&actor, Action::Leave, &Thing::organization(id))?;
    let found = organization::find(&ask.app.house, &actor, id).await?;
    let confirm = Confirm {
        what: vec![
            format!("{} leaves this house for good. All its members' sessions, tokens and invitations end.", found.name),
            "The keys of all that it handed over are destroyed, so that nobody can open it any more: not we, not whoever takes the database. An entry of the log, for everyone to read, says so.".to_owned(),
            "Cases that others work on go on without its words: its messages and their files are destroyed too. Its claims are forgotten, and what it asked for about models is withdrawn. Export what is yours first.".to_owned(),
        ],
        whom: vec!["Every member of the organization".to_owned(), "Everyone it shares a case with".to_owned()],
        action: format!("/organizations/{id}/leave"),
        button: "Leave for good".to_owned(),
        back: format!("/organizations/{id}"),
    };
    ask.html(
        Head::private(format!("Have {} leave?", found.name)),
        &ConfirmPage { confirm },
    )
}

/// What shows that it was done.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "organization/left.html")]
pub struct LeftView {
    #[schema(value_type = String)]
    organization: OrganizationId,
    /// How many data keys were destroyed.
    keys_destroyed: u64,
    /// SHA-256 over the numbers of the reports whose keys they were, one a line.
    reports_sha256: String,
    /// Messages in cases that others work on, whose words and files are gone.
    messages_destroyed: u64,
    /// Claims that are forgotten.
    claims_destroyed: u64,
    /// The entry of the log that says so.
    log_index: i64,
    /// What `seamark verify` takes, without asking anyone.
    #[schema(value_type = Object)]
    receipt: Receipt,
}

impl LeftView {
    fn file(&self) -> String {
        self.receipt.print()
    }
}

/// Leaves for good. Answers with what shows that the keys are destroyed.
#[utoipa::path(post, path = "/organizations/{id}/leave", tag = "organizations", params(("id" = String, Path)),
    responses((status = 200, body = LeftView)))]
async fn do_leave(ask: Ask, Path(id): Path<OrganizationId>) -> Answer {
    let left = leave::leave(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    let index = u64::try_from(left.log_index).map_err(Problem::broken)?;
    let receipt = receipt::receipt(&ask.app.house, index, false, ask.now).await?;
    let view = LeftView {
        organization: left.organization,
        keys_destroyed: left.keys_destroyed,
        reports_sha256: left.reports_sha256,
        messages_destroyed: left.messages_destroyed,
        claims_destroyed: left.claims_destroyed,
        log_index: left.log_index,
        receipt,
    };
    ask.page(
        Head::private("You have left: keep this").logged(index),
        &view,
    )
}

pub fn routes() -> Routes {
    Routes::new()
        .page("export", "GET", "/organizations/{id}/export", get(export))
        .both("leave", routes!(do_leave))
        .page(
            "leave",
            "GET",
            "/organizations/{id}/leave",
            get(confirm_leave),
        )
}
