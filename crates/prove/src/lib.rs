//! Prove: a claim that can be re-run, read, run, judged and made small.
//!
//! A [`Manifest`] says what is claimed and how to see it; the files beside it are what it takes. Whoever validates
//! it gets a [`Validation`]: what was done, what was seen, what that proves and what it does not.
//!
//! Holds no key, reads no clock, starts no process itself and draws no randomness: it is handed a seed.

mod attempt;
mod base64;
mod bisect;
mod bundle;
mod cluster;
mod estimate;
mod import;
mod manifest;
mod minimize;
mod mutate;
mod oracle;
mod outcome;
mod patch;
mod root;
mod statement;
mod triage;
mod validate;

pub use attempt::{Attempt, Build, CHANGES_MAX, TEXT_BYTES_MAX};
pub use bisect::{Bisected, bisect};
pub use bundle::{BUNDLE_BYTES_MAX, Bundle, FILES_MAX, File, PACKED_BYTES_MAX};
pub use cluster::cluster;
pub use estimate::{Estimate, Severity, estimate};
pub use import::{Draft, import};
pub use manifest::{Claim, Given, Input, Limits, MANIFEST_FILE, Manifest, Root, Target, scaffold};
pub use minimize::{Minimized, minimize};
pub use oracle::{Judged, Oracle, Stream};
pub use outcome::{Outcome, outcome};
pub use patch::{PatchCheck, Verdict};
pub use sandbox::{Cancel, Isolation};
pub use statement::{PAYLOAD_TYPE, PREDICATE_TYPE, statement};
pub use triage::{Access, Class, Region, Triaged, triage};
pub use validate::{Progress, RUNS_MAX, Stopped, Validation, Wish, validate, validate_by};
