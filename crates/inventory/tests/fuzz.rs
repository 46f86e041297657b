//! What a fuzzer found, and inputs that reach far, are read again. A folder of `testdata/fuzz` is a target.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot write its input has to stop"
)]

#[test]
fn what_a_fuzzer_found_is_read_without_a_panic() {
    let mut targets = inventory::fuzz::TARGETS.to_vec();
    targets.push(("image", image));
    vectors::replay(env!("CARGO_MANIFEST_DIR"), &targets);
}

/// Images are read from disk.
fn image(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    inventory::image::read(file.path(), "image", &mut inventory::Listing::default());
}
