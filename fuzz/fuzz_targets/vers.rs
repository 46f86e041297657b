//! A VERS range, and whether it holds a version.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| versions::fuzz::vers(bytes));
