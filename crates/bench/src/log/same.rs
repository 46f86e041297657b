//! Same: do two logs say the same, however they were packed and in whichever year?
//!
//! A `.eval` and a `.json` of one evaluation differ in what came later or is left out where it is empty: `params` for
//! `options`, `events` for `transcript`, times of work. Compared is what was asked, said, scored and computed.

use serde_json::{Map, Value};

use super::Log;
use super::json::Json;
use super::resolve::resolved;

/// Differences that are told; the rest is left out.
const DIFFERENCES_MAX: usize = 50;
/// What one of two writers adds that says nothing of the evaluation, for it is empty, derived or came later.
const LATER: &[&str] = &[
    "intermediate",
    "model_usage",
    "role_usage",
    "options",
    "params",
    "sample_ids",
    "working_start",
];

/// What differs between two logs, each in a line of words; nothing where they say the same.
pub fn differences(one: &Log, other: &Log) -> Vec<String> {
    let mut found = Vec::new();
    let (head, other_head) = (head(one), head(other));
    compare("", &head, &other_head, &mut found);
    if one.samples().len() != other.samples().len() {
        let (count, other_count) = (one.samples().len(), other.samples().len());
        found.push(format!("samples: {count} and {other_count}"));
    }
    for (sample, other_sample) in one.samples().iter().zip(other.samples()) {
        if found.len() >= DIFFERENCES_MAX {
            break;
        }
        let place = format!("sample {} epoch {}", sample.id, sample.epoch);
        let resolve = |json: Json<'_>| resolved(json);
        match (
            resolve(one.sample_json(sample)),
            resolve(other.sample_json(other_sample)),
        ) {
            (Ok(value), Ok(other)) => compare(&place, &value, &other, &mut found),
            (Err(error), _) | (_, Err(error)) => found.push(format!("{place}: {error}")),
        }
    }
    found.truncate(DIFFERENCES_MAX);
    found
}

/// What stands beside the samples.
fn head(log: &Log) -> Value {
    let mut head = Map::new();
    for (name, value) in log.header_json().members() {
        let name = name.text().unwrap_or_default();
        if !matches!(&*name, "samples" | "reductions") {
            head.insert(name.into_owned(), value.value());
        }
    }
    if let Some(Value::Object(results)) = head.get_mut("results") {
        results.shift_remove("sample_reductions");
    }
    if let Some(reductions) = log.reductions() {
        head.insert("reductions".into(), reductions.value());
    }
    Value::Object(head)
}

fn compare(place: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    if found.len() >= DIFFERENCES_MAX {
        return;
    }
    match (one, other) {
        (Value::Object(members), Value::Object(others)) => {
            for (name, value) in members {
                let place = format!("{place}/{name}");
                match others.get(name) {
                    Some(other) => compare(&place, value, other, found),
                    None if left_out(name, value) => (),
                    None => found.push(format!("{place}: only in the first")),
                }
            }
            for (name, value) in others {
                if !members.contains_key(name) && !left_out(name, value) {
                    found.push(format!("{place}/{name}: only in the second"));
                }
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            if items.len() != others.len() {
                found.push(format!(
                    "{place}: {} and {} of them",
                    items.len(),
                    others.len()
                ));
            }
            for (at, (item, other)) in items.iter().zip(others).enumerate() {
                compare(&format!("{place}/{at}"), item, other, found);
            }
        }
        (Value::Number(number), Value::Number(other)) if number.as_f64() == other.as_f64() => (),
        (one, other) if one == other => (),
        _ => found.push(format!("{place}: they differ")),
    }
}

/// Whether it says nothing that one of them has a member and the other one has not.
fn left_out(name: &str, value: &Value) -> bool {
    let empty = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    empty || LATER.contains(&name)
}
