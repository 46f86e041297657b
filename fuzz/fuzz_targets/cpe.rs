//! A CPE name in either binding; what was read is written and read again as the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| names::fuzz::cpe(bytes));
