//! The harness: task, solver, grader, transcript, scorecard.

pub mod agent;
pub mod bundle;
pub mod canary;
pub mod check;
pub mod detect;
pub mod evidence;
pub mod fuzz;
pub mod grade;
pub mod import;
pub mod log;
pub mod measure;
pub mod run;
pub mod scan;
pub mod scripted;
pub mod seal;
pub mod secret;
pub mod solvability;
pub mod solve;
pub mod suite;
pub mod task;
pub mod tools;
pub mod transcript;

mod refusal;

pub use bundle::Bundle;
pub use evidence::Evidence;
