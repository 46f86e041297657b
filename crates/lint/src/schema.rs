//! Schema: does a document fit the JSON schema of its format?
//!
//! The keywords of drafts 7 and 2020-12 that the schemas in `data/` use; a test says when one comes that is not
//! known here. Why not a crate: here patterns run in linear time and nothing is compiled before it is needed (one
//! document as a process pays for what it uses), and a fault says what would have been right. What this says is
//! held against an independent implementation over every document of the shared data.

mod assert;
mod closest;
pub mod official;
mod say;
mod walk;
mod way;

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::Group;
use crate::findings::Findings;
use walk::{Node, Walk};
use way::Way;

/// A schema, and those it refers to.
pub struct Schema {
    root: Value,
    /// By the name they are referred to by.
    beside: Vec<(&'static str, Value)>,
    /// Every pattern, compiled when it is first asked.
    patterns: HashMap<String, OnceLock<Option<Regex>>>,
    /// Until draft 7, what stands beside a `$ref` is not read.
    refs_stand_alone: bool,
}

/// One thing that does not fit.
struct Fault {
    pointer: String,
    message: String,
    /// How far this alternative is from what was meant, where there are several.
    weight: u32,
    /// Whether it is the `format`, which others need not hold.
    is_form: bool,
}

impl Schema {
    /// Reads a schema of `data/`.
    fn read(text: &str, beside: &[(&'static str, &str)]) -> Schema {
        let read = |text: &str| -> Value {
            serde_json::from_str(text).expect("the schemas are committed, and a test reads each")
        };
        let root = read(text);
        let beside: Vec<(&'static str, Value)> = beside
            .iter()
            .map(|(name, text)| (*name, read(text)))
            .collect();
        let mut patterns = HashMap::new();
        for document in std::iter::once(&root).chain(beside.iter().map(|(_, value)| value)) {
            gather(document, &mut patterns);
        }
        let draft = root.get("$schema").and_then(Value::as_str);
        Schema {
            refs_stand_alone: draft.is_some_and(|draft| draft.contains("draft-07")),
            root,
            beside,
            patterns,
        }
    }

    /// Says into `findings` what of `document` does not fit.
    pub fn check(&self, document: &Value, findings: &mut Findings) {
        let mut faults = self.faults(document);
        // A text that has neither form nor pattern is told once.
        faults.dedup_by(|next, before| {
            before.is_form && next.weight == 2 && next.pointer == before.pointer
        });
        for fault in faults {
            findings.say("schema", Group::Schema, fault.pointer, fault.message);
        }
    }

    fn faults(&self, document: &Value) -> Vec<Fault> {
        let node = Node {
            schema: &self.root,
            document: &self.root,
        };
        let mut walk = Walk::telling(self);
        walk.fits(node, document, Way::Root);
        walk.faults()
    }

    /// Whether `text` has `pattern` somewhere in it.
    fn matches(&self, pattern: &str, text: &str) -> bool {
        let Some(slot) = self.patterns.get(pattern) else {
            return true;
        };
        let compiled = slot.get_or_init(|| Regex::new(pattern).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    /// The schema that `to` names, seen from `from`.
    fn follow<'s>(&'s self, from: Node<'s>, to: &str) -> Option<Node<'s>> {
        let (file, pointer) = to.split_once('#').unwrap_or((to, ""));
        let document = match file {
            "" => from.document,
            _ => self
                .beside
                .iter()
                .find(|(name, _)| *name == file)
                .map(|(_, value)| value)?,
        };
        let schema = document.pointer(pointer)?;
        Some(Node { schema, document })
    }
}

/// Every pattern of a schema, by its text.
fn gather(schema: &Value, patterns: &mut HashMap<String, OnceLock<Option<Regex>>>) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("pattern", Value::String(pattern)) => {
                        patterns.entry(pattern.clone()).or_default();
                    }
                    ("patternProperties", Value::Object(by_pattern)) => {
                        for pattern in by_pattern.keys() {
                            patterns.entry(pattern.clone()).or_default();
                        }
                    }
                    _ => {}
                }
                gather(value, patterns);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|value| gather(value, patterns)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
