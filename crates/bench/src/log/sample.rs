//! Sample: what came of one attempt at one task?

use std::borrow::Cow;
use std::fmt;

use names::Problems;

use super::json::{Json, Kind};

/// Under this name stands the one score of version 1, until the header says how its scorer is called.
pub const UNNAMED: &str = "88F74D2C";
/// Scores of one sample; a few is what people write: 1,000.
const SCORES_MAX: usize = 1_000;
/// Bytes of an id. A `.eval` names its entries by them, and a name there has 65,535; 4,096.
const ID_BYTES_MAX: usize = 4_096;

/// A sample's id: a number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SampleId {
    Number(i64),
    Text(Box<str>),
}

/// What came of one attempt, without its transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleView {
    pub id: SampleId,
    pub epoch: i64,
    pub scores: Vec<Score>,
    /// What halted it, if something did: an error's message, or a limit's name.
    pub error: Option<Box<str>>,
    pub limit: Option<Box<str>>,
    /// Which entry of the log it stands in, and which value of that.
    pub(super) entry: usize,
    pub(super) item: Option<u32>,
}

/// One score of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    pub name: Box<str>,
    pub value: Value,
}

/// What a score is. Anything else, such as a list in a list, is no score to Inspect either.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(Box<str>),
    /// `NaN` says that it was not scored.
    Number(f64),
    Bool(bool),
    List(Vec<Value>),
    Object(Vec<(Box<str>, Value)>),
    Null,
}

impl SampleView {
    /// Reads it, or says all that is wrong with it.
    pub fn read(json: Json<'_>) -> Result<SampleView, Problems> {
        let mut problems = Problems::none();
        let mut view = SampleView {
            id: SampleId::Number(0),
            epoch: 1,
            scores: Vec::new(),
            error: None,
            limit: None,
            entry: 0,
            item: None,
        };
        let (mut has_id, mut has_input, mut has_target) = (false, false, false);
        for (name, value) in json.members() {
            let Some(name) = name.text() else { continue };
            match &*name {
                "id" => match SampleId::read(value) {
                    Some(id) => {
                        if id.order().len() > ID_BYTES_MAX {
                            problems.add(format!("`id` is longer than {ID_BYTES_MAX} bytes"));
                        }
                        (view.id, has_id) = (id, true);
                    }
                    None => problems.add("`id` is neither a whole number nor a text"),
                },
                "epoch" => match value.whole() {
                    Some(epoch) => view.epoch = epoch,
                    None => problems.add("`epoch` is no whole number"),
                },
                "input" => has_input = true,
                "target" => has_target = true,
                "scores" => view.scores = scores(value, &mut problems),
                "score" if value.kind() != Kind::Null => {
                    view.scores
                        .extend(score(UNNAMED.into(), value, &mut problems));
                }
                "error" => {
                    view.error = value
                        .some("message")
                        .and_then(Json::text)
                        .map(|text| text.into());
                }
                "limit" => {
                    view.limit = value
                        .some("type")
                        .and_then(Json::text)
                        .map(|text| text.into());
                }
                _ => (),
            }
        }
        for (has, name) in [(has_id, "id"), (has_input, "input"), (has_target, "target")] {
            if !has {
                problems.add(format!("has no `{name}`"));
            }
        }
        problems.or(view)
    }
}

fn scores(json: Json<'_>, problems: &mut Problems) -> Vec<Score> {
    let mut all = Vec::new();
    for (name, value) in json.members().take(SCORES_MAX) {
        let name: Box<str> = name.text().unwrap_or_default().into();
        all.extend(score(name, value, problems));
    }
    all
}

fn score(name: Box<str>, json: Json<'_>, problems: &mut Problems) -> Option<Score> {
    match json.get("value") {
        Some(value) => Some(Score {
            name,
            value: Value::read(value, 3),
        }),
        None => {
            problems.add(format!(
                "score `{}` has no `value`",
                super::zip::shortened(&name)
            ));
            None
        }
    }
}

impl SampleId {
    pub(super) fn read(json: Json<'_>) -> Option<SampleId> {
        match json.kind() {
            Kind::Number => json.whole().map(SampleId::Number),
            _ => json.text().map(|text| SampleId::Text(text.into())),
        }
    }

    /// What Inspect sorts by.
    pub(super) fn order(&self) -> Cow<'_, str> {
        match self {
            SampleId::Number(number) => Cow::Owned(format!("{number:0>20}")),
            SampleId::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl fmt::Display for SampleId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SampleId::Number(number) => write!(out, "{number}"),
            SampleId::Text(text) => out.write_str(text),
        }
    }
}

impl Value {
    fn read(json: Json<'_>, depth: u32) -> Value {
        let Some(depth) = depth.checked_sub(1) else {
            return Value::Null;
        };
        match json.kind() {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Number => Value::Number(json.number().unwrap_or(f64::NAN)),
            Kind::Plain | Kind::Escaped => Value::Text(json.text().unwrap_or_default().into()),
            Kind::List => Value::List(json.items().map(|one| Value::read(one, depth)).collect()),
            Kind::Object => Value::Object(
                json.members()
                    .map(|(name, one)| {
                        (
                            name.text().unwrap_or_default().into(),
                            Value::read(one, depth),
                        )
                    })
                    .collect(),
            ),
        }
    }

    /// Whether it says that nothing was scored.
    pub fn is_unscored(&self) -> bool {
        matches!(self, Value::Number(number) if number.is_nan())
    }

    /// The number that Inspect computes with (`value_to_float` with its defaults): `C` is 1, `P` a half, `I` and `N` are 0.
    pub fn number(&self) -> f64 {
        match self {
            Value::Number(number) => *number,
            Value::Bool(is) => f64::from(u8::from(*is)),
            Value::Text(text) => match &**text {
                "C" => 1.0,
                "P" => 0.5,
                "I" | "N" => 0.0,
                other => match other.to_lowercase().as_str() {
                    "yes" | "true" => 1.0,
                    "no" | "false" => 0.0,
                    text => text
                        .trim()
                        .parse()
                        .ok()
                        .filter(|number: &f64| number.is_finite())
                        .unwrap_or(0.0),
                },
            },
            Value::List(_) | Value::Object(_) | Value::Null => 0.0,
        }
    }
}
