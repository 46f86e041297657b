//! Wire: one request and one answer in each of the three formats, from both sides.
//!
//! `chat`, `responses` and `messages` each say how a request is written and an answer read (our side), and how a
//! request is read and an answer written (the side of `serve`). An answer in pieces is put together to what the same
//! answer would have been whole, and read by the same function.

pub(crate) mod chat;
pub(crate) mod messages;
pub(crate) mod part;
pub(crate) mod responses;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::failure::shown;
use crate::sse::TooLong;
use crate::{Api, Assistant, Cause, Endpoint, Problems, Request, Response, Sampling, Stop, Usage};

/// What an answer says, whatever the format.
#[derive(Debug)]
pub(crate) struct Answer {
    pub model: Box<str>,
    pub message: Assistant,
    pub stop: Stop,
    /// `None` where the endpoint does not count.
    pub usage: Option<Usage>,
}

/// Why a request cannot be written, or an answer not be read.
#[derive(Debug)]
pub(crate) struct Fault {
    pub cause: Cause,
    pub message: String,
}

/// An answer that comes in pieces.
pub(crate) trait Pieces {
    /// One event: its kind and its data.
    fn take(&mut self, kind: &str, data: &str) -> Result<(), Fault>;

    /// The answer as it would have come in one piece; `None` where its end never came.
    fn whole(&mut self) -> Option<Value>;
}

/// Most blocks, items or calls in one answer: a model that uses 1,000 tools at once is none.
pub(crate) const PARTS_MAX: usize = 1024;

/// `request` as the body that `endpoint` takes.
pub(crate) fn write(request: &Request, endpoint: &Endpoint) -> Result<Vec<u8>, Fault> {
    let mut members = match endpoint.api {
        Api::Chat => chat::members(request, endpoint)?,
        Api::Responses => responses::members(request)?,
        Api::Messages => messages::members(request)?,
    };
    let model: &str = match request.model.is_empty() {
        true => &endpoint.model,
        false => &request.model,
    };
    members.insert("model".to_owned(), Value::from(model));
    if request.stream || endpoint.stream {
        members.insert("stream".to_owned(), Value::from(true));
        if endpoint.api == Api::Chat {
            members.insert(
                "stream_options".to_owned(),
                serde_json::json!({"include_usage": true}),
            );
        }
    }
    let extra = request
        .extra
        .iter()
        .filter(|extra| extra.api == endpoint.api);
    for (name, value) in extra
        .flat_map(|extra| &extra.members)
        .chain(&endpoint.members)
    {
        members.insert(name.clone(), value.clone());
    }
    match endpoint.api {
        Api::Chat => body(&members, "messages", &chat::conversation(request)),
        Api::Responses => body(&members, "input", &responses::conversation(request)),
        Api::Messages => body(&members, "messages", &messages::conversation(request)),
    }
}

/// `members`, and the conversation behind them: it is the long part, and is written without being copied first.
fn body(
    members: &Map<String, Value>,
    name: &str,
    conversation: &impl Serialize,
) -> Result<Vec<u8>, Fault> {
    let unwritable =
        |error: serde_json::Error| Fault::request(format!("request cannot be written: {error}"));
    let mut body = serde_json::to_vec(members).map_err(unwritable)?;
    body.pop();
    if !members.is_empty() {
        body.push(b',');
    }
    body.extend_from_slice(format!("\"{name}\":").as_bytes());
    serde_json::to_writer(&mut body, conversation).map_err(unwritable)?;
    body.push(b'}');
    Ok(body)
}

/// What an answer in one piece says.
pub(crate) fn read(api: Api, answer: Value) -> Result<Answer, Fault> {
    match api {
        Api::Chat => chat::read(answer),
        Api::Responses => responses::read(answer),
        Api::Messages => messages::read(answer),
    }
}

/// What puts the pieces of an answer together.
pub(crate) fn pieces(api: Api) -> Box<dyn Pieces> {
    match api {
        Api::Chat => Box::new(chat::stream::Chunks::default()),
        Api::Responses => Box::new(responses::Events::default()),
        Api::Messages => Box::new(messages::stream::Blocks::default()),
    }
}

/// What somebody else asks of us in their format.
pub(crate) fn asked(api: Api, body: Value) -> Result<Request, Problems> {
    let Value::Object(members) = body else {
        return Err(Problems::one(
            "request is no JSON object; one with `model` and a conversation would be right",
        ));
    };
    let mut members = part::Members::new(api, members);
    let request = match api {
        Api::Chat => chat::served::asked(&mut members),
        Api::Responses => responses::served::asked(&mut members),
        Api::Messages => messages::served::asked(&mut members),
    };
    members.end(request)
}

/// Our answer in their format, in one piece. `id` makes its ids.
pub(crate) fn answer(api: Api, response: &Response, id: u64) -> Value {
    match api {
        Api::Chat => chat::served::answer(response, id),
        Api::Responses => responses::served::answer(response, id),
        Api::Messages => messages::served::answer(response, id),
    }
}

/// That answer in pieces: a kind (or none) and data each.
pub(crate) fn events(
    api: Api,
    answer: &Value,
    response: &Response,
    with_usage: bool,
) -> Vec<(Option<&'static str>, String)> {
    match api {
        Api::Chat => chat::served::events(answer, with_usage),
        Api::Responses => responses::served::events(answer),
        Api::Messages => messages::served::events(answer, response),
    }
}

/// An error in their format, with the format's own word for it, and a `code` where programs decide by one.
pub(crate) fn error(api: Api, status: u16, code: Option<&str>, words: &str) -> Value {
    let kind = match (api, status) {
        (_, 401) => "authentication_error",
        (Api::Messages, 403) => "permission_error",
        (_, 404) => "not_found_error",
        (Api::Messages, 413) => "request_too_large",
        (Api::Messages, 429) => "rate_limit_error",
        (Api::Messages, 529) => "overloaded_error",
        (Api::Messages, 500..) => "api_error",
        (_, 500..) => "server_error",
        _ => "invalid_request_error",
    };
    match api {
        Api::Messages => {
            serde_json::json!({"type": "error", "error": {"type": kind, "message": words}})
        }
        _ => {
            serde_json::json!({"error": {"message": words, "type": kind, "param": null, "code": code}})
        }
    }
}

/// The words and the code of an error, wherever an endpoint puts them.
pub(crate) fn error_words(body: &Value) -> (Option<&str>, &str) {
    let error = body
        .get("error")
        .filter(|error| !error.is_null())
        .unwrap_or(body);
    let words = error
        .get("message")
        .or_else(|| error.get("detail"))
        .unwrap_or(error)
        .as_str();
    let code = ["code", "type"]
        .iter()
        .find_map(|name| error.get(name)?.as_str())
        .unwrap_or_default();
    (words, code)
}

/// What an error that came in the middle of an answer means.
pub(crate) fn broken_off(body: &Value) -> Fault {
    let (words, code) = error_words(body);
    let words = shown(words.unwrap_or("no reason given"));
    let cause = match code {
        "overloaded_error"
        | "api_error"
        | "rate_limit_error"
        | "timeout_error"
        | "server_error"
        | "rate_limit_exceeded"
        | "internal_server_error"
        | "internal_error" => Cause::Busy,
        _ if is_long(&words, code) => Cause::Long,
        "authentication_error" | "permission_error" | "billing_error" | "insufficient_quota" => {
            Cause::Key
        }
        // Without a word for it, the server broke: what was wrong with the request is said before the first piece.
        "" => Cause::Busy,
        _ => Cause::Request,
    };
    Fault {
        cause,
        message: format!("endpoint broke off its answer: `{words}`"),
    }
}

/// Whether an error says that the conversation is longer than the model can hold.
pub(crate) fn is_long(words: &str, code: &str) -> bool {
    let words = words.to_ascii_lowercase();
    code == "context_length_exceeded"
        || code == "request_too_large"
        || [
            "maximum context length",
            "prompt is too long",
            "context window",
            "context length",
            "context limit",
        ]
        .iter()
        .any(|phrase| words.contains(phrase))
}

/// How the answer is drawn, under the names of a format; `None` stands for what the format does not know.
pub(crate) struct Names {
    pub api: Api,
    pub max_tokens: &'static str,
    pub seed: Option<&'static str>,
    pub stop: Option<&'static str>,
}

/// The members that `sampling` comes to.
pub(crate) fn sampling(sampling: &Sampling, names: &Names) -> Result<Map<String, Value>, Fault> {
    let mut members = Map::new();
    let mut problems = Problems::none();
    for (name, text) in [
        ("temperature", &sampling.temperature),
        ("top_p", &sampling.top_p),
    ] {
        match text.as_deref().map(number) {
            None => {}
            Some(Some(number)) => {
                members.insert(name.to_owned(), number);
            }
            Some(None) => problems.add(format!(
                "{name} {} is no number; a decimal such as `0.7` would be right",
                names::problem::quoted(text.as_deref().unwrap_or_default())
            )),
        }
    }
    if let Some(tokens) = sampling.max_tokens {
        members.insert(names.max_tokens.to_owned(), Value::from(tokens));
    }
    let unknown = |name: &str| {
        format!(
            "`{name}` is nothing the format `{}` knows; leave it out, or ask an endpoint of the format `chat`",
            names.api
        )
    };
    match (sampling.seed, names.seed) {
        (None, _) => {}
        (Some(seed), Some(name)) => {
            members.insert(name.to_owned(), Value::from(seed));
        }
        (Some(_), None) => problems.add(unknown("seed")),
    }
    match names.stop {
        _ if sampling.stop.is_empty() => {}
        Some(name) => {
            members.insert(
                name.to_owned(),
                Value::from(
                    sampling
                        .stop
                        .iter()
                        .map(|word| Value::from(&**word))
                        .collect::<Vec<_>>(),
                ),
            );
        }
        None => problems.add(unknown("stop")),
    }
    problems
        .or(members)
        .map_err(|problems| Fault::request(problems.to_string()))
}

fn number(text: &str) -> Option<Value> {
    let number: Number = serde_json::from_str(text).ok()?;
    number.as_f64().filter(|number| number.is_finite())?;
    Some(Value::Number(number))
}

/// `0` where there is none: a count that is missing is told apart by its object, not by its members.
pub(crate) fn count(of: &Value, name: &str) -> u64 {
    of.get(name).and_then(Value::as_u64).unwrap_or(0)
}

/// The text of `of[name]`, or nothing.
pub(crate) fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The elements of `of[name]`, or none.
pub(crate) fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of.get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

impl Fault {
    pub(crate) fn request(message: impl Into<String>) -> Fault {
        Fault {
            cause: Cause::Request,
            message: message.into(),
        }
    }

    pub(crate) fn answer(message: impl Into<String>) -> Fault {
        Fault {
            cause: Cause::Answer,
            message: message.into(),
        }
    }
}

impl From<TooLong> for Fault {
    fn from(_: TooLong) -> Fault {
        Fault::answer(
            "an event of the answer is longer than the whole may be; raise `answer_bytes_max` if it is meant to be",
        )
    }
}
