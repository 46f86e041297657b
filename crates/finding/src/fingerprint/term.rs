//! Term: what a report is looked up by among all others, before anything is compared.
//!
//! A term is specific enough to be held by few findings, and each kind covers evidence that another may lack. The
//! store keeps terms as keyed hashes; to a reader of the database they say nothing.

use super::{Fingerprint, Place};
use crate::weakness;

/// Terms a fingerprint gives at most.
///
/// 8 aliases and 8 proofs at the very most, but then little else; of the usual report 1 + 1 of these, 2 hunks,
/// 2 names × (2 stacks + 4 places + 2 files + 6 bands + 2 mentions). What is least specific is left out first.
pub const TERMS_MAX: usize = 32;

/// What a report is looked up by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// The kind of evidence: `alias`, `proof`, `hunk`, `stack`, `place`, `file`, `text`, `name`.
    pub kind: &'static str,
    pub bytes: Vec<u8>,
}

/// Names of a target that terms are made with: its package and its repository are mostly called alike.
const NAMES_MAX: usize = 2;

/// Places that terms are made of, the root cause first.
const PLACES_MAX: usize = 3;

/// Hunks that terms are made of.
const HUNKS_MAX: usize = 4;

/// Mentions that terms are made of; those of the title come first.
const MENTIONS_MAX: usize = 2;

impl Fingerprint {
    /// What this is looked up by, the most specific first, each once, [`TERMS_MAX`] at most.
    pub fn terms(&self) -> Vec<Term> {
        let mut terms = Vec::new();
        let mut names = self.target.bare_names();
        names.truncate(NAMES_MAX);
        let aliases = self.aliases.iter().map(|alias| term("alias", [&**alias]));
        let proofs = self.proofs.iter().map(|proof| term("proof", [&**proof]));
        terms.extend(aliases.chain(proofs));
        for hunk in self.hunks.iter().take(HUNKS_MAX) {
            // Two fixes of one flaw take the same lines away and add others.
            let change = if hunk.removed == 0 {
                hunk.added
            } else {
                hunk.removed
            };
            let base = hunk.file.rsplit('/').next().unwrap_or_default();
            terms.push(term("hunk", [base, &change.to_string()]));
        }
        for name in &names {
            self.terms_of_places(name, &mut terms);
        }
        for name in &names {
            for band in self.text.bands() {
                let mut found = term("text", [&**name]);
                found.bytes.extend(band);
                terms.push(found);
            }
            let mentions = self.mentions.iter().take(MENTIONS_MAX);
            terms.extend(mentions.map(|mention| term("name", [&**name, &**mention])));
        }
        let mut kept: Vec<Term> = Vec::with_capacity(TERMS_MAX);
        for term in terms {
            // Each of so few is compared faster than it is hashed.
            if kept.len() < TERMS_MAX && !kept.contains(&term) {
                kept.push(term);
            }
        }
        kept
    }

    fn terms_of_places(&self, name: &str, terms: &mut Vec<Term>) {
        let leaves: Vec<&str> = self.stack.iter().take(3).map(Place::leaf).collect();
        if leaves.len() > 1 {
            terms.push(term(
                "stack",
                std::iter::once(name).chain(leaves.iter().copied()),
            ));
        }
        let places = self.sites.iter().take(PLACES_MAX).chain(self.stack.first());
        for place in places {
            match (place.base(), place.leaf()) {
                // A finder often gives only one of the two: each alone finds the other's.
                (base, "") => terms.push(term("place", [name, base, &line(place)])),
                (_, leaf) => terms.push(term("place", [name, leaf])),
            }
        }
        let families = self
            .weaknesses
            .iter()
            .take(1)
            .map(|weakness| weakness::family(*weakness));
        for family in families {
            if let Some(place) = self.places().first().filter(|place| !place.file.is_empty()) {
                terms.push(term("file", [name, place.base(), &family.to_string()]));
            }
        }
    }
}

fn line(place: &Place) -> String {
    place.line.unwrap_or_default().to_string()
}

/// Parts behind each other, each with its length before it, so that no two lists make the same bytes.
fn term<'a>(kind: &'static str, parts: impl IntoIterator<Item = &'a str>) -> Term {
    let mut bytes = Vec::new();
    for part in parts {
        // Every part has bounds far below 64 KiB.
        bytes.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    Term { kind, bytes }
}
