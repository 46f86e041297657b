//! Thin: the short form of a sample, of which a log holds a list, so that it can be shown without being read whole.

use serde_json::{Map, Value};

use super::json::{Json, Kind};

/// What Inspect keeps of an input or a target.
const TEXT_CHARS_MAX: usize = 5120;
/// What it keeps of an answer, an explanation or a member of the metadata.
const SHORT_CHARS_MAX: usize = 1024;

/// The short forms of `samples`, as one document.
pub fn summaries<'d>(samples: impl Iterator<Item = Json<'d>>) -> String {
    let all: Vec<Value> = samples.map(summary).collect();
    Value::Array(all).to_string()
}

/// The short form of one.
pub fn summary(sample: Json<'_>) -> Value {
    let mut out = Map::new();
    for (name, value) in sample.members() {
        let name = name.text().unwrap_or_default();
        let short = match &*name {
            "id" | "epoch" | "choices" | "model_usage" | "started_at" | "completed_at"
            | "total_time" | "working_time" | "uuid" => Some(value.value()),
            "input" | "target" => Some(input(value)),
            "metadata" => Some(metadata(value)),
            "scores" => Some(
                value
                    .members()
                    .map(|(name, score)| (name.text().unwrap_or_default().into_owned(), score))
                    .map(|(name, score)| (name, self::score(score)))
                    .collect(),
            ),
            "error" => value.some("message").map(Json::value),
            "limit" => value.some("type").map(Json::value),
            "messages" => {
                out.insert("message_count".into(), Value::from(value.items().count()));
                None
            }
            _ => None,
        };
        if let Some(short) = short.filter(|short| !short.is_null()) {
            out.insert(name.into_owned(), short);
        }
    }
    out.insert("completed".into(), Value::Bool(true));
    Value::Object(out)
}

/// A text, or messages of which only the text is kept.
fn input(value: Json<'_>) -> Value {
    match value.kind() {
        Kind::List => value
            .items()
            .map(|item| match item.text() {
                Some(text) => Value::from(cut(&text, TEXT_CHARS_MAX, "...\n(content truncated)")),
                None => message(item),
            })
            .collect(),
        _ => Value::from(cut(
            &value.text().unwrap_or_default(),
            TEXT_CHARS_MAX,
            "...\n(content truncated)",
        )),
    }
}

fn message(message: Json<'_>) -> Value {
    let mut out = Map::new();
    for (name, value) in message.members() {
        let name = name.text().unwrap_or_default();
        let kept = match (&*name, value.kind()) {
            ("content", Kind::List) => Value::from(
                value
                    .items()
                    .map(|part| match part.get("text").and_then(Json::text) {
                        Some(text) => text.into_owned(),
                        None => "(Media)".to_owned(),
                    })
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            ("content", _) => input(value),
            _ => value.value(),
        };
        out.insert(name.into_owned(), kept);
    }
    Value::Object(out)
}

fn score(score: Json<'_>) -> Value {
    let mut out = Map::new();
    for (name, value) in score.members() {
        let name = name.text().unwrap_or_default();
        let kept = match &*name {
            "value" => value.value(),
            "answer" | "explanation" => match value.text() {
                Some(text) => Value::from(cut(&text, SHORT_CHARS_MAX, "...")),
                None => Value::Null,
            },
            "metadata" => metadata(value),
            _ => continue,
        };
        if !kept.is_null() {
            out.insert(name.into_owned(), kept);
        }
    }
    Value::Object(out)
}

/// Members that are short.
fn metadata(value: Json<'_>) -> Value {
    value
        .members()
        .filter(|(_, value)| value.raw().len() <= SHORT_CHARS_MAX)
        .map(|(name, value)| (name.text().unwrap_or_default().into_owned(), value.value()))
        .collect()
}

fn cut(text: &str, chars_max: usize, mark: &str) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}{mark}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
