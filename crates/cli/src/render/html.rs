//! One page to print, that a board can read: figures, a timeline, what to do, what changed, and what is not known.
//!
//! Self-contained: one file, its own style, no script, nothing fetched. Everything a stranger wrote is escaped.

use std::io::{self, Write};

use askama::Template;
use jiff::civil::Date;
use scan::report::{Action, ActionKind, Report, Row, State};

use super::text::{date_words, days_words, thousands};

/// Rows told one by one in the annex. A page of 3,000 rows prints on about 100 sheets; the CSV holds all.
const ROWS_MAX: usize = 3_000;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    title: String,
    today: Date,
    style: &'static str,
    bars: Vec<Bar>,
    dated: Vec<&'a Action>,
    undated: Vec<&'a Action>,
    confirm: Vec<&'a Action>,
    kept: Vec<&'a Row>,
    disagreements: Vec<String>,
    rows: Vec<&'a Row>,
    rows_left_out: usize,
}

/// One bar of the timeline.
struct Bar {
    label: &'static str,
    count: u64,
    /// Percent of the longest bar.
    width: u64,
    class: &'static str,
}

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let today = report
        .generated
        .unwrap_or_default()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let confirm = |action: &&Action| action.kind == ActionKind::Confirm;
    let page = Page {
        report,
        title: if report.organization.is_empty() {
            "Security updates: what to do by when".to_owned()
        } else {
            format!(
                "{}: security updates, what to do by when",
                report.organization
            )
        },
        today,
        style: include_str!("../../templates/report.css"),
        bars: bars(report),
        dated: report
            .actions
            .iter()
            .filter(|action| !confirm(action) && action.due.is_some())
            .collect(),
        undated: report
            .actions
            .iter()
            .filter(|action| !confirm(action) && action.due.is_none())
            .collect(),
        confirm: report.actions.iter().filter(confirm).collect(),
        disagreements: disagreements(report),
        kept: report
            .rows
            .iter()
            .filter(|row| row.state != State::Open)
            .collect(),
        rows: report.rows.iter().take(ROWS_MAX).collect(),
        rows_left_out: report.rows.len().saturating_sub(ROWS_MAX),
    };
    let mut out = out;
    page.write_into(&mut out)
}

/// What sources say against each other, each once.
pub fn disagreements(report: &Report) -> Vec<String> {
    let all = report
        .rows
        .iter()
        .flat_map(|row| row.contradictions.iter().map(move |found| (row, found)));
    let said = all.map(|(row, found)| {
        format!(
            "{}, {}: {}; but {}",
            row.flaw, found.about, found.one, found.other
        )
    });
    said.collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect()
}

fn bars(report: &Report) -> Vec<Bar> {
    let summary = &report.summary;
    let counts = [
        ("Overdue", summary.overdue, "stop"),
        ("Within 3 days", summary.within_3_days, "stop"),
        ("Within 14 days", summary.within_14_days, "wait"),
        ("Within 60 days", summary.within_60_days, "link"),
        ("At the next upgrade", summary.on_upgrade, "dim"),
    ];
    let most = counts
        .iter()
        .map(|(_, count, _)| *count)
        .max()
        .unwrap_or(0)
        .max(1);
    counts
        .into_iter()
        .map(|(label, count, class)| Bar {
            label,
            count,
            width: count * 100 / most,
            class,
        })
        .collect()
}

impl Page<'_> {
    fn date(&self, date: &Option<Date>) -> String {
        date.map(date_words).unwrap_or_default()
    }

    fn away(&self, date: &Option<Date>) -> String {
        date.map(|date| days_words(date, self.today))
            .unwrap_or_default()
    }

    fn number(&self, number: &u64) -> String {
        thousands(*number)
    }

    fn time(&self, time: &Option<jiff::Timestamp>) -> String {
        time.map(|time| time.strftime("%-d %B %Y %H:%M UTC").to_string())
            .unwrap_or_default()
    }

    fn percent(&self, part: &Option<f64>) -> String {
        part.map(|part| format!("{:.1}%", part * 100.0))
            .unwrap_or_default()
    }

    fn exposure(&self, exposed: &Option<bool>) -> &'static str {
        match exposed {
            Some(true) => "yes",
            Some(false) => "no",
            None => "nobody has said",
        }
    }
}
