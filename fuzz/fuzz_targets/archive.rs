//! Bytes of a stranger as an archive of any kind.
#![no_main]

use std::io::{Cursor, Read};

use archive::{Flow, Limits};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes_total: 16 << 20, entries: 1000, ..Limits::default() };
    let _ = archive::walk("fuzz", Cursor::new(bytes), &limits, &mut |mut entry| {
        assert!(entry.path.split('/').all(|component| !matches!(component, "" | "." | "..")));
        let _ = std::io::copy(&mut entry.by_ref().take(1 << 20), &mut std::io::sink());
        Flow::Next
    });
});
