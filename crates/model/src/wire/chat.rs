//! Chat: OpenAI chat completions (`POST /v1/chat/completions`), which most others speak too.
//!
//! Odd about it: arguments of a call are a text that should hold JSON; each provider hangs further members onto a
//! message (`reasoning_content`, `reasoning_details`, a signature in a call) and wants them back.

pub(crate) mod served;
pub(crate) mod stream;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Answer, Fault, Names, PARTS_MAX, count, list, text};
use crate::{Api, Assistant, Endpoint, Message, Request, Stop, ToolCall, Usage};

/// What a message holds in everybody's words; anything else is its provider's own.
const KNOWN: &[&str] = &[
    "role",
    "content",
    "refusal",
    "tool_calls",
    "annotations",
    "audio",
    "function_call",
];
const KNOWN_OF_CALL: &[&str] = &["id", "type", "index", "function"];

pub(super) fn members(request: &Request, endpoint: &Endpoint) -> Result<Map<String, Value>, Fault> {
    // OpenAI's own models that reason refuse the old name, and many who speak the format know no other.
    let theirs = endpoint.url.host().ends_with("openai.com");
    let names = Names {
        api: Api::Chat,
        max_tokens: if theirs {
            "max_completion_tokens"
        } else {
            "max_tokens"
        },
        seed: Some("seed"),
        stop: Some("stop"),
    };
    let mut members = super::sampling(&request.sampling, &names)?;
    if let Some(effort) = &request.sampling.reasoning_effort {
        members.insert("reasoning_effort".to_owned(), Value::from(&**effort));
    }
    if !request.tools.is_empty() {
        let tool = |tool: &crate::Tool| {
            json!({"type": "function", "function": {
                "name": tool.name, "description": tool.description, "parameters": tool.parameters}})
        };
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        members.insert("tools".to_owned(), Value::from(tools));
    }
    Ok(members)
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Line<'a> {
    Kept(&'a Value),
    Plain {
        role: &'static str,
        content: &'a str,
    },
    Called {
        role: &'static str,
        content: Option<&'a str>,
        tool_calls: Vec<Call<'a>>,
    },
    Result {
        role: &'static str,
        tool_call_id: &'a str,
        content: &'a str,
    },
}

#[derive(Serialize)]
pub(super) struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: String,
}

pub(super) fn conversation(request: &Request) -> Vec<Line<'_>> {
    request.messages.iter().map(line).collect()
}

fn line(message: &Message) -> Line<'_> {
    let plain = |role, content| Line::Plain { role, content };
    match message {
        Message::System(text) => plain("system", text),
        Message::User(text) => plain("user", text),
        Message::Assistant(said) => match said.kept_for(Api::Chat) {
            Some(kept) => Line::Kept(kept),
            None if said.calls.is_empty() => plain("assistant", &said.text),
            None => Line::Called {
                role: "assistant",
                content: Some(&*said.text).filter(|text| !text.is_empty()),
                tool_calls: said.calls.iter().map(call).collect(),
            },
        },
        Message::Tool(result) => Line::Result {
            role: "tool",
            tool_call_id: &result.id,
            content: &result.text,
        },
    }
}

fn call(call: &ToolCall) -> Call<'_> {
    Call {
        id: &call.id,
        r#type: "function",
        function: Function {
            name: &call.name,
            arguments: call.written(),
        },
    }
}

pub(super) fn read(mut answer: Value) -> Result<Answer, Fault> {
    // Some who pass requests on tell an error with a status that says that all is well.
    if answer.get("choices").is_none() && answer.get("error").is_some_and(|error| !error.is_null())
    {
        return Err(super::broken_off(&answer));
    }
    let Some(choice) = answer
        .get_mut("choices")
        .and_then(|choices| choices.get_mut(0))
        .map(Value::take)
    else {
        return Err(Fault::answer(
            "answer holds no `choices`; a chat completion would have one",
        ));
    };
    let Some(message @ Value::Object(members)) = choice.get("message") else {
        return Err(Fault::answer(
            "answer's first choice holds no `message`; a chat completion would have one",
        ));
    };
    let calls = list(message, "tool_calls");
    if calls.len() > PARTS_MAX {
        return Err(Fault::answer(format!(
            "answer calls {} tools; at most {PARTS_MAX} are read",
            calls.len()
        )));
    }
    let refusal = text(message, "refusal");
    let reasoning = ["reasoning_content", "reasoning"]
        .iter()
        .find_map(|name| message.get(name)?.as_str())
        .filter(|reasoning| !reasoning.is_empty());
    let said = Assistant {
        text: content(message.get("content")).into(),
        reasoning: reasoning.map(Into::into),
        calls: calls.iter().map(called).collect(),
        kept: is_own(members).then(|| json!({"chat": message})),
    };
    let stop = match text(&choice, "finish_reason") {
        "content_filter" => Stop::Filtered(refusal.into()),
        _ if !refusal.is_empty() => Stop::Filtered(refusal.into()),
        "length" => Stop::Length,
        _ if !said.calls.is_empty() => Stop::Tools,
        "stop" | "" | "tool_calls" | "function_call" => Stop::End,
        other => Stop::Other(other.into()),
    };
    Ok(Answer {
        model: text(&answer, "model").into(),
        message: said,
        stop,
        usage: answer
            .get("usage")
            .filter(|usage| usage.is_object())
            .map(usage),
    })
}

/// A text, or parts of which only those of text are read.
pub(super) fn content(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().map(|part| text(part, "text")).collect(),
        _ => String::new(),
    }
}

fn called(call: &Value) -> ToolCall {
    let function = call.get("function").unwrap_or(&Value::Null);
    // Some who speak this format write the arguments as JSON rather than as a text that holds it.
    match function.get("arguments") {
        Some(Value::Object(named)) => ToolCall {
            id: text(call, "id").into(),
            name: text(function, "name").into(),
            arguments: Value::Object(named.clone()),
        },
        _ => ToolCall::new(
            text(call, "id"),
            text(function, "name"),
            text(function, "arguments"),
        ),
    }
}

/// Whether `message` holds what only its provider understands.
pub(super) fn is_own(message: &Map<String, Value>) -> bool {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    let own = |members: &Map<String, Value>, known: &[&str]| {
        members
            .iter()
            .any(|(name, value)| !known.contains(&name.as_str()) && !empty(value))
    };
    let calls = message.get("tool_calls").and_then(Value::as_array);
    own(message, KNOWN)
        || calls
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .any(|call| own(call, KNOWN_OF_CALL))
}

fn usage(usage: &Value) -> Usage {
    let part = |of: &str, name| usage.get(of).map_or(0, |part| count(part, name));
    Usage {
        input: count(usage, "prompt_tokens"),
        output: count(usage, "completion_tokens"),
        cached: part("prompt_tokens_details", "cached_tokens"),
        reasoning: part("completion_tokens_details", "reasoning_tokens"),
    }
}
