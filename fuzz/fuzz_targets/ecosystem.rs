//! An ecosystem's name, and what `os-release` says.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| names::fuzz::ecosystem(bytes));
