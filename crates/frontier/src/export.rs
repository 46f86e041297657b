//! Export: a developer's record in the forms that others read.
//!
//! All are made of the same public copy, and say of what is withheld that it is.

pub mod card;
pub mod cyclonedx;
pub mod spdx;

use serde_json::Value;

use crate::record::Entry;

/// What stands at the head of every export.
#[derive(Clone, Debug)]
pub struct Heading<'a> {
    pub developer: &'a str,
    /// Who wrote the document.
    pub operator: &'a str,
    pub now: jiff::Timestamp,
}

/// A value as one reads it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(all) => {
            let one = |(name, value): (&String, &Value)| format!("{name}: {}", shown(value));
            all.iter().map(one).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// The entries that a field such as `evidence` names by number.
fn named(entry: &Entry, field: &str) -> Vec<u64> {
    match entry.value(field) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_u64).collect(),
        Some(one) => one.as_u64().into_iter().collect(),
        None => Vec::new(),
    }
}

/// The fields of an entry in the order of its kind: name, and what it says or that it is withheld.
fn lines(entry: &Entry) -> Vec<(String, String)> {
    let known = entry.kind().map(|kind| kind.fields()).unwrap_or_default();
    let place = |name: &str| known.iter().position(|field| field.name == name);
    let mut names: Vec<&str> = entry
        .statement
        .predicate
        .fields
        .keys()
        .map(|name| &**name)
        .collect();
    names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    let line = |name: &str| {
        let says = match entry.value(name) {
            Some(value) => shown(value),
            None => {
                let digest = entry.statement.predicate.fields.get(name);
                format!(
                    "withheld, sha256:{}",
                    digest.map(ToString::to_string).unwrap_or_default()
                )
            }
        };
        (name.replace('_', " "), says)
    };
    names.into_iter().map(line).collect()
}

#[cfg(test)]
mod testing {
    use std::path::Path;

    use serde_json::Value;

    /// A file of the shared schemas, beside the workspace where nothing else is said; `None` where there are none.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests find the shared data through SEAMARK_DATA"
    )]
    pub fn schema(name: &str) -> Option<Value> {
        let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
        let folder = std::env::var_os("SEAMARK_DATA").map_or(near, Into::into);
        let Ok(bytes) = std::fs::read(folder.join("schemas").join(name)) else {
            println!("skipped: no {name} below {}", folder.display());
            return None;
        };
        Some(serde_json::from_slice(&bytes).unwrap())
    }
}
