//! A stranger's bytes as a log of an evaluation.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bench::fuzz::log(bytes));
