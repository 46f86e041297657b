//! `cargo xtask bench`: how fast, how small, and beside what. Printed as a table with ratios.

/// Measures and prints.
pub fn bench(_arguments: &[&str]) -> Result<(), String> {
    Err("nothing is measured yet".to_owned())
}
