//! Hackage: `Data.Version` under the Haskell Package Versioning Policy, and GHC's own releases.
//!
//! Odd about it: versions are lists, so `1.0` < `1.0.0`. The tags that old versions carried (`1.0-beta`) were
//! ignored by Cabal and are refused by Hackage; they make no version here.

use std::cmp::Ordering;

use crate::dotted;

const SEPARATORS: &[u8] = b".";

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    dotted::key_into(version, SEPARATORS, out)
}

/// How `a` stands to `b`.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    dotted::compare(a, b, SEPARATORS)
}
