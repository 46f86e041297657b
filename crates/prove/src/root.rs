//! Root: a whole system out of a tar of the bundle, unpacked once for all runs and gone with them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor};
use std::path::PathBuf;

use archive::{Flow, Limits, Place};
use sandbox::Root;
use tempfile::TempDir;

/// What a root may unpack to. A system with a compiler has 1 GiB, twice that with headroom.
const BYTES_MAX: u64 = 2 << 30;

/// Files of a root: a system with a compiler has some 50,000.
const FILES_MAX: u64 = 500_000;

/// Roots of one bundle: the vulnerable system, the fixed one, and two of a history. They stand on the disk of whoever
/// validates until the end, so 8 GiB at the very most.
const ROOTS_MAX: usize = 4;

/// Roots that were unpacked, by their path in the bundle.
#[derive(Default)]
pub struct Roots {
    unpacked: BTreeMap<Box<str>, Unpacked>,
}

struct Unpacked {
    /// Removes it all in the end.
    _folder: TempDir,
    root: PathBuf,
}

impl Roots {
    /// The root in the tar at `path`; why it is none. `Err` where this machine cannot keep it.
    pub fn of(&mut self, path: &str, tar: &[u8]) -> io::Result<Result<Root, Box<str>>> {
        if let Some(held) = self.unpacked.get(path) {
            return Ok(Ok(Root::Folder(held.root.clone())));
        }
        if self.unpacked.len() == ROOTS_MAX {
            let why =
                format!("the root `{path}` is not taken: a bundle runs on at most {ROOTS_MAX}");
            return Ok(Err(why.into()));
        }
        if let Err(why) = measured(tar) {
            return Ok(Err(format!("the root `{path}` is not taken: {why}").into()));
        }
        let folder = tempfile::tempdir()?;
        let (packed, into) = (folder.path().join("packed"), folder.path().join("into"));
        fs::write(&packed, tar)?;
        fs::create_dir(&into)?;
        enter(folder.path())?;
        let root = match sandbox::unpack(&packed, &into) {
            Ok(root) => root,
            Err(why) => {
                return Ok(Err(
                    format!("the root `{path}` cannot be unpacked: {why}").into()
                ));
            }
        };
        fs::remove_file(&packed)?;
        let unpacked = Unpacked {
            _folder: folder,
            root: root.clone(),
        };
        self.unpacked.insert(path.into(), unpacked);
        Ok(Ok(Root::Folder(root)))
    }
}

/// Lets the user of a run go through the folder to its root; the names in it are still nobody's to list.
#[cfg(unix)]
fn enter(folder: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711))
}

#[cfg(not(unix))]
fn enter(_: &std::path::Path) -> io::Result<()> {
    Ok(())
}

/// Reads it through once and counts: what is beyond the bounds is refused before anything is written.
fn measured(tar: &[u8]) -> Result<(), String> {
    let limits = Limits {
        bytes_total: BYTES_MAX,
        entry_bytes: BYTES_MAX,
        entries: FILES_MAX,
        depth: 0,
        place: Place::Root,
        ..Limits::default()
    };
    let mut is_layout = false;
    let walked = archive::walk("root", Cursor::new(tar), &limits, &mut |entry| {
        is_layout |= entry.path == "oci-layout";
        Flow::Next
    });
    let summary = walked.map_err(|refusal| refusal.message)?;
    if let Some(first) = summary.refused.first() {
        return Err(first.to_string());
    }
    match is_layout {
        true => Err("it holds an OCI layout; write the tar of the file system itself".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o755);
            tar.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn a_root_is_unpacked_once_and_gone_in_the_end() {
        let mut roots = Roots::default();
        let packed = tar(&[("bin/run", "x"), ("etc/name", "y")]);
        let Ok(Root::Folder(root)) = roots.of("root.tar", &packed).unwrap() else {
            panic!("it is a root");
        };
        assert_eq!(fs::read_to_string(root.join("etc/name")).unwrap(), "y");
        assert_eq!(
            roots.of("root.tar", b"").unwrap(),
            Ok(Root::Folder(root.clone()))
        );
        drop(roots);
        assert!(!root.exists());
    }

    #[test]
    fn of_many_roots_no_more_are_unpacked_than_the_disk_has_to_hold() {
        let mut roots = Roots::default();
        let packed = tar(&[("bin/run", "x")]);
        for number in 0..ROOTS_MAX {
            assert!(roots.of(&format!("{number}.tar"), &packed).unwrap().is_ok());
        }
        let why = roots.of("more.tar", &packed).unwrap().unwrap_err();
        assert_eq!(
            &*why,
            "the root `more.tar` is not taken: a bundle runs on at most 4"
        );
        assert!(roots.of("0.tar", &packed).unwrap().is_ok());
    }

    #[test]
    fn what_is_no_root_is_refused_before_anything_is_written() {
        for packed in [b"no tar".to_vec(), tar(&[("oci-layout", "{}")])] {
            assert!(Roots::default().of("root.tar", &packed).unwrap().is_err());
        }
    }
}
