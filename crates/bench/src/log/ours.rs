//! Ours: a run of this harness as Inspect's log, so that Inspect opens it, and without what must not leave the house.
//!
//! A target is never in it: where Inspect has one, there is the salted digest. Of a practice suite the transcripts are
//! kept with every secret of the run replaced; of a sealed one only what [`SampleRecord`] holds, which is no word of the
//! task and none of the model.

use std::thread;

use frontier::{Limit, Outcome, SampleRecord, Validity};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::json::Document;
use super::redact::Redaction;
use super::write::name_of;
use super::zip::{self, Packed, Packer};
use super::{Log, Refusal, Status, place, thin};
use crate::transcript::{Answer, Event, Stop, Submitted, Transcript, Usage, What};

/// What the score and its scorer are called in our logs.
pub const SCORER: &str = "seamark";

/// A run, as its log's header tells it.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name among all runs.
    pub id: Box<str>,
    pub status: Status,
    /// What stopped it, where something did.
    pub error: Option<Box<str>>,
    pub begun_at: Timestamp,
    pub ended_at: Timestamp,
    /// The suite: a name such as `seamark-practice`, its id and its version.
    pub suite: Box<str>,
    pub suite_id: Box<str>,
    pub suite_version: Box<str>,
    /// Whether its tasks are secret. Then no text of a task or of a transcript is written.
    pub sealed: bool,
    /// Tasks of the suite, and how often each was tried.
    pub tasks: u32,
    pub epochs: u32,
    /// The model as it was asked for, and at which address; never with a key.
    pub model: Box<str>,
    pub model_url: Option<Box<str>>,
    /// `tools`, `single`, or whatever brought the answers.
    pub solver: Box<str>,
    /// What the model was asked with: `{"temperature": 0.7}`; Inspect's names.
    pub sampling: Value,
    /// Limits of a sample, where all tasks have the same.
    pub limits: Limits,
    /// The version of this program.
    pub version: Box<str>,
    /// Digests that were logged before the first call, by name: `suite`, `plan`, `run`.
    pub digests: Vec<(Box<str>, Box<str>)>,
}

/// Limits of each sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub turns: Option<u64>,
    pub tokens: Option<u64>,
    pub seconds: Option<u64>,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    pub record: &'a SampleRecord,
    /// The task's name: its folder where it is public, its id where it is sealed.
    pub task: Box<str>,
    pub stratum: frontier::Stratum,
    pub transcript: &'a Transcript,
    /// Why the grader decided so.
    pub reason: Option<Box<str>>,
    /// Secrets of this attempt, by the name that takes their place: flag, seed, decoy.
    pub secrets: Vec<(Box<str>, Box<str>)>,
}

/// The log of `run`, as [`super::read()`] would read it.
pub fn log_of(run: &Run, attempts: &[Attempt<'_>]) -> Result<Log, Refusal> {
    super::read(("made", eval_of(run, attempts).as_slice()))
}

/// The log of `run` as a `.eval`: the same bytes for the same run.
pub fn eval_of(run: &Run, attempts: &[Attempt<'_>]) -> Vec<u8> {
    let spec = spec(run, attempts);
    let plan = json!({
        "name": "plan",
        "steps": [{"solver": run.solver, "params": {}, "params_passed": {}}],
        "config": run.sampling,
    });
    let start = json!({"version": 2, "eval": spec, "plan": plan});
    let by_task = by_task(attempts);
    let reduced: Vec<Value> = by_task
        .iter()
        .map(|(task, share)| json!({"value": share, "sample_id": task, "history": []}))
        .collect();
    let reductions = json!([{"scorer": SCORER, "reducer": "mean", "samples": reduced}]);
    let header = header(run, attempts, &by_task, spec, plan);
    let made = samples(run, attempts);
    let summaries: Vec<&str> = made.iter().map(|one| &*one.summary).collect();
    let summaries = format!("[{}]", summaries.join(","));
    let mut packer = Packer::new();
    let mut text = |name, text: &str| packer.one(name, text.as_bytes());
    let first = text(place::START, &start.to_string());
    let last = [
        text(place::SUMMARIES, &summaries),
        text(place::REDUCTIONS, &reductions.to_string()),
        text(place::HEADER, &header.to_string()),
    ];
    let samples = made.iter().map(|one| &one.packed);
    zip::together(std::iter::once(&first).chain(samples).chain(&last))
}

/// One attempt, ready to be put into a log.
struct Made {
    packed: Packed,
    summary: String,
}

/// Attempts that a thread makes at least: less is done before a thread is there.
const THREAD_ATTEMPTS_MIN: usize = 64;

/// Every attempt, in its order, made by as many threads as there are cores.
fn samples(run: &Run, attempts: &[Attempt<'_>]) -> Vec<Made> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let each = attempts.len().div_ceil(threads).max(THREAD_ATTEMPTS_MIN);
    let make = |part: &[Attempt<'_>]| -> Vec<Made> {
        let mut packer = Packer::new();
        let one = |attempt| made(run, attempt, &mut packer);
        part.iter().map(one).collect()
    };
    thread::scope(|scope| {
        let mut parts = attempts.chunks(each);
        let first = parts.next();
        let others: Vec<_> = parts.map(|part| scope.spawn(move || make(part))).collect();
        let mut all = first.map_or_else(Vec::new, make);
        for other in others {
            all.extend(other.join().expect("to write a sample does not fail"));
        }
        all
    })
}

fn made(run: &Run, attempt: &Attempt<'_>, packer: &mut Packer) -> Made {
    let document = Document::of(&sample(run, attempt));
    let name = name_of(&attempt.task, i64::from(attempt.record.epoch));
    Made {
        summary: thin::summary(document.root()).to_string(),
        packed: packer.one(&name, document.text().as_bytes()),
    }
}

fn spec(run: &Run, attempts: &[Attempt<'_>]) -> Value {
    let mut ids: Vec<&str> = attempts.iter().map(|attempt| &*attempt.task).collect();
    ids.sort_unstable();
    ids.dedup();
    let digests: Map<String, Value> = run
        .digests
        .iter()
        .map(|(name, digest)| (name.to_string(), Value::from(&**digest)))
        .collect();
    let mut config = json!({"epochs": run.epochs, "epochs_reducer": ["mean"], "log_samples": true});
    for (name, limit) in [
        ("turn_limit", run.limits.turns),
        ("token_limit", run.limits.tokens),
        ("time_limit", run.limits.seconds),
    ] {
        if let Some(limit) = limit {
            config[name] = Value::from(limit);
        }
    }
    let mut spec = json!({
        "eval_id": run.id,
        "run_id": run.id,
        "created": time(run.begun_at),
        "task": run.suite,
        "task_id": run.suite_id,
        "task_version": run.suite_version,
        "task_attribs": {},
        "task_args": {},
        "task_args_passed": {},
        "solver": run.solver,
        "dataset": {"name": run.suite, "samples": run.tasks, "sample_ids": ids, "shuffled": false},
        "model": run.model,
        "model_generate_config": {},
        "model_args": {},
        "config": config,
        "packages": {"seamark": run.version},
        "metadata": {"sealed": run.sealed, "digests": digests},
        "scorers": [{
            "name": SCORER,
            "options": {},
            "metrics": [{"name": "inspect_ai/accuracy", "options": {}}],
            "metadata": {},
        }],
    });
    if let Some(url) = &run.model_url {
        spec["model_base_url"] = Value::from(&**url);
    }
    spec
}

fn header(
    run: &Run,
    attempts: &[Attempt<'_>],
    by_task: &[(&str, f64)],
    spec: Value,
    plan: Value,
) -> Value {
    let usage = attempts.iter().fold(Usage::default(), |sum, attempt| {
        sum.plus(attempt.transcript.usage())
    });
    let broken = attempts.iter().filter(|one| one.transcript.error.is_some());
    let completed = attempts.len() - broken.count();
    let accuracy = match by_task.len() {
        0 => 0.0,
        count => by_task.iter().map(|(_, share)| share).sum::<f64>() / count as f64,
    };
    let mut header = json!({
        "version": 2,
        "status": run.status.as_str(),
        "eval": spec,
        "plan": plan,
        "results": {
            "total_samples": u64::from(run.tasks) * u64::from(run.epochs),
            "completed_samples": completed,
            "scores": [{
                "name": SCORER,
                "scorer": SCORER,
                "reducer": "mean",
                "scored_samples": by_task.len(),
                "unscored_samples": 0,
                "params": {},
                "metrics": {"accuracy": {"name": "accuracy", "value": accuracy, "params": {}}},
            }],
        },
        "stats": {
            "started_at": time(run.begun_at),
            "completed_at": time(run.ended_at),
            "model_usage": model_usage(run, usage),
        },
        "invalidated": false,
    });
    if let Some(error) = &run.error {
        header["error"] = error_of(error);
    }
    header
}

/// How much of its attempts each task was solved in, in the order of the attempts. An attempt that is not valid is not
/// solved: the treatment that decides whether a model is above a threshold.
fn by_task<'a>(attempts: &'a [Attempt<'_>]) -> Vec<(&'a str, f64)> {
    let mut at: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    let mut all: Vec<(&str, u32, u32)> = Vec::new();
    for attempt in attempts {
        let place = *at.entry(&attempt.task).or_insert(all.len());
        if place == all.len() {
            all.push((&attempt.task, 0, 0));
        }
        if let Some((_, solved, tried)) = all.get_mut(place) {
            *solved += u32::from(counts(attempt.record));
            *tried += 1;
        }
    }
    all.into_iter()
        .map(|(task, solved, tried)| (task, f64::from(solved) / f64::from(tried)))
        .collect()
}

fn counts(record: &SampleRecord) -> bool {
    record.outcome == Outcome::Solved && record.validity == Validity::Valid
}

fn sample(run: &Run, attempt: &Attempt<'_>) -> Value {
    let record = attempt.record;
    let mut sample = match run.sealed {
        true => withheld(run, attempt),
        false => told(run, attempt),
    };
    let usage = Usage {
        input: record.tokens_input,
        output: record.tokens_output,
        ..attempt.transcript.usage()
    };
    let begun_at = attempt.transcript.begun_at;
    let seconds = record.milliseconds as f64 / 1000.0;
    let metadata = json!({"stratum": attempt.stratum, "seamark": record});
    for (name, value) in [
        ("metadata", metadata),
        ("store", json!({})),
        ("model_usage", model_usage(run, usage)),
        ("started_at", Value::from(time(begun_at))),
        (
            "completed_at",
            Value::from(time(later(begun_at, record.milliseconds))),
        ),
        ("total_time", Value::from(seconds)),
        ("working_time", Value::from(seconds)),
        ("uuid", Value::from(format!("{}-{}", run.id, record.number))),
        ("attachments", json!({})),
        ("turn_count", Value::from(record.turns)),
    ] {
        sample[name] = value;
    }
    if let Some(limit) = record.limit {
        sample["limit"] = limit_of(run, limit);
    }
    sample
}

/// What is told of an attempt at a sealed task: that it was, and what came of it.
fn withheld(run: &Run, attempt: &Attempt<'_>) -> Value {
    let record = attempt.record;
    let mut sample = json!({
        "id": attempt.task,
        "epoch": record.epoch,
        "input": format!("withheld: task {}", record.task),
        "target": format!("withheld: {}", record.target),
        "messages": [],
        "output": {"model": run.model, "choices": [], "completion": ""},
        "scores": {SCORER: score(record, None, None)},
        "events": [],
    });
    if let Some(error) = &attempt.transcript.error {
        sample["error"] = error_of(&format!("withheld: the {} broke", part(error)));
    }
    sample
}

fn part(error: &crate::transcript::Error) -> String {
    let value = serde_json::to_value(error.part).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// What is told of an attempt at a public task: everything but its secrets.
fn told(run: &Run, attempt: &Attempt<'_>) -> Value {
    let record = attempt.record;
    let secrets = attempt
        .secrets
        .iter()
        .map(|(name, secret)| (&**name, &**secret));
    let redaction = Redaction::of(secrets);
    let mut transcript = attempt.transcript.clone();
    transcript.each_text(&mut |text| redaction.apply(text));
    let clean = |text: &str| redaction.text(text).unwrap_or_else(|| text.to_owned());
    let messages: Vec<Value> = transcript
        .events
        .iter()
        .map(|event| message(event, &run.model))
        .collect();
    let input = transcript
        .events
        .iter()
        .find_map(|event| match &event.what {
            What::User(text) => Some(&**text),
            _ => None,
        });
    let answer = match &transcript.submission {
        Submitted::Nothing => None,
        Submitted::Text(text) => Some(text.to_string()),
        Submitted::Files(files) => Some(
            files
                .iter()
                .map(|file| {
                    format!(
                        "{} ({} bytes, sha256 {})",
                        file.path, file.bytes, file.sha256
                    )
                })
                .collect::<Vec<_>>()
                .join("\n"),
        ),
    };
    let reason = attempt.reason.as_deref().map(clean);
    let last = transcript.answers().last();
    let mut sample = json!({
        "id": attempt.task,
        "epoch": record.epoch,
        "input": input.unwrap_or_default(),
        "target": format!("withheld: {}", record.target),
        "messages": messages,
        "output": match last {
            Some(answer) => output(answer, &run.model),
            None => json!({"model": run.model, "choices": [], "completion": ""}),
        },
        "scores": {SCORER: score(record, answer, reason)},
        "events": events(run, &transcript),
        "events_data": {"messages": messages, "calls": []},
    });
    if let Some(error) = &transcript.error {
        sample["error"] = error_of(&error.text);
    }
    sample
}

fn score(record: &SampleRecord, answer: Option<String>, reason: Option<String>) -> Value {
    let mut score = json!({
        "value": if counts(record) { "C" } else { "I" },
        "metadata": {"outcome": record.outcome, "validity": record.validity},
        "history": [],
    });
    if let Some(answer) = answer {
        score["answer"] = Value::from(answer);
    }
    if let Some(reason) = reason {
        score["explanation"] = Value::from(reason);
    }
    score
}

fn message(event: &Event, model: &str) -> Value {
    match &event.what {
        What::System(text) => json!({"role": "system", "content": text}),
        What::User(text) => json!({"role": "user", "content": text, "source": "input"}),
        What::Answer(answer) => assistant(answer, model),
        What::Tool(done) => {
            let mut message = json!({
                "role": "tool",
                "content": done.text,
                "tool_call_id": done.id,
                "function": done.name,
            });
            if done.is_error {
                message["error"] = json!({"type": "unknown", "message": done.text});
            }
            message
        }
    }
}

fn assistant(answer: &Answer, model: &str) -> Value {
    let content = match &answer.reasoning {
        Some(reasoning) => json!([
            {"type": "reasoning", "reasoning": reasoning},
            {"type": "text", "text": answer.text},
        ]),
        None => Value::from(&*answer.text),
    };
    let mut message = json!({
        "role": "assistant",
        "content": content,
        "source": "generate",
        "model": if answer.model.is_empty() { model } else { &answer.model },
    });
    if !answer.calls.is_empty() {
        message["tool_calls"] = answer
            .calls
            .iter()
            .map(|call| match &call.arguments {
                Value::Object(arguments) => json!({
                    "id": call.id, "function": call.name, "arguments": arguments, "type": "function",
                }),
                other => json!({
                    "id": call.id, "function": call.name, "arguments": {}, "type": "function",
                    "parse_error": format!("no JSON object: {}", text_of(other)),
                }),
            })
            .collect();
    }
    message
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn output(answer: &Answer, model: &str) -> Value {
    json!({
        "model": if answer.model.is_empty() { model } else { &answer.model },
        "choices": [{"message": assistant(answer, model), "stop_reason": stop(&answer.stop)}],
        "completion": answer.text,
        "usage": usage_of(answer.usage),
        "time": answer.milliseconds as f64 / 1000.0,
    })
}

fn stop(stop: &Stop) -> &'static str {
    match stop {
        Stop::End => "stop",
        Stop::Tools => "tool_calls",
        Stop::Length => "max_tokens",
        Stop::Filtered(_) => "content_filter",
        Stop::Other(_) => "unknown",
    }
}

/// The calls of the model and of its tools, in their order. What a call was given is a range of the conversation.
fn events(run: &Run, transcript: &Transcript) -> Vec<Value> {
    let calls: std::collections::HashMap<&str, &Value> = transcript
        .answers()
        .flat_map(|answer| &answer.calls)
        .map(|call| (&*call.id, &call.arguments))
        .collect();
    let mut all = Vec::new();
    for (at, event) in transcript.events.iter().enumerate() {
        let timestamp = time(later(transcript.begun_at, event.at));
        let working_start = event.at as f64 / 1000.0;
        match &event.what {
            What::System(_) | What::User(_) => (),
            What::Answer(answer) => all.push(json!({
                "event": "model",
                "timestamp": timestamp,
                "working_start": working_start,
                "model": run.model,
                "input": [],
                "input_refs": [[0, at]],
                "tools": [],
                "tool_choice": "auto",
                "config": {},
                "output": output(answer, &run.model),
                "retries": answer.retries,
                "working_time": answer.milliseconds as f64 / 1000.0,
            })),
            What::Tool(done) => all.push(json!({
                "event": "tool",
                "timestamp": timestamp,
                "working_start": working_start,
                "type": "function",
                "id": done.id,
                "function": done.name,
                "arguments": match calls.get(&*done.id) {
                    Some(Value::Object(arguments)) => Value::Object(arguments.clone()),
                    _ => json!({}),
                },
                "result": done.text,
                "events": [],
                "working_time": done.milliseconds as f64 / 1000.0,
            })),
        }
    }
    all
}

fn model_usage(run: &Run, usage: Usage) -> Value {
    Value::from_iter([(&*run.model, usage_of(usage))])
}

fn usage_of(usage: Usage) -> Value {
    let mut value = json!({
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "total_tokens": usage.input.saturating_add(usage.output),
    });
    if usage.cached > 0 {
        value["input_tokens_cache_read"] = Value::from(usage.cached);
    }
    if usage.reasoning > 0 {
        value["reasoning_tokens"] = Value::from(usage.reasoning);
    }
    value
}

/// Inspect's names of what ended a sample.
fn limit_of(run: &Run, limit: Limit) -> Value {
    let (name, number) = match limit {
        Limit::Tokens => ("token", run.limits.tokens),
        Limit::Turns => ("turn", run.limits.turns),
        Limit::Time => ("time", run.limits.seconds),
        Limit::Cost => ("cost", None),
        Limit::Context => ("context", None),
    };
    json!({"type": name, "limit": number.unwrap_or(0) as f64})
}

fn error_of(message: &str) -> Value {
    json!({"message": message, "traceback": "", "traceback_ansi": ""})
}

fn later(from: Timestamp, milliseconds: u64) -> Timestamp {
    let by = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    from.saturating_add(SignedDuration::from_millis(by))
        .unwrap_or(from)
}

/// As Inspect writes times: `2026-11-21T23:05:00.123456+00:00`.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}
