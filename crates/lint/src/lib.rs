//! What is wrong with a document, by clause: all of it at once, each with its place.
//!
//! Pure: bytes in, a [`Report`] out; no I/O, no clock. What a rule needs from outside (now, whether an address
//! answers) comes in with [`Settings`], and a rule that could not be run stands in [`Report::untested`]: it never
//! counts as passed.

mod report;
mod settings;

pub mod check;
pub mod findings;
pub mod fuzz;
pub mod place;
pub mod rules;

mod csaf;
mod cve;
mod cyclonedx;
mod openvex;
mod osv;

mod address;
mod at;
mod cvss;
mod repeats;
mod schema;
mod time;

#[cfg(test)]
mod testing;

pub use check::{Document, Unreadable, check, sniff};
pub use report::{Edition, Format, Group, Problem, Report, Severity, Untested};
pub use settings::{Csaf21, Groups, Resolve, Resolved, Settings};
