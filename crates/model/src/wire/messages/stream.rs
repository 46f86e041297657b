//! Stream: a message put together from its events.

use serde_json::{Map, Value};

use crate::wire::{Fault, PARTS_MAX, Pieces, broken_off, count, text};

/// What came until now.
#[derive(Default)]
pub(crate) struct Blocks {
    message: Map<String, Value>,
    blocks: Vec<Value>,
    /// Beside each block what came of its input: JSON only when all of it is there.
    inputs: Vec<String>,
    ended: bool,
}

impl Pieces for Blocks {
    fn take(&mut self, kind: &str, data: &str) -> Result<(), Fault> {
        let mut event: Value = serde_json::from_str(data).map_err(|error| {
            Fault::answer(format!("an event of the answer is no JSON: {error}"))
        })?;
        let kind = match text(&event, "type") {
            "" => kind.to_owned(),
            named => named.to_owned(),
        };
        match kind.as_str() {
            "error" => return Err(broken_off(&event)),
            "message_start" => {
                if let Some(Value::Object(message)) = event.get_mut("message").map(Value::take) {
                    self.message = message;
                }
            }
            "content_block_start" => self.begin(&mut event)?,
            "content_block_delta" => self.go_on(&mut event)?,
            "message_delta" => {
                for name in ["delta", "usage"] {
                    self.settle(name, event.get_mut(name).map(Value::take));
                }
            }
            "message_stop" => self.ended = true,
            // `content_block_stop` says nothing new, `ping` nothing at all.
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self) -> Option<Value> {
        let has_reason = self
            .message
            .get("stop_reason")
            .is_some_and(Value::is_string);
        if self.message.is_empty() || !(self.ended || has_reason) {
            return None;
        }
        for (block, input) in self.blocks.iter_mut().zip(std::mem::take(&mut self.inputs)) {
            if let (Value::Object(block), false) = (block, input.is_empty()) {
                // What was cut off by the limit of tokens is no JSON; the model is told so when it is called.
                let input = serde_json::from_str(&input).unwrap_or(Value::from(input));
                block.insert("input".to_owned(), input);
            }
        }
        let mut whole = std::mem::take(&mut self.message);
        whole.insert(
            "content".to_owned(),
            Value::from(std::mem::take(&mut self.blocks)),
        );
        Some(Value::Object(whole))
    }
}

impl Blocks {
    fn begin(&mut self, event: &mut Value) -> Result<(), Fault> {
        let index = count(event, "index");
        if index != self.blocks.len() as u64 || self.blocks.len() >= PARTS_MAX {
            return Err(Fault::answer(format!(
                "block {index} of the answer begins after {} others; they come one after the other, at most {PARTS_MAX}",
                self.blocks.len()
            )));
        }
        let block = event
            .get_mut("content_block")
            .map(Value::take)
            .unwrap_or_default();
        self.blocks.push(block);
        self.inputs.push(String::new());
        Ok(())
    }

    fn go_on(&mut self, event: &mut Value) -> Result<(), Fault> {
        let index = count(event, "index");
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let (Some(Value::Object(block)), Some(input)) =
            (self.blocks.get_mut(at), self.inputs.get_mut(at))
        else {
            return Err(Fault::answer(format!(
                "block {index} of the answer goes on before it began; `content_block_start` comes first"
            )));
        };
        let delta = event.get_mut("delta").map(Value::take).unwrap_or_default();
        for (kind, name) in [
            ("text_delta", "text"),
            ("thinking_delta", "thinking"),
            ("signature_delta", "signature"),
        ] {
            if text(&delta, "type") == kind {
                let more = text(&delta, name);
                match block.get_mut(name) {
                    Some(Value::String(text)) => text.push_str(more),
                    _ => {
                        block.insert(name.to_owned(), Value::from(more));
                    }
                }
            }
        }
        match text(&delta, "type") {
            "input_json_delta" => input.push_str(text(&delta, "partial_json")),
            "citations_delta" => {
                let citation = delta.get("citation").cloned().unwrap_or_default();
                match block.get_mut("citations") {
                    Some(Value::Array(all)) if all.len() < PARTS_MAX => all.push(citation),
                    Some(Value::Array(_)) => {}
                    _ => {
                        block.insert("citations".to_owned(), Value::from(vec![citation]));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The end of a message says why it ended, and counts once more.
    fn settle(&mut self, name: &str, news: Option<Value>) {
        let Some(Value::Object(news)) = news else {
            return;
        };
        let target = match name {
            "usage" => match self
                .message
                .entry("usage")
                .or_insert_with(|| Value::Object(Map::new()))
            {
                Value::Object(usage) => usage,
                other => {
                    *other = Value::Object(news);
                    return;
                }
            },
            _ => &mut self.message,
        };
        for (name, value) in news {
            // `content` is ours to put together; a count that is not given again stands.
            if name != "content" && !(value.is_null() && target.contains_key(&name)) {
                target.insert(name, value);
            }
        }
    }
}
