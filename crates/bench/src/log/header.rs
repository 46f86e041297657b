//! Header: what does a log say of itself?

use std::fmt;

use names::Problems;

use super::json::{Json, Kind};

/// The newest version of the format that is read. Inspect writes 2; for a while it wrote 3, which has pools of messages,
/// and then called that 2 as well.
pub const VERSION_MAX: i64 = 3;
/// Scores, metrics of a score, and reducers that a header may hold: a few of each is what people write, and dictionaries
/// of scores have up to some hundred keys; 10,000.
const MANY: usize = 10_000;

/// How an evaluation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Under way, or broken off without a word.
    Started,
    Success,
    Cancelled,
    Error,
}

/// What a log says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    pub version: i64,
    pub status: Status,
    pub task: Box<str>,
    pub model: Box<str>,
    pub run_id: Box<str>,
    /// As it is written there.
    pub created: Box<str>,
    /// The data set's name, if it has one.
    pub dataset: Option<Box<str>>,
    /// How often each sample was tried.
    pub epochs: Option<i64>,
    /// How the epochs of a sample become one score, if somebody said so.
    pub reducers: Option<Vec<Box<str>>>,
    /// The number of samples, epochs counted, and of those that came to an end.
    pub total_samples: Option<i64>,
    pub completed_samples: Option<i64>,
    pub scores: Vec<Scored>,
    /// What halted it, if something did.
    pub error: Option<Box<str>>,
}

/// The metrics of one score.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    pub name: Box<str>,
    pub scorer: Box<str>,
    pub reducer: Option<Box<str>>,
    pub metrics: Vec<Stated>,
}

/// One metric as the log states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// Its place among the score's metrics, such as `accuracy` or `accuracy1`.
    pub key: Box<str>,
    pub name: Box<str>,
    /// Of several numbers that one metric has, which metric.
    pub group: Option<Box<str>>,
    pub value: f64,
    /// As JSON text: `{"cluster": "topic"}`.
    pub params: Box<str>,
}

impl Header {
    /// Reads it, or says all that is wrong with it.
    pub fn read(json: Json<'_>) -> Result<Header, Problems> {
        let mut problems = Problems::none();
        let version = version(json, &mut problems);
        let eval = json.get("eval");
        let mut text = |of: Option<Json<'_>>, name: &str, needed: bool| -> Box<str> {
            match of.and_then(|of| of.some(name)) {
                Some(value) => match value.text() {
                    Some(text) => text.into(),
                    None => {
                        problems.add(format!("`eval.{name}` is no text"));
                        "".into()
                    }
                },
                None if needed => {
                    problems.add(format!("has no `eval.{name}`"));
                    "".into()
                }
                None => "".into(),
            }
        };
        let task = text(eval, "task", true);
        let model = text(eval, "model", true);
        let created = text(eval, "created", true);
        let run_id = text(eval, "run_id", false);
        let config = eval.and_then(|eval| eval.get("config"));
        let results = json.some("results");
        let whole = |name: &str| results.and_then(|results| results.get(name)?.whole());
        let header = Header {
            version,
            status: status(json, &mut problems),
            task,
            model,
            run_id,
            created,
            dataset: eval
                .and_then(|eval| eval.get("dataset")?.some("name")?.text())
                .map(Into::into),
            epochs: config.and_then(|config| config.get("epochs")?.whole()),
            reducers: config
                .and_then(|config| config.some("epochs_reducer"))
                .map(|all| {
                    let names = all.items().take(MANY);
                    names.filter_map(|one| Some(one.text()?.into())).collect()
                }),
            total_samples: whole("total_samples"),
            completed_samples: whole("completed_samples"),
            scores: results.map_or_else(Vec::new, |results| scores(results, &mut problems)),
            error: json
                .some("error")
                .and_then(|error| error.get("message")?.text())
                .map(Into::into),
        };
        problems.or(header)
    }
}

fn version(json: Json<'_>, problems: &mut Problems) -> i64 {
    let version = match json.get("version") {
        Some(version) => version.whole(),
        // Before it had one, it was the first.
        None => Some(1),
    };
    match version {
        Some(version) if version > VERSION_MAX => problems.add(format!(
            "is of version {version}; versions up to {VERSION_MAX} are read"
        )),
        Some(version) if version < 1 => {
            problems.add(format!("is of version {version}; versions begin at 1"));
        }
        Some(_) => (),
        None => problems.add("`version` is no whole number"),
    }
    version.unwrap_or(VERSION_MAX)
}

fn status(json: Json<'_>, problems: &mut Problems) -> Status {
    let Some(status) = json.some("status") else {
        return Status::Started;
    };
    let all = [
        Status::Started,
        Status::Success,
        Status::Cancelled,
        Status::Error,
    ];
    let known = all.into_iter().find(|one| status.is(one.as_str()));
    known.unwrap_or_else(|| {
        problems.add(
            "`status` is not known; `started`, `success`, `cancelled` and `error` are written there",
        );
        Status::Started
    })
}

/// `results.scores`, or the one score of version 1: `results.scorer` with `results.metrics`.
fn scores(results: Json<'_>, problems: &mut Problems) -> Vec<Scored> {
    if let Some(scorer) = results.some("scorer") {
        let metrics = results.get("metrics").or_else(|| scorer.get("metrics"));
        return vec![Scored {
            name: text(scorer, "name"),
            scorer: text(scorer, "name"),
            reducer: None,
            metrics: metrics.map_or_else(Vec::new, |metrics| stated(metrics, problems)),
        }];
    }
    let Some(list) = results.some("scores") else {
        return Vec::new();
    };
    let scores = list.items().take(MANY).map(|score| Scored {
        name: text(score, "name"),
        scorer: text(score, "scorer"),
        reducer: score.some("reducer").and_then(Json::text).map(Into::into),
        metrics: score
            .get("metrics")
            .map_or_else(Vec::new, |metrics| stated(metrics, problems)),
    });
    scores.collect()
}

fn stated(metrics: Json<'_>, problems: &mut Problems) -> Vec<Stated> {
    let mut all = Vec::new();
    for (key, metric) in metrics.members().take(MANY) {
        let key: Box<str> = key.text().unwrap_or_default().into();
        let Some(value) = metric.get("value").and_then(Json::number) else {
            problems.add(format!(
                "metric `{}` has no number",
                super::zip::shortened(&key)
            ));
            continue;
        };
        let params = metric.some("params").or_else(|| metric.some("options"));
        all.push(Stated {
            name: match metric.some("name").and_then(Json::text) {
                Some(name) => name.into(),
                None => key.clone(),
            },
            key,
            group: metric.some("group").and_then(Json::text).map(Into::into),
            value,
            params: params
                .filter(|params| params.kind() == Kind::Object)
                .map_or("{}", Json::raw)
                .into(),
        });
    }
    all
}

fn text(json: Json<'_>, name: &str) -> Box<str> {
    json.some(name)
        .and_then(Json::text)
        .unwrap_or_default()
        .into()
}

impl Status {
    /// The word that logs use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Started => "started",
            Status::Success => "success",
            Status::Cancelled => "cancelled",
            Status::Error => "error",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
