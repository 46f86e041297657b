//! An rpm database in SQLite.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::rpm_sqlite(bytes));
