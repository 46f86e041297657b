//! A file that says it is an advisory index.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scan::fuzz::index(bytes));
