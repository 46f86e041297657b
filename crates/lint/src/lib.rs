//! What is wrong with a document, by clause: all of it at once, each with its place.
//!
//! Pure: bytes in, a [`Report`] out; no I/O, no clock. What a rule needs from outside (today, whether an address
//! answers) comes in with [`Settings`], and a rule that could not be run stands in [`Report::untested`]: it never
//! counts as passed.

mod report;

pub use report::{Edition, Format, Group, Problem, Report, Severity, Untested};
