//! Bytes of a stranger, checked as a document.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lint::fuzz::lint(bytes));
