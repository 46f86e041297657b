//! Which table, which defaults?
//!
//! BOD 26-04 promises a reassessment of its timelines every fiscal year, so an edition of the table is a data
//! file with its date and source, and a later one is a file more. Row numbers are the directive's own.

use crate::Regime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// One edition of the directive's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// `bod-26-04/2026-06-10`.
    pub id: String,
    pub name: String,
    pub date: jiff::civil::Date,
    pub source: Vec<String>,
    pub rows: Vec<Row>,
    pub triage: TriageHours,
    /// What each decision by this edition rests on.
    pub citations: Vec<String>,
    pub triage_citation: String,
    pub upgrade_citation: String,
}

/// One row: four answers and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The directive's own number.
    pub number: u8,
    pub answers: Answers,
    pub timeline: Timeline,
}

/// The four answers a row is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Answers {
    pub exposed: bool,
    pub kev: bool,
    pub automatable: bool,
    pub total: bool,
}

/// How long, and whether to look for an intruder first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// `3DF`, `3D`, `14D`, `60D`, `FSU`, as CERT/CC keys them.
    pub key: String,
    /// `14 days`.
    pub name: String,
    /// Calendar days; `None` is the next scheduled major upgrade or rebuild.
    pub days: Option<u16>,
    pub triage: bool,
}

impl Timeline {
    /// Orders timelines, the strictest first.
    pub fn strictness(&self) -> (u16, bool) {
        (self.days.unwrap_or(u16::MAX), !self.triage)
    }
}

/// The hours of forensic triage.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriageHours {
    pub scope_hours: u16,
    pub preserve_hours: u16,
    pub decide_hours: u16,
    pub source: String,
}

/// What a regime makes of the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The id of a [`Regime`].
    pub id: String,
    pub name: String,
    /// The id of the [`Edition`] it decides by.
    pub edition: String,
    pub automatable: DefaultAnswer,
    pub total: DefaultAnswer,
}

/// The answer taken where nobody has given one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultAnswer {
    pub answer: bool,
    pub why: String,
}

/// A clock that runs beside the directive's. For information: it changes no date of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    pub id: String,
    pub name: String,
    pub who: String,
    pub clock: String,
    pub source: String,
    /// Whether more than one weak source says so.
    pub confirmed: bool,
}

/// Every edition we hold, oldest first.
pub fn editions() -> &'static [Edition] {
    &EDITIONS
}

/// The edition with this id.
pub fn edition(id: &str) -> Option<&'static Edition> {
    EDITIONS.iter().find(|edition| edition.id == id)
}

/// The rules of a regime.
pub fn rules(regime: Regime) -> &'static Rules {
    RULES
        .iter()
        .find(|rules| rules.id == regime.id())
        .expect("every regime has rules; a test walks them")
}

/// The clocks beside ours.
pub fn neighbours() -> &'static [Neighbour] {
    &NEIGHBOURS
}

static EDITIONS: LazyLock<Vec<Edition>> = LazyLock::new(|| {
    [include_str!("../../data/bod-26-04.json")]
        .into_iter()
        .map(|text| Edition::read(text).expect("our own data, read by every test"))
        .collect()
});

static RULES: LazyLock<Vec<Rules>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        regimes: Vec<Rules>,
    }
    let file: File = serde_json::from_str(include_str!("../../data/regimes.json"))
        .expect("our own data, read by every test");
    file.regimes
});

static NEIGHBOURS: LazyLock<Vec<Neighbour>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        clocks: Vec<Neighbour>,
    }
    let file: File = serde_json::from_str(include_str!("../../data/neighbours.json"))
        .expect("our own data, read by every test");
    file.clocks
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEdition {
    id: String,
    name: String,
    date: jiff::civil::Date,
    source: Vec<String>,
    timelines: Vec<Timeline>,
    columns: String,
    rows: Vec<String>,
    triage: TriageHours,
    citations: Vec<String>,
    triage_citation: String,
    upgrade_citation: String,
}

const COLUMNS: &str = "row exposed kev automatable impact timeline";

impl Edition {
    /// Reads an edition's data file. Says all that is wrong with it: every combination of answers must be there
    /// once, under a number of its own.
    pub fn read(text: &str) -> Result<Edition, Vec<String>> {
        let raw: RawEdition =
            serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
        let mut problems = Vec::new();
        if raw.columns != COLUMNS {
            problems.push(format!(
                "columns are `{}`; they must be `{COLUMNS}`",
                raw.columns
            ));
        }
        let mut rows = Vec::new();
        for line in &raw.rows {
            match Row::read(line, &raw.timelines) {
                Ok(row) => rows.push(row),
                Err(problem) => problems.push(problem),
            }
        }
        problems.extend(gaps(&rows));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Edition {
            id: raw.id,
            name: raw.name,
            date: raw.date,
            source: raw.source,
            rows,
            triage: raw.triage,
            citations: raw.citations,
            triage_citation: raw.triage_citation,
            upgrade_citation: raw.upgrade_citation,
        })
    }

    /// The row for these answers.
    pub fn row(&self, answers: Answers) -> &Row {
        self.rows
            .iter()
            .find(|row| row.answers == answers)
            .expect("an edition holds every combination; `read` refuses others")
    }
}

/// What keeps rows from being a whole table.
fn gaps(rows: &[Row]) -> Vec<String> {
    let answers: BTreeSet<Answers> = rows.iter().map(|row| row.answers).collect();
    let numbers: BTreeSet<u8> = rows.iter().map(|row| row.number).collect();
    let mut problems = Vec::new();
    if answers.len() != 16 || rows.len() != 16 {
        problems.push(format!(
            "{} rows hold {} of the 16 combinations of answers; each must be there once",
            rows.len(),
            answers.len()
        ));
    }
    if numbers.len() != rows.len() {
        problems.push("a row number is there twice".to_owned());
    }
    problems
}

impl Row {
    fn read(line: &str, timelines: &[Timeline]) -> Result<Row, String> {
        let wrong = |why: &str| format!("row `{line}` {why}; write `1 Y Y Y T 3DF`");
        let cells: Vec<&str> = line.split(' ').collect();
        let [number, exposed, kev, automatable, impact, timeline] = cells[..] else {
            return Err(wrong("has not six cells"));
        };
        let answer = |cell: &str, yes: &str, no: &str| match cell {
            _ if cell == yes => Ok(true),
            _ if cell == no => Ok(false),
            _ => Err(wrong(&format!("answers `{cell}`"))),
        };
        Ok(Row {
            number: number.parse().map_err(|_| wrong("has no number"))?,
            answers: Answers {
                exposed: answer(exposed, "Y", "N")?,
                kev: answer(kev, "Y", "N")?,
                automatable: answer(automatable, "Y", "N")?,
                total: answer(impact, "T", "P")?,
            },
            timeline: timelines
                .iter()
                .find(|known| known.key == timeline)
                .cloned()
                .ok_or_else(|| {
                    wrong(&format!(
                        "names the timeline `{timeline}`, which is not listed"
                    ))
                })?,
        })
    }
}
