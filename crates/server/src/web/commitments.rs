//! `/commitments`: what evaluators are bound by, by digest, each in the log ahead of its run. For everybody.

use askama::Template;
use clearinghouse::Failure;
use clearinghouse::benchmark::{self, Committed};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::reports::bodies::query;
use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::Ask;
use crate::part::{Cell, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[(
    "committed",
    "It is in the log. Keep the receipt of its entry, and begin the run after it.",
)];

/// Commitments, the newest first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "commitment/list.html")]
struct CommitmentsView {
    commitments: Vec<CommitmentView>,
    /// The number before which the next page begins.
    next: Option<i64>,
    #[serde(skip)]
    #[schema(ignore)]
    may_commit: bool,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// A commitment that is in the log.
#[derive(Serialize, ToSchema)]
pub struct CommitmentView {
    number: i64,
    /// `suite`, `plan` or `run`.
    kind: String,
    digest: String,
    organization: String,
    evaluator: String,
    #[schema(value_type = String)]
    at: Timestamp,
    /// Its entry of the log; `/log/INDEX.receipt` is the receipt.
    log_index: i64,
}

impl From<Committed> for CommitmentView {
    fn from(one: Committed) -> CommitmentView {
        CommitmentView {
            number: one.number,
            kind: one.kind.into(),
            digest: one.digest.into(),
            organization: one.organization.to_string(),
            evaluator: one.evaluator.into(),
            at: one.at,
            log_index: one.log_index,
        }
    }
}

impl CommitmentView {
    /// `all` of them, with what each is and where the log has it.
    pub fn table(caption: &str, all: &[CommitmentView]) -> Table {
        const COLUMNS: &[&str] = &["What", "SHA-256", "By", "When", "Entry of the log"];
        let row = |one: &CommitmentView| {
            vec![
                Cell::text(&one.kind),
                Cell::code(&one.digest),
                Cell::text(&one.evaluator),
                Cell::when(one.at),
                Cell::link(one.log_index.to_string(), format!("/log/{}", one.log_index)),
            ]
        };
        Table::new(caption, COLUMNS, "Nothing yet.").rows(all.iter().map(row))
    }
}

impl CommitmentsView {
    fn table(&self) -> Table {
        CommitmentView::table("Commitments, the newest first", &self.commitments)
    }

    fn kinds(&self) -> Vec<Choice> {
        benchmark::KINDS
            .iter()
            .map(|kind| Choice::new(*kind, *kind))
            .collect()
    }
}

/// A digest to be bound by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct NewCommitment {
    /// `suite`, `plan` or `run`.
    kind: String,
    /// 64 hexadecimal digits.
    digest: String,
}

struct Written {
    kind: String,
    digest: String,
}

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let kind = fields.line("kind", "what is committed to", 20);
        let digest = fields.line("digest", "its SHA-256", 64);
        Some(Written {
            kind: kind?,
            digest: digest?,
        })
    }
}

async fn view(ask: &Ask, before: Option<i64>, form: Filled) -> Result<CommitmentsView, Failure> {
    let actor = ask.visitor.actor();
    let all = benchmark::commitments(&ask.app.house, &actor, before).await?;
    let full = all.len() >= benchmark::LISTED_MAX;
    let kind = actor.member().map(|member| member.kind);
    Ok(CommitmentsView {
        next: all.last().filter(|_| full).map(|last| last.number),
        commitments: all.into_iter().map(CommitmentView::from).collect(),
        may_commit: kind == Some(names::OrganizationKind::Evaluator),
        form,
    })
}

fn head() -> Head {
    Head::private("Commitments").wide()
}

/// What was committed to, for everybody.
#[utoipa::path(get, path = "/commitments", tag = "engagements",
    params(("before" = Option<i64>, Query, description = "The number before which the page begins")),
    responses((status = 200, body = CommitmentsView)))]
async fn list(ask: Ask) -> Answer {
    let before = query(&ask, "before");
    let before = before
        .map(|text| text.parse().map_err(|_| Problem::Hidden))
        .transpose()?;
    let view = view(&ask, before, Filled::empty().with("kind", "suite")).await?;
    ask.page(head(), &view)
}

/// Commits to a digest, in the log, ahead of the run. The same a second time is the same commitment.
#[utoipa::path(post, path = "/commitments", tag = "engagements", request_body = NewCommitment,
    responses((status = 201, body = CommitmentView)))]
async fn create(ask: Ask, form: Form) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let outcome = match form.read::<Written>() {
        Ok(one) => benchmark::commit(house, &actor, &one.kind, &one.digest, ask.now).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(made) => ask.made("/commitments", "committed", &CommitmentView::from(made)),
        Err(Failure::Refused(refusal)) => {
            let again = view(&ask, None, form.filled(&refusal)).await?;
            Err(ask.refused(refusal, head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_log", routes!(list))
        .both("commit_run", routes!(create))
}
