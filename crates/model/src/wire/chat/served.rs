//! Served: a chat completion as somebody else asks for it, and our answer to them.

use serde_json::{Map, Value, json};

use super::{called, is_own};
use crate::wire::part::{Members, PIECE_BYTES, cut, tool_of};
use crate::wire::{PARTS_MAX, list, text};
use crate::{Api, Assistant, Message, Request, Response, Sampling, Stop, ToolResult};

pub(crate) fn asked(members: &mut Members) -> Request {
    let model = members.text("model").unwrap_or_default();
    let stream = members.switch("stream");
    // Whoever serves reads it; upstream we ask for the count in any case.
    members.take("stream_options");
    let tokens = members.number("max_completion_tokens");
    let sampling = Sampling {
        temperature: members.decimal("temperature"),
        top_p: members.decimal("top_p"),
        max_tokens: members.number("max_tokens").or(tokens),
        seed: members.number("seed"),
        stop: members.words("stop"),
        reasoning_effort: members.text("reasoning_effort"),
    };
    let tools = members.tools(|tool| match text(tool, "type") {
        "function" => Some((tool.get("function")?, "parameters")),
        _ => None,
    });
    let mut messages = Vec::new();
    for (index, message) in members.list("messages").into_iter().enumerate() {
        let place = format!("messages[{index}]");
        if let Some(message) = read(members, &place, message, &messages) {
            messages.push(message);
        }
    }
    Request {
        model,
        messages,
        tools,
        sampling,
        stream,
        extra: None,
    }
}

fn read(members: &mut Members, place: &str, message: Value, before: &[Message]) -> Option<Message> {
    let words = members.words_of(place, message.get("content"));
    match text(&message, "role") {
        "system" | "developer" => Some(Message::System(words)),
        "user" => Some(Message::User(words)),
        "assistant" => {
            let calls = list(&message, "tool_calls");
            if calls.len() > PARTS_MAX {
                members.problems.add(format!(
                    "{place} calls {} tools; at most {PARTS_MAX} are read",
                    calls.len()
                ));
                return None;
            }
            let reasoning = ["reasoning_content", "reasoning"]
                .iter()
                .find_map(|name| message.get(name)?.as_str());
            Some(Message::Assistant(Assistant {
                text: words,
                reasoning: reasoning.map(Into::into),
                calls: calls.iter().map(called).collect(),
                kept: message
                    .as_object()
                    .filter(|message| is_own(message))
                    .map(|_| json!({"chat": message})),
            }))
        }
        "tool" => {
            let id = text(&message, "tool_call_id");
            Some(Message::Tool(ToolResult {
                id: id.into(),
                name: tool_of(before, id),
                text: words,
                is_error: false,
            }))
        }
        other => {
            members.problems.add(format!(
                "{place} has the role {}; `system`, `developer`, `user`, `assistant` and `tool` are known",
                names::problem::quoted(other)
            ));
            None
        }
    }
}

pub(crate) fn answer(response: &Response, id: u64) -> Value {
    let (finish, refusal) = match &response.stop {
        Stop::End => ("stop", None),
        Stop::Length => ("length", None),
        Stop::Tools => ("tool_calls", None),
        Stop::Filtered(words) if words.is_empty() => ("content_filter", None),
        Stop::Filtered(words) => ("stop", Some(words)),
        Stop::Other(word) => (&**word, None),
    };
    let message = match response.message.kept_for(Api::Chat) {
        Some(kept) => kept.clone(),
        None => message(&response.message, refusal.map(|words| &**words)),
    };
    let usage = &response.usage;
    json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion",
        // Nobody here reads a clock.
        "created": 0,
        "model": response.model,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input.saturating_add(usage.output),
            "prompt_tokens_details": {"cached_tokens": usage.cached},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
        },
    })
}

fn message(said: &Assistant, refusal: Option<&str>) -> Value {
    let mut message = Map::new();
    message.insert("role".to_owned(), Value::from("assistant"));
    let content = match said.text.is_empty() && (refusal.is_some() || !said.calls.is_empty()) {
        true => Value::Null,
        false => Value::from(&*said.text),
    };
    message.insert("content".to_owned(), content);
    message.insert(
        "refusal".to_owned(),
        refusal.map_or(Value::Null, Value::from),
    );
    if let Some(reasoning) = &said.reasoning {
        message.insert("reasoning_content".to_owned(), Value::from(&**reasoning));
    }
    if !said.calls.is_empty() {
        let call = |call: &crate::ToolCall| {
            json!({"id": call.id, "type": "function",
                "function": {"name": call.name, "arguments": call.written()}})
        };
        let calls: Vec<Value> = said.calls.iter().map(call).collect();
        message.insert("tool_calls".to_owned(), Value::from(calls));
    }
    Value::Object(message)
}

pub(crate) fn events(answer: &Value, with_usage: bool) -> Vec<(Option<&'static str>, String)> {
    let frame = |choices: Value, usage: &Value| {
        let frame = json!({
            "id": answer["id"], "object": "chat.completion.chunk", "created": 0, "model": answer["model"],
            "choices": choices, "usage": usage,
        });
        (None, frame.to_string())
    };
    let chunk = |delta: Value, finish: &Value| {
        frame(
            json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]),
            &Value::Null,
        )
    };
    let choice = &answer["choices"][0];
    let mut events = vec![chunk(
        json!({"role": "assistant", "content": ""}),
        &Value::Null,
    )];
    for (name, value) in choice["message"].as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::Array(calls) if name == "tool_calls" => {
                for (index, call) in calls.iter().enumerate() {
                    let mut first = call.clone();
                    let arguments = first["function"]["arguments"].take();
                    first["function"]["arguments"] = Value::from("");
                    first["index"] = Value::from(index);
                    events.push(chunk(json!({"tool_calls": [first]}), &Value::Null));
                    for piece in cut(arguments.as_str().unwrap_or_default(), PIECE_BYTES) {
                        let piece = json!({"index": index, "function": {"arguments": piece}});
                        events.push(chunk(json!({"tool_calls": [piece]}), &Value::Null));
                    }
                }
            }
            Value::String(words) if name != "role" => {
                let pieces =
                    cut(words, PIECE_BYTES).map(|piece| chunk(json!({name: piece}), &Value::Null));
                events.extend(pieces);
            }
            value if name != "role" => events.push(chunk(json!({name: value}), &Value::Null)),
            _ => {}
        }
    }
    events.push(chunk(json!({}), &choice["finish_reason"]));
    if with_usage {
        events.push(frame(json!([]), &answer["usage"]));
    }
    events.push((None, "[DONE]".to_owned()));
    events
}
