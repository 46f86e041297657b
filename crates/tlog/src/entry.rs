//! Entry: what stands in the log, for everyone or sealed?
//!
//! An open entry is `{"open":BODY}`. A sealed one is `{"sealed":"HASH"}`, where the hash is SHA-256 of a
//! salt of 32 bytes and the body: it commits to the body and tells nothing of it, not even its length,
//! since all sealed entries have the same. Whoever holds the [`Opening`] can show what was said, and
//! nothing else.
//!
//! These bytes are what is hashed into the tree and served in entry bundles.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hash::{self, Hash};

/// Longest entry: bundles give its length in 16 bits (C2SP tlog-tiles, "Log entries").
pub const ENTRY_BYTES_MAX: usize = 65_535;
/// Longest body: an entry less `{"open":` and `}`, so that what was sealed can be logged in the open later.
pub const BODY_BYTES_MAX: usize = ENTRY_BYTES_MAX - 9;
/// Every sealed entry has `{"sealed":"`, 44 letters of base64, and `"}`.
pub const SEALED_BYTES: usize = 11 + 44 + 2;
/// A salt that nobody can try out.
pub const SALT_BYTES: usize = 32;

/// What an entry says: a JSON object, written without spaces.
///
/// Its bytes are kept as they were first written; members stay in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Body {
    // Invariant: an object that serde_json writes back byte by byte, of at most `BODY_BYTES_MAX`.
    text: String,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// Readable by everyone.
    Open(Body),
    /// SHA-256 of salt and body.
    Sealed(Hash),
}

/// What opens a sealed entry: kept by whoever may know, published when the embargo ends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    #[serde(with = "salt")]
    pub salt: [u8; SALT_BYTES],
    pub body: Body,
}

/// Why something is no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryError {
    /// Not `{"open":{…}}` and not `{"sealed":"HASH"}`, as we write them.
    Form,
    /// The body is no JSON object, or has a number that is written in another way than it is read.
    Body,
    /// The body is longer than [`BODY_BYTES_MAX`].
    Long,
}

impl Body {
    /// What `value` says.
    pub fn new(value: &impl Serialize) -> Result<Body, EntryError> {
        let text = serde_json::to_string(value).map_err(|_| EntryError::Body)?;
        Body::parse(&text)
    }

    /// The same of a value that is ours. What holds no fraction is written in one way only, and need not be read again
    /// to be sure of that.
    pub fn of(value: &Value) -> Result<Body, EntryError> {
        if !value.is_object() || holds_fraction(value) {
            return Body::new(value);
        }
        let text = value.to_string();
        match text.len() <= BODY_BYTES_MAX {
            true => Ok(Body { text }),
            false => Err(EntryError::Long),
        }
    }

    /// The body with this text, which is compact JSON.
    pub fn parse(text: &str) -> Result<Body, EntryError> {
        if text.len() > BODY_BYTES_MAX {
            return Err(EntryError::Long);
        }
        let value: Value = serde_json::from_str(text).map_err(|_| EntryError::Body)?;
        let rewritten = value.to_string();
        if !value.is_object() || rewritten != text {
            return Err(EntryError::Body);
        }
        Ok(Body { text: text.into() })
    }

    /// Its bytes, as they are hashed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it says, to be looked into.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).expect("it was read when it was made")
    }
}

/// Whether a number in `value` is no whole one.
fn holds_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(all) => all.iter().any(holds_fraction),
        Value::Object(all) => all.values().any(holds_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

impl Entry {
    /// The entry with these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Entry, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::Long);
        }
        let text = str::from_utf8(bytes).map_err(|_| EntryError::Form)?;
        let inner = |before: &str, after: &str| text.strip_prefix(before)?.strip_suffix(after);
        if let Some(body) = inner(r#"{"open":"#, "}") {
            return Ok(Entry::Open(Body::parse(body)?));
        }
        let hash = inner(r#"{"sealed":""#, r#""}"#).ok_or(EntryError::Form)?;
        Ok(Entry::Sealed(hash.parse().map_err(|_| EntryError::Form)?))
    }

    /// Its bytes, as the log holds them.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Entry::Open(body) => format!(r#"{{"open":{}}}"#, body.text).into_bytes(),
            Entry::Sealed(hash) => format!(r#"{{"sealed":"{hash}"}}"#).into_bytes(),
        }
    }

    /// Its hash in the tree.
    pub fn leaf(&self) -> Hash {
        hash::leaf(&self.bytes())
    }

    /// Whether `opening` is what this sealed entry committed to.
    #[must_use]
    pub fn is_opened_by(&self, opening: &Opening) -> bool {
        match self {
            Entry::Open(_) => false,
            Entry::Sealed(hash) => *hash == opening.hash(),
        }
    }
}

impl Opening {
    /// The opening of `body` with this salt, which nobody can guess.
    pub fn new(salt: [u8; SALT_BYTES], body: Body) -> Opening {
        Opening { salt, body }
    }

    /// The entry to append.
    pub fn entry(&self) -> Entry {
        Entry::Sealed(self.hash())
    }

    fn hash(&self) -> Hash {
        // The salt has a fixed length, so no two pairs run together into the same bytes.
        hash::of(&[&self.salt, self.body.text.as_bytes()])
    }
}

impl TryFrom<Value> for Body {
    type Error = EntryError;

    fn try_from(value: Value) -> Result<Body, EntryError> {
        Body::new(&value)
    }
}

impl From<Body> for Value {
    fn from(body: Body) -> Value {
        body.value()
    }
}

/// A salt in base64.
mod salt {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::SALT_BYTES;

    pub fn serialize<S: Serializer>(salt: &[u8; SALT_BYTES], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(salt))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; SALT_BYTES], D::Error> {
        let text = String::deserialize(from)?;
        let bytes = BASE64.decode(text).ok().and_then(|it| it.try_into().ok());
        bytes.ok_or_else(|| D::Error::custom("a salt is 32 bytes in base64"))
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(***)")
    }
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryError::Form => {
                f.write_str(r#"an entry is `{"open":{…}}` or `{"sealed":"HASH"}`, without spaces"#)
            }
            EntryError::Body => {
                f.write_str("an entry's body is a JSON object without spaces between its parts")
            }
            EntryError::Long => write!(f, "an entry's body has at most {BODY_BYTES_MAX} bytes"),
        }
    }
}

impl std::error::Error for EntryError {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Body {
        Body::new(&value).unwrap()
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let open = Entry::Open(body(json!({"act": "publish", "z": 1, "a": "é\u{1}\""})));
        let sealed = Opening::new([7; 32], body(json!({"act": "submit"}))).entry();
        for entry in [open, sealed] {
            assert_eq!(Entry::parse(&entry.bytes()), Ok(entry.clone()));
            let json = serde_json::to_string(&entry).unwrap();
            assert_eq!(
                json.as_bytes(),
                entry.bytes(),
                "JSON of a receipt is the entry itself"
            );
            let pretty = serde_json::to_string_pretty(&entry).unwrap();
            assert_eq!(serde_json::from_str::<Entry>(&pretty).unwrap(), entry);
        }
    }

    #[test]
    fn a_value_of_ours_makes_the_body_that_reading_it_again_would() {
        for value in [
            json!({"z": "é\u{1}\"", "a": [1, -2, u64::MAX, i64::MIN, null, true, {"b": {}}]}),
            json!({"a": [0.1, 1e300]}),
            json!({"a": 1e2}),
            json!([]),
            json!("text"),
            json!({"a": "b".repeat(BODY_BYTES_MAX)}),
        ] {
            assert_eq!(Body::of(&value), Body::new(&value), "{value}");
        }
    }

    #[test]
    fn what_is_not_written_our_way_is_no_entry() {
        for (text, error) in [
            ("", EntryError::Form),
            ("{}", EntryError::Form),
            (r#"{"open": {}}"#, EntryError::Body),
            (r#"{"open":[]}"#, EntryError::Body),
            (r#"{"open":{}} "#, EntryError::Form),
            (r#"{"open":{"a":1,"a":2}}"#, EntryError::Body),
            (r#"{"open":{"a":1e2}}"#, EntryError::Body),
            (r#"{"sealed":"AAAA"}"#, EntryError::Form),
        ] {
            assert_eq!(Entry::parse(text.as_bytes()), Err(error), "{text}");
        }
        assert_eq!(Entry::parse(b"\xff"), Err(EntryError::Form));
    }

    #[test]
    fn sealed_entries_all_look_alike() {
        let long = body(json!({"text": "a".repeat(60_000)}));
        let one = Opening::new([1; 32], long).entry().bytes();
        let other = Opening::new([2; 32], body(json!({}))).entry().bytes();
        assert_eq!((one.len(), other.len()), (SEALED_BYTES, SEALED_BYTES));
        assert_eq!(one[..11], other[..11]);
        assert_ne!(one, other);
    }

    #[test]
    fn a_sealed_entry_is_opened_by_its_own_salt_and_body_only() {
        let opening = Opening::new([1; 32], body(json!({"a": 1})));
        let entry = opening.entry();
        assert!(entry.is_opened_by(&opening));
        let wrong_salt = Opening::new([2; 32], opening.body.clone());
        let wrong_body = Opening::new([1; 32], body(json!({"a": 2})));
        assert!(!entry.is_opened_by(&wrong_salt));
        assert!(!entry.is_opened_by(&wrong_body));
        assert!(!Entry::Open(opening.body.clone()).is_opened_by(&opening));
        assert_eq!(format!("{opening:?}"), "Opening(***)");
    }

    #[test]
    fn the_longest_body_fits_a_bundle() {
        let text = format!(r#"{{"a":"{}"}}"#, "b".repeat(BODY_BYTES_MAX - 8));
        let longest = Body::parse(&text).unwrap();
        assert_eq!(Entry::Open(longest).bytes().len(), ENTRY_BYTES_MAX);
        let longer = text.replace("\"a\"", "\"aa\"");
        assert_eq!(Body::parse(&longer), Err(EntryError::Long));
    }
}
