//! A program: Go build information, auditable dependencies.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::program(bytes));
