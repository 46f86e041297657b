//! JSON documents: strings that stay slices of the text, so that they know their line.
//!
//! Depth is bounded by serde_json itself (128).

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Fault;

/// A string, borrowed from the text wherever it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str<'a>(pub Cow<'a, str>);

impl Deref for Str<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Str<'a>, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Str<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
            fn visit_unit<E: Error>(self) -> Result<Str<'de>, E> {
                Ok(Str::default())
            }
        }
        // A null stands for no string.
        from.deserialize_any(Text)
    }
}

/// A value of which only a string matters: anything else counts as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Loose<'a> {
    #[default]
    Nothing,
    Bool(bool),
    Text(Str<'a>),
    /// A number as it is written in JSON.
    Number(String),
    List(Vec<Loose<'a>>),
    Map(Vec<(Str<'a>, Loose<'a>)>),
}

impl<'a> Loose<'a> {
    pub fn text(&self) -> &str {
        match self {
            Loose::Text(text) => text,
            _ => "",
        }
    }

    pub fn get(&self, key: &str) -> &Loose<'a> {
        match self {
            Loose::Map(entries) => entries
                .iter()
                .find(|(name, _)| &**name == key)
                .map_or(&Loose::Nothing, |(_, value)| value),
            _ => &Loose::Nothing,
        }
    }

    pub fn entries(&self) -> &[(Str<'a>, Loose<'a>)] {
        match self {
            Loose::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Loose<'a>] {
        match self {
            Loose::List(items) => items,
            _ => &[],
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Loose<'a>, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Loose<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a value")
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Loose<'de>, E> {
                Ok(Loose::Bool(value))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Loose<'de>, E> {
                Ok(Loose::Number(value.to_string()))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Loose<'de>, E> {
                Ok(Loose::Number(value.to_string()))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Loose<'de>, E> {
                Ok(Loose::Number(value.to_string()))
            }
            fn visit_unit<E: Error>(self) -> Result<Loose<'de>, E> {
                Ok(Loose::Nothing)
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Str(Cow::Borrowed(text))))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Str(Cow::Owned(text.to_owned()))))
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Loose<'de>, S::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Loose::List(items))
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Loose<'de>, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Loose::Map(entries))
            }
        }
        from.deserialize_any(Any)
    }
}

/// The entries of an object in their order; of equal keys all are kept. Null stands for an empty object.
#[derive(Debug)]
pub struct Entries<'a, T>(pub Vec<(Str<'a>, T)>);

impl<T> Default for Entries<'_, T> {
    fn default() -> Self {
        Entries(Vec::new())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Entries<'a, T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Entries<'a, T>, D::Error> {
        struct InOrder<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Entries<'de, T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }
            fn visit_unit<E>(self) -> Result<Entries<'de, T>, E> {
                Ok(Entries::default())
            }
            // PHP writes an empty object as an empty list.
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Entries<'de, T>, S::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Entries::default())
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries<'de, T>, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        from.deserialize_any(InOrder(std::marker::PhantomData))
    }
}

/// Reads a JSON document into `T`.
pub fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault {
        line: u32::try_from(error.line()).unwrap_or(0),
        message: format!("not JSON as this list is written: {error}"),
    })
}

/// Reads a JSON document that must be an object.
pub fn object(text: &str) -> Result<Loose<'_>, Fault> {
    match parse(text)? {
        map @ Loose::Map(_) => Ok(map),
        _ => Err(Fault::from("not a JSON object, as this list should be")),
    }
}

/// JSON as people write it, made strict: comments become spaces, and commas before a closing bracket too.
/// Every byte keeps its place, so that lines stay what they were.
pub fn relaxed(text: &str) -> Cow<'_, str> {
    let mut bytes = text.as_bytes().to_vec();
    let mut comma = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        match (byte, next) {
            (b'"', _) => {
                comma = None;
                at = string_end(&bytes, at);
                continue;
            }
            (b'/', Some(b'/')) => {
                at = blank(&mut bytes, at, |rest| memchr::memchr(b'\n', rest));
                continue;
            }
            (b'/', Some(b'*')) => {
                at = blank(&mut bytes, at, |rest| {
                    memchr::memmem::find(rest.get(2..)?, b"*/").map(|end| end + 4)
                });
                continue;
            }
            (b',', _) => comma = Some(at),
            (b'}' | b']', _) => {
                if let Some(place) = comma.take().and_then(|comma| bytes.get_mut(comma)) {
                    *place = b' ';
                }
            }
            (byte, _) if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at += 1;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(text),
    }
}

/// The offset after the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Writes spaces over what begins at `start`, but keeps line ends.
fn blank(bytes: &mut [u8], start: usize, length: fn(&[u8]) -> Option<usize>) -> usize {
    let rest = bytes.get_mut(start..).unwrap_or_default();
    let end = length(rest).unwrap_or(rest.len());
    for byte in rest.iter_mut().take(end).filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
    start + end
}
