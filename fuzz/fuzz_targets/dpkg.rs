//! What dpkg says is installed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::dpkg(bytes));
