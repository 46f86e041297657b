//! Any list: its path on the first line, its bytes after it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::list(bytes));
