//! Served: a message as somebody else asks for it, and our answer to them.

use serde_json::{Value, json};

use super::blocks_said;
use crate::wire::part::{Members, PIECE_BYTES, cut, tool_of};
use crate::wire::{PARTS_MAX, list, text};
use crate::{Api, Message, Request, Response, Sampling, Stop, ToolResult};

pub(crate) fn asked(members: &mut Members) -> Request {
    let model = members.text("model").unwrap_or_default();
    let stream = members.switch("stream");
    let output = members.take("output_config");
    let effort = output.as_ref().map_or("", |output| text(output, "effort"));
    let sampling = Sampling {
        temperature: members.decimal("temperature"),
        top_p: members.decimal("top_p"),
        max_tokens: members.number("max_tokens"),
        stop: members.words("stop_sequences"),
        reasoning_effort: (!effort.is_empty()).then(|| effort.into()),
        seed: None,
    };
    if let Some(output) = output.filter(|all| all.as_object().is_some_and(|all| all.len() > 1)) {
        members.put("output_config", output);
    }
    let tools = members.tools(|tool| {
        matches!(text(tool, "type"), "" | "custom").then_some((tool, "input_schema"))
    });
    let mut messages = Vec::new();
    if let Some(system) = members.take("system") {
        let words = members.words_of("system", Some(&system));
        messages.push(Message::System(words));
    }
    for (index, message) in members.list("messages").into_iter().enumerate() {
        let place = format!("messages[{index}]");
        match text(&message, "role") {
            "user" => user(members, &place, &message, &mut messages),
            "assistant" => assistant(members, &place, message, &mut messages),
            "system" => {
                let words = members.words_of(&place, message.get("content"));
                messages.push(Message::System(words));
            }
            other => members.problems.add(format!(
                "{place} has the role {}; `user` and `assistant` are known",
                names::problem::quoted(other)
            )),
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

/// What the user says, and before it the results of tools, each a message of its own with us.
fn user(members: &mut Members, place: &str, message: &Value, messages: &mut Vec<Message>) {
    let Some(Value::Array(blocks)) = message.get("content") else {
        let words = members.words_of(place, message.get("content"));
        messages.push(Message::User(words));
        return;
    };
    let mut words = Vec::new();
    for block in blocks {
        if text(block, "type") == "tool_result" {
            let id = text(block, "tool_use_id");
            messages.push(Message::Tool(ToolResult {
                id: id.into(),
                name: tool_of(messages, id),
                text: members.words_of(place, block.get("content")),
                is_error: block
                    .get("is_error")
                    .and_then(Value::as_bool)
                    .unwrap_or(false),
            }));
        } else {
            words.push(block.clone());
        }
    }
    if !words.is_empty() {
        let words = members.words_of(place, Some(&Value::from(words)));
        messages.push(Message::User(words));
    }
}

fn assistant(members: &mut Members, place: &str, mut message: Value, messages: &mut Vec<Message>) {
    let blocks = match message.get_mut("content").map(Value::take) {
        Some(Value::Array(blocks)) if blocks.len() <= PARTS_MAX => blocks,
        Some(Value::String(words)) => vec![json!({"type": "text", "text": words})],
        _ => {
            members.problems.add(format!(
                "{place} holds neither a text nor a list of at most {PARTS_MAX} blocks"
            ));
            return;
        }
    };
    messages.push(Message::Assistant(blocks_said(blocks)));
}

pub(crate) fn answer(response: &Response, id: u64) -> Value {
    let reason = match &response.stop {
        Stop::End => "end_turn",
        Stop::Length => "max_tokens",
        Stop::Tools => "tool_use",
        Stop::Filtered(_) => "refusal",
        Stop::Other(word) => word,
    };
    let content = match response.message.kept_for(Api::Messages) {
        Some(kept) => kept.clone(),
        None => Value::from(blocks(response)),
    };
    let usage = &response.usage;
    json!({
        "id": format!("msg_{id}"),
        "type": "message",
        "role": "assistant",
        "model": response.model,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": null,
        "usage": {
            "input_tokens": usage.input.saturating_sub(usage.cached),
            "cache_read_input_tokens": usage.cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": usage.output,
        },
    })
}

/// Reasoning without a signature is none in this format, and is left out.
fn blocks(response: &Response) -> Vec<Value> {
    let said = &response.message;
    let mut blocks = Vec::new();
    let words = match &response.stop {
        // The format has no place of its own for what a model refuses with.
        Stop::Filtered(words) if said.text.is_empty() => words,
        _ => &said.text,
    };
    if !words.is_empty() {
        blocks.push(json!({"type": "text", "text": words}));
    }
    for call in &said.calls {
        let input = match &call.arguments {
            named @ Value::Object(_) => named.clone(),
            unreadable => json!({"unreadable": unreadable}),
        };
        blocks.push(json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input}));
    }
    blocks
}

pub(crate) fn events(answer: &Value, response: &Response) -> Vec<(Option<&'static str>, String)> {
    let mut events = Vec::new();
    let mut say = |kind: &'static str, mut event: Value| {
        event["type"] = Value::from(kind);
        events.push((Some(kind), event.to_string()));
    };
    let mut begun = answer.clone();
    begun["content"] = json!([]);
    begun["stop_reason"] = Value::Null;
    begun["usage"]["output_tokens"] = Value::from(0);
    say("message_start", json!({"message": begun}));
    for (index, block) in list(answer, "content").iter().enumerate() {
        let mut first = block.clone();
        let mut deltas = Vec::new();
        for (name, kind) in [
            ("text", "text_delta"),
            ("thinking", "thinking_delta"),
            ("signature", "signature_delta"),
        ] {
            if let Some(words) = block.get(name).and_then(Value::as_str) {
                first[name] = Value::from("");
                deltas.extend(
                    cut(words, PIECE_BYTES).map(|piece| json!({"type": kind, name: piece})),
                );
            }
        }
        if let Some(input) = block.get("input") {
            first["input"] = json!({});
            let input = input.to_string();
            let pieces = cut(&input, PIECE_BYTES)
                .map(|piece| json!({"type": "input_json_delta", "partial_json": piece}));
            deltas.extend(pieces);
        }
        say(
            "content_block_start",
            json!({"index": index, "content_block": first}),
        );
        for delta in deltas {
            say(
                "content_block_delta",
                json!({"index": index, "delta": delta}),
            );
        }
        say("content_block_stop", json!({"index": index}));
    }
    say(
        "message_delta",
        json!({
            "delta": {"stop_reason": answer["stop_reason"], "stop_sequence": null},
            "usage": {"output_tokens": response.usage.output},
        }),
    );
    say("message_stop", json!({}));
    events
}
