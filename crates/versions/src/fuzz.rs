//! What a fuzzer holds against every order: no string panics, and keys sort as the plain comparator says.

use std::cmp::Ordering;

use crate::{Containment, End, Interval, Scheme, Vers, compare, contains, key, native};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[("native", native), ("vers", vers), ("version", fuzz)];

/// A range as an ecosystem writes it, after the line that names the ecosystem.
pub fn native(bytes: &[u8]) {
    let Some((kind, range)) = lines(bytes) else {
        return;
    };
    if let Ok(vers) = native::from_native(kind, range) {
        let _ = vers.contains("1.2.3");
        let _ = Vers::read(&vers.to_string());
    }
}

/// A VERS range, and the version on the line after it.
pub fn vers(bytes: &[u8]) {
    let Some((range, version)) = lines(bytes) else {
        return;
    };
    if let Ok(vers) = Vers::parse(range) {
        let _ = vers.contains(version);
        let _ = vers.range();
        let written = vers.to_string();
        assert_eq!(Vers::parse(&written).ok(), Some(vers), "{written}");
    }
    let _ = Vers::read(range);
}

/// The first line and the rest.
fn lines(bytes: &[u8]) -> Option<(&str, &str)> {
    let text = str::from_utf8(bytes).ok()?;
    Some(text.split_once('\n').unwrap_or((text, "")))
}

/// Takes `bytes` as two versions of one scheme: the scheme in the first byte, a line break between the two.
///
/// # Panics
///
/// Where a law is broken, which is what the fuzzer looks for.
pub fn fuzz(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let scheme = Scheme::ALL.get(usize::from(*first) % Scheme::ALL.len());
    let (Some(scheme), Ok(text)) = (scheme.copied(), str::from_utf8(text)) else {
        return;
    };
    let (a, b) = text.split_once('\n').unwrap_or((text, text));
    let keys = match (key(scheme, a), key(scheme, b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => None,
    };
    let plain = compare(scheme, a, b);
    assert_eq!(plain, compare(scheme, b, a).map(Ordering::reverse));
    match (scheme, plain) {
        // Vendor's keys sort more than may be compared, but nothing that must not be is equal.
        (Scheme::Vendor, None) => assert_ne!(keys, Some(Ordering::Equal)),
        _ => assert_eq!(keys, plain, "{scheme:?} `{a}` `{b}`"),
    }
    let interval = Interval {
        introduced: Some(a.to_string()),
        end: End::Fixed(b.to_string()),
    };
    assert_ne!(contains(&interval, scheme, b), Containment::Inside);
}
