//! At: a value of a document, and the pointer to it.

use serde_json::Value;

use crate::place::token;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct At<'a> {
    pub value: &'a Value,
    pub pointer: String,
}

impl<'a> At<'a> {
    pub fn root(value: &'a Value) -> At<'a> {
        At {
            value,
            pointer: String::new(),
        }
    }

    /// The pointer to the member `name`, there or not.
    pub fn to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, token(name))
    }

    /// The member `name`.
    pub fn get(&self, name: &str) -> Option<At<'a>> {
        let value = self.value.get(name)?;
        let pointer = self.to(name);
        Some(At { value, pointer })
    }

    /// The entries of an array; none of what is no array.
    pub fn entries(&self) -> impl Iterator<Item = At<'a>> + use<'a> {
        let before = self.pointer.clone();
        let entries = self.value.as_array().map_or(&[][..], Vec::as_slice);
        (0..)
            .zip(entries)
            .map(move |(index, value): (usize, _)| At {
                value,
                pointer: format!("{before}/{index}"),
            })
    }

    /// The entries of the array that is the member `name`.
    pub fn each(&self, name: &str) -> impl Iterator<Item = At<'a>> + use<'a> {
        self.get(name).into_iter().flat_map(|list| list.entries())
    }

    /// The members of an object.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a> {
        let before = self.pointer.clone();
        let members = self.value.as_object().into_iter().flatten();
        members.map(move |(name, value)| {
            let pointer = format!("{before}/{}", token(name));
            (name.as_str(), At { value, pointer })
        })
    }

    /// The member `name`, where it is a string.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    pub fn as_text(&self) -> Option<&'a str> {
        self.value.as_str()
    }
}
