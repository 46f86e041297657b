//! Why something asked for is not done, field by field, in words for the person who asked.

use std::fmt;

use crate::Problems;

/// All that is wrong with a request: each message belongs to the field that would be written differently.
///
/// The door shows each beside its field in a form and under its name in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    problems: Vec<Problem>,
}

/// One message. `field` is a path such as `target.package` or `reports[3].title`; empty where it is about the whole.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    pub field: Box<str>,
    pub message: Box<str>,
}

impl Refusal {
    /// Nothing wrong yet.
    pub fn none() -> Refusal {
        Refusal::default()
    }

    /// Exactly one thing wrong, with `field`.
    pub fn of(field: impl Into<Box<str>>, message: impl Into<Box<str>>) -> Refusal {
        let mut refusal = Refusal::none();
        refusal.add(field, message);
        refusal
    }

    /// Exactly one thing wrong, with the request as a whole.
    pub fn whole(message: impl Into<Box<str>>) -> Refusal {
        Refusal::of("", message)
    }

    /// Adds what else is wrong.
    pub fn add(&mut self, field: impl Into<Box<str>>, message: impl Into<Box<str>>) {
        self.problems.push(Problem {
            field: field.into(),
            message: message.into(),
        });
    }

    /// Adds all of `problems`, which are about `field`.
    pub fn extend(&mut self, field: &str, problems: &Problems) {
        for message in problems.iter() {
            self.add(field, message);
        }
    }

    /// Adds all of `others`, whose fields are inside `outer`.
    pub fn within(&mut self, outer: &str, others: Refusal) {
        for problem in others.problems {
            let field = match (&*problem.field, outer) {
                ("", _) => outer.into(),
                (_, "") => problem.field,
                (inner, _) => format!("{outer}.{inner}").into(),
            };
            self.add(field, problem.message);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Each message with its field.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    /// The first message about `field`.
    pub fn about(&self, field: &str) -> Option<&str> {
        let found = self
            .problems
            .iter()
            .find(|problem| &*problem.field == field)?;
        Some(&found.message)
    }

    /// `value` where nothing is wrong, else what is.
    pub fn or<T>(self, value: T) -> Result<T, Refusal> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                out.write_str("; ")?;
            }
            if !problem.field.is_empty() {
                write!(out, "{}: ", problem.field)?;
            }
            out.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
