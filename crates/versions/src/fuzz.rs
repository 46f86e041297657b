//! What a fuzzer holds against every order: no string panics, and keys sort as the plain comparator says.

use std::cmp::Ordering;

use crate::{Containment, End, Interval, Scheme, compare, contains, key};

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
