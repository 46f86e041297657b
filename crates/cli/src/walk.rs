//! A folder, walked file by file.

use std::path::{Path, PathBuf};

use inventory::{Location, Sink, kind};

/// Reads every list below the paths.
pub fn walk(paths: &[PathBuf], sink: &mut dyn Sink) {
    for path in paths {
        one(path, sink);
    }
}

fn one(path: &Path, sink: &mut dyn Sink) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| one(entry, sink));
        return;
    }
    let name = path.display().to_string();
    let Some(kind) = kind::of(&name) else { return };
    let location = Location { path: name, ..Location::default() };
    if kind::streams(kind) {
        if let Ok(mut file) = std::fs::File::open(path) {
            kind::read_stream(kind, &location, &mut file, sink);
        }
    } else if let Ok(bytes) = std::fs::read(path) {
        kind::read(kind, &location, &bytes, sink);
    }
}
