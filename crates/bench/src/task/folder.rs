//! Folder: all files of a task's folder, within bounds.

use std::fs;
use std::io::Read;
use std::path::Path;

use names::Refusal;
use names::problem::quoted;

use super::{File, Files};

/// All files of a task together. Each attempt is handed them anew, several at a time; sources and small programs of
/// ours have kilobytes, a stripped server with its libraries some tens of megabytes.
pub const BYTES_MAX: u64 = 64 << 20;

/// Files of a task: a small project with its tests.
pub const FILES_MAX: usize = 2_000;

/// Folders inside folders.
const DEPTH_MAX: usize = 16;

/// What tools leave behind and nobody wrote.
const LEFT_BEHIND: [&str; 4] = ["__pycache__", ".DS_Store", ".git", ".gitignore"];

/// The folder's name and its files. Links are refused: they would point out of it on another machine.
pub fn read(folder: &Path) -> Result<(Box<str>, Files), Refusal> {
    let name = folder.canonicalize().ok().and_then(|path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    });
    let Some(name) = name else {
        return Err(Refusal::whole(format!(
            "there is no folder {}",
            quoted(&folder.display().to_string())
        )));
    };
    let mut reading = Reading {
        files: Files::new(),
        left: BYTES_MAX,
        refusal: Refusal::none(),
    };
    reading.folder(folder, "", 0);
    reading.refusal.or(())?;
    Ok((name.into(), reading.files))
}

struct Reading {
    files: Files,
    left: u64,
    refusal: Refusal,
}

impl Reading {
    fn folder(&mut self, folder: &Path, inside: &str, depth: usize) {
        if depth > DEPTH_MAX {
            self.refusal
                .add(inside, format!("is deeper than {DEPTH_MAX} folders"));
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refusal.add(inside, format!("cannot be read: {error}")),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.refusal.add(inside, format!("cannot be read: {error}")),
            };
            let Ok(name) = entry.file_name().into_string() else {
                self.refusal.add(inside, "holds a name that is not UTF-8");
                continue;
            };
            if LEFT_BEHIND.contains(&name.as_str()) {
                continue;
            }
            let path = match inside {
                "" => name,
                _ => format!("{inside}/{name}"),
            };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&entry.path(), &path, depth + 1),
                Ok(kind) if kind.is_file() => self.file(&entry.path(), &path),
                Ok(_) => self.refusal.add(
                    path,
                    "is a link or a device; a task holds files and folders",
                ),
                Err(error) => self.refusal.add(path, format!("cannot be read: {error}")),
            }
            // One that is far too large is not read to its end only to say more of it.
            if self.files.len() > FILES_MAX {
                return;
            }
        }
    }

    fn file(&mut self, place: &Path, path: &str) {
        if let Some(why) = wrong_path(path) {
            return self.refusal.add(path, why);
        }
        if self.files.len() >= FILES_MAX {
            return self.refusal.add(
                path,
                format!("is one of more than {FILES_MAX} files; a task holds no more"),
            );
        }
        let mut bytes = Vec::new();
        let read = fs::File::open(place).and_then(|file| {
            let is_executable = is_executable(&file.metadata()?);
            file.take(self.left + 1).read_to_end(&mut bytes)?;
            Ok(is_executable)
        });
        match read {
            Err(error) => self.refusal.add(path, format!("cannot be read: {error}")),
            Ok(_) if bytes.len() as u64 > self.left => {
                self.refusal.add(
                    path,
                    format!(
                        "is beyond {BYTES_MAX} bytes, which all files of a task may have together"
                    ),
                );
            }
            Ok(is_executable) => {
                self.left -= bytes.len() as u64;
                self.files.insert(
                    path.into(),
                    File {
                        bytes,
                        is_executable,
                    },
                );
            }
        }
    }
}

#[cfg(unix)]
fn is_executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// Why no file can stand there: it is a path inside, in one spelling.
pub fn wrong_path(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("is empty; write a path such as `src/main.c`");
    }
    if path.starts_with('/') {
        return Some("is absolute; write a path inside, `src/main.c`");
    }
    if path.len() > 1_000 {
        return Some("is longer than 1,000 bytes");
    }
    if path.chars().any(char::is_control) || path.contains('\\') {
        return Some("holds a control character or `\\`");
    }
    let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    (!is_plain).then_some("has an empty part, `.` or `..`; write it plainly, `src/main.c`")
}
