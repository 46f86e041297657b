//! A saved container image. Images are read from disk, so the bytes become a file first.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("seamark-fuzz-{}.tar", std::process::id()));
    if std::fs::write(&path, bytes).is_ok() {
        inventory::image::read(&path, "image", &mut inventory::Listing::default());
    }
});
