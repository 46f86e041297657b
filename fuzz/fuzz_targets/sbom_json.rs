//! A bill of materials in JSON, whichever.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::sbom_json(bytes));
