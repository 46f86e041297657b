//! A CPE name in either binding; what was read is written and read again as the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(cpe) = names::Cpe::parse(text) {
        assert_eq!(names::Cpe::parse(&cpe.to_string()).ok().as_ref(), Some(&cpe));
    }
    let _ = names::Cpe::read(text);
});
