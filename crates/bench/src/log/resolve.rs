//! Resolve: what was said in a sample, with every reference followed?
//!
//! A sample says a long text once, as an attachment, and refers to it (`attachment://HASH`, formerly `tc://HASH`); and a
//! long conversation once, as a pool, of which each call of the model names ranges. What refers can refer often: so a
//! resolved sample may be much larger than its text, and is bounded.

use serde_json::{Map, Value};

use super::json::Json;
use super::sample::UNNAMED;

/// What following references may make of one sample, in bytes of text and 16 for each value: four times what a whole
/// sample of the largest known logs takes, 256 MiB.
pub const RESOLVED_BYTES_MAX: usize = 256 << 20;

/// A sample with every reference followed and old shapes made new: `events` for `transcript`, `scores` for `score`.
///
/// A reference to what is not there stays as it is.
pub fn resolved(sample: Json<'_>) -> Result<Value, &'static str> {
    let mut own = Map::new();
    let (mut attachments, mut messages, mut calls) = (Map::new(), Vec::new(), Vec::new());
    for (name, value) in sample.members() {
        let name = name.text().unwrap_or_default();
        match &*name {
            "transcript" => {
                let part = |name| value.some(name).map(Json::value);
                own.insert("events".into(), part("events").unwrap_or(Value::Null));
                attachments = object(part("content"));
            }
            "score" => {
                own.insert(
                    "scores".into(),
                    Value::from_iter([(UNNAMED, value.value())]),
                );
            }
            "attachments" => attachments = object(Some(value.value())),
            "message_pool" => messages = list(Some(value.value())),
            "call_pool" => calls = list(Some(value.value())),
            "events_data" => {
                messages = list(value.get("messages").map(Json::value));
                calls = list(value.get("calls").map(Json::value));
            }
            _ => {
                own.insert(name.into_owned(), value.value());
            }
        }
    }
    let mut follow = Follow {
        attachments,
        messages,
        calls,
        left: RESOLVED_BYTES_MAX,
    };
    follow.object(&own).map(Value::Object)
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

struct Follow {
    attachments: Map<String, Value>,
    messages: Vec<Value>,
    calls: Vec<Value>,
    /// What may still be written.
    left: usize,
}

impl Follow {
    fn value(&mut self, value: &Value) -> Result<Value, &'static str> {
        self.charge(16)?;
        match value {
            Value::String(text) => self.text(text).map(Value::String),
            Value::Array(items) => items
                .iter()
                .map(|item| self.value(item))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Value::Object(members) => self.object(members).map(Value::Object),
            other => Ok(other.clone()),
        }
    }

    fn text(&mut self, text: &str) -> Result<String, &'static str> {
        let hash = text
            .strip_prefix("attachment://")
            .or_else(|| text.strip_prefix("tc://"));
        let meant = match hash.and_then(|hash| self.attachments.get(hash)) {
            Some(Value::String(attached)) => attached.clone(),
            _ => text.to_owned(),
        };
        self.charge(meant.len())?;
        Ok(meant)
    }

    fn object(&mut self, members: &Map<String, Value>) -> Result<Map<String, Value>, &'static str> {
        let mut out = Map::new();
        for (name, value) in members {
            self.charge(name.len())?;
            match (name.as_str(), value) {
                ("input_refs" | "call_refs", Value::Array(refs)) if ranges(refs).is_some() => (),
                ("call_key", _) if members.contains_key("call_refs") => (),
                _ => {
                    let value = self.value(value)?;
                    out.insert(name.clone(), value);
                }
            }
        }
        if let Some(Value::Array(refs)) = members.get("input_refs")
            && let Some(ranges) = ranges(refs)
        {
            let messages = std::mem::take(&mut self.messages);
            let input = self.ranges(&messages, &ranges);
            self.messages = messages;
            out.insert("input".into(), Value::Array(input?));
        }
        if let Some(Value::Array(refs)) = members.get("call_refs")
            && let Some(ranges) = ranges(refs)
        {
            let calls = std::mem::take(&mut self.calls);
            let messages = self.ranges(&calls, &ranges);
            self.calls = calls;
            let key = members.get("call_key").and_then(Value::as_str);
            if let Some(Value::Object(request)) = out.get_mut("request") {
                let key = key.unwrap_or("messages").to_owned();
                request.insert(key, Value::Array(messages?));
            }
        }
        Ok(out)
    }

    fn ranges(
        &mut self,
        pool: &[Value],
        ranges: &[(usize, usize)],
    ) -> Result<Vec<Value>, &'static str> {
        let mut all = Vec::new();
        for (from, to) in ranges {
            let to = (*to).min(pool.len());
            for value in pool.get(*from..to).unwrap_or_default() {
                all.push(self.value(value)?);
            }
        }
        Ok(all)
    }

    fn charge(&mut self, bytes: usize) -> Result<(), &'static str> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or("following its references makes more than 256 MiB of it")?;
        Ok(())
    }
}

/// `[[from, to], …]`, if that is what it is.
fn ranges(refs: &[Value]) -> Option<Vec<(usize, usize)>> {
    let one = |range: &Value| {
        let pair = range.as_array()?;
        let number = |at: usize| usize::try_from(pair.get(at)?.as_u64()?).ok();
        Some((number(0)?, number(1)?))
    };
    refs.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::json::{Bounds, Document};
    use super::*;
    use expect_test::{Expect, expect};

    fn check(sample: &str, expected: Expect) {
        let document = Document::parse(sample, Bounds::default()).unwrap();
        let said = match resolved(document.root()) {
            Ok(value) => value.to_string(),
            Err(error) => error.to_owned(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn attachments_and_pools_are_put_where_they_are_meant() {
        check(
            r#"{"events":[{"event":"model","input":[],"input_refs":[[0,2],[1,9]],
                "call":{"request":{"m":1},"call_refs":[[0,1]],"call_key":"msgs"}}],
                "attachments":{"a1":"long"},
                "events_data":{"messages":[{"content":"attachment://a1"},{"content":"tc://no"}],"calls":["x"]}}"#,
            expect![[
                r#"{"events":[{"event":"model","input":[{"content":"long"},{"content":"tc://no"},{"content":"tc://no"}],"call":{"request":{"m":1,"msgs":["x"]}}}]}"#
            ]],
        );
    }

    #[test]
    fn old_shapes_become_new_ones() {
        check(
            r#"{"id":1,"score":{"value":"C"},"transcript":{"events":["tc://h"],"content":{"h":"text"}}}"#,
            expect![[r#"{"id":1,"scores":{"88F74D2C":{"value":"C"}},"events":["text"]}"#]],
        );
    }

    #[test]
    fn a_pool_that_is_named_too_often_costs_a_message() {
        let long = "x".repeat(1 << 20);
        let refs = vec!["[0,1]"; 300].join(",");
        check(
            &format!(r#"{{"events":[{{"input_refs":[{refs}]}}],"message_pool":["{long}"]}}"#),
            expect!["following its references makes more than 256 MiB of it"],
        );
    }
}
