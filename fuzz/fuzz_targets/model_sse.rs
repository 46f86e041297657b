//! A stranger's bytes as a stream of events, in one piece and byte by byte.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| model::fuzz::sse(bytes));
