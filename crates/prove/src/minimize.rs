//! Minimize: the smallest input that still shows it.

use serde::{Deserialize, Serialize};

/// An input made small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minimized {
    #[serde(with = "crate::base64")]
    pub input: Vec<u8>,
    /// How long it was.
    pub bytes_before: u64,
    /// Runs that it took.
    pub runs: u32,
    /// Whether nothing smaller was found before the budget ended.
    pub is_complete: bool,
}
