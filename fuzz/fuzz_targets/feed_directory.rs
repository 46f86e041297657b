//! `index.txt`, `changes.csv` and `security.txt`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| feeds::fuzz::listings(bytes));
