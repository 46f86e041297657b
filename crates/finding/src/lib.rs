//! A finding's way, one file a step.
//!
//! Pure: no I/O, no clock, no randomness, no `async`. Rules are handed `now` and what was loaded, and say what follows.

pub mod report;

pub use report::Report;
