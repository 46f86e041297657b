//! What does a stakeholder-specific tree say?
//!
//! SSVC (CERT/CC, schema 2.0.0): a decision point is a question with a few answers, a decision table maps every
//! combination of answers to an outcome. Points and tables are data under `data/`, each with its namespaced id
//! and version (`cisa:DT_BOD2604:1.0.0`); an older version stays an entry of its own.
//!
//! What is odd: tables published as CSV carry row numbers of their own order. A row is found by its answers,
//! never by a number.

use crate::{Exploitation, Facts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// CERT/CC's rendering of BOD 26-04, Table 1. The directive's own, with its row numbers, is in [`crate::bod2604`].
pub const CISA_BOD_26_04: &str = "cisa:DT_BOD2604:1.0.0";
/// How CISA as a coordinator acts on a flaw: track, track closely, attend, act.
pub const CISA_COORDINATOR: &str = "cisa:DT_CO:2.0.3";
/// Whether a coordinator takes up a report.
pub const COORDINATOR_TRIAGE: &str = "ssvc:DT_COORD_TRIAGE:1.0.0";
/// Whether a coordinator publishes.
pub const COORDINATOR_PUBLICATION: &str = "ssvc:DT_COORD_PUBLISH:1.0.0";
/// When whoever runs the software applies the fix.
pub const DEPLOYER: &str = "ssvc:DT_DP:1.0.0";
/// When whoever makes the software develops the fix.
pub const SUPPLIER: &str = "ssvc:DT_SP:1.0.0";

/// A question with its answers, least severe first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Point {
    /// `ssvc:E:1.1.0`.
    pub id: String,
    pub name: String,
    pub values: Vec<Value>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Value {
    /// `A`.
    pub key: String,
    /// `Active`.
    pub name: String,
}

/// A decision table.
#[derive(Clone, Debug)]
pub struct Table {
    /// `ssvc:DT_DP:1.0.0`.
    pub id: String,
    pub name: String,
    /// Ids of the points it asks, in its order.
    pub inputs: Vec<String>,
    /// Id of the point its outcomes belong to.
    pub outcome: String,
    rows: BTreeMap<Vec<String>, String>,
}

/// Answers given, by point id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selections(BTreeMap<String, String>);

impl Selections {
    /// Adds an answer: `with("ssvc:E:1.1.0", "A")`.
    #[must_use]
    pub fn with(mut self, point: &str, value: &str) -> Selections {
        self.0.insert(point.to_owned(), value.to_owned());
        self
    }

    /// The answer to one point.
    pub fn get(&self, point: &str) -> Option<&str> {
        self.0.get(point).map(String::as_str)
    }
}

/// What a table decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Outcome {
    /// The table's id with its version, so that the decision can be made again.
    pub table: String,
    /// The point the outcome belongs to.
    pub point: String,
    pub key: String,
    pub name: String,
}

/// What the facts of a flaw on an asset answer of the current points. What they do not say is left open, for
/// [`Table::possible`]; an entry of KEV is exploitation, whatever an older answer says.
pub fn selections(facts: &Facts) -> Selections {
    let yes = |answer: bool| if answer { "Y" } else { "N" };
    let exploitation = match facts.exploitation {
        _ if facts.kev_added.is_some() => Some("A"),
        Some(Exploitation::Active) => Some("A"),
        Some(Exploitation::Poc) => Some("P"),
        Some(Exploitation::None) => Some("N"),
        None => None,
    };
    [
        ("cisa:KEV:1.0.0", Some(yes(facts.kev_added.is_some()))),
        ("cisa:PE:1.0.0", facts.exposed.map(yes)),
        ("ssvc:E:1.1.0", exploitation),
        ("ssvc:A:2.0.0", facts.automatable.map(yes)),
        (
            "ssvc:TI:1.0.0",
            facts.total.map(|total| if total { "T" } else { "P" }),
        ),
        // Not exposed may still be small or controlled: only the operator knows which.
        (
            "ssvc:EXP:1.0.1",
            facts.exposed.filter(|exposed| *exposed).map(|_| "O"),
        ),
    ]
    .into_iter()
    .filter_map(|(point, value)| Some((point, value?)))
    .fold(Selections::default(), |given, (point, value)| {
        given.with(point, value)
    })
}

/// Every decision point we hold, all versions, by id.
pub fn points() -> &'static BTreeMap<String, Point> {
    &POINTS
}

/// Every decision table we hold.
pub fn tables() -> &'static [Table] {
    &TABLES
}

/// The table with this id.
pub fn table(id: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.id == id)
}

/// The point with this id.
pub fn point(id: &str) -> Option<&'static Point> {
    POINTS.get(id)
}

impl Point {
    /// The answer with this key or, letter case aside, this name.
    pub fn value(&self, text: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|value| value.key == text || value.name.eq_ignore_ascii_case(text))
    }
}

impl Table {
    /// Decides by a full set of answers, given as keys or names. Says every answer that is missing or unknown.
    pub fn decide(&self, selections: &Selections) -> Result<Outcome, Vec<String>> {
        let mut problems = Vec::new();
        let mut keys = Vec::new();
        for input in &self.inputs {
            match self.answer(input, selections) {
                Ok(Some(key)) => keys.push(key),
                Ok(None) => problems.push(format!(
                    "`{input}` is not answered; give one of {}",
                    choices(input)
                )),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let key = self.rows.get(&keys);
        key.map(|key| self.outcome(key))
            .ok_or_else(|| vec![format!("table `{}` has no row for these answers", self.id)])
    }

    /// Every outcome still possible when some points are not answered, least severe first.
    pub fn possible(&self, selections: &Selections) -> Result<Vec<Outcome>, Vec<String>> {
        let answers: Vec<_> = self
            .inputs
            .iter()
            .map(|input| self.answer(input, selections))
            .collect();
        let problems: Vec<String> = answers
            .iter()
            .filter_map(|answer| answer.clone().err())
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let fits = |keys: &[String]| {
            let pairs = keys.iter().zip(&answers);
            pairs.into_iter().all(|(key, answer)| match answer {
                Ok(Some(given)) => given == key,
                _ => true,
            })
        };
        let found: BTreeSet<&String> = self
            .rows
            .iter()
            .filter(|(keys, _)| fits(keys))
            .map(|(_, outcome)| outcome)
            .collect();
        let order = &POINTS[&self.outcome].values;
        Ok(order
            .iter()
            .filter(|value| found.contains(&value.key))
            .map(|value| self.outcome(&value.key))
            .collect())
    }

    /// How many combinations it holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn answer(&self, input: &str, selections: &Selections) -> Result<Option<String>, String> {
        let Some(text) = selections.get(input) else {
            return Ok(None);
        };
        match POINTS[input].value(text) {
            Some(value) => Ok(Some(value.key.clone())),
            None => Err(format!(
                "`{text}` is no answer to `{input}`; give one of {}",
                choices(input)
            )),
        }
    }

    fn outcome(&self, key: &str) -> Outcome {
        let name = POINTS[&self.outcome]
            .value(key)
            .map(|value| value.name.clone());
        Outcome {
            table: self.id.clone(),
            point: self.outcome.clone(),
            key: key.to_owned(),
            name: name.unwrap_or_default(),
        }
    }
}

fn choices(point: &str) -> String {
    let values = &POINTS[point].values;
    let words: Vec<String> = values
        .iter()
        .map(|value| format!("`{}` ({})", value.key, value.name))
        .collect();
    words.join(", ")
}

// INVARIANT: every point a table names is among the points; `our_tables_are_whole` walks them.
static POINTS: LazyLock<BTreeMap<String, Point>> = LazyLock::new(|| {
    let file: PointFile = serde_json::from_str(include_str!("../data/ssvc-points.json"))
        .expect("our own data, read by every test");
    file.points
        .into_iter()
        .map(|point| (point.id.clone(), point))
        .collect()
});

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let file: TableFile = serde_json::from_str(include_str!("../data/ssvc-tables.json"))
        .expect("our own data, read by every test");
    file.tables.into_iter().map(Table::from).collect()
});

#[derive(Deserialize)]
struct PointFile {
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct TableFile {
    tables: Vec<RawTable>,
}

#[derive(Deserialize)]
struct RawTable {
    id: String,
    name: String,
    inputs: Vec<String>,
    outcome: String,
    rows: Vec<String>,
}

impl From<RawTable> for Table {
    fn from(raw: RawTable) -> Table {
        let rows = raw.rows.iter().filter_map(|row| {
            let mut keys: Vec<String> = row.split(' ').map(str::to_owned).collect();
            let outcome = keys.pop()?;
            Some((keys, outcome))
        });
        Table {
            rows: rows.collect(),
            id: raw.id,
            name: raw.name,
            inputs: raw.inputs,
            outcome: raw.outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn our_tables_are_whole() {
        for table in tables() {
            let combinations: usize = table
                .inputs
                .iter()
                .map(|input| POINTS[input].values.len())
                .product();
            assert_eq!(table.len(), combinations, "{}", table.id);
            for (keys, outcome) in &table.rows {
                assert!(POINTS[&table.outcome].value(outcome).is_some());
                for (input, key) in table.inputs.iter().zip(keys) {
                    assert!(POINTS[input].values.iter().any(|value| value.key == *key));
                }
            }
        }
    }

    #[test]
    fn what_is_missing_and_what_is_unknown_are_said_together() {
        let given = Selections::default()
            .with("ssvc:E:1.1.0", "Q")
            .with("ssvc:A:2.0.0", "Y");
        let problems = table(CISA_COORDINATOR).expect("it is there").decide(&given);
        expect![[r#"
            `Q` is no answer to `ssvc:E:1.1.0`; give one of `N` (None), `P` (Public PoC), `A` (Active)
            `ssvc:TI:1.0.0` is not answered; give one of `P` (Partial), `T` (Total)
            `ssvc:MWI:1.0.0` is not answered; give one of `L` (Low), `M` (Medium), `H` (High)"#]]
        .assert_eq(&problems.expect_err("it is refused").join("\n"));
    }

    #[test]
    fn part_of_the_answers_leaves_several_outcomes_possible() {
        let given = Selections::default()
            .with("ssvc:E:1.1.0", "active")
            .with("ssvc:A:2.0.0", "no");
        let possible = table(CISA_COORDINATOR)
            .expect("it is there")
            .possible(&given);
        let names: Vec<String> = possible
            .expect("they fit")
            .into_iter()
            .map(|outcome| outcome.name)
            .collect();
        expect!["Track, Attend, Act"].assert_eq(&names.join(", "));
    }

    #[test]
    fn facts_answer_what_they_can_and_leave_the_rest_open() {
        let facts = Facts {
            exposed: Some(true),
            kev_added: Some(jiff::civil::date(2026, 11, 19)),
            exploitation: Some(Exploitation::Poc),
            automatable: Some(true),
            ..Facts::default()
        };
        let said = |id| {
            let possible = table(id)
                .expect("it is there")
                .possible(&selections(&facts))
                .expect("they fit");
            possible
                .into_iter()
                .map(|outcome| outcome.name)
                .collect::<Vec<_>>()
                .join(" or ")
        };
        expect!["Out-of-Cycle or Immediate"].assert_eq(&said(DEPLOYER));
        expect!["Attend or Act"].assert_eq(&said(CISA_COORDINATOR));
        expect!["3 days or 3 days & forensic investigation"].assert_eq(&said(CISA_BOD_26_04));
    }
}
