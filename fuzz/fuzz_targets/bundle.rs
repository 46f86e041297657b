//! Bytes of a stranger as a jar.
#![no_main]

use inventory::{Listing, Location, bundle};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let location = Location { path: "fuzz.jar".to_owned(), ..Location::default() };
    bundle::read_file(std::io::Cursor::new(bytes), &location, &mut Listing::default());
});
