//! What a fuzzer hands to each parser here: whatever the bytes, nothing panics, and what was read is written as
//! something that reads the same.

use crate::{Cpe, Ecosystem, Purl};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[("cpe", cpe), ("ecosystem", ecosystem), ("purl", purl)];

/// A CPE name in either binding.
pub fn cpe(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(cpe) = Cpe::parse(text) {
        assert_eq!(Cpe::parse(&cpe.to_string()).ok(), Some(cpe));
    }
    let _ = Cpe::read(text);
}

/// An ecosystem's name, and three lines as an `os-release` gives them.
pub fn ecosystem(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let ecosystem = Ecosystem::parse(text);
    assert_eq!(Ecosystem::parse(&ecosystem.to_string()), ecosystem);
    let _ = crate::package::normalize(&ecosystem.kind, text);
    let mut lines = text.lines();
    let mut line = || lines.next().unwrap_or_default();
    let _ = Ecosystem::of_os_release(line(), line(), line());
}

/// A package URL.
pub fn purl(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(purl) = Purl::parse(text) {
        let written = purl.to_string();
        assert_eq!(Purl::parse(&written).ok(), Some(purl), "{written}");
    }
    let _ = Purl::read(text);
}
