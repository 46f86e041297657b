//! What a fuzzer found, and inputs that reach far, are read again. A folder of `testdata/fuzz` is a target.

use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn what_a_fuzzer_found_is_read_without_a_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fuzz");
    let targets: BTreeMap<&str, fn(&[u8])> = names::fuzz::TARGETS.iter().copied().collect();
    let mut read = 0;
    for target in std::fs::read_dir(folder).unwrap() {
        let target = target.unwrap();
        let name = target.file_name().into_string().unwrap();
        let run = targets
            .get(name.as_str())
            .unwrap_or_else(|| panic!("no fuzz target is called `{name}`"));
        for input in std::fs::read_dir(target.path()).unwrap() {
            run(&std::fs::read(input.unwrap().path()).unwrap());
            read += 1;
        }
    }
    assert!(read > 0);
}
