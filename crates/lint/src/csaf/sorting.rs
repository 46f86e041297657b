//! Sorting: do the members of every object stand in the order of their names? (6.2.13)
//!
//! Ours, because a pointer for every value of a document costs more than all other tests together.

use std::{iter::Enumerate, slice};

use serde_json::{Value, map};

use super::view::{Say, View};
use crate::place::token;

/// An object or array that is being walked.
struct Level<'v> {
    name: Step<'v>,
    rest: Rest<'v>,
    /// The member before, where this is an object.
    before: Option<&'v str>,
}

/// How a value is reached.
#[derive(Clone, Copy)]
enum Step<'v> {
    Root,
    Member(&'v str),
    Element(usize),
}

/// What is still to be walked.
enum Rest<'v> {
    Members(map::Iter<'v>),
    Elements(Enumerate<slice::Iter<'v, Value>>),
}

impl<'v> Level<'v> {
    fn of(name: Step<'v>, value: &'v Value) -> Option<Self> {
        let rest = match value {
            Value::Object(members) => Rest::Members(members.iter()),
            Value::Array(elements) => Rest::Elements(elements.iter().enumerate()),
            _ => return None,
        };
        Some(Level {
            name,
            rest,
            before: None,
        })
    }

    fn next(&mut self) -> Option<(Step<'v>, &'v Value)> {
        match &mut self.rest {
            Rest::Members(members) => members
                .next()
                .map(|(name, value)| (Step::Member(name.as_str()), value)),
            Rest::Elements(elements) => elements
                .next()
                .map(|(index, value)| (Step::Element(index), value)),
        }
    }
}

/// 6.2.13 Sorting: the members of each object are in alphabetical order.
pub fn test_6_2_13(view: &View<'_>, say: &mut Say<'_>) {
    let mut path: Vec<Level<'_>> = Level::of(Step::Root, view.root).into_iter().collect();
    while let Some(level) = path.last_mut() {
        let Some((step, value)) = level.next() else {
            path.pop();
            continue;
        };
        if let Step::Member(name) = step
            && let Some(before) = level.before.replace(name).filter(|before| *before > name)
        {
            let place = format!("{}/{}", pointer(&path), token(name));
            say.at(
                place,
                format!("member `{name}` stands after `{before}`; names are sorted"),
            );
        }
        path.extend(Level::of(step, value));
    }
}

fn pointer(path: &[Level<'_>]) -> String {
    let mut pointer = String::new();
    for level in path {
        match level.name {
            Step::Root => {}
            Step::Member(name) => pointer.extend(["/", &token(name)]),
            Step::Element(index) => pointer.extend(["/", &index.to_string()]),
        }
    }
    pointer
}
