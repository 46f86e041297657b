//! Count: what is told of engagements to everybody, so that nobody's can be told from its absence.

use serde::{Serialize, Serializer};

/// What is fewer than this is not told apart from none, and more only by steps of it: whoever watches a number learns
/// of no single developer that it came or went. Five is what the statistics of health and education agencies use.
pub const K: u64 = 5;

/// A number as it is told: `0 to 4`, `5 to 9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(u64);

impl Count {
    /// Of `number` developers. Developers are counted, not engagements: one that comes back is one.
    pub const fn of(number: u64) -> Count {
        Count(number / K)
    }

    /// The least it may be.
    pub const fn from(self) -> u64 {
        self.0 * K
    }

    /// The most it may be.
    pub const fn to(self) -> u64 {
        self.0 * K + (K - 1)
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} to {}", self.from(), self.to())
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}
