//! Ranges of versions, as intervals over keys.

use crate::{Key, Scheme};

/// Where an interval ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum End<V> {
    /// Nothing ends it.
    Open,
    /// The first version that is not in it.
    Fixed(V),
    /// The last version that is in it.
    LastAffected(V),
}

/// From a version on (from the beginning where `None`) to an end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interval<V> {
    /// The first version in it, or `None` from the beginning of time (OSV's `"0"`).
    pub introduced: Option<V>,
    /// Where it ends.
    pub end: End<V>,
}

/// Intervals of one scheme, sorted and disjoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Whose order the keys follow.
    pub scheme: Scheme,
    /// Sorted and disjoint.
    pub intervals: Vec<Interval<Key>>,
}

impl Interval<Key> {
    /// Whether `key` lies in this interval.
    pub fn contains(&self, key: &Key) -> bool {
        let after = self
            .introduced
            .as_ref()
            .is_none_or(|introduced| introduced <= key);
        after
            && match &self.end {
                End::Open => true,
                End::Fixed(fixed) => key < fixed,
                End::LastAffected(last) => key <= last,
            }
    }
}
