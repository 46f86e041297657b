//! A stranger's bytes as requests on a connection to what is served.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| model::fuzz::http(bytes));
