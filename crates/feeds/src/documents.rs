//! Documents as they are: every file of a folder and every member of an archive, unread.
//!
//! One document at a time is in memory, and whoever is given it decides what becomes of it.

use std::path::Path;

use crate::{Limits, name, unpack, walk};

/// What a path holds.
pub enum Given<'a> {
    /// A document that may be an advisory.
    Document {
        /// The file's path as it was reached.
        file: &'a str,
        /// The member's path within the file; empty where the file is no archive.
        member: &'a str,
        bytes: Vec<u8>,
    },
    /// Something that could not be read.
    Unreadable {
        file: &'a str,
        member: &'a str,
        reason: String,
    },
}

/// Gives every document below `path`, or `path` itself where it is a file. What stands beside advisories (readme,
/// signatures, checksums) is passed over, unless it is what was named.
pub fn documents(path: &Path, limits: &Limits, give: &mut dyn FnMut(Given<'_>)) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    walk::files(
        path,
        &mut |file| files.push(file.to_owned()),
        &mut |path, reason| problems.push((path.display().to_string(), reason)),
    );
    for (file, reason) in &problems {
        give(Given::Unreadable {
            file,
            member: "",
            reason: reason.clone(),
        });
    }
    for file in files {
        let label = file.display().to_string();
        if file != path && name::is_beside(&label) {
            continue;
        }
        unpack::file(&file, &label, limits, &mut |entry| match entry {
            unpack::Entry::Document { member, bytes } => give(Given::Document {
                file: &label,
                member,
                bytes,
            }),
            unpack::Entry::Skipped => {}
            unpack::Entry::Unreadable { member, reason } => give(Given::Unreadable {
                file: &label,
                member,
                reason,
            }),
        });
    }
}
