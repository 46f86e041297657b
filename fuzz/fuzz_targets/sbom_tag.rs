//! SPDX as tags and values.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::sbom_tag(bytes));
