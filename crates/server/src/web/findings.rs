//! `/findings/F-000123`: one flaw, the reports that are of it, and why they are.

use askama::Template;
use clearinghouse::deconflict::{self, Found, Reported};
use jiff::Timestamp;
use names::FindingId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::page::{Ask, Path};
use crate::part::{Cell, Facts, Table, When};
use crate::routes::Routes;
use crate::{Answer, Head};

/// A finding, as its reader may see it. What the reader may not see is absent or empty.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "finding/show.html")]
struct FindingView {
    /// `F-000123`.
    finding: String,
    title: Option<Box<str>>,
    /// `C-000123`.
    case: Option<String>,
    stage: Option<&'static str>,
    /// `A-000123`.
    advisory: Option<String>,
    /// The finding that it is a part of now.
    part_of: Option<String>,
    reports: Vec<ReportedView>,
    /// How many reports there are, for whoever sees all of them.
    report_count: Option<usize>,
    /// Findings of the same cause at another place.
    siblings: Vec<String>,
    /// For whoever decides what is the same.
    questions: Vec<QuestionView>,
    #[serde(skip)]
    #[schema(ignore)]
    decides: bool,
}

/// A report of the finding.
#[derive(Serialize, ToSchema)]
struct ReportedView {
    /// `R-000123`.
    report: String,
    finder: Box<str>,
    #[schema(value_type = String)]
    received: Timestamp,
    title: Box<str>,
    /// How it came to be of this finding.
    history: Vec<StepView>,
    /// What speaks for it, the heaviest first.
    why: Vec<Box<str>>,
}

/// Something that was decided of a report.
#[derive(Serialize, ToSchema)]
struct StepView {
    #[schema(value_type = String)]
    at: Timestamp,
    said: String,
}

/// Whether it and another finding are one.
#[derive(Serialize, ToSchema)]
struct QuestionView {
    pair: i64,
    /// `F-000123`.
    other: String,
    /// `unsure`, `same`, `apart`, `sibling`.
    state: Box<str>,
}

impl From<Reported> for ReportedView {
    fn from(one: Reported) -> ReportedView {
        let step = |(at, said)| StepView { at, said };
        ReportedView {
            report: one.report.to_string(),
            finder: one.finder,
            received: one.received,
            title: one.title,
            history: one.history.into_iter().map(step).collect(),
            why: one.why,
        }
    }
}

impl StepView {
    fn when(&self) -> When {
        When::new(self.at)
    }
}

impl ReportedView {
    fn when(&self) -> When {
        When::new(self.received)
    }
}

impl From<Found> for FindingView {
    fn from(found: Found) -> FindingView {
        let question = |one: deconflict::Question| QuestionView {
            pair: one.pair,
            other: one.other.to_string(),
            state: one.state,
        };
        FindingView {
            finding: found.id.to_string(),
            title: found.title,
            case: found.case.as_ref().map(|(id, _)| id.to_string()),
            stage: found.case.map(|(_, stage)| stage.shown()),
            advisory: found.advisory.map(|id| id.to_string()),
            part_of: found.part_of.map(|id| id.to_string()),
            report_count: found.count,
            reports: found.reports.into_iter().map(ReportedView::from).collect(),
            siblings: found.siblings.iter().map(FindingId::to_string).collect(),
            questions: found.questions.into_iter().map(question).collect(),
            decides: found.decides,
        }
    }
}

impl FindingView {
    fn facts(&self) -> Facts {
        let mut facts = Facts::new().fact("Finding", Cell::code(&self.finding));
        if let Some(case) = &self.case {
            facts = facts.fact("Case", Cell::link(case.clone(), format!("/cases/{case}")));
        }
        if let Some(stage) = self.stage {
            facts = facts.fact("Stage", Cell::tag(stage));
        }
        if let Some(advisory) = &self.advisory {
            let link = Cell::link(advisory.clone(), format!("/advisories/{advisory}"));
            facts = facts.fact("Advisory", link);
        }
        match self.report_count {
            Some(count) => facts.fact("Reports", Cell::number(count)),
            None => facts,
        }
    }

    /// Whether a report can be taken out of it.
    fn splits(&self) -> bool {
        self.decides && self.report_count.is_some_and(|count| count > 1)
    }

    fn question_table(&self) -> Table {
        const COLUMNS: &[&str] = &[
            "Other finding",
            "What was said",
            "Look at it, or take it back",
        ];
        let empty = "Nobody asked whether it is the same as another.";
        let mut table = Table::new("Is it the same as another?", COLUMNS, empty);
        for one in &self.questions {
            let said = match &*one.state {
                "same" => Cell::tag("joined"),
                "apart" => Cell::tag("two flaws"),
                "sibling" => Cell::tag("siblings"),
                _ => Cell::tag("unsure"),
            };
            table.row(vec![
                Cell::link(one.other.clone(), format!("/findings/{}", one.other)),
                said,
                Cell::link(
                    format!("Question {}", one.pair),
                    format!("/compare/{}", one.pair),
                ),
            ]);
        }
        table
    }
}

/// One finding with its reports, and why they are of one flaw.
#[utoipa::path(get, path = "/findings/{id}", tag = "findings",
    params(("id" = String, Path, description = "`F-000123`")), responses((status = 200, body = FindingView)))]
async fn show(ask: Ask, Path(id): Path<FindingId>) -> Answer {
    let actor = ask.visitor.actor();
    let found = deconflict::of_finding(&ask.app.house, &actor, id, ask.now).await?;
    let view = FindingView::from(found);
    let title = match &view.title {
        Some(title) => format!("{id}: {title}"),
        None => id.to_string(),
    };
    ask.page(Head::private(title), &view)
}

pub fn routes() -> Routes {
    Routes::new().both("see_finding", routes!(show))
}
