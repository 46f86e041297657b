//! Which index a command uses: the one named, the one of the settings, or one made from the settings' advisories.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use scan::Index;

use crate::config::Config;
use crate::failure::{Failure, unreadable};
use crate::{index, render::text::thousands};

/// An index, and where it lies.
pub struct Known {
    pub index: Index,
    /// Kept until the command ends, where the index was made for it alone.
    _made: Option<tempfile::TempDir>,
}

/// Opens the index to use.
pub fn known(
    named: Option<&Path>,
    config: &Config,
    as_of: Timestamp,
    quiet: bool,
) -> Result<Known, Failure> {
    if let Some(path) = named.map(Path::to_owned).or_else(|| config.index.clone()) {
        return Ok(Known {
            index: index::open(&path)?,
            _made: None,
        });
    }
    if config.advisories.is_empty() {
        return Err(unreadable(
            "no advisories to match against; name an index with `--index FILE` (`seamark index build --from FOLDER --output FILE` makes one), \
             or name folders under [advisories] in seamark.toml",
        ));
    }
    made(&config.advisories, as_of, quiet)
}

/// An index for this command alone, from the folders the settings name. They are small, or they would be an index.
fn made(folders: &[PathBuf], as_of: Timestamp, quiet: bool) -> Result<Known, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|error| unreadable(format!("cannot make a temporary folder: {error}")))?;
    let path = folder.path().join("index");
    let typed: Vec<String> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    let sources = index::sources(&typed, folder.path())?;
    let built = index::build(&sources, &path, as_of, false, quiet)?;
    if built.counts.unreadable > 0 && !quiet {
        let first = built.unreadable.first();
        let example = first
            .map(|problem| format!("; the first is {}: {}", problem.origin.file, problem.reason))
            .unwrap_or_default();
        eprintln!(
            "seamark: {} advisories could not be read{example}",
            thousands(built.counts.unreadable)
        );
    }
    Ok(Known {
        index: index::open(&path)?,
        _made: Some(folder),
    })
}
