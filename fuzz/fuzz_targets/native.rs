//! A range as its ecosystem writes it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| versions::fuzz::native(bytes));
