//! A stranger's bytes as the description of an endpoint.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| model::fuzz::endpoint(bytes));
