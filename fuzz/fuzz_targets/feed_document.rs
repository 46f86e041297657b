//! The head of a document, and its file's name.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| feeds::fuzz::document(bytes));
