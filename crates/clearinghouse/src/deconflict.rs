//! Deconflict: reports join the finding of their flaw, start one, or a person is asked.
//!
//! The rule runs inside the transaction that takes the reports, over those that share a term ([`chunk`]). It merges
//! by itself only what is surely one; everything else that is close becomes a question, and people answer it
//! ([`decide`]). Whatever moved can be moved back: a report's text never moves, only the finding it belongs to, and
//! every move is a row that is only ever appended to.

mod again;
mod chunk;
mod decide;
mod held;
mod index;
mod of_finding;
mod show;

use store::term::Hash;

use crate::House;

pub use again::again;
pub use chunk::{
    Drawn, Joined, Placed, Placing, Sought, deciding, draw, foresee, keep_chunk, number,
    place_chunk, seek,
};
pub use decide::{Decided, Verdict, decide, split, undo};
pub use held::{Held, warm};
pub use of_finding::{Found, Question, Reported, of_finding};
pub use show::{Comparison, Line, Side, next, show};

/// The texts that are sealed here, each bound to its column.
const FINGERPRINT: &str = "report fingerprint";
const WHY: &str = "report why";
const BODY: &str = "report body";

/// The terms of a fingerprint as they are looked up.
fn hashes(house: &House, fingerprint: &finding::Fingerprint) -> Vec<Hash> {
    let terms = fingerprint.terms();
    let hash = |term: &finding::fingerprint::Term| {
        let [a, b, c, d, e, f, g, h, ..] = house.terms.term(term.kind, &term.bytes);
        Hash::from_be_bytes([a, b, c, d, e, f, g, h])
    };
    terms.iter().map(hash).collect()
}

#[cfg(test)]
mod tests;
