//! A package URL is read, and what was read is written and read again as the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(purl) = names::Purl::parse(text) {
        let written = purl.to_string();
        assert_eq!(names::Purl::parse(&written).ok().as_ref(), Some(&purl), "{written}");
    }
    let _ = names::Purl::read(text);
});
