//! YAML documents, with bounds on what aliases may unfold to.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::Spanned;

use super::Fault;

/// The entries of a mapping in their order, each with the line of its key.
#[derive(Debug)]
pub struct Pairs<T>(pub Vec<Pair<T>>);

#[derive(Debug)]
pub struct Pair<T> {
    pub key: String,
    pub value: T,
    pub line: u32,
}

impl<T> Default for Pairs<T> {
    fn default() -> Pairs<T> {
        Pairs(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pairs<T>, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Pairs<T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a mapping")
            }
            fn visit_unit<E>(self) -> Result<Pairs<T>, E> {
                Ok(Pairs::default())
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs<T>, M::Error> {
                let mut pairs = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    pairs.push(Pair {
                        line: u32::try_from(key.referenced.line()).unwrap_or(0),
                        key: key.value,
                        value: map.next_value()?,
                    });
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(InOrder(PhantomData))
    }
}

/// Something of which we only want to know that it is there.
pub type Anything = IgnoredAny;

/// Reads every document of a text.
pub fn parse_all<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, Fault> {
    serde_saphyr::from_multiple_with_options(text, options()).map_err(|error| fault(&error))
}

/// Reads a text of one document.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| fault(&error))
}

/// A lockfile of [`crate::kind::LIST_BYTES_MAX`] bytes has at most one node every few bytes; none of those we
/// read uses aliases for more than a handful of values.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 20_000_000,
            max_nodes: 10_000_000,
            max_total_scalar_bytes: 256 * 1024 * 1024,
            max_depth: 64,
            max_documents: 10_000,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    }
}

fn fault(error: &serde_saphyr::Error) -> Fault {
    Fault {
        line: error
            .location()
            .and_then(|location| u32::try_from(location.line()).ok())
            .unwrap_or(0),
        message: format!("not YAML as this list is written: {error}"),
    }
}
