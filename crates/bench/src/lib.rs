//! The harness: task, solver, grader, transcript, scorecard.

pub mod bundle;
pub mod evidence;
pub mod log;
pub mod seal;
pub mod transcript;

mod refusal;

pub use bundle::Bundle;
pub use evidence::Evidence;
