//! A CVSS vector of any version.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = priority::cvss::parse(text);
});
