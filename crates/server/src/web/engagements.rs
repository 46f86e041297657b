//! `/engagements/E-000123`: what a developer and the others speak about over one model, where it stands, and what whoever
//! looks can do next. Nothing on these pages or in their JSON says whether a model may be released.

mod acts;
mod record;
mod view;

use askama::Template;
use axum::routing::get;
use clearinghouse::Failure;
use clearinghouse::engage::{self, Inquiry, Line};
use frontier::engage::{Model, NAME_BYTES_MAX};
use jiff::Timestamp;
use names::{EngagementId, OrganizationId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::reports::bodies::query;
use crate::form::{Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::part::{Cell, Confirm, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

use view::EngagementView;

/// What stands above a page after one of these was done.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "engagement-asked",
        "It is asked. The agency sees it from now on.",
    ),
    ("engagement-done", "It is done, signed and in the log."),
    (
        "engagement-told",
        "It is taken note of. Nobody answers it, and nothing waits for an answer.",
    ),
    (
        "engagement-left",
        "You have left. Whoever else had a seat finds nothing here any more; what you see is yours alone.",
    ),
    (
        "record-written",
        "It is written down, signed and in the log.",
    ),
    (
        "record-redacted",
        "It is out of the public copy. Its digest stays, and the record says who took it out and why.",
    ),
];

/// Engagements in which one's organization has a seat, the newest first.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "engagement/list.html")]
struct EngagementsView {
    engagements: Vec<LineView>,
    /// The engagement before which the next page begins.
    next: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    may_ask: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EngagementsLineView)]
struct LineView {
    engagement: String,
    model: String,
    seats: Vec<&'static str>,
    state: &'static str,
    #[schema(value_type = String)]
    since: Timestamp,
    /// Until when it is somebody's turn.
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// What one's organization does next.
    next: Vec<&'static str>,
    #[serde(skip)]
    #[schema(ignore)]
    tag: &'static str,
    #[serde(skip)]
    #[schema(ignore)]
    shown: String,
}

/// What was asked.
#[derive(Serialize, ToSchema)]
struct AskedView {
    /// `E-000123`.
    engagement: String,
}

/// How many developers asked, by quarters that are over.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "engagement/counts.html")]
struct CountsView {
    quarters: Vec<QuarterView>,
}

#[derive(Serialize, ToSchema)]
struct QuarterView {
    /// Its first day.
    from: String,
    /// `0 to 4`, `5 to 9` and so on: one that came cannot be told from none.
    developers: String,
}

impl From<Line> for LineView {
    fn from(line: Line) -> LineView {
        let shown: Vec<&str> = line.next.iter().map(|act| act.shown()).collect();
        LineView {
            engagement: line.id.to_string(),
            model: line.model.to_string(),
            seats: line.seats.iter().map(|seat| seat.shown()).collect(),
            state: line.state.as_str(),
            since: line.since,
            until: line.clock.map(|clock| clock.until),
            next: line.next.iter().map(|act| act.as_str()).collect(),
            tag: line.state.shown(),
            shown: shown.join(", "),
        }
    }
}

impl EngagementsView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &[
            "Engagement",
            "Model",
            "Your seat",
            "State",
            "Yours to do",
            "Until",
        ];
        let row = |line: &LineView| {
            vec![
                Cell::link(
                    line.engagement.clone(),
                    format!("/engagements/{}", line.engagement),
                ),
                Cell::text(&line.model),
                Cell::text(line.seats.join(", ")),
                Cell::tag(line.tag),
                if line.shown.is_empty() {
                    Cell::Nothing
                } else {
                    Cell::text(&line.shown)
                },
                Cell::when(line.until),
            ]
        };
        Table::new(
            "Engagements, the newest first",
            COLUMNS,
            "Your organization has no seat in any.",
        )
        .rows(self.engagements.iter().map(row))
    }
}

impl CountsView {
    fn table(&self) -> Table {
        let row = |one: &QuarterView| vec![Cell::text(&one.from), Cell::text(&one.developers)];
        Table::new(
            "Developers that asked",
            &["Quarter from", "Developers"],
            "No quarter is over yet.",
        )
        .rows(self.quarters.iter().map(row))
    }
}

/// Those in which one's organization has a seat.
#[utoipa::path(get, path = "/engagements", tag = "engagements",
    params(("before" = Option<String>, Query, description = "The engagement before which the page begins")),
    responses((status = 200, body = EngagementsView)))]
async fn list(ask: Ask) -> Answer {
    let member = ask.member()?;
    let may_ask = member.kind == names::OrganizationKind::Developer;
    let before = query(&ask, "before");
    let before = before
        .map(|text| text.parse().map_err(|_| Problem::Hidden))
        .transpose()?;
    let lines = engage::list(&ask.app.house, &ask.visitor.actor(), before).await?;
    let full = lines.len() >= engage::LISTED_MAX;
    let view = EngagementsView {
        next: lines
            .last()
            .filter(|_| full)
            .map(|last| last.id.to_string()),
        engagements: lines.into_iter().map(LineView::from).collect(),
        may_ask,
    };
    ask.page(Head::private("Engagements").wide(), &view)
}

/// How many developers asked, told so that nobody's coming or leaving can be seen.
#[utoipa::path(get, path = "/engagements/counts", tag = "engagements", responses((status = 200, body = CountsView)))]
async fn counts(ask: Ask) -> Answer {
    let counted = engage::counted(&ask.app.house, &ask.visitor.actor(), ask.now).await?;
    let quarter = |one: engage::Counted| QuarterView {
        from: one.from.to_string(),
        developers: one.developers.to_string(),
    };
    let view = CountsView {
        quarters: counted.into_iter().map(quarter).collect(),
    };
    ask.page(Head::private("Engagements, counted"), &view)
}

/// A new inquiry, to be filled in.
#[derive(Template)]
#[template(path = "engagement/new.html")]
struct NewPage {
    form: Filled,
}

/// Which model, and who is asked.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
struct NewEngagement {
    /// What its developer calls it.
    model: String,
    /// Which one it is: the digest of its weights, or its provider's build.
    handle: String,
    /// The agency, such as `O-000012`.
    official: String,
    /// A line of a verifier key, by which you can leave away from this house.
    leave_key: Option<String>,
}

struct Written(Inquiry);

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let name = fields.line("model", "what you call the model", NAME_BYTES_MAX);
        let handle = fields.line(
            "handle",
            "which model it is, by digest or build",
            NAME_BYTES_MAX,
        );
        let official = fields
            .one::<OrganizationId>("official", "the agency that is asked, such as `O-000012`");
        let leave_key = fields.optional_line("leave_key", 700);
        Some(Written(Inquiry {
            model: Model {
                name: name?.into(),
                handle: handle?.into(),
            },
            official: official?,
            leave_key: leave_key.map(Into::into),
        }))
    }
}

async fn new(ask: Ask) -> Answer {
    ask.member()?;
    let form = Filled::empty();
    ask.html(
        head("Ask whether a model would be looked at"),
        &NewPage { form },
    )
}

fn head(title: &str) -> Head {
    Head::private(title).under("Engagements", "/engagements")
}

/// Asks whether a model would be looked at. By choice, and left at any time.
#[utoipa::path(post, path = "/engagements", tag = "engagements", request_body = NewEngagement,
    responses((status = 201, body = AskedView)))]
async fn create(ask: Ask, form: Form) -> Answer {
    let outcome = match form.read::<Written>() {
        Ok(written) => {
            engage::inquire(&ask.app.house, &ask.visitor.actor(), &written.0, ask.now).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(made) => {
            let view = AskedView {
                engagement: made.to_string(),
            };
            ask.made(&format!("/engagements/{made}"), "engagement-asked", &view)
        }
        Err(Failure::Refused(refusal)) => {
            let again = NewPage {
                form: form.filled(&refusal),
            };
            Err(ask.refused(
                refusal,
                head("Ask whether a model would be looked at"),
                &again,
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// One engagement, as far as one's seat goes.
#[utoipa::path(get, path = "/engagements/{id}", tag = "engagements",
    params(("id" = String, Path, description = "`E-000123`")),
    responses((status = 200, body = EngagementView)))]
async fn show(ask: Ask, Path(id): Path<EngagementId>) -> Answer {
    let shown = engage::show(&ask.app.house, &ask.visitor.actor(), id).await?;
    let url = ask.app.settings.url.as_str();
    let view = EngagementView::of(shown, Filled::empty())
        .leaving(ask.app.house.keys.origin(), url.trim_end_matches('/'));
    ask.page(view.head(), &view)
}

async fn leaving(ask: Ask, Path(id): Path<EngagementId>) -> Answer {
    let shown = engage::show(&ask.app.house, &ask.visitor.actor(), id).await?;
    if !shown.own.contains(&frontier::engage::Seat::Developer) {
        return Err(Problem::Hidden);
    }
    let others = shown
        .sitting
        .iter()
        .filter(|one| one.seat != frontier::engage::Seat::Developer);
    let confirm = Confirm {
        what: vec![
            format!("You leave {id}. Access to the model ends at once. Nobody asks why."),
            "Your own record stays yours, and you can ask again at any time.".to_owned(),
        ],
        whom: others
            .map(|one| format!("{} finds nothing here any more", one.name))
            .collect(),
        action: format!("/engagements/{id}/withdraw"),
        button: "Withdraw".into(),
        back: format!("/engagements/{id}"),
    };
    ask.html(head(&format!("Withdraw from {id}")), &confirm)
}

/// Leaves: one signature, from every state; a second time is the same as once.
#[utoipa::path(post, path = "/engagements/{id}/withdraw", tag = "engagements",
    params(("id" = String, Path)), responses((status = 204)))]
async fn withdraw(ask: Ask, Path(id): Path<EngagementId>) -> Answer {
    engage::withdraw(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.changed(&format!("/engagements/{id}"), "engagement-left")
}

/// Takes a withdrawal that the developer signed elsewhere: a DSSE envelope over an in-toto statement, from anybody.
#[utoipa::path(post, path = "/engagements/{id}/leave", tag = "engagements", params(("id" = String, Path)),
    request_body = Object, responses((status = 204)))]
async fn leave(ask: Ask, Path(id): Path<EngagementId>, body: axum::body::Bytes) -> Answer {
    engage::leave_signed(&ask.app.house, id, &body, ask.now).await?;
    ask.changed("/engagements/counts", "engagement-left")
}

pub fn routes() -> Routes {
    Routes::new()
        .both("see_work", routes!(list))
        .both("engage", routes!(create))
        .both("see_numbers", routes!(counts))
        .both("see_engagement", routes!(show))
        .both("withdraw_engagement", routes!(withdraw))
        .both(
            "public: a withdrawal is signed by the developer's key, whoever brings it",
            routes!(leave),
        )
        .page("engage", "GET", "/engagements/new", get(new))
        .page(
            "withdraw_engagement",
            "GET",
            "/engagements/{id}/withdraw",
            get(leaving),
        )
        .and(acts::routes())
        .and(record::routes())
}
