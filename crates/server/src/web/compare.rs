//! `/compare`: two findings side by side, decided one after the other from the keyboard.
//!
//! The question whose turn it is stands at one address; the answer leads back to it, where the next one stands, with
//! a button that takes the last answer back. Fifty an hour are one in 72 seconds, so everything is on one page.

use askama::Template;
use clearinghouse::Failure;
use clearinghouse::deconflict::{self, Comparison, Decided, Line, Verdict};
use finding::deconflict::{Reason, Side as Speaks};
use jiff::Timestamp;
use names::ReportId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::form::{Fields, Form, Input};
use crate::page::{Ask, Path};
use crate::part::When;
use crate::routes::Routes;
use crate::{Answer, Head};

/// What stands above the next question.
pub(super) const DONE: &[(&str, &str)] = &[
    (
        "pair-same",
        "They are one finding now. The button below takes it back.",
    ),
    (
        "pair-apart",
        "They stay two, and nobody is asked again. The button below takes it back.",
    ),
    (
        "pair-sibling",
        "They stay two, and are linked as siblings. The button below takes it back.",
    ),
    ("pair-skip", "It comes again when the others are answered."),
    (
        "pair-undone",
        "The last answer is taken back; everything is where it was, and the question waits again.",
    ),
    (
        "report-split",
        "The report stands for itself now, as a finding of its own.",
    ),
];

/// The question whose turn it is.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "compare/next.html")]
struct NextView {
    /// Questions that wait, this one among them.
    waiting: i64,
    /// Questions that you answered in the last hour.
    answered: i64,
    /// None where nothing waits.
    comparison: Option<CompareView>,
    /// The question that was answered last, by its number.
    #[serde(skip)]
    #[schema(ignore)]
    last: Option<i64>,
}

/// Two findings that may be one.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "compare/show.html")]
struct CompareView {
    pair: i64,
    /// `unsure`, `same`, `apart`, `sibling`.
    state: Box<str>,
    newer: SideView,
    older: SideView,
    lines: Vec<LineView>,
    /// What speaks for one flaw, the heaviest first.
    why_for: Vec<ReasonView>,
    /// What speaks against it.
    why_against: Vec<ReasonView>,
    /// The sum of both; from 40 on a person is asked.
    points: i64,
}

// Its own template has escaped everything already.
impl askama::filters::HtmlSafe for CompareView {}

/// One of the two, by its report that is closest to the other.
#[derive(Serialize, ToSchema)]
struct SideView {
    /// `F-000123`.
    finding: String,
    /// `R-000123`.
    report: String,
    /// Reports of the finding.
    reports: usize,
    #[schema(value_type = String)]
    received: Timestamp,
    title: Box<str>,
    description: Box<str>,
}

/// One fact of both.
#[derive(Serialize, ToSchema)]
#[schema(as = CompareLineView)]
struct LineView {
    name: &'static str,
    newer: Vec<ValueView>,
    older: Vec<ValueView>,
    agrees: bool,
}

/// A value, and whether the other one has it too.
#[derive(Serialize, ToSchema)]
struct ValueView {
    value: String,
    shared: bool,
}

/// A piece of evidence, and what it weighs.
#[derive(Serialize, ToSchema)]
struct ReasonView {
    points: u8,
    words: Box<str>,
}

/// What was decided.
#[derive(Serialize, ToSchema)]
struct DecidedView {
    pair: i64,
    verdict: &'static str,
    /// The finding that is part of the other now.
    merged: Option<String>,
    /// The finding that it is part of.
    into: Option<String>,
}

/// An answer to a question.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; here for the document alone")]
struct Answering {
    /// `same`, `apart`, `sibling` or `skip`.
    verdict: String,
}

/// An answer as it was read.
struct Written(Verdict);

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let word = fields.line("verdict", "a verdict", 20)?;
        let verdict = Verdict::parse(&word);
        if verdict.is_none() {
            fields.wrong(
                "verdict",
                format!("`{word}` is no verdict; give `same`, `apart`, `sibling` or `skip`"),
            );
        }
        verdict.map(Written)
    }
}

impl From<deconflict::Side> for SideView {
    fn from(side: deconflict::Side) -> SideView {
        SideView {
            finding: side.finding.to_string(),
            report: side.report.to_string(),
            reports: side.reports,
            received: side.received,
            title: side.title,
            description: side.description,
        }
    }
}

impl SideView {
    fn when(&self) -> When {
        When::new(self.received)
    }
}

impl From<Line> for LineView {
    fn from(line: Line) -> LineView {
        let values = |list: &[String]| {
            let values = list.iter().map(|value| ValueView {
                value: value.clone(),
                shared: line.shared(value),
            });
            values.collect()
        };
        LineView {
            name: line.name,
            newer: values(&line.newer),
            older: values(&line.older),
            agrees: line.agrees(),
        }
    }
}

impl From<Comparison> for CompareView {
    fn from(comparison: Comparison) -> CompareView {
        let of = |side: Speaks| {
            let reasons = comparison.why.iter().filter(|reason| reason.side == side);
            let views = reasons.map(|Reason { points, words, .. }| ReasonView {
                points: *points,
                words: words.clone(),
            });
            views.collect()
        };
        CompareView {
            why_for: of(Speaks::For),
            why_against: of(Speaks::Against),
            pair: comparison.pair,
            state: comparison.state,
            newer: comparison.newer.into(),
            older: comparison.older.into(),
            lines: comparison.lines.into_iter().map(LineView::from).collect(),
            points: comparison.points,
        }
    }
}

impl LineView {
    fn columns(&self) -> Vec<&Vec<ValueView>> {
        vec![&self.newer, &self.older]
    }
}

impl CompareView {
    fn sides(&self) -> Vec<&SideView> {
        vec![&self.newer, &self.older]
    }

    fn is_open(&self) -> bool {
        &*self.state == "unsure"
    }

    fn said(&self) -> &'static str {
        match &*self.state {
            "same" => "They are one finding.",
            "sibling" => "They are two, and linked as siblings.",
            _ => "They are two.",
        }
    }
}

/// The question whose turn it is, and how many wait.
#[utoipa::path(get, path = "/compare", tag = "compare", responses((status = 200, body = NextView)))]
async fn next(ask: Ask) -> Answer {
    let found = deconflict::next(&ask.app.house, &ask.visitor.actor(), ask.now).await?;
    let (waiting, answered) = found
        .as_ref()
        .map_or((0, 0), |found| (found.waiting, found.answered));
    let view = NextView {
        waiting,
        answered,
        comparison: found.map(CompareView::from),
        last: last(ask.query()),
    };
    ask.page(Head::private("The same flaw?").wide(), &view)
}

/// The question that was answered last: `last=12` of the query.
fn last(query: &str) -> Option<i64> {
    let value = query.split('&').find_map(|part| part.strip_prefix("last="));
    value.and_then(|value| value.parse().ok())
}

/// One question, answered or not.
#[utoipa::path(get, path = "/compare/{pair}", tag = "compare",
    params(("pair" = i64, Path)), responses((status = 200, body = CompareView)))]
async fn show(ask: Ask, Path(pair): Path<i64>) -> Answer {
    let found = deconflict::show(&ask.app.house, &ask.visitor.actor(), pair, ask.now).await?;
    let head = Head::private(format!(
        "{} and {}",
        found.newer.finding, found.older.finding
    ));
    ask.page(
        head.wide().under("The same flaw?", "/compare"),
        &CompareView::from(found),
    )
}

/// Answers a question; a merge moves every report of one finding into the other, and can be taken back.
#[utoipa::path(post, path = "/compare/{pair}", tag = "compare", params(("pair" = i64, Path)),
    request_body = Answering, responses((status = 201, body = DecidedView)))]
async fn decide(ask: Ask, Path(pair): Path<i64>, form: Form) -> Answer {
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let outcome = match form.read::<Written>() {
        Ok(Written(verdict)) => deconflict::decide(house, &actor, pair, verdict, ask.now).await,
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(decided) => made(&ask, &decided),
        Err(Failure::Refused(refusal)) => {
            let found = deconflict::show(house, &actor, pair, ask.now).await?;
            let head = Head::private("The same flaw?").wide();
            Err(ask.refused(refusal, head, &CompareView::from(found)))
        }
        Err(other) => Err(other.into()),
    }
}

fn made(ask: &Ask, decided: &Decided) -> Answer {
    let done = match decided.verdict {
        Verdict::Same => "pair-same",
        Verdict::Apart => "pair-apart",
        Verdict::Sibling => "pair-sibling",
        Verdict::Skip => "pair-skip",
    };
    let address = match decided.verdict {
        Verdict::Skip => "/compare".to_owned(),
        _ => format!("/compare?last={}", decided.pair),
    };
    let view = DecidedView {
        pair: decided.pair,
        verdict: decided.verdict.as_str(),
        merged: decided.merged.map(|(from, _)| from.to_string()),
        into: decided.merged.map(|(_, into)| into.to_string()),
    };
    ask.made(&address, done, &view)
}

/// Takes an answer back: every report is in the finding it was in, and the question waits again.
#[utoipa::path(post, path = "/compare/{pair}/undo", tag = "compare",
    params(("pair" = i64, Path)), responses((status = 204)))]
async fn undo(ask: Ask, Path(pair): Path<i64>) -> Answer {
    deconflict::undo(&ask.app.house, &ask.visitor.actor(), pair, ask.now).await?;
    ask.changed(&format!("/compare/{pair}"), "pair-undone")
}

/// Takes a report out of its finding into a new one of its own.
#[utoipa::path(post, path = "/reports/{id}/split", tag = "compare",
    params(("id" = String, Path)), responses((status = 204)))]
async fn split(ask: Ask, Path(id): Path<ReportId>) -> Answer {
    deconflict::split(&ask.app.house, &ask.visitor.actor(), id, ask.now).await?;
    ask.changed("/compare", "report-split")
}

pub fn routes() -> Routes {
    Routes::new()
        .both("decide_unsure", routes!(next))
        .both("decide_unsure", routes!(show))
        .both("merge", routes!(decide))
        .both("split", routes!(undo))
        .both("split", routes!(split))
}

#[cfg(test)]
mod tests {
    use names::FindingId;

    use super::*;

    fn side(finding: i64, title: &str) -> deconflict::Side {
        deconflict::Side {
            finding: FindingId::new(finding),
            report: ReportId::new(finding),
            reports: 1,
            received: "2026-11-20T12:00:00Z".parse().unwrap(),
            title: title.into(),
            description: "".into(),
        }
    }

    fn view() -> CompareView {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let line = |name, newer: &[&str], older: &[&str]| Line {
            name,
            newer: list(newer),
            older: list(older),
        };
        CompareView::from(Comparison {
            pair: 7,
            state: "unsure".into(),
            newer: side(2, "Overflow <script>alert(1)</script>"),
            older: side(1, "Overflow"),
            lines: vec![
                line("Weakness", &["CWE-787"], &["CWE-125"]),
                line(
                    "Place",
                    &["png/read.c:12 png_copy"],
                    &["png/read.c:12 png_copy"],
                ),
            ],
            why: vec![
                Reason::new(28, "the same line of `png_copy` in `read.c`"),
                Reason::new(-3, "another kind of crash: access here, abort there"),
            ],
            points: 41,
            waiting: 3,
            answered: 12,
        })
    }

    #[test]
    fn a_comparison_marks_what_only_one_says_and_takes_every_answer_from_the_keyboard() {
        let page = view().render().unwrap();
        assert!(page.contains("<mark><code>CWE-787</code></mark>"), "{page}");
        assert!(
            page.contains("<td><code>png/read.c:12 png_copy</code>"),
            "{page}"
        );
        for (verdict, key) in [
            ("same", 's'),
            ("apart", 'n'),
            ("sibling", 'b'),
            ("skip", 'k'),
        ] {
            let button = format!("value=\"{verdict}\" accesskey=\"{key}\"");
            assert!(page.contains(&button), "{button}");
            assert!(Verdict::parse(verdict).is_some());
        }
        assert!(!page.contains("<script"), "{page}");
    }

    #[test]
    fn the_next_question_stands_with_a_way_back_from_the_last() {
        let view = NextView {
            waiting: 3,
            answered: 12,
            comparison: Some(view()),
            last: last("done=pair-same&last=6"),
        };
        let page = view.render().unwrap();
        assert!(
            page.contains("3 questions wait; you answered 12 in the last hour."),
            "{page}"
        );
        assert!(page.contains("action=\"/compare/6/undo\""), "{page}");
        assert!(page.contains("action=\"/compare/7\""), "{page}");
    }
}
