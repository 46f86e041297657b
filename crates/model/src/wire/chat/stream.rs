//! Stream: a chat completion put together from its chunks.

use serde_json::{Map, Value, json};

use crate::wire::{Fault, PARTS_MAX, Pieces, broken_off};

/// Members that every chunk repeats: they replace, where text of any other name goes on.
const REPEATED: &[&str] = &["role", "id", "type", "name", "format", "index", "object"];

/// Deepest a delta nests: the deepest of any provider, `extra_content.google.thought_signature`, is at four.
const DEPTH_MAX: u8 = 8;

/// What came until now.
#[derive(Default)]
pub(crate) struct Chunks {
    head: Map<String, Value>,
    message: Map<String, Value>,
    calls: Vec<Map<String, Value>>,
    finish: Option<Value>,
    usage: Option<Value>,
    done: bool,
}

impl Pieces for Chunks {
    fn take(&mut self, _: &str, data: &str) -> Result<(), Fault> {
        if data.trim() == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        let mut chunk: Value = serde_json::from_str(data)
            .map_err(|error| Fault::answer(format!("a chunk of the answer is no JSON: {error}")))?;
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(broken_off(&chunk));
        }
        for name in ["id", "model", "created"] {
            if let Some(value) = chunk.get_mut(name).filter(|value| !value.is_null())
                && !self.head.contains_key(name)
            {
                self.head.insert(name.to_owned(), value.take());
            }
        }
        if let Some(usage) = chunk.get_mut("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(usage.take());
        }
        // The last chunk may hold nothing but the usage.
        let Some(choice) = chunk
            .get_mut("choices")
            .and_then(|choices| choices.get_mut(0))
        else {
            return Ok(());
        };
        if let Some(finish) = choice
            .get_mut("finish_reason")
            .filter(|finish| !finish.is_null())
        {
            self.finish = Some(finish.take());
        }
        if let Some(Value::Object(mut delta)) = choice.get_mut("delta").map(Value::take) {
            if let Some(Value::Array(calls)) = delta.remove("tool_calls") {
                for call in calls {
                    self.call(call)?;
                }
            }
            merge(&mut self.message, delta, 0)?;
        }
        Ok(())
    }

    fn whole(&mut self) -> Option<Value> {
        // Some never say that they are done; who gave a reason for ending has ended.
        if !self.done && self.finish.is_none() {
            return None;
        }
        let mut message = std::mem::take(&mut self.message);
        message
            .entry("role")
            .or_insert_with(|| Value::from("assistant"));
        let calls: Vec<Value> = std::mem::take(&mut self.calls)
            .into_iter()
            .map(|mut call| {
                call.shift_remove("index");
                Value::Object(call)
            })
            .collect();
        if !calls.is_empty() {
            message.insert("tool_calls".to_owned(), Value::from(calls));
        }
        let mut whole = std::mem::take(&mut self.head);
        whole.insert(
            "choices".to_owned(),
            json!([{"index": 0, "message": message, "finish_reason": self.finish.take()}]),
        );
        whole.insert("usage".to_owned(), self.usage.take().unwrap_or(Value::Null));
        Some(Value::Object(whole))
    }
}

impl Chunks {
    fn call(&mut self, call: Value) -> Result<(), Fault> {
        let Value::Object(call) = call else {
            return Err(Fault::answer(
                "a chunk's call is no object; one with `index` and `function` would be right",
            ));
        };
        let at = match call.get("index").and_then(Value::as_u64) {
            Some(index) => usize::try_from(index).unwrap_or(usize::MAX),
            // Without a number, one with an id begins a call and one without goes on with the last.
            None if call.contains_key("id") => self.calls.len(),
            None => self.calls.len().saturating_sub(1),
        };
        if at > self.calls.len() || at >= PARTS_MAX {
            return Err(Fault::answer(format!(
                "a chunk goes on with call {at} of {}; calls come one after the other, at most {PARTS_MAX}",
                self.calls.len()
            )));
        }
        if at == self.calls.len() {
            self.calls.push(Map::new());
        }
        merge(&mut self.calls[at], call, 0)
    }
}

/// Adds `delta` to `whole`: text goes on, objects are merged, lists grow, or are merged by their elements' `index`.
fn merge(
    whole: &mut Map<String, Value>,
    delta: Map<String, Value>,
    depth: u8,
) -> Result<(), Fault> {
    if depth > DEPTH_MAX {
        return Err(Fault::answer(format!(
            "a chunk nests deeper than {DEPTH_MAX}"
        )));
    }
    for (name, value) in delta {
        let repeated = REPEATED.contains(&name.as_str());
        match (whole.get_mut(&name), value) {
            // Nothing new is no news; the first of a name is kept even so, as it would be in one piece.
            (Some(_), Value::Null) => {}
            (Some(Value::String(text)), Value::String(more)) if !repeated => text.push_str(&more),
            (Some(Value::String(text)), Value::String(more))
                if more.is_empty() && !text.is_empty() => {}
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new, depth + 1)?,
            (Some(Value::Array(old)), Value::Array(new)) => extend(old, new, depth)?,
            (_, value) => {
                whole.insert(name, value);
            }
        }
    }
    Ok(())
}

fn extend(old: &mut Vec<Value>, new: Vec<Value>, depth: u8) -> Result<(), Fault> {
    for value in new {
        let index = |value: &Value| value.get("index").and_then(Value::as_u64);
        let of = index(&value);
        let same = old
            .iter()
            .position(|other| of.is_some() && index(other) == of);
        match (same, value) {
            (Some(at), Value::Object(new)) => {
                if let Value::Object(old) = &mut old[at] {
                    merge(old, new, depth + 1)?;
                }
            }
            (_, value) if old.len() < PARTS_MAX => old.push(value),
            _ => {
                return Err(Fault::answer(format!(
                    "an answer's list holds more than {PARTS_MAX} parts"
                )));
            }
        }
    }
    Ok(())
}
