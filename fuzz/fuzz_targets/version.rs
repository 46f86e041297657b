//! The first byte picks an order; two versions have keys that sort as the plain comparator says.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| versions::fuzz::fuzz(bytes));
