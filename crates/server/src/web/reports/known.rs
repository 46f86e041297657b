//! Known: what is said ahead of a report, and what is asked before one.

use axum::extract::Request;
use clearinghouse::submit::{self, Committed};
use finding::known::read_question;
use names::ReportId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{self, Fields, Form, Input};
use crate::page::{Ask, Path};
use crate::{Answer, Head};

/// What was committed to.
#[derive(Serialize, ToSchema)]
struct CommittedView {
    commitment: Box<str>,
    log_index: i64,
    #[schema(value_type = String)]
    at: jiff::Timestamp,
    /// The report that it turned out to be.
    report: Option<String>,
    /// It was here already.
    again: bool,
}

#[derive(Serialize, ToSchema)]
struct CommittedList {
    precommits: Vec<CommittedView>,
}

/// An answer; a miss says nothing else.
#[derive(Serialize, ToSchema)]
struct KnownView {
    r#match: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Box<str>>,
}

struct Commitments(Vec<Box<str>>);

impl Input for Commitments {
    fn read(fields: &mut Fields<'_>) -> Option<Commitments> {
        let list = fields.list("commitments", 1_000, 64);
        Some(Commitments(list.into_iter().map(Into::into).collect()))
    }
}

struct Opening {
    report: ReportId,
    salt: String,
}

impl Input for Opening {
    fn read(fields: &mut Fields<'_>) -> Option<Opening> {
        let report = fields.one("report", "the report that it is");
        let salt = fields.line("salt", "the salt in hexadecimal", 64);
        Some(Opening {
            report: report?,
            salt: salt?,
        })
    }
}

impl From<Committed> for CommittedView {
    fn from(one: Committed) -> CommittedView {
        CommittedView {
            commitment: one.commitment,
            log_index: one.log_index,
            at: one.at,
            report: one.report.map(|id| id.to_string()),
            again: one.again,
        }
    }
}

/// Commits to reports without telling them: `SHA-256("seamark precommit v1" ‖ salt ‖ SHA-256(report))`, 32 bytes of salt.
#[utoipa::path(post, path = "/precommits", tag = "reports",
    request_body = Object, responses((status = 200, body = CommittedList)))]
pub async fn commit(ask: Ask, form: Form) -> Answer {
    let Commitments(all) = form.read()?;
    let kept = submit::commit(&ask.app.house, &ask.visitor.actor(), &all, ask.now).await?;
    let view = CommittedList {
        precommits: kept.into_iter().map(Into::into).collect(),
    };
    ask.json(&Head::private("Precommitted"), &view)
}

/// Opens a commitment: says which report it was of, by its salt.
#[utoipa::path(post, path = "/precommits/{commitment}/reveal", tag = "reports",
    params(("commitment" = String, Path)), request_body = Object,
    responses((status = 200, body = CommittedView)))]
pub async fn reveal(ask: Ask, Path(commitment): Path<String>, form: Form) -> Answer {
    let opening: Opening = form.read()?;
    let actor = ask.visitor.actor();
    let kept = submit::reveal(
        &ask.app.house,
        &actor,
        &commitment,
        opening.report,
        &opening.salt,
        ask.now,
    )
    .await?;
    ask.json(&Head::private("Revealed"), &CommittedView::from(kept))
}

/// Is this known? `{"evidence": [{"kind": "proof", "sha256": "…"}]}`, or `{"hash": "…"}` as the Scrutineer interchange
/// asks. Only who holds the finding's own evidence gets a yes.
#[utoipa::path(post, path = "/claim-check", tag = "reports",
    request_body = Object, responses((status = 200, body = KnownView)))]
pub async fn check(ask: Ask, request: Request) -> Answer {
    let body = form::body(request, &ask.app).await?;
    let question = read_question(&body)?;
    let answer =
        submit::claim_check(&ask.app.house, &ask.visitor.actor(), &question, ask.now).await?;
    let view = KnownView {
        r#match: answer.matches,
        contact: answer.contact,
    };
    ask.json(&Head::private("Known"), &view)
}
