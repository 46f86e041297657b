//! Patch: does this change end the flaw, or only hide it from this input?

use serde::{Deserialize, Serialize};

/// What became of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Held,
    Failed,
    /// It could not be asked: an earlier one failed, or the bundle does not say how.
    NotAsked,
}

/// What a patch was shown to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchCheck {
    /// SHA-256 of the patch, hexadecimal.
    pub patch: Box<str>,
    /// It applies and what comes of it builds.
    pub builds: Verdict,
    /// The proof does not show the flaw any more.
    pub ends_proof: Verdict,
    /// The target's own tests pass.
    pub passes_tests: Verdict,
    /// No variant of the input shows a flaw either.
    pub holds: Verdict,
    /// Variants that were tried.
    pub variants: u32,
    /// Where a variant showed a flaw: it.
    #[serde(with = "crate::base64", default, skip_serializing_if = "Vec::is_empty")]
    pub broken_by: Vec<u8>,
    /// What was seen, a sentence for each verdict that did not hold.
    pub why: Vec<Box<str>>,
}

impl PatchCheck {
    /// Whether all four held.
    pub fn is_good(&self) -> bool {
        [self.builds, self.ends_proof, self.passes_tests, self.holds]
            .iter()
            .all(|verdict| *verdict == Verdict::Held)
    }
}
