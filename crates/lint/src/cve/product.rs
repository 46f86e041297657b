//! Product: can a machine tell which product an entry is about?

use names::{Cpe, Purl};

use super::version;
use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;

/// Words that fill a required member and say nothing.
const FILLERS: &[&str] = &[
    "n/a",
    "na",
    "n\\a",
    "not applicable",
    "not available",
    "none",
    "null",
    "unknown",
    "unspecified",
    "-",
    "?",
    "tbd",
];

/// Whether `text` fills a member and says nothing.
pub fn is_filler(text: &str) -> bool {
    let text = text.trim();
    FILLERS
        .iter()
        .any(|filler| filler.eq_ignore_ascii_case(text))
}

pub fn check(product: &At<'_>, findings: &mut Findings) {
    fillers(product, findings);
    package_pair(product, findings);
    package_url(product, findings);
    cpes(product, findings);
    version::check(product, findings);
}

/// product: what is required is there to be matched; `n/a` matches nothing. Only a vendor may be `n/a`, by the
/// format's own words, where nobody maintains the product.
fn fillers(product: &At<'_>, findings: &mut Findings) {
    for (name, group) in [
        ("vendor", Group::Informative),
        ("product", Group::Recommended),
        ("packageName", Group::Recommended),
    ] {
        if let Some(text) = product.text(name).filter(|text| is_filler(text)) {
            let message = format!(
                "`{name}` is `{}`, which names nothing that could be matched",
                clip(text)
            );
            findings.say("cve.na", group, product.to(name), message);
        }
    }
    for version in product.each("versions") {
        if let Some(text) = version.text("version").filter(|text| is_filler(text)) {
            let message = format!(
                "`version` is `{}`, which no version is; where versions are not known, `defaultStatus` alone says so",
                clip(text)
            );
            findings.say("cve.na", Group::Recommended, version.to("version"), message);
        }
    }
}

/// collectionURL: it determines the meaning of `packageName`; one without the other says nothing.
fn package_pair(product: &At<'_>, findings: &mut Findings) {
    let (collection, name) = (product.text("collectionURL"), product.text("packageName"));
    let (there, missing) = match (collection, name) {
        (Some(_), None) => ("collectionURL", "packageName"),
        (None, Some(_)) => ("packageName", "collectionURL"),
        _ => return,
    };
    let message =
        format!("`{there}` stands without `{missing}`; only both together name a package");
    findings.say(
        "cve.package.pair",
        Group::Recommended,
        product.to(there),
        message,
    );
}

/// packageURL (5.2): a package URL without a version, in place of the older pair.
fn package_url(product: &At<'_>, findings: &mut Findings) {
    let Some(text) = product.text("packageURL") else {
        return;
    };
    let at = product.to("packageURL");
    match Purl::parse(text) {
        Err(problems) => {
            let message = format!("`{}` is no package URL: {problems}", clip(text));
            findings.say("cve.purl", Group::Mandatory, at.as_str(), message);
        }
        Ok(purl) if !purl.version.is_empty() => {
            let message = format!(
                "`packageURL` has the version `{}`; it names the package alone, and `versions` says which",
                clip(&purl.version)
            );
            findings.say("cve.purl.version", Group::Mandatory, at.as_str(), message);
        }
        Ok(_) => {}
    }
    for name in ["collectionURL", "packageName"] {
        if product.get(name).is_some() {
            let message = format!(
                "`{name}` stands beside `packageURL`; one of the two ways names the package"
            );
            findings.say("cve.purl.pair", Group::Mandatory, product.to(name), message);
        }
    }
}

/// cpes: names of CPE 2.2 or 2.3, read to the end; the schema's own pattern lets anything stand around them.
fn cpes(product: &At<'_>, findings: &mut Findings) {
    for cpe in product.each("cpes") {
        if let Some(text) = cpe.as_text() {
            name(text, &cpe.pointer, findings);
        }
    }
}

fn name(text: &str, pointer: &str, findings: &mut Findings) {
    if let Err(problems) = Cpe::parse(text) {
        let message = format!("`{}` is no CPE name: {problems}", clip(text));
        findings.say("cve.cpe", Group::Mandatory, pointer, message);
    }
}

/// cpeApplicability (5.1): names that can be read, and bounds that do not exclude each other.
pub fn applicability(container: &At<'_>, findings: &mut Findings) {
    let nodes = container
        .each("cpeApplicability")
        .flat_map(|element| element.each("nodes"));
    for matched in nodes.flat_map(|node| node.each("cpeMatch")) {
        if let Some(text) = matched.text("criteria") {
            name(text, &matched.to("criteria"), findings);
        }
        for (one, other) in [
            ("versionStartIncluding", "versionStartExcluding"),
            ("versionEndIncluding", "versionEndExcluding"),
        ] {
            if matched.get(one).is_some() && matched.get(other).is_some() {
                let message =
                    format!("`{one}` stands beside `{other}`; a range has one of the two bounds");
                findings.say(
                    "cve.cpe.bound",
                    Group::Mandatory,
                    matched.to(other),
                    message,
                );
            }
        }
    }
}
