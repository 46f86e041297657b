//! A file name and a document, read as whatever they are taken for.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| advisory::fuzz::sniff(bytes));
