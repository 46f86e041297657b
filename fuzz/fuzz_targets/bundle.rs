//! A jar, a wheel, or any archive with lists in it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::bundle(bytes));
