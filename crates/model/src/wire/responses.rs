//! Responses: OpenAI responses (`POST /v1/responses`).
//!
//! Odd about it: a conversation is a list of items, and what the model said in one turn may be several of them. Items of
//! reasoning come back unchanged or not at all; nothing is stored at the provider, so they carry their content sealed.

pub(crate) mod served;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Answer, Fault, Names, PARTS_MAX, Pieces, broken_off, count, list, text};
use crate::{Api, Assistant, Message, Request, Stop, ToolCall, Usage};

const NAMES: Names = Names {
    api: Api::Responses,
    max_tokens: "max_output_tokens",
    seed: None,
    stop: None,
};

pub(super) fn members(request: &Request) -> Result<Map<String, Value>, Fault> {
    let mut members = super::sampling(&request.sampling, &NAMES)?;
    if let Some(effort) = &request.sampling.reasoning_effort {
        members.insert("reasoning".to_owned(), json!({"effort": effort}));
    }
    if !request.tools.is_empty() {
        let tool = |tool: &crate::Tool| {
            json!({"type": "function", "name": tool.name, "description": tool.description,
                "parameters": tool.parameters, "strict": false})
        };
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        members.insert("tools".to_owned(), Value::from(tools));
    }
    // A task must not lie at the provider; then reasoning goes back only with its content sealed in it.
    members.insert("store".to_owned(), Value::from(false));
    members.insert("include".to_owned(), json!(["reasoning.encrypted_content"]));
    Ok(members)
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Item<'a> {
    Kept(&'a Value),
    Said {
        role: &'static str,
        content: &'a str,
    },
    Call {
        r#type: &'static str,
        call_id: &'a str,
        name: &'a str,
        arguments: String,
    },
    Output {
        r#type: &'static str,
        call_id: &'a str,
        output: &'a str,
    },
}

pub(super) fn conversation(request: &Request) -> Vec<Item<'_>> {
    let mut items = Vec::with_capacity(request.messages.len());
    for message in &request.messages {
        match message {
            Message::System(text) => items.push(Item::Said {
                role: "system",
                content: text,
            }),
            Message::User(text) => items.push(Item::Said {
                role: "user",
                content: text,
            }),
            Message::Assistant(said) => match said.kept_for(Api::Responses) {
                Some(kept) => items.extend(kept.as_array().into_iter().flatten().map(Item::Kept)),
                None => {
                    if !said.text.is_empty() {
                        items.push(Item::Said {
                            role: "assistant",
                            content: &said.text,
                        });
                    }
                    items.extend(said.calls.iter().map(call));
                }
            },
            Message::Tool(result) => items.push(Item::Output {
                r#type: "function_call_output",
                call_id: &result.id,
                output: &result.text,
            }),
        }
    }
    items
}

fn call(call: &ToolCall) -> Item<'_> {
    Item::Call {
        r#type: "function_call",
        call_id: &call.id,
        name: &call.name,
        arguments: call.written(),
    }
}

pub(super) fn read(mut answer: Value) -> Result<Answer, Fault> {
    if text(&answer, "status") == "failed" || answer.get("error").is_some_and(Value::is_object) {
        return Err(broken_off(&answer));
    }
    let Some(Value::Array(items)) = answer.get_mut("output").map(Value::take) else {
        return Err(Fault::answer(
            "answer holds no `output`; a response would have a list of items",
        ));
    };
    if items.len() > PARTS_MAX {
        return Err(Fault::answer(format!(
            "answer holds {} items; at most {PARTS_MAX} are read",
            items.len()
        )));
    }
    let (said, refusal) = said(items);
    let reason = answer
        .get("incomplete_details")
        .map_or("", |details| text(details, "reason"));
    let stop = match (text(&answer, "status"), reason) {
        (_, "content_filter") => Stop::Filtered(refusal.into()),
        _ if !refusal.is_empty() => Stop::Filtered(refusal.into()),
        (_, "max_output_tokens") => Stop::Length,
        (_, other) if !other.is_empty() => Stop::Other(other.into()),
        _ if !said.calls.is_empty() => Stop::Tools,
        ("completed" | "", _) => Stop::End,
        (other, _) => Stop::Other(other.into()),
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

/// What the items of one turn come to, and the model's words where it refused.
pub(super) fn said(items: Vec<Value>) -> (Assistant, String) {
    let (mut words, mut reasoning, mut refusal) = (String::new(), String::new(), String::new());
    let mut calls = Vec::new();
    let mut is_own = false;
    for item in &items {
        match text(item, "type") {
            "message" | "" => {
                for part in list(item, "content") {
                    words.push_str(text(part, "text"));
                    refusal.push_str(text(part, "refusal"));
                }
                if let Some(Value::String(content)) = item.get("content") {
                    words.push_str(content);
                }
            }
            "function_call" => {
                calls.push(ToolCall::new(
                    text(item, "call_id"),
                    text(item, "name"),
                    text(item, "arguments"),
                ));
            }
            "reasoning" => {
                is_own = true;
                let parts = list(item, "content").iter().chain(list(item, "summary"));
                for part in parts
                    .map(|part| text(part, "text"))
                    .filter(|part| !part.is_empty())
                {
                    if !reasoning.is_empty() {
                        reasoning.push_str("\n\n");
                    }
                    reasoning.push_str(part);
                }
            }
            _ => is_own = true,
        }
    }
    let said = Assistant {
        text: words.into(),
        reasoning: (!reasoning.is_empty()).then(|| reasoning.into()),
        calls,
        kept: is_own.then(|| json!({"responses": items})),
    };
    (said, refusal)
}

fn usage(usage: &Value) -> Usage {
    let part = |of: &str, name| usage.get(of).map_or(0, |part| count(part, name));
    Usage {
        input: count(usage, "input_tokens"),
        output: count(usage, "output_tokens"),
        cached: part("input_tokens_details", "cached_tokens"),
        reasoning: part("output_tokens_details", "reasoning_tokens"),
    }
}

/// A response put together from its events: the last holds all of it, and with some only what holds no items.
#[derive(Default)]
pub(crate) struct Events {
    items: BTreeMap<u64, Value>,
    whole: Option<Value>,
}

impl Pieces for Events {
    fn take(&mut self, kind: &str, data: &str) -> Result<(), Fault> {
        if data.trim() == "[DONE]" {
            return Ok(());
        }
        let mut event: Value = serde_json::from_str(data).map_err(|error| {
            Fault::answer(format!("an event of the answer is no JSON: {error}"))
        })?;
        let kind = match text(&event, "type") {
            "" => kind.to_owned(),
            named => named.to_owned(),
        };
        match kind.as_str() {
            "error" => return Err(broken_off(&event)),
            "response.output_item.done" if self.items.len() < PARTS_MAX => {
                let index = count(&event, "output_index");
                if let Some(item) = event.get_mut("item") {
                    self.items.insert(index, item.take());
                }
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.whole = event.get_mut("response").map(Value::take);
            }
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self) -> Option<Value> {
        let mut whole = self.whole.take()?;
        if list(&whole, "output").is_empty() && !self.items.is_empty() {
            let items: Vec<Value> = std::mem::take(&mut self.items).into_values().collect();
            whole
                .as_object_mut()?
                .insert("output".to_owned(), Value::from(items));
        }
        Some(whole)
    }
}
