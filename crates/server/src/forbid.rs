//! Forbid: what the operator of this house forbids besides, in a folder of Cedar policies read at the start.
//!
//! Whoever can write there can lock everyone out, and lets nobody in: a policy of theirs may only forbid.

use std::fs;
use std::path::{Path, PathBuf};

use clearinghouse::House;
use policy::Policy;

use crate::settings::Settings;

/// A house has a handful of rules of its own; each file is parsed at every start.
const FILES_MAX: usize = 100;
/// Our own five files have some 20 KiB together.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// `house` with what the operator forbids besides.
///
/// # Errors
///
/// All that is wrong with the files, a line each, with the place.
pub fn apply(house: House, settings: &Settings) -> Result<House, String> {
    let files = read(settings)?;
    let texts: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    match Policy::with(&texts) {
        Ok(policy) => Ok(house.with_policy(policy)),
        Err(problems) => {
            let lines: Vec<&str> = problems.iter().collect();
            Err(format!(
                "the policies in `{}` are not in force:\n{}",
                folder(settings).display(),
                lines.join("\n")
            ))
        }
    }
}

/// Where they are.
fn folder(settings: &Settings) -> PathBuf {
    match &settings.file.policy_dir {
        Some(named) => named.clone(),
        None => settings.data_dir.join("policy"),
    }
}

/// The files by name. The usual folder may be absent, one that is named may not.
fn read(settings: &Settings) -> Result<Vec<(String, String)>, String> {
    let folder = folder(settings);
    if settings.file.policy_dir.is_none() && !folder.exists() {
        return Ok(Vec::new());
    }
    let cannot = |error: std::io::Error| {
        format!(
            "cannot read the policies in `{}`: {error}",
            folder.display()
        )
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|ending| ending == "cedar") {
            paths.push(path);
        }
    }
    if paths.len() > FILES_MAX {
        return Err(format!(
            "`{}` holds more than {FILES_MAX} policies; put some into one file",
            folder.display()
        ));
    }
    paths.sort();
    paths.iter().map(|path| file(path)).collect()
}

fn file(path: &Path) -> Result<(String, String), String> {
    let cannot = |error| format!("cannot read `{}`: {error}", path.display());
    if fs::metadata(path).map_err(cannot)?.len() > FILE_BYTES_MAX {
        return Err(format!(
            "`{}` is larger than {} KiB; put some of it into another file",
            path.display(),
            FILE_BYTES_MAX / 1024
        ));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read_to_string(path).map_err(cannot)?;
    Ok((name.into_owned(), text))
}
