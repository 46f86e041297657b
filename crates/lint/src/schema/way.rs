//! Way: how a value was reached, as cheap as the stack it lies on.

use crate::place::token;

/// The steps from the document to a value, the last one first.
#[derive(Clone, Copy)]
pub enum Way<'a> {
    Root,
    Name(&'a Way<'a>, &'a str),
    Index(&'a Way<'a>, usize),
}

impl Way<'_> {
    /// As a JSON pointer.
    pub fn pointer(&self) -> String {
        match self {
            Way::Root => String::new(),
            Way::Name(before, name) => format!("{}/{}", before.pointer(), token(name)),
            Way::Index(before, index) => format!("{}/{index}", before.pointer()),
        }
    }

    /// What the value is called in a message.
    pub fn called(&self) -> String {
        match self {
            Way::Root => "the document".to_owned(),
            Way::Name(_, name) => super::say::quoted(name),
            Way::Index(before @ (Way::Name(..) | Way::Index(..)), index) => {
                format!("entry {} of {}", index + 1, before.called())
            }
            Way::Index(Way::Root, index) => format!("entry {}", index + 1),
        }
    }
}
