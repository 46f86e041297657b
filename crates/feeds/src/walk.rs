//! Which files does a folder hold?
//!
//! Sorted by name, depth first, so that every machine reads in one order. Links to folders are not followed:
//! they may lead in a circle, or out.

use std::path::{Path, PathBuf};

/// Files below `path`, or `path` itself where it is a file; what cannot be listed is told.
pub(crate) fn files(
    path: &Path,
    file: &mut dyn FnMut(&Path),
    problem: &mut dyn FnMut(&Path, String),
) {
    let mut stack = vec![path.to_owned()];
    while let Some(path) = stack.pop() {
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() => file(&path),
            Ok(found) if found.is_dir() => match children(&path) {
                Ok(children) => stack.extend(children.into_iter().rev()),
                Err(reason) => problem(&path, format!("folder cannot be listed: {reason}")),
            },
            Ok(_) => problem(&path, "neither a file nor a folder".to_owned()),
            Err(reason) => problem(&path, format!("cannot be opened: {reason}")),
        }
    }
}

fn children(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut children = Vec::new();
    for child in std::fs::read_dir(folder)? {
        let child = child?;
        let is_hidden = child.file_name().as_encoded_bytes().starts_with(b".");
        let is_link = child.file_type().is_ok_and(|kind| kind.is_symlink());
        let path = child.path();
        let leads_elsewhere = is_link && path.is_dir();
        if !is_hidden && !leads_elsewhere {
            children.push(path);
        }
    }
    children.sort_unstable();
    Ok(children)
}
