//! The data folder: who uses it just now, and who else can read it?

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::settings::Settings;

/// Locked by whoever works on the folder; its bytes mean nothing.
const LOCK: &str = "seamarkd.lock";

/// The folder is held until this is dropped, or the process ends, however it ends.
pub struct Held {
    _lock: File,
}

/// Makes the folder where it is missing, and holds it: `alone`, or beside others that run on it.
///
/// # Errors
///
/// Where somebody holds it otherwise, or it cannot be made.
pub fn hold(folder: &Path, alone: bool) -> Result<Held, String> {
    let shown = folder.display();
    if !folder.exists() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| format!("cannot make the data folder `{shown}`: {error}"))?;
    }
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join(LOCK))
        .map_err(|error| format!("cannot write into the data folder `{shown}`: {error}"))?;
    let locked = match alone {
        true => lock.try_lock(),
        false => lock.try_lock_shared(),
    };
    match locked {
        Ok(()) => Ok(Held { _lock: lock }),
        Err(TryLockError::WouldBlock) if alone => Err(format!(
            "a `seamarkd` runs on `{shown}`; stop it first, and do this then"
        )),
        Err(TryLockError::WouldBlock) => Err(format!(
            "`{shown}` is being restored or its keys are being changed; start when that is done"
        )),
        Err(TryLockError::Error(error)) => Err(format!("cannot lock `{shown}`: {error}")),
    }
}

/// Has nobody but its owner read the database file, and says where others can look at what is here.
///
/// # Errors
///
/// Where the database file cannot be made.
pub fn keep_to_ourselves(settings: &Settings) -> Result<(), String> {
    let database = sqlite_file(&settings.database);
    if let Some(file) = &database
        && !file.exists()
    {
        // Made here, empty, so that it never has another mode; SQLite gives its own files beside it the same.
        let made = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(file);
        made.map_err(|error| format!("cannot make the database `{}`: {error}", file.display()))?;
    }
    for place in [Some(settings.data_dir.clone()), database]
        .into_iter()
        .flatten()
    {
        if let Some(warning) = loose(&place) {
            tracing::warn!("{warning}");
        }
    }
    Ok(())
}

/// What to say of a place that others than its owner can read or write.
fn loose(place: &Path) -> Option<String> {
    let about = fs::metadata(place).ok()?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return None;
    }
    let (shown, right) = (place.display(), if about.is_dir() { 700 } else { 600 });
    Some(format!(
        "others than its owner can use `{shown}` (mode {mode:03o}), which tells who takes part and when; run `chmod {right} {shown}`"
    ))
}

/// The file of a SQLite database, by the address of the database.
pub(crate) fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.contains(":memory:")).then(|| PathBuf::from(path))
}

/// Whether there is something to look at: a database that nobody made yet is told apart from a broken one.
pub(crate) fn is_there(url: &str) -> io::Result<()> {
    match sqlite_file(url) {
        Some(file) => fs::metadata(file).map(|_| ()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_its_owners_alone_and_one_at_a_time_changes_it() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("a/data");
        let held = hold(&folder, false).unwrap();
        assert_eq!(loose(&folder), None);
        assert_eq!(loose(&folder.join(LOCK)), None);
        let beside = hold(&folder, false).unwrap();
        let refused = hold(&folder, true).err().unwrap();
        assert!(refused.contains("stop it first"), "{refused}");
        drop((held, beside));
        let alone = hold(&folder, true).unwrap();
        assert!(hold(&folder, false).is_err());
        drop(alone);
    }

    #[test]
    fn what_others_can_read_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seamark.db");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let said = loose(&file).unwrap();
        assert!(said.contains("(mode 640)"), "{said}");
        assert!(said.ends_with(&format!("run `chmod 600 {}`", file.display())));
    }

    #[test]
    fn a_database_is_a_file_only_where_it_is_sqlite() {
        let file = |url: &str| sqlite_file(url).map(|path| path.display().to_string());
        assert_eq!(file("sqlite:a/b.db").as_deref(), Some("a/b.db"));
        assert_eq!(
            file("sqlite:///a/b.db?mode=rwc").as_deref(),
            Some("/a/b.db")
        );
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("postgres://a@b/c"), None);
    }
}
