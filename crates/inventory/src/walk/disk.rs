//! What may be reached from a list on disk: its neighbours, as far as they are in the tree that is walked.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::whole;
use crate::inside;
use crate::kind::{self, Beside, Kind};

/// A tree on disk, and how its links are understood.
pub(super) struct Disk {
    pub root: PathBuf,
    /// Whether the tree is a system's own root, where `..` of the root is the root.
    pub is_system: bool,
    /// Where all that is read lies, relative to the root; else each file says it by its path.
    pub folder: Option<PathBuf>,
}

impl Disk {
    /// What may be reached from a file that somebody named: its own folder; from a package database, its root.
    pub fn of(full: &Path, known: Option<Kind>) -> Disk {
        let text = full.to_string_lossy();
        let above = match known {
            Some(
                Kind::Dpkg
                | Kind::DpkgStatusD
                | Kind::Apk
                | Kind::RpmSqlite
                | Kind::RpmNdb
                | Kind::RpmBdb,
            ) => [
                "/var/lib/dpkg/status.d/",
                "/var/lib/dpkg/status",
                "/usr/lib/sysimage/rpm/",
                "/var/lib/rpm/",
                "/usr/share/rpm/",
                "/usr/lib/apk/db/",
                "/lib/apk/db/",
            ]
            .iter()
            .find_map(|place| text.rfind(place))
            .and_then(|at| text.get(at..))
            .map_or(1, |place| place.matches('/').count()),
            _ => 1,
        };
        let root = full.ancestors().nth(above).unwrap_or(Path::new(""));
        let folder = full
            .parent()
            .and_then(|folder| folder.strip_prefix(root).ok());
        Disk {
            root: root.to_path_buf(),
            is_system: above > 1,
            folder: Some(folder.unwrap_or(Path::new("")).to_path_buf()),
        }
    }

    pub fn folder(&self, path: &Path) -> PathBuf {
        let within = || path.parent()?.strip_prefix(&self.root).ok();
        match &self.folder {
            Some(folder) => folder.clone(),
            None => within().unwrap_or(Path::new("")).to_path_buf(),
        }
    }

    fn resolve(&self, folder: &Path, relative: &str) -> Option<PathBuf> {
        let from = folder.to_str()?.replace('\\', "/");
        if !self.is_system && climbs(&from, relative) {
            return None;
        }
        let link = |path: &str| {
            let target = std::fs::read_link(self.root.join(path)).ok()?;
            target.to_str().map(str::to_owned)
        };
        let found = inside::resolve(&inside::join(&from, relative), &link).ok()?;
        let path = self.root.join(found);
        std::fs::symlink_metadata(&path)
            .is_ok_and(|it| it.is_file())
            .then_some(path)
    }
}

/// Whether `relative`, seen from `folder`, leaves the tree that `folder` is in.
fn climbs(folder: &str, relative: &str) -> bool {
    let mut depth = folder
        .split('/')
        .filter(|component| !matches!(*component, "" | "."))
        .count() as i64;
    relative.split('/').any(|component| {
        depth += match component {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}

/// What lies beside a list on disk.
pub(super) struct Neighbours<'a> {
    pub disk: &'a Disk,
    pub folder: PathBuf,
}

impl Beside for Neighbours<'_> {
    fn open(&self, relative: &str) -> Option<Vec<u8>> {
        let path = self.disk.resolve(&self.folder, relative)?;
        whole(File::open(path).ok()?, kind::LIST_BYTES_MAX).ok()?
    }

    fn has(&self, relative: &str) -> bool {
        self.disk.resolve(&self.folder, relative).is_some()
    }
}
