//! Part: what the members of a stranger's request are, one by one.

use serde_json::{Map, Value};

use names::problem::quoted;

use crate::{Api, Extra, Message, Problems, Request, Tool};

/// Members by which a request would reach beyond the model: to the net, to what a provider has stored, to another
/// model, or to a dearer tier. A program in a sandbox has none of these.
const REACHING: &[&str] = &[
    "web_search_options",
    "plugins",
    "mcp_servers",
    "container",
    "models",
    "route",
    "provider",
    "fallbacks",
    "previous_response_id",
    "conversation",
    "background",
    "prompt",
    "service_tier",
    "speed",
    "store",
    "functions",
    "function_call",
    "tool_resources",
    "file_search",
    "inference_geo",
];

/// Members without a word of ours that shape an answer and do nothing else.
const SHAPING: &[&str] = &[
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "text",
    "verbosity",
    "reasoning",
    "thinking",
    "output_config",
    "include",
    "truncation",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "top_k",
    "min_p",
    "user",
    "metadata",
    "safety_identifier",
    "prompt_cache_key",
    "cache_control",
    "chat_template_kwargs",
];

/// Leaves only those of them.
pub(crate) fn only_known(request: &mut Request) {
    if let Some(extra) = &mut request.extra {
        extra
            .members
            .retain(|name, _| SHAPING.contains(&name.as_str()));
    }
    request.extra.take_if(|extra| extra.members.is_empty());
}

/// Values of what reaches that ask for nothing.
const HARMLESS: &[&str] = &["auto", "default", "standard", "standard_only", "none"];

/// Most messages, items or blocks of one request: an agent of 1,000 turns, each with a call, a result and reasoning,
/// sends 3,000.
pub(crate) const MESSAGES_MAX: usize = 65_536;

/// Most tools.
const TOOLS_MAX: usize = 1024;

/// The members of a request that are still to be read, and what was wrong with the others.
pub(crate) struct Members {
    pub api: Api,
    members: Map<String, Value>,
    pub problems: Problems,
}

impl Members {
    pub(crate) fn new(api: Api, members: Map<String, Value>) -> Members {
        Members {
            api,
            members,
            problems: Problems::none(),
        }
    }

    /// `request`, with what nobody asked for kept beside it.
    pub(crate) fn end(mut self, mut request: Request) -> Result<Request, Problems> {
        for name in REACHING {
            let harmless = |value: &Value| match value {
                Value::Null | Value::Bool(false) => true,
                Value::String(word) => HARMLESS.contains(&word.as_str()),
                Value::Array(all) => all.is_empty(),
                _ => false,
            };
            if let Some(value) = self.members.shift_remove(*name)
                && !harmless(&value)
            {
                self.problems.add(format!(
                    "`{name}` reaches beyond the model, and is not served; leave it out"
                ));
            }
        }
        if let Some(count) = self.members.shift_remove("n")
            && count.as_u64() != Some(1)
            && !count.is_null()
        {
            self.problems
                .add("`n` asks for several answers; ask once for each");
        }
        if request.messages.is_empty() && self.problems.is_empty() {
            self.problems
                .add("request holds no conversation; at least one message would be right");
        }
        if !self.members.is_empty() {
            request.extra = Some(Extra {
                api: self.api,
                members: self.members,
            });
        }
        self.problems.or(request)
    }

    /// `null` is as good as nothing.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.members
            .shift_remove(name)
            .filter(|value| !value.is_null())
    }

    /// Puts back what was only partly understood.
    pub(crate) fn put(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<Box<str>> {
        match self.take(name)? {
            Value::String(text) => Some(text.into()),
            _ => {
                self.problems.add(format!("`{name}` is no text"));
                None
            }
        }
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<u64> {
        let value = self.take(name)?;
        let number = value.as_u64();
        if number.is_none() {
            self.problems
                .add(format!("`{name}` is no whole number from zero on"));
        }
        number
    }

    pub(crate) fn decimal(&mut self, name: &str) -> Option<Box<str>> {
        match self.take(name)? {
            Value::Number(number) => Some(number.to_string().into()),
            _ => {
                self.problems.add(format!(
                    "`{name}` is no number; a decimal such as 0.7 would be right"
                ));
                None
            }
        }
    }

    pub(crate) fn switch(&mut self, name: &str) -> bool {
        match self.take(name) {
            None => false,
            Some(Value::Bool(on)) => on,
            Some(_) => {
                self.problems
                    .add(format!("`{name}` is neither true nor false"));
                false
            }
        }
    }

    /// One text, or a list of them.
    pub(crate) fn words(&mut self, name: &str) -> Vec<Box<str>> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::String(word)) => vec![word.into()],
            Some(Value::Array(all)) if all.iter().all(Value::is_string) => all
                .iter()
                .filter_map(Value::as_str)
                .map(Into::into)
                .collect(),
            Some(_) => {
                self.problems
                    .add(format!("`{name}` is neither a text nor a list of texts"));
                Vec::new()
            }
        }
    }

    pub(crate) fn list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(all)) if all.len() <= MESSAGES_MAX => all,
            Some(_) => {
                self.problems
                    .add(format!("`{name}` is no list of at most {MESSAGES_MAX}"));
                Vec::new()
            }
        }
    }

    /// The tools, each read from where the format keeps its name, what it does and its schema.
    pub(crate) fn tools(&mut self, read: fn(&Value) -> Option<(&Value, &str)>) -> Vec<Tool> {
        let mut tools = Vec::new();
        let list = self.list("tools");
        if list.len() > TOOLS_MAX {
            self.problems.add(format!(
                "request offers {} tools; at most {TOOLS_MAX} are read",
                list.len()
            ));
            return tools;
        }
        for (index, tool) in list.iter().enumerate() {
            let Some((tool, schema)) = read(tool) else {
                self.problems.add(format!(
                    "tools[{index}] is of the type {}, which reaches beyond the model; a function would be right",
                    quoted(super::text(tool, "type"))
                ));
                continue;
            };
            let name = super::text(tool, "name");
            if name.is_empty() {
                self.problems.add(format!("tools[{index}] has no `name`"));
            }
            let empty = || serde_json::json!({"type": "object", "properties": {}});
            tools.push(Tool {
                name: name.into(),
                description: super::text(tool, "description").into(),
                parameters: tool
                    .get(schema)
                    .filter(|schema| schema.is_object())
                    .cloned()
                    .unwrap_or_else(empty),
            });
        }
        tools
    }

    /// The text of a message: a text, or parts that are all text.
    pub(crate) fn words_of(&mut self, place: &str, content: Option<&Value>) -> Box<str> {
        match content {
            None | Some(Value::Null) => "".into(),
            Some(Value::String(text)) => text.as_str().into(),
            Some(Value::Array(parts)) => {
                let mut words = String::new();
                for part in parts {
                    match super::text(part, "type") {
                        "text" | "input_text" | "output_text" => {
                            words.push_str(super::text(part, "text"))
                        }
                        "refusal" => words.push_str(super::text(part, "refusal")),
                        kind => self.problems.add(format!(
                            "{place} holds a part of the type {}; only text is served",
                            quoted(kind)
                        )),
                    }
                }
                words.into()
            }
            Some(_) => {
                self.problems
                    .add(format!("{place} holds neither a text nor a list of parts"));
                "".into()
            }
        }
    }
}

/// The name of the tool that call `id` used, from what was said before.
pub(crate) fn tool_of(messages: &[Message], id: &str) -> Box<str> {
    // Only the last turn is looked through: a result follows its call.
    let last = messages.iter().rev().find_map(|message| match message {
        Message::Assistant(said) => Some(&said.calls),
        _ => None,
    });
    let call = last.into_iter().flatten().find(|call| &*call.id == id);
    call.map_or_else(|| "".into(), |call| call.name.clone())
}

/// `text` in pieces of at most `bytes`, as a stream brings them.
pub(crate) fn cut(text: &str, bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.floor_char_boundary(bytes.max(4));
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Longest piece of an answer that is streamed.
pub(crate) const PIECE_BYTES: usize = 256;
