//! A source's folder: each file takes its place whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::BESIDE;

/// A source's folder.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// Makes the folder where it is not there, and clears away what an earlier process left unfinished.
    pub fn at(folder: &Path) -> io::Result<Shelf> {
        let shelf = Shelf {
            folder: folder.to_owned(),
        };
        fs::create_dir_all(shelf.beside("cache"))?;
        Ok(shelf)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A place in the hidden folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(BESIDE).join(name)
    }

    /// Whether a document of this length is in its place.
    pub fn has(&self, path: &str, bytes: u64) -> bool {
        fs::metadata(self.folder.join(path))
            .is_ok_and(|found| found.is_file() && found.len() == bytes)
    }

    /// Puts `bytes` at `path`, which our own code made of plain parts. What is not for everyone is for its owner alone.
    pub fn put(&self, path: &str, bytes: &[u8], is_private: bool) -> io::Result<()> {
        let target = self.folder.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let fresh = self.beside("fresh");
        let mut file = create(&fresh, is_private)?;
        file.write_all(bytes)?;
        drop(file);
        // A process that is killed here leaves the old file, and `fresh`, which the next one writes over. A machine
        // that loses power may lose the bytes as well: the state has their length, and asks for them again.
        fs::rename(&fresh, &target)
    }

    /// As [`Shelf::put`] for something in the hidden folder, and durable when it returns.
    pub fn put_beside(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let fresh = self.beside(&format!("{name}.fresh"));
        let mut out = io::BufWriter::new(create(&fresh, false)?);
        write(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&fresh, self.beside(name))?;
        // The name is durable once its folder is.
        File::open(self.folder.join(BESIDE))?.sync_all()
    }

    pub fn remove(&self, path: &str) {
        // Absent is as good as removed.
        let _ = fs::remove_file(self.folder.join(path));
    }
}

fn create(path: &Path, is_private: bool) -> io::Result<File> {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if is_private { 0o600 } else { 0o644 });
    }
    options.open(path)
}
