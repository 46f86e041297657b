//! One entry of an archive, as a visitor sees it.

use std::io::{self, Read};

use crate::limits::bytes;
use crate::{refused, words};

/// What an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    File,
    Folder,
    /// A symbolic link; its target is relative to the folder it lies in.
    Link,
    /// A second name of a file earlier in the archive; its target is a path of the archive.
    HardLink,
    /// A device, a pipe, or a kind we do not know.
    Other,
}

/// What is known of an entry before it is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub path: String,
    pub kind: Kind,
    pub link: String,
    pub size: Option<u64>,
    pub mode: u32,
    pub offset: Option<u64>,
}

/// One entry of an archive, and its bytes.
pub struct Entry<'a> {
    /// Relative, `/` between its components, none of them empty, `.` or `..`.
    pub path: String,
    pub kind: Kind,
    /// Target of a link: as written for [`Kind::Link`], a path of the archive for [`Kind::HardLink`].
    pub link: String,
    /// Unpacked size as the archive states it; `None` where it does not.
    pub size: Option<u64>,
    /// Unix permission bits; 0 where the archive has none.
    pub mode: u32,
    /// Where its bytes begin in the file, where they lie there as they are: in a tar that is not compressed.
    pub offset: Option<u64>,
    body: &'a mut dyn Read,
    left: u64,
    bytes_max: u64,
    failure: &'a mut Option<String>,
}

impl<'a> Entry<'a> {
    pub(crate) fn new(
        head: Head,
        body: &'a mut dyn Read,
        bytes_max: u64,
        failure: &'a mut Option<String>,
    ) -> Entry<'a> {
        Entry {
            path: head.path,
            kind: head.kind,
            link: head.link,
            size: head.size,
            mode: head.mode,
            offset: head.offset,
            body,
            left: bytes_max,
            bytes_max,
            failure,
        }
    }

    /// All of its bytes, or an error if there are more than `max` of them.
    pub fn content(&mut self, max: u64) -> io::Result<Vec<u8>> {
        // What a header claims is no reason to take memory: beyond the first MiB we grow as bytes arrive.
        let first = self.size.unwrap_or(0).min(max).min(1 << 20) as usize;
        let mut content = Vec::with_capacity(first);
        self.by_ref()
            .take(max.saturating_add(1))
            .read_to_end(&mut content)?;
        match content.len() as u64 > max {
            true => Err(self.fail(refused(&format!("longer than {}", bytes(max))))),
            false => Ok(content),
        }
    }

    fn fail(&mut self, error: io::Error) -> io::Error {
        self.failure.get_or_insert_with(|| words(&error));
        error
    }
}

impl Read for Entry<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.body.read(buffer) {
            Ok(count) if count as u64 > self.left => {
                let message = format!("longer than {}", bytes(self.bytes_max));
                Err(self.fail(refused(&message)))
            }
            Ok(count) => {
                self.left -= count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.fail(error)),
        }
    }
}
