//! What a fuzzer found, and inputs that reach far, are read again. A folder of `testdata/fuzz` is a target.

#[test]
fn what_a_fuzzer_found_is_read_without_a_panic() {
    vectors::replay(env!("CARGO_MANIFEST_DIR"), feeds::fuzz::TARGETS);
}
