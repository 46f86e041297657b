//! Where the details of advisories wait while an index is built: in a file without a name, not in memory.
//!
//! Details are half of what a record holds and are needed twice: once to number what they name, once to be
//! copied into the index. A failure to write or read is kept and told when the index is finished.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
};

/// Bytes that are gathered before they are written: few writes, and no memory to speak of.
const BUFFER_BYTES: usize = 1 << 20;

/// Where some bytes wait.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    at: u64,
    pub length: u32,
}

/// Bytes on disk, by place.
#[derive(Default)]
pub struct Spill {
    file: Option<File>,
    /// What is not written yet; it stands at `written`.
    buffer: Vec<u8>,
    written: u64,
    failure: Option<io::Error>,
}

impl Spill {
    /// Puts `bytes` aside.
    pub fn push(&mut self, bytes: &[u8]) -> Place {
        let place = Place {
            at: self.written + self.buffer.len() as u64,
            length: bytes.len() as u32,
        };
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES && self.failure.is_none() {
            self.failure = self.flush().err();
        }
        place
    }

    /// No more is coming: what follows is reading.
    pub fn settle(&mut self) -> io::Result<()> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.flush(),
        }
    }

    /// The bytes at `place`, after [`Spill::settle`].
    pub fn read(&mut self, place: Place) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; place.length as usize];
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(place.at))?;
            file.read_exact(&mut bytes)?;
        }
        Ok(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
