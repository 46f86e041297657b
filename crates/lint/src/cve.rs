//! CVE: is a record what the CVE Record Format 5.2 says it should be, and does it agree with itself?
//!
//! Records say which text they were written by (`dataVersion`); 5.0 and 5.1 are parts of 5.2, and what came later
//! than a record says is told. What the format's descriptions ask and no schema can is told by rules of ours.

mod container;
mod product;
mod record;
mod version;

pub use product::is_filler;

use crate::at::At;
use crate::check::Document;
use crate::findings::Findings;
use crate::schema::official;
use crate::{Edition, Group};

/// Says into `findings` what is wrong, and by which edition.
pub fn check(document: &Document<'_>, findings: &mut Findings) -> Edition {
    if document.settings.groups.has(Group::Schema) {
        official::cve().check(&document.value, findings);
    }
    let record = At::root(&document.value);
    record::check(&record, document.settings.now, findings);
    let containers = record.get("containers");
    let cna = containers
        .as_ref()
        .and_then(|containers| containers.get("cna"));
    let adp = containers
        .iter()
        .flat_map(|containers| containers.each("adp"));
    for container in cna.into_iter().chain(adp) {
        container::check(&container, findings);
    }
    "CVE Record Format 5.2.0".into()
}

#[cfg(test)]
mod tests;
