//! Bytes of a stranger, checked as a document in the format its name says.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lint::fuzz::cve(bytes));
