//! The harness: task, solver, grader, transcript, scorecard.
