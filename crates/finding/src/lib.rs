//! A finding's way, one file a step.
//!
//! Pure: no I/O, no clock, no randomness, no `async`. Rules are handed `now` and what was loaded, and say what follows.

pub mod claim;
pub mod clocks;
pub mod coordinate;
pub mod deconflict;
pub mod embargo;
pub mod fingerprint;
mod hex;
pub mod known;
pub mod numbers;
pub mod pace;
pub mod precommit;
pub mod prioritize;
pub mod provenance;
pub mod publish;
pub mod report;
pub mod submit;
pub mod validate;
pub mod verdict;
pub mod weakness;
pub mod welcome;

pub use deconflict::{Deconfliction, deconflict};
pub use fingerprint::Fingerprint;
pub use hex::{hex, unhex32};
pub use report::Report;
