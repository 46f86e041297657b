//! A stranger's bytes as a record of Every Eval Ever, with its lines.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bench::fuzz::record(bytes));
