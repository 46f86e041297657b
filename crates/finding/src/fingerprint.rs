//! Fingerprint: what of a report tells one flaw from another, told so that two finders tell it alike.
//!
//! Drawn from a report once and kept sealed beside it; [`Fingerprint::terms`] are what reports are looked up by, and
//! what the store keeps as keyed hashes. Everything here has bounds, for a report is written by a stranger.

mod function;
mod mention;
mod patch;
mod place;
mod stack;
mod target;
mod term;
mod text;

use serde::{Deserialize, Serialize};

pub use patch::{Hunk, Overlap, overlap};
pub use place::Place;
pub use stack::stack;
pub use target::{Relation, Target};
pub use term::{TERMS_MAX, Term};
pub use text::Text;

use crate::report::Report;

/// The edition of how fingerprints are drawn. Those of an older one are drawn again when its rule runs again.
pub const EDITION: u16 = 1;

/// Sites that are kept, the root cause first: more than this is a list of everything that was looked at.
const SITES_MAX: usize = 8;

/// Weaknesses that are kept; the most specific come first.
const WEAKNESSES_MAX: usize = 6;

/// Proofs that are kept; a bundle has a handful.
const PROOFS_MAX: usize = 8;

/// A proof of fewer bytes is nobody's own: the empty file and a single letter crash a great deal.
const PROOF_BYTES_MIN: u64 = 8;

/// Aliases that are kept: one flaw has a CVE, a GHSA and some of vendors.
const ALIASES_MAX: usize = 8;

/// An alias has at most this many bytes; the longest scheme in use has about 30.
const ALIAS_BYTES_MAX: usize = 64;

/// What of a report tells one flaw from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// [`EDITION`] when it was drawn.
    #[serde(rename = "e")]
    pub edition: u16,
    #[serde(rename = "t", default)]
    pub target: Target,
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<u32>,
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Place>,
    /// The project's own frames, innermost first.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Place>,
    /// The family of the crash, `access`; empty where unknown.
    #[serde(rename = "c", default, skip_serializing_if = "str::is_empty")]
    pub crash: Box<str>,
    /// SHA-256 of each proof, lower-case hexadecimal, sorted.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Box<str>>,
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub hunks: Vec<Hunk>,
    /// Upper case, sorted.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Box<str>>,
    #[serde(rename = "x", default)]
    pub text: Text,
    /// Names that the words mention: functions, files, addresses, parameters.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Box<str>>,
}

impl Fingerprint {
    /// Draws what tells `report` from others.
    pub fn of(report: &Report) -> Fingerprint {
        let sites = report.sites.iter().filter_map(Place::of_site);
        let crash = report.crash.as_ref();
        let mut fingerprint = Fingerprint {
            edition: EDITION,
            target: Target::of(&report.target),
            weaknesses: Vec::new(),
            sites: sites.take(SITES_MAX).collect(),
            stack: crash.map(stack::stack).unwrap_or_default(),
            crash: crash.map(stack::kind).unwrap_or_default().into(),
            proofs: Vec::new(),
            hunks: report
                .patch
                .as_deref()
                .map(patch::hunks)
                .unwrap_or_default(),
            aliases: Vec::new(),
            text: Text::of(&report.title, &report.description),
            mentions: mention::mentions(&report.title, &report.description),
        };
        for weakness in report.weaknesses.iter().take(WEAKNESSES_MAX) {
            if !fingerprint.weaknesses.contains(weakness) {
                fingerprint.weaknesses.push(*weakness);
            }
        }
        let proofs = report
            .proofs
            .iter()
            .filter(|proof| proof.bytes >= PROOF_BYTES_MIN);
        let hashes = proofs.map(|proof| proof.sha256.to_ascii_lowercase());
        fingerprint.proofs = sorted(hashes.filter(|hash| hash.len() == 64), PROOFS_MAX);
        let aliases = report
            .aliases
            .iter()
            .map(|alias| alias.trim().to_ascii_uppercase());
        let aliases = aliases.filter(|alias| (1..=ALIAS_BYTES_MAX).contains(&alias.len()));
        fingerprint.aliases = sorted(aliases, ALIASES_MAX);
        fingerprint
    }

    /// Where it is: the sites that were given, or else where it crashed.
    pub fn places(&self) -> &[Place] {
        if self.sites.is_empty() {
            self.stack.get(..1).unwrap_or_default()
        } else {
            &self.sites
        }
    }
}

/// The first `limit`, sorted, each once.
fn sorted(values: impl Iterator<Item = String>, limit: usize) -> Vec<Box<str>> {
    let mut values: Vec<Box<str>> = values.take(limit).map(Into::into).collect();
    values.sort_unstable();
    values.dedup();
    values
}
