//! Folder: a suite as it is packed, and where it may stand open.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use keys::Dice;
use names::Problems;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Files of a suite; a thousand tasks of a hundred files each: 100,000.
const FILES_MAX: usize = 100_000;
/// Bytes of all of them: they are held in memory: 1 GiB.
const BYTES_MAX: u64 = 1 << 30;
/// Bytes of a path, as Linux has it.
const PATH_BYTES_MAX: usize = 4096;
/// Folders in folders.
const DEPTH_MAX: usize = 32;
/// Problems that are told; the rest is counted.
const PROBLEMS_MAX: usize = 20;

/// A suite in memory, wiped when it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// By path.
    pub files: Vec<PlainFile>,
}

/// One file of it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PlainFile {
    /// Relative, `/` between its parts, none of them empty, `.` or `..`.
    pub path: Box<str>,
    pub executable: bool,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for PlainFile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PlainFile(***, {} bytes)", self.bytes.len())
    }
}

/// Reads a folder: its files and nothing else. A link, a device or a name that is no text is a problem.
pub fn read_folder(root: &Path) -> Result<Folder, Problems> {
    let mut reading = Reading {
        folder: Folder::default(),
        bytes: 0,
        problems: Problems::none(),
        told: 0,
    };
    reading.folder(root, "", 0);
    reading
        .folder
        .files
        .sort_by(|one, two| one.path.cmp(&two.path));
    if reading.folder.files.is_empty() {
        reading.problem(format!("`{}` holds no files", root.display()));
    }
    reading.problems.or(reading.folder)
}

struct Reading {
    folder: Folder,
    bytes: u64,
    problems: Problems,
    told: usize,
}

impl Reading {
    fn problem(&mut self, problem: String) {
        if self.told < PROBLEMS_MAX {
            self.problems.add(problem);
        }
        self.told += 1;
    }

    fn folder(&mut self, at: &Path, path: &str, depth: usize) {
        if depth > DEPTH_MAX {
            return self.problem(format!("`{path}` lies more than {DEPTH_MAX} folders deep"));
        }
        let entries = match fs::read_dir(at) {
            Ok(entries) => entries,
            Err(error) => return self.problem(format!("`{}`: {error}", at.display())),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.problem(format!("`{}`: {error}", at.display())),
            };
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                self.problem(format!("a name in `{path}` is not UTF-8"));
                continue;
            };
            let path = match path.is_empty() {
                true => name.to_owned(),
                false => format!("{path}/{name}"),
            };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&entry.path(), &path, depth + 1),
                Ok(kind) if kind.is_file() => self.file(&entry.path(), path),
                Ok(_) => self.problem(format!(
                    "`{path}` is neither a file nor a folder; a suite has no links"
                )),
                Err(error) => self.problem(format!("`{path}`: {error}")),
            }
        }
    }

    fn file(&mut self, at: &Path, path: String) {
        if self.folder.files.len() >= FILES_MAX {
            if self.told == 0 {
                self.problem(format!("more than {FILES_MAX} files"));
            }
            return;
        }
        let read = || -> std::io::Result<(bool, Vec<u8>)> {
            let file = File::open(at)?;
            let executable = file.metadata()?.permissions().mode() & 0o100 != 0;
            let mut bytes = Vec::new();
            let left = BYTES_MAX.saturating_sub(self.bytes);
            file.take(left + 1).read_to_end(&mut bytes)?;
            Ok((executable, bytes))
        };
        match read() {
            Ok((executable, bytes)) => {
                self.bytes += bytes.len() as u64;
                if self.bytes > BYTES_MAX {
                    return self.problem("more than 1 GiB".to_owned());
                }
                self.folder.files.push(PlainFile {
                    path: path.into(),
                    executable,
                    bytes,
                });
            }
            Err(error) => self.problem(format!("`{path}`: {error}")),
        }
    }
}

/// The files one after another: length of the path in 2 bytes, path, 1 for an executable, length in 8 bytes, bytes.
///
/// Not compressed: how far a text compresses tells of the text.
pub fn pack(folder: &Folder) -> zeroize::Zeroizing<Vec<u8>> {
    let size = |file: &PlainFile| 11 + file.path.len() + file.bytes.len();
    let mut out = Vec::with_capacity(folder.files.iter().map(size).sum());
    for file in &folder.files {
        let length = u16::try_from(file.path.len()).expect("a path has at most 4096 bytes");
        out.extend(length.to_be_bytes());
        out.extend(file.path.as_bytes());
        out.push(u8::from(file.executable));
        out.extend((file.bytes.len() as u64).to_be_bytes());
        out.extend(&file.bytes);
    }
    zeroize::Zeroizing::new(out)
}

/// What [`pack`] packed.
pub fn unpack(mut bytes: &[u8]) -> Result<Folder, Problems> {
    let mut folder = Folder::default();
    while !bytes.is_empty() {
        let (file, rest) = one(bytes).ok_or_else(|| {
            Problems::one(
                "what was sealed is no suite; a file in it is cut off or has no good path",
            )
        })?;
        if folder.files.len() >= FILES_MAX {
            return Err(Problems::one(format!(
                "more than {FILES_MAX} files were sealed"
            )));
        }
        folder.files.push(file);
        bytes = rest;
    }
    Ok(folder)
}

fn one(bytes: &[u8]) -> Option<(PlainFile, &[u8])> {
    let (length, bytes) = bytes.split_first_chunk()?;
    let (path, bytes) = bytes.split_at_checked(u16::from_be_bytes(*length).into())?;
    let path = std::str::from_utf8(path)
        .ok()
        .filter(|path| is_path(path))?;
    let (executable, bytes) = bytes.split_first()?;
    let (length, bytes) = bytes.split_first_chunk()?;
    let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
    let (content, bytes) = bytes.split_at_checked(length)?;
    let file = PlainFile {
        path: path.into(),
        executable: *executable == 1,
        bytes: content.to_vec(),
    };
    Some((file, bytes))
}

/// Whether a path stays below the folder it is put in.
fn is_path(path: &str) -> bool {
    path.len() <= PATH_BYTES_MAX
        && !path.contains('\0')
        && path.split('/').count() <= DEPTH_MAX + 2
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A folder that only this user reads, and that is removed when this goes.
#[derive(Debug)]
pub struct Private {
    path: PathBuf,
}

impl Folder {
    /// Puts it into a new folder below `parent`, best one in memory such as `/dev/shm`: if this program is killed, what
    /// stands there stays.
    pub fn put(&self, parent: &Path, dice: &mut dyn Dice) -> Result<Private, Problems> {
        let random: [u8; 16] = keys::dice::draw(dice);
        let path = parent.join(format!("seamark-open-{}", super::hex(&random)));
        let made = DirBuilder::new().mode(0o700).create(&path);
        let private = match made {
            Ok(()) => Private { path },
            Err(error) => return Err(Problems::one(format!("`{}`: {error}", path.display()))),
        };
        for file in &self.files {
            private
                .write(file)
                .map_err(|error| Problems::one(format!("a file of the opened suite: {error}")))?;
        }
        Ok(private)
    }
}

impl Private {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&self, file: &PlainFile) -> std::io::Result<()> {
        let path = self.path.join(&*file.path);
        if let Some(folder) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let mode = if file.executable { 0o700 } else { 0o600 };
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        out.write_all(&file.bytes)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // Whoever could not remove it finds the folder by its name; there is nobody to tell here.
        let _ = fs::remove_dir_all(&self.path);
    }
}
