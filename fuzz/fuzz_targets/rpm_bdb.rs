//! An rpm database in Berkeley DB.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::rpm_bdb(bytes));
