//! The first byte picks a kind of list; the rest is the list.
#![no_main]

use inventory::{Listing, Location, kind};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((pick, bytes)) = bytes.split_first() else { return };
    let kinds = kind::all();
    let kind = kinds[usize::from(*pick) % kinds.len()];
    kind::read(kind, &Location::default(), bytes, &mut Listing::default());
});
