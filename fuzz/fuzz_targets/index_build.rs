//! Records of any format become an index that is whole and serves.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scan::fuzz::build(bytes));
