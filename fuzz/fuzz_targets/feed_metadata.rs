//! Provider metadata and lists of providers.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| feeds::fuzz::metadata(bytes));
