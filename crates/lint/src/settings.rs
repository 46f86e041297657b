//! Settings: what the rules are told that the document does not say.

use jiff::Timestamp;
use serde::Serialize;

use crate::{Format, Group};

/// How a document is to be checked.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// What the document is held to be; told from its members where absent.
    pub format: Option<Format>,
    /// Which text of CSAF 2.1, which is still moving.
    pub csaf_2_1: Csaf21,
    /// The time of validation: what "in the future" is measured by, and the date of a draft.
    pub now: Timestamp,
    /// Which kinds of rules are run; `Syntax` always is.
    pub groups: Groups,
    /// Asked whether an address answers. Without one, only what can never answer is told and the rest is untested.
    pub resolver: Option<&'a dyn Resolve>,
}

impl Settings<'_> {
    /// Everything is run, and nobody is asked.
    pub fn at(now: Timestamp) -> Self {
        Settings {
            format: None,
            csaf_2_1: Csaf21::default(),
            now,
            groups: Groups::ALL,
            resolver: None,
        }
    }
}

/// A text of CSAF 2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub enum Csaf21 {
    /// Committee Specification Draft 03 of 2026-07-29.
    #[default]
    Csd03,
    /// The editors' draft after it.
    Draft,
}

/// A set of [`Group`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups(u8);

impl Groups {
    pub const ALL: Self = Self(u8::MAX);
    pub const NONE: Self = Self(0);

    /// These, and `group`.
    #[must_use]
    pub fn with(self, group: Group) -> Self {
        Self(self.0 | 1 << group as u8)
    }

    /// What a basic validator of CSAF runs: the schema and what must hold.
    pub fn basic() -> Self {
        Self::NONE
            .with(Group::Syntax)
            .with(Group::Schema)
            .with(Group::Mandatory)
    }

    /// Basic, and what should hold.
    pub fn extended() -> Self {
        Self::basic().with(Group::Optional).with(Group::Recommended)
    }

    pub fn has(self, group: Group) -> bool {
        self.0 & 1 << group as u8 != 0
    }
}

/// Whether an address answers, asked of whoever may reach the network.
pub trait Resolve: Sync {
    fn resolve(&self, address: &str) -> Resolved;
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// With an HTTP status below 400.
    Answers,
    /// It does not: why, for the person.
    Silent(String),
    /// It could not be asked: why.
    Unasked(String),
}
