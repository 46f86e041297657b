//! A model's way, one file a step, and the statistics it is decided by.
//!
//! Pure: no I/O, no clock, no randomness. What the harness saw comes in as content-free sample records, and `now` and
//! seeds as arguments; so anybody who holds the records computes the same numbers.
//!
//! Nothing here answers whether a developer may release a model: taking part is voluntary, and there is no place in
//! which to say no.

pub mod commit;
pub mod contamination;
pub mod designate;
pub mod digest;
pub mod elicit;
pub mod engage;
pub mod export;
pub mod jcs;
pub mod plan;
pub mod rate;
pub mod record;
pub mod sample;
pub mod scorecard;
pub mod statistics;
pub mod task;
mod words;

pub use commit::{ModelHandle, RunClosed, RunCommitment, SuiteCommitment};
pub use contamination::ContaminationRecord;
pub use digest::Digest;
pub use plan::Plan;
pub use rate::Rate;
pub use sample::{Limit, Outcome, SampleRecord, Validity};
pub use scorecard::{Planned, Scorecard, Verdict, scorecard};
pub use task::{Salt, Stratum, TaskId, TaskManifest};
