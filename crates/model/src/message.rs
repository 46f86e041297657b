//! Message: what is asked of a model, and what it answers, whatever the format on the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Api;

/// One question: the whole conversation up to here, and what the model may do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Empty for the endpoint's own model.
    pub model: Box<str>,
    pub messages: Vec<Message>,
    pub tools: Vec<Tool>,
    pub sampling: Sampling,
    /// Asks for the answer in pieces. The same answer; only whoever reads the wire sees a difference.
    pub stream: bool,
    /// Members that only one format knows, sent along where the endpoint speaks that format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra>,
}

/// Members of a request that none of our own words stands for, and the format they were written in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extra {
    pub api: Api,
    pub members: Map<String, Value>,
}

/// How the model draws its answer. What is `None` or empty is left to the endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampling {
    /// A decimal number as text, so that what is recorded is what was sent.
    pub temperature: Option<Box<str>>,
    /// Likewise.
    pub top_p: Option<Box<str>>,
    pub max_tokens: Option<u64>,
    pub seed: Option<u64>,
    pub stop: Vec<Box<str>>,
    /// `low`, `medium`, `high`, or another word the endpoint knows.
    pub reasoning_effort: Option<Box<str>>,
}

/// One step of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Message {
    System(Box<str>),
    User(Box<str>),
    Assistant(Assistant),
    Tool(ToolResult),
}

/// What the model said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Assistant {
    pub text: Box<str>,
    /// What it let us see of its reasoning.
    pub reasoning: Option<Box<str>>,
    pub calls: Vec<ToolCall>,
    /// The provider's own items, to be sent back unchanged to whoever speaks the same format: an object with one
    /// member, `chat` (a message), `responses` (output items) or `messages` (content blocks). Where it is sent, it
    /// stands for all of the above: whoever changes those takes this out.
    pub kept: Option<Value>,
}

/// A tool the model wants used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    pub id: Box<str>,
    pub name: Box<str>,
    /// An object; or, where what the model wrote was none, that text as a [`Value::String`].
    pub arguments: Value,
}

/// What the tool said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// That of the call.
    pub id: Box<str>,
    pub name: Box<str>,
    pub text: Box<str>,
    pub is_error: bool,
}

/// A tool the model may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub name: Box<str>,
    pub description: Box<str>,
    /// A JSON schema of an object.
    pub parameters: Value,
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// What the endpoint says it was.
    pub model: Box<str>,
    pub message: Assistant,
    pub stop: Stop,
    pub usage: Usage,
    /// From the first attempt to the end of the answer, waiting included.
    pub milliseconds: u64,
    /// Attempts before the one that was answered.
    pub retries: u32,
    /// Those of them that may have been billed though no answer came: the line broke after the request was sent.
    pub unanswered: u32,
    /// In millionths of a dollar, with an estimate for those that were not answered. `None` where no price was given.
    pub cost: Option<u64>,
}

/// Why the model ended its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stop {
    /// It had said what it wanted to, or a stop word came.
    #[default]
    End,
    /// It came to the end of the tokens it was given, or of what it can hold.
    Length,
    /// It waits for its tools.
    Tools,
    /// It, or a filter before it, refused; with its words, where it gave any.
    Filtered(Box<str>),
    /// For a reason of the endpoint's own.
    Other(Box<str>),
}

/// Tokens, as the endpoint counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// All that went in, `cached` included.
    pub input: u64,
    /// All that came out, `reasoning` included.
    pub output: u64,
    /// Of the input, what the endpoint still held.
    pub cached: u64,
    /// Of the output, what it only thought.
    pub reasoning: u64,
}

/// What was asked of an endpoint since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Requests that were answered.
    pub answered: u64,
    /// Requests that were not, whatever the reason.
    pub failed: u64,
    pub retries: u64,
    /// Attempts that may have been billed though no answer came.
    pub unanswered: u64,
    pub usage: Usage,
    /// In millionths of a dollar. Zero where no price was given.
    pub cost: u64,
}

impl ToolCall {
    /// `text` as a model wrote it. Nothing at all stands for no arguments.
    pub fn new(id: &str, name: &str, text: &str) -> ToolCall {
        let arguments = match serde_json::from_str::<Value>(text) {
            Ok(value @ Value::Object(_)) => value,
            Ok(_) => Value::from(text),
            Err(_) if text.trim().is_empty() => Value::Object(Map::new()),
            Err(_) => Value::from(text),
        };
        ToolCall {
            id: id.into(),
            name: name.into(),
            arguments,
        }
    }

    /// The arguments by name; or what to tell the model.
    pub fn named(&self) -> Result<&Map<String, Value>, String> {
        match &self.arguments {
            Value::Object(named) => Ok(named),
            Value::String(text) => Err(match serde_json::from_str::<Value>(text) {
                Ok(_) => "arguments are JSON but no object; write them as `{\"name\": …}`".into(),
                Err(error) => format!(
                    "arguments are no JSON ({error}); write them as an object, `{{\"name\": …}}`"
                ),
            }),
            _ => Err("arguments are JSON but no object; write them as `{\"name\": …}`".into()),
        }
    }

    /// The arguments as the wire has them: text.
    pub fn written(&self) -> String {
        match &self.arguments {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }
}

impl Assistant {
    /// Just these words.
    pub fn said(text: impl Into<Box<str>>) -> Assistant {
        Assistant {
            text: text.into(),
            ..Assistant::default()
        }
    }

    /// The provider's own items, where they are of this format.
    pub fn kept_for(&self, api: Api) -> Option<&Value> {
        self.kept.as_ref()?.get(api.word())
    }
}

impl Usage {
    /// What a request of so many bytes may come to, for a rate limit and for an attempt that nobody counted: a token is
    /// about four bytes of English, and where a limit is set the answer may use all of it.
    pub(crate) fn estimate(request: &Request, bytes: usize) -> Usage {
        Usage {
            input: (bytes as u64).div_ceil(4),
            output: request.sampling.max_tokens.unwrap_or(0),
            ..Usage::default()
        }
    }

    /// The larger of each.
    pub(crate) fn at_least(self, other: Usage) -> Usage {
        Usage {
            input: self.input.max(other.input),
            output: self.output.max(other.output),
            cached: self.cached.min(other.cached),
            reasoning: self.reasoning.max(other.reasoning),
        }
    }

    /// Both together.
    pub fn plus(self, other: Usage) -> Usage {
        Usage {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cached: self.cached.saturating_add(other.cached),
            reasoning: self.reasoning.saturating_add(other.reasoning),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_are_no_object_come_back_as_the_model_wrote_them() {
        for text in ["{\"a\": ", "[1]", "\"ls\"", "ls -l", "null"] {
            let call = ToolCall::new("1", "shell", text);
            assert_eq!(call.written(), text);
            assert!(call.named().is_err(), "{text}");
        }
        assert_eq!(ToolCall::new("1", "list", " ").named().unwrap().len(), 0);
        let call = ToolCall::new("1", "shell", r#"{"command":"ls"}"#);
        assert_eq!(call.named().unwrap()["command"], "ls");
        assert_eq!(call.written(), r#"{"command":"ls"}"#);
    }

    #[test]
    fn what_the_model_is_told_of_its_arguments_says_how_to_write_them() {
        let told = |text| ToolCall::new("1", "shell", text).named().unwrap_err();
        assert_eq!(
            told("[1]"),
            "arguments are JSON but no object; write them as `{\"name\": …}`"
        );
        assert_eq!(
            told("{\"a\": "),
            "arguments are no JSON (EOF while parsing a value at line 1 column 6); write them as an object, `{\"name\": …}`"
        );
    }

    #[test]
    fn a_request_survives_being_written_down() {
        let request = Request {
            messages: vec![
                Message::System("be brief".into()),
                Message::Assistant(Assistant {
                    calls: vec![ToolCall::new("1", "shell", "{}")],
                    kept: Some(serde_json::json!({"messages": []})),
                    ..Assistant::default()
                }),
            ],
            ..Request::default()
        };
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
    }
}
