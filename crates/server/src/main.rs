//! The door for people and programs: seamarkd.
fn main() {}
