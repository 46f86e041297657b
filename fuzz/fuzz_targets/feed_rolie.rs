//! ROLIE feeds, services and categories.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| feeds::fuzz::feed(bytes));
