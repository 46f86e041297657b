//! Bytes of a stranger as an advisory in the format its name says.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| advisory::fuzz::convert(bytes));
