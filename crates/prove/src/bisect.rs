//! Bisect: the first version that has it and the first that does not any more.

use serde::{Deserialize, Serialize};

/// What an ordered history says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bisected {
    /// The first version that shows it; none where no version does.
    pub introduced: Option<Box<str>>,
    /// The first version after that which does not; none where the newest still shows it.
    pub fixed: Option<Box<str>>,
    /// Whether every version that was tried fits one beginning and one end.
    pub is_monotonic: bool,
    /// Each version that was tried, in the order of the history, and what its runs came to.
    pub tried: Vec<(Box<str>, crate::Outcome)>,
    /// What is not certain about it, a sentence each.
    pub notes: Vec<Box<str>>,
}
