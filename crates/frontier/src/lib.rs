//! A model's way, one file a step, and the statistics it is decided by.
//!
//! Pure: no I/O, no clock, no randomness. What the harness saw comes in as content-free sample records, and `now` and
//! seeds as arguments; so anybody who holds the records computes the same numbers.
//!
//! Nothing here answers whether a developer may release a model: taking part is voluntary, and there is no place in
//! which to say no.

pub mod digest;
pub mod jcs;
pub mod sample;
pub mod task;

pub use digest::Digest;
pub use sample::{Limit, Outcome, SampleRecord, Validity};
pub use task::{Salt, Stratum, TaskId, TaskManifest};
