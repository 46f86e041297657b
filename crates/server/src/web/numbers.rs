//! `/numbers`: the work as a whole, for everyone; no number tells of a flaw that is open.

use askama::Template;
use clearinghouse::numbers;
use finding::numbers::{GRAIN, MONTHS_MAX, Numbers, SAMPLES_MIN, Shown};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::page::Ask;
use crate::part::{Cell, Facts, Table};
use crate::routes::Routes;
use crate::{Answer, Head};

/// Months change once a month, and publications a few times a day.
const SECONDS: u32 = 600;

/// The height of a chart's tallest bar, in units of its own.
const BAR_MAX: u64 = 120;

/// What everyone is told.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "numbers/show.html")]
struct NumbersView {
    /// Months that are over, the oldest first.
    months: Vec<MonthView>,
    /// Reports that came in, rounded down to tens; absent below ten.
    received: Option<u64>,
    /// Reports of a flaw that was here, rounded down to tens; absent below ten.
    duplicates: Option<u64>,
    /// Advisories, exactly.
    published: u64,
    /// Of the published, rounded down to tens; absent below ten.
    proven: Option<u64>,
    /// Of the published, rounded down to tens; absent below ten.
    fixed: Option<u64>,
    medians: Vec<MedianView>,
}

/// A month that is over.
#[derive(Serialize, ToSchema)]
struct MonthView {
    /// `2026-10`.
    month: String,
    /// Rounded down to tens; absent below ten.
    received: Option<u64>,
    /// Rounded down to tens; absent below ten.
    duplicates: Option<u64>,
    published: u64,
}

/// How long a step took.
#[derive(Serialize, ToSchema)]
struct MedianView {
    /// `sent`, `verdict`, `fixed`, `published`.
    step: &'static str,
    /// In words.
    said: &'static str,
    /// The median of what is published; absent where there is too little.
    days: Option<u32>,
}

fn tens(shown: Shown) -> Option<u64> {
    match shown {
        Shown::Few => None,
        Shown::AtLeast(count) => Some(count),
    }
}

fn said(count: Option<u64>) -> Cell {
    match count {
        None => Cell::text(format!("fewer than {GRAIN}")),
        Some(count) => Cell::number(format!("{count} or more")),
    }
}

/// A bar of a chart.
struct Bar {
    x: usize,
    y: u64,
    height: u64,
    label: String,
    value: String,
}

impl From<Numbers> for NumbersView {
    fn from(numbers: Numbers) -> NumbersView {
        let month = |one: &finding::numbers::MonthShown| MonthView {
            month: one.first.strftime("%Y-%m").to_string(),
            received: tens(one.received),
            duplicates: tens(one.duplicates),
            published: one.published,
        };
        NumbersView {
            months: numbers.months.iter().map(month).collect(),
            received: tens(numbers.received),
            duplicates: tens(numbers.duplicates),
            published: numbers.published,
            proven: tens(numbers.proven),
            fixed: tens(numbers.fixed),
            medians: numbers
                .medians
                .iter()
                .map(|(step, days)| MedianView {
                    step: step.as_str(),
                    said: step.words(),
                    days: *days,
                })
                .collect(),
        }
    }
}

impl NumbersView {
    fn facts(&self) -> Facts {
        Facts::new()
            .fact("Reports received", said(self.received))
            .fact("Duplicates stopped", said(self.duplicates))
            .fact("Published", Cell::number(self.published))
            .fact("Of these, shown by a proof", said(self.proven))
            .fact("Of these, with a fix", said(self.fixed))
    }

    fn grain(&self) -> u64 {
        GRAIN
    }

    fn samples(&self) -> usize {
        SAMPLES_MIN
    }

    fn month_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Month", "Received", "Duplicates stopped", "Published"];
        let mut table = Table::new("By month", COLUMNS, "No month is over yet.");
        for one in self.months.iter().rev() {
            table.row(vec![
                Cell::text(&*one.month),
                said(one.received),
                said(one.duplicates),
                Cell::number(one.published),
            ]);
        }
        table
    }

    fn median_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Step", "Median days"];
        let mut table = Table::new("How long a step takes", COLUMNS, "No step is told.");
        for one in &self.medians {
            let days = match one.days {
                Some(days) => Cell::number(days),
                None => Cell::text("too few to tell"),
            };
            table.row(vec![Cell::text(one.said), days]);
        }
        table
    }

    /// A bar for each month, with a second one before it for the duplicates among them.
    fn bars(&self, duplicates: bool) -> Vec<Bar> {
        let count = |one: &MonthView| match duplicates {
            true => one.duplicates.unwrap_or(0),
            false => one.received.unwrap_or(0),
        };
        let most = self
            .months
            .iter()
            .filter_map(|one| one.received)
            .max()
            .unwrap_or(0)
            .max(1);
        let bar = |(place, one): (usize, &MonthView)| {
            let height = count(one) * BAR_MAX / most;
            Bar {
                x: place * 52 + if duplicates { 24 } else { 4 },
                y: BAR_MAX + 20 - height,
                height,
                label: one.month.clone(),
                value: count(one).to_string(),
            }
        };
        self.months.iter().enumerate().map(bar).collect()
    }

    /// As wide for one month as for all that are ever told, so that a bar is as wide every month.
    fn width(&self) -> usize {
        MONTHS_MAX * 52 + 8
    }

    /// Bars of days, one below the other; none where nothing is told.
    fn days(&self) -> Vec<Bar> {
        let told = self.medians.iter().filter_map(|one| Some((one, one.days?)));
        let most = told.clone().map(|(_, days)| days).max().unwrap_or(0).max(1);
        let bar = |(place, (one, days)): (usize, (&MedianView, u32))| Bar {
            x: place * 44,
            y: 0,
            height: u64::from(days) * 300 / u64::from(most),
            label: one.said.to_owned(),
            value: days.to_string(),
        };
        told.enumerate().map(bar).collect()
    }
}

/// The work as a whole: what came in, what was a duplicate, what was proven, fixed and published, and how long it took.
#[utoipa::path(get, path = "/numbers", tag = "numbers", responses((status = 200, body = NumbersView)))]
async fn show(ask: Ask) -> Answer {
    let actor = ask.visitor.actor();
    let told = numbers::show(&ask.app.house, &actor, ask.now).await?;
    let view = NumbersView::from(told);
    let head = match ask.visitor.is_known() {
        true => Head::private("Numbers"),
        false => Head::public("Numbers", SECONDS),
    };
    ask.page(head, &view)
}

pub fn routes() -> Routes {
    Routes::new().both("see_numbers", routes!(show))
}
