//! Others' advisories: an index that the operator builds, mapped, and looked at again when its file is another one.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use scan::Index;

/// A mapped mirror.
pub struct Mirror {
    pub index: Index,
    print: Print,
}

#[cfg(test)]
impl Mirror {
    /// Of an index that is in no file.
    pub fn of(index: Index) -> Mirror {
        let print = Print {
            modified: SystemTime::UNIX_EPOCH,
            length: 0,
            #[cfg(unix)]
            inode: 0,
        };
        Mirror { index, print }
    }
}

/// What tells one file from the next of its name: `seamark index build` puts a new one in the place of the old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Print {
    modified: SystemTime,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

/// Opens `file` without reading it; `None` where `before` is that very file.
pub fn open(file: &Path, before: Option<&Mirror>) -> Result<Option<Mirror>, String> {
    let cannot = |error: &dyn std::fmt::Display| {
        format!(
            "cannot serve the advisories of `{}`: {error}; `seamark index build --originals --from FOLDER --output {}` makes them",
            file.display(),
            file.display()
        )
    };
    let print = print(file).map_err(|error| cannot(&error))?;
    if before.is_some_and(|before| before.print == print) {
        return Ok(None);
    }
    let index = Index::open(file).map_err(|error| cannot(&error))?;
    match index.has_originals() || index.advisories() == 0 {
        true => Ok(Some(Mirror { index, print })),
        false => Err(cannot(&"it was built without `--originals`")),
    }
}

fn print(file: &Path) -> io::Result<Print> {
    let found = fs::metadata(file)?;
    Ok(Print {
        modified: found.modified()?,
        length: found.len(),
        #[cfg(unix)]
        inode: std::os::unix::fs::MetadataExt::ino(&found),
    })
}
