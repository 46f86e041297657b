//! Prove: a claim that can be re-run, read, run, judged and made small.
//!
//! A [`Manifest`] says what is claimed and how to see it; the files beside it are what it takes. Whoever validates
//! it gets a [`Validation`]: what was done, what was seen, what that proves and what it does not.
//!
//! Holds no key, reads no clock, starts no process itself and draws no randomness: it is handed a seed.

mod attempt;
mod base64;
mod bisect;
mod cluster;
mod estimate;
mod manifest;
mod minimize;
mod oracle;
mod outcome;
mod patch;
mod triage;
mod validate;

pub use attempt::{Attempt, Build, CHANGES_MAX, TEXT_BYTES_MAX};
pub use bisect::Bisected;
pub use cluster::cluster;
pub use estimate::{Estimate, Severity, estimate};
pub use manifest::{Claim, Given, Input, Limits, MANIFEST_FILE, Manifest, Root, Target, scaffold};
pub use minimize::Minimized;
pub use oracle::{Judged, Oracle, Stream};
pub use outcome::{Outcome, outcome};
pub use patch::{PatchCheck, Verdict};
pub use triage::{Access, Class, Region, Triaged, triage};
pub use validate::{Isolation, Progress, RUNS_MAX, Stopped, Validation, Wish};
