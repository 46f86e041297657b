//! A CVSS vector of any version.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| priority::cvss::fuzz(bytes));
