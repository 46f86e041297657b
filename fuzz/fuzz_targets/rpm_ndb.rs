//! An rpm database in ndb.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::rpm_ndb(bytes));
