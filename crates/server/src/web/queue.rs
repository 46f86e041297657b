//! `/cases`: the cases one may see, in one table, the most urgent first.

use askama::Template;
use clearinghouse::queue::{self, Filter as Narrowed, Line};
use finding::coordinate::Stage;
use jiff::Timestamp;
use names::Refusal;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::filter::{Chips, Filter};
use crate::page::Ask;
use crate::part::{Cell, Pages, Table, age_days};
use crate::routes::Routes;
use crate::{Answer, Head};

/// The words that may stand before a colon.
const WORDS: &[&str] = &["stage", "ecosystem", "is", "held"];

/// A page of the queue.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "queue/list.html")]
struct QueueView {
    cases: Vec<LineView>,
    page: u32,
    more: bool,
    #[serde(skip)]
    #[schema(ignore)]
    now: Timestamp,
    #[serde(skip)]
    #[schema(ignore)]
    chips: Chips,
    #[serde(skip)]
    #[schema(ignore)]
    address: String,
}

/// A case in the queue.
#[derive(Serialize, ToSchema)]
#[schema(as = QueueLineView)]
struct LineView {
    /// `C-000123`.
    case: String,
    stage: &'static str,
    /// Absent for whoever has not been told.
    title: Option<Box<str>>,
    ecosystem: Box<str>,
    exploited: bool,
    proven: bool,
    #[schema(value_type = Option<String>)]
    due: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    embargo_until: Option<Timestamp>,
    /// Who has it in hand.
    held_by: Option<Box<str>>,
    #[schema(value_type = String)]
    opened: Timestamp,
    #[serde(skip)]
    #[schema(ignore)]
    shown_stage: &'static str,
}

impl QueueView {
    fn table(&self) -> Table {
        const COLUMNS: &[&str] = &[
            "Case",
            "What",
            "Stage",
            "Evidence",
            "Age in days",
            "Due",
            "In hand",
        ];
        let mut table = Table::new("Cases, the most urgent first", COLUMNS, "No case fits.");
        for line in &self.cases {
            let marks = [(line.exploited, "exploited"), (line.proven, "proven")];
            let mark = Cell::tags(marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word));
            let title = line.title.as_deref().unwrap_or("not told yet");
            let held = line
                .held_by
                .as_deref()
                .map(|name| Cell::text(format!("Held by {name}")));
            table.row(vec![
                Cell::link(line.case.clone(), format!("/cases/{}", line.case)),
                Cell::text(title),
                Cell::tag(line.shown_stage),
                mark,
                Cell::number(age_days(line.opened, self.now)),
                Cell::when(line.due),
                held.unwrap_or(Cell::Nothing),
            ]);
        }
        table
    }

    fn pages(&self) -> Pages {
        Pages::new(self.page, self.more, &self.address)
    }
}

impl From<Line> for LineView {
    fn from(line: Line) -> LineView {
        LineView {
            case: line.case.to_string(),
            stage: line.stage.as_str(),
            shown_stage: line.stage.shown(),
            title: line.title,
            ecosystem: line.ecosystem,
            exploited: line.exploited,
            proven: line.proven,
            due: line.due,
            embargo_until: line.embargo_until,
            held_by: line.held_by.map(|(_, name)| name),
            opened: line.opened,
        }
    }
}

/// The cases one may see, the most urgent first.
#[utoipa::path(get, path = "/cases", tag = "cases",
    params(
        ("q" = Option<String>, Query, description = "`stage:triage`, `ecosystem:cargo`, `is:exploited`, `is:proven`, `held:me`"),
        ("page" = Option<u32>, Query, description = "from 1")),
    responses((status = 200, body = QueueView)))]
async fn list(ask: Ask) -> Answer {
    let member = ask.member()?;
    let filter = Filter::read(&ask, WORDS);
    let mut refusal = Refusal::none();
    let mut narrowed = Narrowed {
        stages: filter
            .parsed::<Stage>("stage", &mut refusal)
            .into_iter()
            .collect(),
        ecosystem: filter.get("ecosystem").map(Box::from),
        exploited: filter.get("is") == Some("exploited"),
        proven: filter.get("is") == Some("proven"),
        ..Narrowed::default()
    };
    if filter.get("held") == Some("me") {
        narrowed.held_by = Some(member.id);
    }
    refusal.or(())?;
    let actor = ask.visitor.actor();
    let (lines, more) =
        queue::queue(&ask.app.house, &actor, &narrowed, filter.page(), ask.now).await?;
    let view = QueueView {
        cases: lines.into_iter().map(LineView::from).collect(),
        page: filter.page(),
        more,
        now: ask.now,
        chips: filter.chips(),
        address: filter.address(),
    };
    ask.page(Head::private("Cases").page(filter.page()).wide(), &view)
}

pub fn routes() -> Routes {
    Routes::new().both("see_work", routes!(list))
}
