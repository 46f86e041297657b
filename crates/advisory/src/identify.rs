//! Identifiers inside documents: package URLs and CPE names, and the package a purl means.

use names::{Cpe, Purl};

use crate::Target;

/// The CPE name, where it is one.
pub(crate) fn cpe(text: &str) -> Option<Cpe> {
    Cpe::read(text).ok()
}

/// The package URL, where it is one; small faults are mended, for documents are not ours to correct.
pub(crate) fn purl(text: &str) -> Option<Purl> {
    let text = text.trim();
    let (purl, _) = text.starts_with("pkg:").then(|| Purl::read(text).ok())??;
    Some(purl)
}

/// The package that a purl means, where a database answers for its type.
pub(crate) fn package(purl: &Purl) -> Option<Target> {
    let ecosystem = purl.ecosystem()?;
    Some(Target::Package {
        name: names::package::normalize(&ecosystem.kind, &purl.package_name()).into_owned(),
        ecosystem,
        purl: Some(purl.clone()),
    })
}
