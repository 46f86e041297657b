//! Route: which format a request is in, and the model's answer in it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::House;
use super::http::{Body, Reply};
use super::read::Head;
use crate::{Api, Cause, Failure, wire};

/// What is served, for whoever asks for something else.
const WORDS: &str = "served are `POST /v1/chat/completions`, `POST /v1/responses`, `POST /v1/messages` and `GET /v1/models`";

pub(super) fn reply(house: &House<'_>, head: &Head, body: &[u8]) -> Reply {
    let path = head.path.strip_prefix("/v1").unwrap_or(&head.path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let api = Api::ALL.into_iter().find(|api| api.path() == path);
    let format = api.unwrap_or_default();
    if let Some(key) = &house.serving.key
        && !shown(head).is_some_and(|shown| key.is(shown))
    {
        return house.refuse(
            format,
            401,
            None,
            "key is missing or another one; the one this address was given with would be right",
        );
    }
    match (head.method.as_str(), api, path.strip_prefix("/models")) {
        ("POST", Some(api), _) => house.answer(api, body),
        ("GET", None, Some("")) => json_reply(200, &models(house.model.name())),
        ("GET", None, Some(name)) if name.strip_prefix('/') == Some(house.model.name()) => {
            json_reply(200, &model(house.model.name()))
        }
        (_, Some(_), _) => house.refuse(format, 405, None, "`POST` would be right here"),
        (_, None, _) => house.refuse(format, 404, None, &format!("no such address; {WORDS}")),
    }
}

/// A request that could not be read.
pub(super) fn refused(house: &House<'_>, status: u16, words: &str) -> Reply {
    house.refuse(Api::Chat, status, None, words)
}

/// The key a caller shows, wherever their format puts it.
fn shown(head: &Head) -> Option<&str> {
    let bearer = head
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    head.header("x-api-key").or(bearer)
}

/// In both providers' words at once: they share no member that says two things.
fn model(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": 0, "owned_by": "seamark", "type": "model", "display_name": name,
        "created_at": "1970-01-01T00:00:00Z"})
}

fn models(name: &str) -> Value {
    json!({"object": "list", "data": [model(name)], "has_more": false, "first_id": name, "last_id": name})
}

impl House<'_> {
    fn answer(&self, api: Api, body: &[u8]) -> Reply {
        let body: Value = match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(error) => {
                return self.refuse(api, 400, None, &format!("request is no JSON: {error}"));
            }
        };
        let with_usage = body["stream_options"]["include_usage"] == true;
        let mut request = match wire::asked(api, body) {
            Ok(request) => request,
            Err(problems) => return self.refuse(api, 400, None, &problems.to_string()),
        };
        if self.serving.only_known {
            wire::part::only_known(&mut request);
        }
        // Whoever serves decides which model answers, not whoever asks.
        request.model = self.model.name().into();
        let deadline = Instant::now() + Duration::from_secs(u64::from(self.serving.answer_seconds));
        let response = match self.model.respond(&request, deadline) {
            Ok(response) => response,
            Err(failure) => return self.failed(api, &failure),
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        let id = self.asked.fetch_add(1, Ordering::Relaxed);
        let answer = wire::answer(api, &response, id);
        if !request.stream {
            return json_reply(200, &answer);
        }
        let event = |(kind, data): (Option<&str>, String)| match kind {
            Some(kind) => format!("event: {kind}\ndata: {data}\n\n").into_bytes(),
            None => format!("data: {data}\n\n").into_bytes(),
        };
        let events = wire::events(api, &answer, &response, with_usage);
        Reply {
            status: 200,
            kind: "text/event-stream",
            headers: Vec::new(),
            body: Body::Chunks(events.into_iter().map(event).collect()),
        }
    }

    fn failed(&self, api: Api, failure: &Failure) -> Reply {
        let (status, code) = match failure.cause {
            Cause::Request => (400, None),
            Cause::Long => (400, Some("context_length_exceeded")),
            // The key is ours, and whoever asks can do nothing about it.
            Cause::Key | Cause::Line | Cause::Answer => (502, None),
            Cause::Busy if api == Api::Messages => (529, None),
            Cause::Busy => (503, None),
            Cause::Deadline => (504, None),
            Cause::Cancelled => (403, Some("cancelled")),
        };
        let words = match failure.cause {
            Cause::Key => "the model behind this address cannot be asked".to_owned(),
            // Without a code of its own, this format is known by its words.
            Cause::Long if api == Api::Messages => format!("prompt is too long: {failure}"),
            _ => failure.message.to_string(),
        };
        let mut reply = self.refuse(api, status, code, &words);
        // We have tried again already.
        reply.headers.push(("x-should-retry", "false"));
        reply
    }

    fn refuse(&self, api: Api, status: u16, code: Option<&str>, words: &str) -> Reply {
        self.refused.fetch_add(1, Ordering::Relaxed);
        json_reply(status, &wire::error(api, status, code, words))
    }
}

fn json_reply(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        kind: "application/json",
        headers: Vec::new(),
        body: Body::Whole(body.to_string().into_bytes()),
    }
}
