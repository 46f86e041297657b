//! An OpenPGP certificate and a signature.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| feeds::fuzz::certificate(bytes));
