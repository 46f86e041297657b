//! A stranger's bytes as an answer in each format, whole and as a stream.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| model::fuzz::answer(bytes));
