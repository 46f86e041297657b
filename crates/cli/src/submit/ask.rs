//! Ask: one question, tried again while it is the line or the load that fails.

use std::thread;
use std::time::Duration;

use feeds::door::{Door, Question, Reply};
use serde_json::Value;

use crate::failure::{Failure, unreadable, wrong};

/// Tries of one question. The pauses between are 1, 2, 4 and 8 seconds, or what the server asks for: a restart is over.
const TRIES: u32 = 5;

/// A server that asks for more is not waited for; the command asked again goes on.
const PAUSE_SECONDS_MAX: u64 = 60;

/// What was said in the end.
pub enum Spoken {
    Well(Value),
    /// Field and message, each.
    Refused(Vec<(String, String)>),
}

/// Asks until there is an answer about the question itself.
pub fn ask(
    door: &Door,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Spoken, Failure> {
    let reply = persist(
        door,
        &Question {
            method,
            path,
            headers,
            body,
        },
    )?;
    let value: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    read(&reply, value)
}

/// The same where the answer is lines.
pub fn ask_lines(
    door: &Door,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Vec<Value>, Failure> {
    let reply = persist(
        door,
        &Question {
            method: "POST",
            path,
            headers,
            body,
        },
    )?;
    if reply.status != 200 {
        let value: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        return match read(&reply, value)? {
            Spoken::Refused(problems) => Err(wrong(said(&problems))),
            Spoken::Well(_) => Err(unreadable(
                "the server answers otherwise than a clearinghouse does",
            )),
        };
    }
    let lines = reply.body.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    let read: Result<Vec<Value>, _> = lines.map(serde_json::from_slice).collect();
    read.map_err(|_| unreadable("the server's answer broke off; ask again to go on"))
}

/// One reply that is no passing failure.
pub fn persist(door: &Door, question: &Question<'_>) -> Result<Reply, Failure> {
    let mut pause = 1;
    let mut last = String::new();
    for turn in 1..=TRIES {
        match door.ask(question) {
            Ok(reply) if !matches!(reply.status, 408 | 429 | 500 | 502 | 503 | 504) => {
                return Ok(reply);
            }
            Ok(reply) => {
                last = format!("the server answers {}", reply.status);
                pause = reply.retry_seconds.unwrap_or(pause);
            }
            Err(error) => last = error.to_string(),
        }
        if turn < TRIES && pause <= PAUSE_SECONDS_MAX {
            thread::sleep(Duration::from_secs(pause));
        } else {
            break;
        }
        pause *= 2;
    }
    Err(unreadable(format!(
        "{last}; asked again, the command goes on where it stopped"
    )))
}

fn read(reply: &Reply, value: Value) -> Result<Spoken, Failure> {
    match reply.status {
        200..=299 => Ok(Spoken::Well(value)),
        401 => Err(wrong(
            "the clearinghouse does not know this token; make one on its page of your account",
        )),
        403 => Err(wrong(
            "this token may not do that; make one with the scope for it",
        )),
        404 => Err(wrong(
            "there is nothing at this address that this token may use",
        )),
        413 => Ok(Spoken::Refused(vec![(
            String::new(),
            "it is larger than the clearinghouse reads at once".to_owned(),
        )])),
        400..=499 => Ok(Spoken::Refused(problems(&value, reply.status))),
        other => Err(unreadable(format!("the server answers {other}"))),
    }
}

/// Each message of problem details (RFC 9457), or what is said about the whole.
pub fn problems(value: &Value, status: u16) -> Vec<(String, String)> {
    let text = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let listed = value.get("problems").and_then(Value::as_array);
    let listed = listed.map(Vec::as_slice).unwrap_or_default();
    if listed.is_empty() {
        let detail = match text(value, "detail") {
            empty if empty.is_empty() => text(value, "title"),
            detail => detail,
        };
        return vec![(String::new(), format!("{detail} ({status})"))];
    }
    listed
        .iter()
        .map(|one| (text(one, "field"), text(one, "message")))
        .collect()
}

fn said(problems: &[(String, String)]) -> String {
    let each = problems.iter().map(|(_, message)| super::plain(message));
    each.collect::<Vec<_>>().join("; ")
}
