//! A package URL is read, and what was read is written and read again as the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| names::fuzz::purl(bytes));
