//! `/my`: what waits for me and by when, what I agreed to be sent, and how I am told.

use askama::Template;
use axum::routing::get;
use clearinghouse::{Failure, notice, pace, queue};
use finding::pace::Pace;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Choice, Fields, Filled, Form, Input};
use crate::page::{Ask, Path};
use crate::part::{Cell, Table};
use crate::routes::Routes;
use crate::{Answer, Head, Problem};

/// Counts beyond this are no pace any more.
const COUNT_MAX: i64 = 10_000;

/// What waits for me.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "my/work.html")]
struct WorkView {
    waiting: Vec<WaitingView>,
}

/// Something that waits for me.
#[derive(Serialize, ToSchema)]
struct WaitingView {
    case: String,
    title: Option<Box<str>>,
    what: Box<str>,
    #[schema(value_type = Option<String>)]
    due: Option<Timestamp>,
    late: bool,
}

impl WorkView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &["Case", "What waits for you", "About", "Due", "State"];
        let mut table = Table::new("The soonest due first", COLUMNS, "Nothing waits for you.");
        for one in &self.waiting {
            table.row(vec![
                Cell::link(one.case.clone(), format!("/cases/{}", one.case)),
                Cell::text(&*one.what),
                Cell::text(one.title.as_deref().unwrap_or("not told yet")),
                Cell::when(one.due),
                if one.late {
                    Cell::tag("overdue")
                } else {
                    Cell::Nothing
                },
            ]);
        }
        table
    }
}

/// What waits for me and my organization.
#[utoipa::path(get, path = "/my", tag = "cases", responses((status = 200, body = WorkView)))]
async fn work(ask: Ask) -> Answer {
    ask.member()?;
    let waiting = queue::work(&ask.app.house, &ask.visitor.actor(), ask.now).await?;
    let view = |one: queue::Waiting| WaitingView {
        case: one.case.to_string(),
        title: one.title,
        what: one.what,
        due: one.due,
        late: one.late,
    };
    let view = WorkView {
        waiting: waiting.into_iter().map(view).collect(),
    };
    ask.page(Head::private("My work").wide(), &view)
}

/// What my organization agreed to be sent.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "my/pace.html")]
struct PaceView {
    opted_out: bool,
    #[schema(value_type = Option<String>)]
    paused_until: Option<Timestamp>,
    open_max: Option<u32>,
    per_week_max: Option<u32>,
    needs_proof: bool,
    needs_patch: bool,
    exploited_at_once: bool,
    #[serde(skip)]
    #[schema(ignore)]
    form: Filled,
}

/// A pace, as it is sent.
struct NewPace(Pace);

impl Input for NewPace {
    fn read(fields: &mut Fields<'_>) -> Option<NewPace> {
        let count = |number: i64| u32::try_from(number).ok();
        let pace = Pace {
            opted_out: fields.flag("opted_out"),
            paused_until: fields.optional_moment("paused_until"),
            open_max: fields
                .optional_number("open_max", 0..=COUNT_MAX)
                .and_then(count),
            per_week_max: fields
                .optional_number("per_week_max", 0..=COUNT_MAX)
                .and_then(count),
            needs_proof: fields.flag("needs_proof"),
            needs_patch: fields.flag("needs_patch"),
            exploited_at_once: fields.flag("exploited_at_once"),
        };
        Some(NewPace(pace))
    }
}

impl PaceView {
    fn of(pace: Pace) -> PaceView {
        let text = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
        let flag = |yes: bool| if yes { "true" } else { "" };
        let form = Filled::empty()
            .with("open_max", text(pace.open_max))
            .with("per_week_max", text(pace.per_week_max))
            .with(
                "paused_until",
                pace.paused_until
                    .map(|until| until.strftime("%Y-%m-%d").to_string())
                    .unwrap_or_default(),
            )
            .with("opted_out", flag(pace.opted_out))
            .with("needs_proof", flag(pace.needs_proof))
            .with("needs_patch", flag(pace.needs_patch))
            .with("exploited_at_once", flag(pace.exploited_at_once));
        PaceView {
            form,
            ..PaceView::bare(pace)
        }
    }

    fn bare(pace: Pace) -> PaceView {
        PaceView {
            opted_out: pace.opted_out,
            paused_until: pace.paused_until,
            open_max: pace.open_max,
            per_week_max: pace.per_week_max,
            needs_proof: pace.needs_proof,
            needs_patch: pace.needs_patch,
            exploited_at_once: pace.exploited_at_once,
            form: Filled::empty(),
        }
    }
}

fn pace_head() -> Head {
    Head::private("What you agree to be sent").under("My work", "/my")
}

/// What my organization agreed to be sent.
#[utoipa::path(get, path = "/my/pace", tag = "cases", responses((status = 200, body = PaceView)))]
async fn show_pace(ask: Ask) -> Answer {
    let member = ask.member()?;
    let pace = pace::of(&ask.app.house, member.organization).await?;
    ask.page(pace_head(), &PaceView::of(pace))
}

/// Says what my organization agrees to be sent.
#[utoipa::path(post, path = "/my/pace", tag = "cases", request_body = serde_json::Value, responses((status = 204)))]
async fn set_pace(ask: Ask, form: Form) -> Answer {
    ask.member()?;
    let outcome = match form.read::<NewPace>() {
        Ok(NewPace(new)) => pace::set(&ask.app.house, &ask.visitor.actor(), &new, ask.now).await,
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(()) => ask.changed("/my/pace", "pace-set"),
        Err(Failure::Refused(refusal)) => {
            let again = PaceView {
                form: form.filled(&refusal),
                ..PaceView::bare(Pace::default())
            };
            Err(ask.refused(refusal, pace_head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// How I am told.
#[derive(Template)]
#[template(path = "my/notices.html")]
struct NoticesPage {
    rhythm: Filled,
    webhook: Filled,
    webhooks: Vec<(i64, Box<str>)>,
    recent: Table,
    is_admin: bool,
}

impl NoticesPage {
    fn rhythms(&self) -> Vec<Choice> {
        vec![
            Choice::new("at-once", "At once").hint("gathered for five minutes"),
            Choice::new("daily", "Once a day").hint("at 06:00 UTC"),
            Choice::new("never", "Never"),
        ]
    }
}

fn notices_head() -> Head {
    Head::private("How you are told").under("My work", "/my")
}

async fn notices_page(ask: &Ask) -> Result<NoticesPage, Problem> {
    let member = ask.member()?;
    let told = notice::settings(&ask.app.house, &ask.visitor.actor()).await?;
    const COLUMNS: &[&str] = &["About", "What", "Made", "To", "State"];
    let mut recent = Table::new("The last notices", COLUMNS, "Nothing was said yet.");
    for (said, state, answer) in told.recent {
        let to = if said.webhook.is_some() {
            "machine"
        } else {
            "mail"
        };
        let state = match answer.is_empty() {
            true => state.to_owned(),
            false => format!("{state}: {answer}"),
        };
        recent.row(vec![
            Cell::link(&*said.subject, notice::place(&said.subject)),
            Cell::text(&*said.what),
            Cell::when(said.made),
            Cell::text(to),
            Cell::text(state),
        ]);
    }
    Ok(NoticesPage {
        rhythm: Filled::empty().with("rhythm", &*told.rhythm),
        webhook: Filled::empty(),
        webhooks: told.webhooks,
        recent,
        is_admin: member.role == names::Role::Admin,
    })
}

async fn notices(ask: Ask) -> Answer {
    let page = notices_page(&ask).await?;
    ask.html(notices_head(), &page)
}

struct Rhythm(String);

impl Input for Rhythm {
    fn read(fields: &mut Fields<'_>) -> Option<Rhythm> {
        fields.line("rhythm", "how often", 20).map(Rhythm)
    }
}

/// How often I get mail: `at-once`, `daily` or `never`.
#[utoipa::path(post, path = "/my/notices", tag = "cases", request_body = serde_json::Value, responses((status = 204)))]
async fn set_rhythm(ask: Ask, form: Form) -> Answer {
    ask.member()?;
    let Rhythm(rhythm) = form.read()?;
    notice::set_rhythm(&ask.app.house, &ask.visitor.actor(), &rhythm).await?;
    ask.changed("/my/notices", "rhythm-set")
}

struct Url(String);

impl Input for Url {
    fn read(fields: &mut Fields<'_>) -> Option<Url> {
        fields.line("url", "an address", 2_000).map(Url)
    }
}

/// A new address, and the secret that its calls are signed with. It is shown once.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "my/secret.html")]
struct SecretView {
    webhook: i64,
    /// For the checks of Standard Webhooks 1.0.
    secret: String,
}

/// Adds an address that my organization's machine is told at.
#[utoipa::path(post, path = "/my/webhooks", tag = "cases", request_body = serde_json::Value, responses((status = 200, body = SecretView)))]
async fn add_webhook(ask: Ask, form: Form) -> Answer {
    ask.member()?;
    let outcome = match form.read::<Url>() {
        Ok(Url(url)) => {
            notice::add_webhook(&ask.app.house, &ask.visitor.actor(), &url, ask.now).await
        }
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok((webhook, secret)) => {
            let view = SecretView {
                webhook,
                secret: secret.reveal(),
            };
            ask.page(
                Head::private("The secret of the new address")
                    .under("How you are told", "/my/notices"),
                &view,
            )
        }
        Err(Failure::Refused(refusal)) => {
            let again = NoticesPage {
                webhook: form.filled(&refusal),
                ..notices_page(&ask).await?
            };
            Err(ask.refused(refusal, notices_head(), &again))
        }
        Err(other) => Err(other.into()),
    }
}

/// Ends an address.
#[utoipa::path(post, path = "/my/webhooks/{id}/end", tag = "cases",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn end_webhook(ask: Ask, Path(id): Path<i64>) -> Answer {
    ask.member()?;
    notice::end_webhook(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.changed("/my/notices", "webhook-ended")
}

/// What was done, in a sentence.
pub const DONE: &[(&str, &str)] = &[
    ("pace-set", "What you agree to be sent is set."),
    ("rhythm-set", "How often you get mail is set."),
    ("webhook-ended", "The address is called no more."),
];

pub fn routes() -> Routes {
    Routes::new()
        .both("see_work", routes!(work))
        .both("set_policy", routes!(show_pace, set_pace))
        .both("set_notices", routes!(set_rhythm))
        .page("set_notices", "GET", "/my/notices", get(notices))
        .both("set_notices", routes!(add_webhook))
        .both("set_notices", routes!(end_webhook))
}
