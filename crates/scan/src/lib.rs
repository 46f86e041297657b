//! The advisory index, one mapped file, and the match of components against it; the dated plan.

pub mod plan;
pub mod report;
