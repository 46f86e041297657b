//! Files: what the first process of a session reads, writes and lists for the harness.
//!
//! It has the rights of everything else inside, and sees the same files; but it is another process, so what `/proc`
//! would tell it of itself is refused. Nothing is waited for: only regular files are read and written.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::libc;
use nix::sys::statfs::{PROC_SUPER_MAGIC, fstatfs};

use super::{Kind, LISTED_MAX, Listed, Part};

/// `path` as it is meant: absolute, or from `folder`.
pub(super) fn whole(folder: &str, path: &str) -> PathBuf {
    Path::new(folder).join(path)
}

/// At most `bytes_max` bytes of a regular file from `offset` on.
pub(super) fn read(path: &Path, offset: u64, bytes_max: u64) -> io::Result<Part> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    let meta = regular(&file)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(Part {
        bytes,
        whole: meta.len(),
        executable: is_executable(&meta),
    })
}

/// Writes it, with the folders above it; what was there is gone.
pub(super) fn write(path: &Path, bytes: &[u8], executable: bool) -> io::Result<()> {
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    // Cut to nothing only when it is known to be a regular file.
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    regular(&file)?;
    file.set_len(0)?;
    file.write_all(bytes)?;
    if executable {
        file.set_permissions(Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Names in a folder, in order, and how many there are besides.
pub(super) fn list(path: &Path) -> io::Result<(Vec<Listed>, u64)> {
    let folder = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_DIRECTORY)
        .open(path)?;
    not_of_processes(&folder)?;
    let mut entries = Vec::new();
    let mut left_out = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entries.len() >= LISTED_MAX {
            left_out += 1;
            continue;
        }
        let meta = entry.metadata()?;
        let kind = match () {
            () if meta.is_file() => Kind::File,
            () if meta.is_dir() => Kind::Folder,
            () if meta.is_symlink() => Kind::Link,
            () => Kind::Other,
        };
        entries.push(Listed {
            name: entry.file_name().to_string_lossy().into(),
            kind,
            bytes: if kind == Kind::File { meta.len() } else { 0 },
            executable: kind == Kind::File && is_executable(&meta),
        });
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((entries, left_out))
}

/// What is known of it, where it is a regular file and not one of `/proc`.
fn regular(file: &File) -> io::Result<Metadata> {
    not_of_processes(file)?;
    let meta = file.metadata()?;
    match meta.is_file() {
        true => Ok(meta),
        false if meta.is_dir() => Err(io::Error::other("it is a folder; name a file")),
        false => Err(io::Error::other("it is no regular file")),
    }
}

fn is_executable(meta: &Metadata) -> bool {
    meta.permissions().mode() & 0o111 != 0
}

fn not_of_processes(file: &File) -> io::Result<()> {
    match fstatfs(file)?.filesystem_type() == PROC_SUPER_MAGIC {
        true => Err(io::Error::other(
            "it is of `/proc`; look at it by a command",
        )),
        false => Ok(()),
    }
}
