//! The history that is kept between scans.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| priority::clock::fuzz(bytes));
