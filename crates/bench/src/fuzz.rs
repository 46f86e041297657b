//! What a fuzzer hands to the readers here: whatever the bytes, nothing panics, and what is read is not changed by
//! being written.

use crate::log::{self, eee};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[("bench_log", log), ("bench_record", record)];

/// A log of an evaluation, `.eval` or `.json`.
pub fn log(bytes: &[u8]) {
    let Ok(read) = log::read(("fuzz", bytes)) else {
        return;
    };
    let _ = log::metrics(&read);
    for written in [log::write_eval(&read), log::write_json(&read)] {
        let again = log::read(("fuzz", &*written)).expect("what was read can be written and read");
        assert_eq!(log::differences(&read, &again), Vec::<String>::new());
    }
}

/// A record of Every Eval Ever; what stands after its first line is the lines of its samples.
pub fn record(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let _ = match end {
        Some(end) => eee::read(&bytes[..end], Some(&bytes[end + 1..])),
        None => eee::read(bytes, None),
    };
}
