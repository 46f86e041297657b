//! CycloneDX in XML.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inventory::fuzz::sbom_xml(bytes));
