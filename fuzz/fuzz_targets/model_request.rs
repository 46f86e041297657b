//! A stranger's bytes as a request to what is served, in each format.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| model::fuzz::request(bytes));
