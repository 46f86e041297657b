//! Several forms on one page: the one that was refused comes back open, as it was filled in; the others are empty.
//!
//! Ids of fields are unique on a page: those of the form that came back are its field names, which the list of
//! problems links to; those of the others begin with their form's name.

use super::Filled;

/// The forms of a page, by their names.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    sent: Option<(&'static str, Filled)>,
}

impl Forms {
    /// None was sent.
    pub fn new() -> Forms {
        Forms::default()
    }

    /// `name` was sent and refused.
    pub fn again(name: &'static str, filled: Filled) -> Forms {
        Forms {
            sent: Some((name, filled)),
        }
    }

    /// The fields of form `name`.
    pub fn of(&self, name: &'static str) -> Filled {
        match &self.sent {
            Some((sent, filled)) if *sent == name => filled.clone(),
            _ => Filled::empty().within(name),
        }
    }

    /// Whether form `name` was refused, and is shown open.
    pub fn is_sent(&self, name: &str) -> bool {
        self.sent.as_ref().is_some_and(|(sent, _)| *sent == name)
    }

    /// Whether any was.
    pub fn is_refused(&self) -> bool {
        self.sent.is_some()
    }
}
