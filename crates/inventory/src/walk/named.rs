//! Files that somebody names: read as what their names say, or else as what they begin as.

use std::io::Read;
use std::path::Path;

use super::disk::Disk;
use super::{
    Found, HEAD_BYTES, Options, Role, head, location, lost, open, read, report, shown, whole,
};
use crate::{Listing, Problem, Sink, binary, bundle, image, kind};

/// Reads a file that somebody named: as what its name says, or else as what it begins as.
pub(super) fn named(path: &Path, options: &Options, sink: &mut dyn Sink) {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let text = full.to_string_lossy();
    let head = match open(path).and_then(|mut file| head(&mut file)) {
        Ok(head) => head,
        Err(error) => return sink.problem(lost(path, format!("cannot be read: {error}"))),
    };
    let known = kind::of(&shown(path))
        .or_else(|| kind::of(&text))
        .or_else(|| kind::sniff(&head));
    let role = match known {
        Some(kind) => Role::List(kind),
        None if bundle::is_bundle(&text) => Role::Bundle,
        None if options.binaries && binary::begins(&head) => Role::Program,
        None if image::is_image(path) => return image::read(path, &shown(path), sink),
        None => return archived(path, &head, sink),
    };
    let disk = Disk::of(&full, known);
    let found = Found {
        path: path.to_path_buf(),
        role,
    };
    read(&found, &disk, sink);
}

/// A compressed list, an archive, or nothing we know.
fn archived(path: &Path, head: &[u8], sink: &mut dyn Sink) {
    if archive::packed(head).is_some() && compressed(path, sink) {
        return;
    }
    let mut listing = Listing::default();
    match open(path) {
        Ok(file) => bundle::read_any(file, &location(path), &mut listing),
        Err(error) => return sink.problem(lost(path, format!("cannot be read: {error}"))),
    }
    let is_none = |problem: &Problem| problem.message.starts_with("neither zip nor tar");
    if listing.components.is_empty() && listing.problems.iter().all(is_none) {
        let message = "not a list we know, nor an archive that holds one; bills of materials, lockfiles, package \
                       databases, images and programs are read";
        return sink.problem(lost(path, message.to_owned()));
    }
    report(listing, sink);
}

/// Reads a single list that was compressed; whether it is one.
pub(super) fn compressed(path: &Path, sink: &mut dyn Sink) -> bool {
    let Ok(file) = open(path) else {
        return false;
    };
    let Ok(mut unpacked) = archive::decompress("", file, &archive::Limits::default()) else {
        return false;
    };
    let mut head = Vec::new();
    if let Err(error) = unpacked.by_ref().take(HEAD_BYTES).read_to_end(&mut head) {
        sink.problem(lost(path, format!("cannot be read: {error}")));
        return true;
    }
    let stem = path.with_extension("");
    let Some(kind) = kind::of(&shown(&stem)).or_else(|| kind::sniff(&head)) else {
        return false;
    };
    let mut content = std::io::Cursor::new(head).chain(unpacked);
    if kind::streams(kind) {
        kind::read_stream(kind, &location(path), &mut content, sink);
        return true;
    }
    let max = kind::bytes_max(kind);
    match whole(content, max) {
        Ok(Some(bytes)) => kind::read(kind, &location(path), &bytes, sink),
        Ok(None) => sink.problem(lost(path, format!("longer than {max} bytes"))),
        Err(error) => sink.problem(lost(path, format!("cannot be read: {error}"))),
    }
    true
}
