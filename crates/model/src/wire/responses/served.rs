//! Served: a response as somebody else asks for it, and our answer to them.

use serde_json::{Value, json};

use super::said;
use crate::wire::part::{Members, PIECE_BYTES, cut, tool_of};
use crate::wire::{PARTS_MAX, list, text};
use crate::{Api, Message, Request, Response, Sampling, Stop, ToolResult};

pub(crate) fn asked(members: &mut Members) -> Request {
    let model = members.text("model").unwrap_or_default();
    let stream = members.switch("stream");
    let reasoning = members.take("reasoning");
    let effort = reasoning
        .as_ref()
        .map_or("", |reasoning| text(reasoning, "effort"));
    let sampling = Sampling {
        temperature: members.decimal("temperature"),
        top_p: members.decimal("top_p"),
        max_tokens: members.number("max_output_tokens"),
        reasoning_effort: (!effort.is_empty()).then(|| effort.into()),
        ..Sampling::default()
    };
    // What else it says of reasoning is for an endpoint of the same format.
    if let Some(reasoning) =
        reasoning.filter(|all| all.as_object().is_some_and(|all| all.len() > 1))
    {
        members.put("reasoning", reasoning);
    }
    let tools =
        members.tools(|tool| (text(tool, "type") == "function").then_some((tool, "parameters")));
    let mut messages: Vec<Message> = members
        .text("instructions")
        .map(Message::System)
        .into_iter()
        .collect();
    match members.take("input") {
        Some(Value::String(text)) => messages.push(Message::User(text.into())),
        Some(input) => {
            members.put("input", input);
            let items = members.list("input");
            conversation(members, items, &mut messages);
        }
        None => {}
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

fn conversation(members: &mut Members, items: Vec<Value>, messages: &mut Vec<Message>) {
    // What the model said in one turn, until somebody else speaks.
    let mut turn: Vec<Value> = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("input[{index}]");
        let kind = match text(&item, "type") {
            "" => "message",
            kind => kind,
        };
        let role = text(&item, "role");
        if matches!(
            (kind, role),
            ("function_call" | "reasoning", _) | ("message", "assistant")
        ) {
            if turn.len() >= PARTS_MAX {
                members.problems.add(format!(
                    "{place} goes on a turn of {PARTS_MAX} items; no more are read"
                ));
                return;
            }
            turn.push(item);
            continue;
        }
        end_turn(&mut turn, messages);
        match (kind, role) {
            ("message", "system" | "developer") => {
                messages.push(Message::System(members.words_of(&place, item.get("content"))));
            }
            ("message", "user") => {
                messages.push(Message::User(members.words_of(&place, item.get("content"))));
            }
            ("function_call_output", _) => {
                let id = text(&item, "call_id");
                messages.push(Message::Tool(ToolResult {
                    id: id.into(),
                    name: tool_of(messages, id),
                    text: members.words_of(&place, item.get("output")),
                    is_error: false,
                }));
            }
            _ => members.problems.add(format!(
                "{place} is of the type {}; messages, function calls, their outputs and reasoning are served",
                names::problem::quoted(kind)
            )),
        }
    }
    end_turn(&mut turn, messages);
}

fn end_turn(turn: &mut Vec<Value>, messages: &mut Vec<Message>) {
    if !turn.is_empty() {
        messages.push(Message::Assistant(said(std::mem::take(turn)).0));
    }
}

pub(crate) fn answer(response: &Response, id: u64) -> Value {
    let (status, reason) = match &response.stop {
        Stop::Length => ("incomplete", json!({"reason": "max_output_tokens"})),
        Stop::Filtered(words) if words.is_empty() => {
            ("incomplete", json!({"reason": "content_filter"}))
        }
        Stop::Other(word) => ("incomplete", json!({"reason": word})),
        Stop::End | Stop::Tools | Stop::Filtered(_) => ("completed", Value::Null),
    };
    let output = match response.message.kept_for(Api::Responses) {
        Some(kept) => kept.clone(),
        None => Value::from(items(response, id)),
    };
    let usage = &response.usage;
    json!({
        "id": format!("resp_{id}"),
        "object": "response",
        // Nobody here reads a clock.
        "created_at": 0,
        "status": status,
        "error": null,
        "incomplete_details": reason,
        "instructions": null,
        "metadata": {},
        "model": response.model,
        "output": output,
        "parallel_tool_calls": true,
        "temperature": null,
        "tool_choice": "auto",
        "tools": [],
        "top_p": null,
        "store": false,
        "usage": {
            "input_tokens": usage.input,
            "input_tokens_details": {"cached_tokens": usage.cached},
            "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.input.saturating_add(usage.output),
        },
    })
}

fn items(response: &Response, id: u64) -> Vec<Value> {
    let said = &response.message;
    let mut items = Vec::new();
    if let Some(reasoning) = &said.reasoning {
        items.push(json!({"type": "reasoning", "id": format!("rs_{id}"),
            "summary": [{"type": "summary_text", "text": reasoning}]}));
    }
    let mut content = Vec::new();
    if !said.text.is_empty() {
        content.push(json!({"type": "output_text", "text": said.text, "annotations": []}));
    }
    if let Stop::Filtered(words) = &response.stop
        && !words.is_empty()
    {
        content.push(json!({"type": "refusal", "refusal": words}));
    }
    if !content.is_empty() || (said.calls.is_empty() && said.reasoning.is_none()) {
        items.push(
            json!({"type": "message", "id": format!("msg_{id}"), "role": "assistant",
            "status": "completed", "content": content}),
        );
    }
    for (index, call) in said.calls.iter().enumerate() {
        items.push(
            json!({"type": "function_call", "id": format!("fc_{id}_{index}"), "call_id": call.id,
            "name": call.name, "arguments": call.written(), "status": "completed"}),
        );
    }
    items
}

pub(crate) fn events(answer: &Value) -> Vec<(Option<&'static str>, String)> {
    let mut events = Vec::new();
    let mut say = |kind: &'static str, mut event: Value| {
        event["type"] = Value::from(kind);
        event["sequence_number"] = Value::from(events.len());
        events.push((Some(kind), event.to_string()));
    };
    let mut begun = answer.clone();
    begun["status"] = Value::from("in_progress");
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    begun["incomplete_details"] = Value::Null;
    say("response.created", json!({"response": begun}));
    say("response.in_progress", json!({"response": begun}));
    for (index, item) in list(answer, "output").iter().enumerate() {
        let mut first = item.clone();
        for (name, empty) in [
            ("content", json!([])),
            ("arguments", json!("")),
            ("status", json!("in_progress")),
        ] {
            if first.get(name).is_some() {
                first[name] = empty;
            }
        }
        say(
            "response.output_item.added",
            json!({"output_index": index, "item": first}),
        );
        match text(item, "type") {
            "message" => parts(index, item, &mut say),
            "function_call" => {
                let at = json!({"output_index": index, "item_id": item["id"]});
                for piece in cut(text(item, "arguments"), PIECE_BYTES) {
                    say(
                        "response.function_call_arguments.delta",
                        with(&at, "delta", piece),
                    );
                }
                let mut done = with(&at, "arguments", text(item, "arguments"));
                done["name"] = item["name"].clone();
                say("response.function_call_arguments.done", done);
            }
            _ => {}
        }
        say(
            "response.output_item.done",
            json!({"output_index": index, "item": item}),
        );
    }
    let end = match text(answer, "status") {
        "completed" => "response.completed",
        _ => "response.incomplete",
    };
    say(end, json!({"response": answer}));
    events
}

fn parts(index: usize, item: &Value, say: &mut impl FnMut(&'static str, Value)) {
    for (part_index, part) in list(item, "content").iter().enumerate() {
        let at = json!({"output_index": index, "item_id": item["id"], "content_index": part_index});
        let (name, delta, done) = match text(part, "type") {
            "refusal" => ("refusal", "response.refusal.delta", "response.refusal.done"),
            _ => (
                "text",
                "response.output_text.delta",
                "response.output_text.done",
            ),
        };
        let mut empty = part.clone();
        empty[name] = Value::from("");
        let mut begun = at.clone();
        begun["part"] = empty;
        say("response.content_part.added", begun);
        for piece in cut(text(part, name), PIECE_BYTES) {
            let mut event = with(&at, "delta", piece);
            event["logprobs"] = json!([]);
            say(delta, event);
        }
        let mut event = with(&at, name, text(part, name));
        event["logprobs"] = json!([]);
        say(done, event);
        let mut ended = at;
        ended["part"] = part.clone();
        say("response.content_part.done", ended);
    }
}

fn with(at: &Value, name: &str, words: &str) -> Value {
    let mut event = at.clone();
    event[name] = Value::from(words);
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_model_said_in_one_turn_becomes_one_message() {
        let body = json!({"model": "m", "instructions": "be brief", "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "list"}]},
            {"type": "reasoning", "id": "rs_1", "encrypted_content": "zzz", "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "so"}]},
            {"type": "function_call", "call_id": "c1", "name": "shell", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "a b"},
        ]});
        let request = crate::wire::asked(Api::Responses, body.clone()).unwrap();
        let kinds: Vec<String> = request
            .messages
            .iter()
            .map(|message| match message {
                Message::System(text) => format!("system {text}"),
                Message::User(text) => format!("user {text}"),
                Message::Assistant(said) => format!("assistant {} {}", said.text, said.calls.len()),
                Message::Tool(result) => {
                    format!("tool {} {} {}", result.name, result.id, result.text)
                }
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "system be brief",
                "user list",
                "assistant so 1",
                "tool shell c1 a b"
            ]
        );
        let Message::Assistant(turn) = &request.messages[2] else {
            panic!("the third is the model's");
        };
        let kept: Vec<&Value> = turn
            .kept_for(Api::Responses)
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .collect();
        assert_eq!(
            kept,
            [&body["input"][1], &body["input"][2], &body["input"][3]]
        );
    }
}
