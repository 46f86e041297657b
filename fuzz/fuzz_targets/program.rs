//! Bytes of a stranger as a program that lists what it was built from.
#![no_main]

use inventory::{Listing, Location, binary};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    binary::read(bytes, &Location::default(), &mut Listing::default());
});
