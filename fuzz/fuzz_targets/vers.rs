//! A VERS range, and whether it holds a version.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    if let Ok(vers) = versions::vers::Vers::parse(input.0) {
        let _ = vers.contains(input.1);
    }
});
