//! A finding's way, one file a step.
//!
//! Pure: no I/O, no clock, no randomness, no `async`. Rules are handed `now` and what was loaded, and say what follows.

pub mod claim;
pub mod clocks;
pub mod coordinate;
pub mod embargo;
pub mod pace;
pub mod prioritize;
pub mod report;
pub mod verdict;
pub mod welcome;

pub use report::Report;
