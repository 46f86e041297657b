//! The one place that maps a file into memory.

use std::{fs::File, io, ops::Deref, path::Path};

use memmap2::Mmap;

/// An index's bytes.
pub enum Bytes {
    /// A file, mapped read-only.
    Mapped(Mmap),
    /// Bytes somebody already holds.
    Owned(Vec<u8>),
}

impl Bytes {
    /// Maps the file at `path`.
    #[expect(
        unsafe_code,
        reason = "mapping is what lets a scan open the index without reading it"
    )]
    pub fn map(path: &Path) -> io::Result<Bytes> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Bytes::Owned(Vec::new()));
        }
        // SAFETY: the map is read-only and private to us, and an index is replaced by renaming a finished file
        // over it, never edited in place, so its bytes do not change under us. Whoever can write the file could
        // break that: bytes that change are read through bounds checks that hold for any bytes, and cutting the
        // file short ends the process with a signal, which is what they could do to it anyway.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Bytes::Mapped(map))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
}
