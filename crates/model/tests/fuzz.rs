//! What a fuzzer found, and inputs that reach far, are read again. A folder of `testdata/fuzz` is a target.

use std::fs;
use std::path::Path;

#[test]
fn what_a_fuzzer_found_is_read_without_a_panic() {
    vectors::replay(env!("CARGO_MANIFEST_DIR"), model::fuzz::TARGETS);
}

/// Some 20,000 inputs near those that reach far: bytes changed, cut out, doubled or swapped, the same in each run.
#[test]
fn what_is_garbled_is_read_without_a_panic() {
    let mut dice = 7u64;
    let mut throw = |sides: usize| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % sides.max(1)
    };
    for (name, read) in model::fuzz::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/fuzz")
            .join(name);
        for file in fs::read_dir(folder).unwrap() {
            let whole = fs::read(file.unwrap().path()).unwrap();
            for _ in 0..1500 {
                let mut bytes = whole.clone();
                for _ in 0..=throw(4) {
                    let (from, to) = (throw(bytes.len()), throw(bytes.len()));
                    let (from, to) = (from.min(to), from.max(to));
                    match throw(5) {
                        0 => bytes[from] = b"\x00\xff{}[]\",:\r\n \\0-"[throw(15)],
                        1 => drop(bytes.drain(from..to.min(from + 9))),
                        2 => bytes.extend_from_within(from..to),
                        3 => bytes.swap(from, to),
                        _ => bytes.truncate(to.max(1)),
                    }
                }
                read(&bytes);
            }
        }
    }
}
