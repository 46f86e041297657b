//! What a fuzzer hands to each reader here: whatever the bytes, nothing panics, and no limit is passed.

use std::io::{Cursor, Read};

use crate::{Flow, Limits, decompress, walk, walk_stream};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[("archive", archive), ("archive_stream", stream)];

/// Bytes that one input may unpack to; a few times what the fuzzer makes, so that limits are met.
const BYTES_TOTAL: u64 = 4 << 20;

fn limits() -> Limits {
    Limits {
        bytes_total: BYTES_TOTAL,
        entry_bytes: 1 << 20,
        entries: 10_000,
        ..Limits::default()
    }
}

/// An archive that can be sought in: zip, and tar in anything.
pub fn archive(bytes: &[u8]) {
    let limits = limits();
    let mut total = 0;
    let mut read = |mut entry: crate::Entry<'_>| {
        let inside = |component| !matches!(component, "" | "." | "..");
        assert!(entry.path.split('/').all(inside), "{}", entry.path);
        let content = entry.content(limits.entry_bytes).unwrap_or_default();
        total += content.len() as u64;
        Flow::Next
    };
    let _ = walk("input", Cursor::new(bytes), &limits, &mut read);
    assert!(total <= BYTES_TOTAL, "{total} bytes were unpacked");
}

/// The same bytes, read once from their beginning, and as a single compressed file.
pub fn stream(bytes: &[u8]) {
    let limits = limits();
    let mut read = |mut entry: crate::Entry<'_>| {
        let _ = entry.content(limits.entry_bytes);
        Flow::Next
    };
    let _ = walk_stream("input", bytes, &limits, &mut read);
    if let Ok(mut unpacked) = decompress("input", bytes, &limits) {
        let _ = unpacked.read_to_end(&mut Vec::new());
    }
}
