//! OSV: is a record what the OSV schema 1.7 says it should be, and does it agree with itself?
//!
//! Sections are those of the specification's text, version 1.7.4 of 27 October 2025.

mod affected;
mod package;
mod range;
mod record;
mod severity;

pub use range::is_semver;

use crate::at::At;
use crate::check::Document;
use crate::findings::Findings;
use crate::schema::official;
use crate::{Edition, Group};

/// Says into `findings` what is wrong, and by which edition.
pub fn check(document: &Document<'_>, findings: &mut Findings) -> Edition {
    let groups = document.settings.groups;
    if groups.has(Group::Schema) {
        official::osv().check(&document.value, findings);
    }
    let record = At::root(&document.value);
    record::check(&record, document.settings.now, findings);
    for affected in record.each("affected") {
        affected::check(&affected, findings);
    }
    "OSV schema 1.7".into()
}

#[cfg(test)]
mod tests;
