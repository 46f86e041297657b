//! Archives that are read once, from their beginning.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| archive::fuzz::stream(bytes));
