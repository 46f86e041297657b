//! Rows: a sample as a line of the collection's form for samples.

use names::Problems;
use serde_json::{Map, Value, json};

use super::super::Log;
use super::super::header::Scored;
use super::super::resolve::resolved;
use super::super::sample::SampleView;
use super::{EDITION, hex, measures, result_id};

/// A line for each sample and each score that has a metric.
pub(super) fn rows(log: &Log, id: &str) -> Result<String, Problems> {
    let mut out = String::new();
    let mut problems = Problems::none();
    for view in log.samples() {
        let sample = match resolved(log.sample_json(view)) {
            Ok(sample) => sample,
            Err(problem) => {
                problems.add(format!(
                    "sample {} epoch {}: {problem}",
                    view.id, view.epoch
                ));
                continue;
            }
        };
        for score in &log.header().scores {
            if let Some(row) = row(log, id, view, &sample, score) {
                out.push_str(&row.to_string());
                out.push('\n');
            }
        }
    }
    problems.or(out)
}

fn row(log: &Log, id: &str, view: &SampleView, sample: &Value, score: &Scored) -> Option<Value> {
    let metric = measures(score).next()?;
    let scored = view
        .scores
        .iter()
        .find(|one| one.name == score.scorer || one.name == score.name)?;
    let number = scored.value.number();
    if scored.value.is_unscored() || !number.is_finite() {
        return None;
    }
    let turns = turns(sample);
    let (raw, reference) = (input(sample), reference(sample));
    let said = &sample["scores"][&*scored.name];
    let hash = hex(&keys::sha256(&[
        raw.as_bytes(),
        reference.concat().as_bytes(),
    ]));
    let single = turns.kind == "single_turn";
    let mut row = json!({
        "schema_version": EDITION,
        "evaluation_id": id,
        "model_id": log.header().model,
        "evaluation_name": log.header().task,
        "evaluation_result_id": result_id(score, metric),
        "sample_id": view.id.to_string(),
        "sample_hash": hash,
        "interaction_type": turns.kind,
        "input": {"raw": raw, "reference": reference},
        "output": Value::Null,
        "messages": Value::Null,
        "answer_attribution": attribution(said, &turns, single),
        "evaluation": {
            "score": number,
            "is_correct": number >= 1.0,
            "num_turns": turns.answers.max(1),
            "tool_calls_count": turns.calls,
        },
        "metadata": {"epoch": view.epoch.to_string()},
    });
    if let Some(choices) = sample.get("choices").filter(|choices| choices.is_array()) {
        row["input"]["choices"] = choices.clone();
    }
    match single {
        true => row["output"] = json!({"raw": [completion(sample)]}),
        false => row["messages"] = Value::Array(turns.messages),
    }
    if let Some(usage) = usage(sample) {
        row["token_usage"] = usage;
    }
    if let Some(seconds) = sample.get("total_time").and_then(Value::as_f64) {
        row["performance"] = json!({"latency_ms": (seconds * 1000.0).max(0.0)});
    }
    if let Some(error) = &view.error {
        row["error"] = Value::from(&**error);
    } else if let Some(limit) = &view.limit {
        row["error"] = Value::from(format!("{limit} limit"));
    }
    Some(row)
}

/// What was said, in the schema's shape, and of which kind it was.
struct Turns {
    kind: &'static str,
    messages: Vec<Value>,
    answers: usize,
    calls: usize,
}

fn turns(sample: &Value) -> Turns {
    let list = sample.get("messages").and_then(Value::as_array);
    let all = list.map_or(&[][..], Vec::as_slice);
    let of = |role: &str| {
        let is = |message: &&Value| message.get("role").and_then(Value::as_str) == Some(role);
        all.iter().filter(is).count()
    };
    let messages: Vec<Value> = all
        .iter()
        .enumerate()
        .map(|(at, one)| message(at, one))
        .collect();
    let calls = messages
        .iter()
        .filter_map(|message| message.get("tool_calls")?.as_array())
        .map(Vec::len)
        .sum();
    let kind = match (calls + of("tool"), of("assistant")) {
        (0, 0 | 1) => "single_turn",
        (0, _) => "multi_turn",
        _ => "agentic",
    };
    Turns {
        kind,
        messages,
        answers: of("assistant"),
        calls,
    }
}

fn message(at: usize, message: &Value) -> Value {
    let text = |name: &str| message.get(name).and_then(Value::as_str);
    let (content, reasoning) = content(message.get("content"));
    let mut out = json!({
        "turn_idx": at,
        "role": text("role").unwrap_or("unknown"),
        "content": content,
    });
    if !reasoning.is_empty() {
        out["reasoning_trace"] = Value::from(reasoning);
    }
    if let Some(calls) = message.get("tool_calls").and_then(Value::as_array) {
        out["tool_calls"] = calls
            .iter()
            .map(|call| {
                let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
                json!({
                    "id": text("id"),
                    "name": text("function"),
                    "arguments": texts(call.get("arguments")),
                })
            })
            .collect();
    }
    if let Some(id) = text("tool_call_id") {
        out["tool_call_id"] = json!([id]);
    }
    out
}

/// Arguments, all of them texts, as the schema has it.
fn texts(arguments: Option<&Value>) -> Value {
    let members = arguments.and_then(Value::as_object);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let out: Map<String, Value> = members
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), Value::from(text(value))))
        .collect();
    Value::Object(out)
}

/// What is said and what was thought: a text, or parts of several kinds.
fn content(content: Option<&Value>) -> (String, String) {
    match content {
        Some(Value::String(text)) => (text.clone(), String::new()),
        Some(Value::Array(parts)) => {
            let (mut said, mut thought) = (Vec::new(), Vec::new());
            for part in parts {
                let text = |name: &str| part.get(name).and_then(Value::as_str);
                match (text("text"), text("reasoning")) {
                    (Some(text), _) => said.push(text),
                    (None, Some(reasoning)) => thought.push(reasoning),
                    (None, None) => said.push(text("type").unwrap_or("(media)")),
                }
            }
            (said.join("\n"), thought.join("\n"))
        }
        _ => Default::default(),
    }
}

fn input(sample: &Value) -> String {
    match sample.get("input") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(messages)) => messages
            .iter()
            .map(|message| content(message.get("content")).0)
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}

fn reference(sample: &Value) -> Vec<String> {
    match sample.get("target") {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(|one| Some(one.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

fn completion(sample: &Value) -> String {
    let Some(output) = sample.get("output") else {
        return String::new();
    };
    match output.get("completion").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => content(output.pointer("/choices/0/message/content")).0,
    }
}

fn attribution(score: &Value, turns: &Turns, single: bool) -> Value {
    let Some(answer) = score.get("answer").and_then(Value::as_str) else {
        return json!([]);
    };
    let last = turns.messages.len().saturating_sub(1);
    let (at, source) = match single {
        true => (0, "output.raw".to_owned()),
        false => (last, format!("messages[{last}].content")),
    };
    json!([{
        "turn_idx": at,
        "source": source,
        "extracted_value": answer,
        "extraction_method": "custom",
        "is_terminal": true,
    }])
}

/// Tokens of all models together.
fn usage(sample: &Value) -> Option<Value> {
    let by_model = sample.get("model_usage")?.as_object()?;
    if by_model.is_empty() {
        return None;
    }
    let sum = |name: &str| -> u64 {
        let of = |usage: &Value| usage.get(name).and_then(Value::as_u64);
        by_model
            .values()
            .filter_map(of)
            .fold(0, |sum, one| sum.saturating_add(one))
    };
    Some(json!({
        "input_tokens": sum("input_tokens"),
        "output_tokens": sum("output_tokens"),
        "total_tokens": sum("total_tokens"),
        "input_tokens_cache_read": sum("input_tokens_cache_read"),
        "input_tokens_cache_write": sum("input_tokens_cache_write"),
        "reasoning_tokens": sum("reasoning_tokens"),
    }))
}
