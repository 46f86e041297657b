//! The first byte picks an order; two versions have keys that are ordered as the plain comparator orders them.
#![no_main]

use versions::Scheme;

libfuzzer_sys::fuzz_target!(|input: (u8, &str, &str)| {
    let (pick, one, other) = input;
    let scheme = Scheme::ALL[usize::from(pick) % Scheme::ALL.len()];
    let keys = (versions::key(scheme, one), versions::key(scheme, other));
    let plain = versions::compare(scheme, one, other);
    if let ((Some(one), Some(other)), Some(plain)) = (keys, plain) {
        assert_eq!(one.cmp(&other), plain);
    }
});
