//! Looking into JSON that strangers wrote: what is absent and what is of the wrong kind read the same.
//!
//! CSAF, OpenVEX and CycloneDX documents are read through these, so that one odd field costs that field and
//! not its document. Depth is bounded by serde_json (128).

use jiff::Timestamp;
use serde_json::Value;

use crate::Problem;

/// The document, or a problem that says where it stops being JSON.
pub(crate) fn document(bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Option<Value> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(bytes) {
        Ok(value) => Some(value),
        Err(error) => {
            problem(Problem {
                place: format!("line {}", error.line()),
                message: format!("document is not JSON: {error}"),
            });
            None
        }
    }
}

/// The text at `key`, without the space around it; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
}

/// The text at `key`, owned.
pub(crate) fn string(value: &Value, key: &str) -> String {
    text(value, key).to_owned()
}

/// The members of the array at `key`.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts in the array at `key`.
pub(crate) fn texts<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    list(value, key)
        .iter()
        .filter_map(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// The instant at `key`, where it is one.
pub(crate) fn time(value: &Value, key: &str) -> Option<Timestamp> {
    crate::time::timestamp(Some(text(value, key)))
        .ok()
        .flatten()
}
