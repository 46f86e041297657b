//! Messages: Anthropic messages (`POST /v1/messages`, version 2023-06-01).
//!
//! Odd about it: what the system says stands beside the conversation; results of tools are the user's; a tool's result
//! must come in the very next message; thinking carries a signature and goes back unchanged.

pub(crate) mod served;
pub(crate) mod stream;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Answer, Fault, Names, PARTS_MAX, count, text};
use crate::{Api, Assistant, Message, Request, Stop, ToolCall, Usage};

const NAMES: Names = Names {
    api: Api::Messages,
    max_tokens: "max_tokens",
    seed: None,
    stop: Some("stop_sequences"),
};

/// The format wants a limit in every request: what the smallest of its present models can write.
const MAX_TOKENS: u64 = 8192;

pub(super) fn members(request: &Request) -> Result<Map<String, Value>, Fault> {
    let mut members = super::sampling(&request.sampling, &NAMES)?;
    members
        .entry("max_tokens")
        .or_insert(Value::from(MAX_TOKENS));
    if let Some(effort) = &request.sampling.reasoning_effort {
        members.insert("output_config".to_owned(), json!({"effort": effort}));
    }
    let system = system(request).join("\n\n");
    if !system.is_empty() {
        members.insert("system".to_owned(), Value::from(system));
    }
    if !request.tools.is_empty() {
        let tool = |tool: &crate::Tool| json!({"name": tool.name, "description": tool.description, "input_schema": tool.parameters});
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        members.insert("tools".to_owned(), Value::from(tools));
    }
    Ok(members)
}

/// What the system says before anybody else does. Later words of its stand where they were said, as the user's.
fn system(request: &Request) -> Vec<&str> {
    let said = request.messages.iter().map_while(|message| match message {
        Message::System(text) => Some(&**text),
        _ => None,
    });
    said.collect()
}

#[derive(Serialize)]
pub(super) struct Turn<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Block<'a> {
    Kept(&'a Value),
    Text {
        r#type: &'static str,
        text: &'a str,
    },
    Use {
        r#type: &'static str,
        id: &'a str,
        name: &'a str,
        input: Input<'a>,
    },
    Result {
        r#type: &'static str,
        tool_use_id: &'a str,
        content: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Input<'a> {
    Named(&'a Value),
    /// Arguments that were no object: the format knows no others.
    Garbled {
        unreadable: &'a Value,
    },
}

pub(super) fn conversation(request: &Request) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::with_capacity(request.messages.len());
    for message in &request.messages[system(request).len()..] {
        let (role, blocks) = match message {
            Message::System(text) | Message::User(text) => {
                ("user", said(text).into_iter().collect())
            }
            Message::Tool(result) => (
                "user",
                vec![Block::Result {
                    r#type: "tool_result",
                    tool_use_id: &result.id,
                    content: &result.text,
                    is_error: result.is_error,
                }],
            ),
            Message::Assistant(told) => (
                "assistant",
                match told.kept_for(Api::Messages) {
                    Some(kept) => kept
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(Block::Kept)
                        .collect(),
                    None => said(&told.text)
                        .into_iter()
                        .chain(told.calls.iter().map(call))
                        .collect(),
                },
            ),
        };
        match turns.last_mut().filter(|last| last.role == role) {
            Some(last) => last.content.extend(blocks),
            None if blocks.is_empty() => {}
            None => turns.push(Turn {
                role,
                content: blocks,
            }),
        }
    }
    turns
}

/// A block of no text is refused by those who serve this format.
fn said(text: &str) -> Option<Block<'_>> {
    (!text.is_empty()).then_some(Block::Text {
        r#type: "text",
        text,
    })
}

fn call(call: &ToolCall) -> Block<'_> {
    Block::Use {
        r#type: "tool_use",
        id: &call.id,
        name: &call.name,
        input: match &call.arguments {
            named @ Value::Object(_) => Input::Named(named),
            unreadable => Input::Garbled { unreadable },
        },
    }
}

pub(super) fn read(mut answer: Value) -> Result<Answer, Fault> {
    if text(&answer, "type") == "error" {
        return Err(super::broken_off(&answer));
    }
    let Some(Value::Array(blocks)) = answer.get_mut("content").map(Value::take) else {
        return Err(Fault::answer(
            "answer holds no `content`; a message would have a list of blocks",
        ));
    };
    if blocks.len() > PARTS_MAX {
        return Err(Fault::answer(format!(
            "answer holds {} blocks; at most {PARTS_MAX} are read",
            blocks.len()
        )));
    }
    let said = blocks_said(blocks);
    let stop = match text(&answer, "stop_reason") {
        "refusal" => Stop::Filtered(said.text.clone()),
        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
        _ if !said.calls.is_empty() => Stop::Tools,
        "end_turn" | "stop_sequence" | "tool_use" | "" => Stop::End,
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

/// What the blocks of one turn come to.
pub(super) fn blocks_said(blocks: Vec<Value>) -> Assistant {
    let (mut words, mut reasoning) = (String::new(), String::new());
    let mut calls = Vec::new();
    let mut is_own = false;
    for block in &blocks {
        match text(block, "type") {
            "text" => words.push_str(text(block, "text")),
            "tool_use" => calls.push(used(block)),
            "thinking" => {
                is_own = true;
                reasoning.push_str(text(block, "thinking"));
            }
            _ => is_own = true,
        }
    }
    Assistant {
        text: words.into(),
        reasoning: (!reasoning.is_empty()).then(|| reasoning.into()),
        calls,
        kept: is_own.then(|| json!({"messages": blocks})),
    }
}

fn used(block: &Value) -> ToolCall {
    match block.get("input") {
        Some(named @ Value::Object(_)) => ToolCall {
            id: text(block, "id").into(),
            name: text(block, "name").into(),
            arguments: named.clone(),
        },
        _ => ToolCall::new(text(block, "id"), text(block, "name"), text(block, "input")),
    }
}

/// Here `input_tokens` are only those that were neither read from nor written to the cache.
fn usage(usage: &Value) -> Usage {
    let cached = count(usage, "cache_read_input_tokens");
    let written = count(usage, "cache_creation_input_tokens");
    Usage {
        input: count(usage, "input_tokens")
            .saturating_add(cached)
            .saturating_add(written),
        output: count(usage, "output_tokens"),
        cached,
        reasoning: 0,
    }
}
