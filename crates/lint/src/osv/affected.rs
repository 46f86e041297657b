//! Affected: do the versions and ranges of one affected package agree?

use names::{Ecosystem, EcosystemKind};
use versions::{Scheme, key};

use super::range::{self, Interval};
use super::{package, severity};
use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;
use crate::repeats::repeats;

pub fn check(affected: &At<'_>, findings: &mut Findings) {
    let package = affected.get("package");
    if let Some(package) = &package {
        package::check(package, findings);
    }
    severity::check(affected, findings);
    says_something(affected, findings);
    versions_once(affected, findings);
    let ecosystem = package
        .as_ref()
        .and_then(|package| package.text("ecosystem"))
        .map(Ecosystem::parse);
    let scheme = ecosystem
        .as_ref()
        .map_or(Scheme::Vendor, Scheme::of_ecosystem);
    let mut intervals = Some(Vec::new());
    for at in affected.each("ranges") {
        let read = range::check(&at, scheme, findings);
        intervals = intervals.zip(read).map(|(mut all, one)| {
            all.extend(one);
            all
        });
    }
    if let Some(intervals) = intervals.filter(|intervals| !intervals.is_empty()) {
        let is_versioned = ecosystem.is_some_and(|ecosystem| ecosystem.kind != EcosystemKind::Git);
        if is_versioned && scheme != Scheme::Vendor {
            listed_and_ranged(affected, scheme, range::union(intervals), findings);
        }
    }
    range::overlap(affected, findings);
}

/// affected fields: what lists no version and no range affects nothing (evaluation).
fn says_something(affected: &At<'_>, findings: &mut Findings) {
    let is_empty = |name: &str| {
        affected
            .value
            .get(name)
            .and_then(|list| list.as_array())
            .is_none_or(Vec::is_empty)
    };
    if is_empty("ranges") && is_empty("versions") {
        let message = "entry names neither `ranges` nor `versions`, so that no version counts as affected; `introduced: \"0\"` would be all of them";
        findings.say(
            "osv.affected.empty",
            Group::Recommended,
            affected.pointer.as_str(),
            message,
        );
    }
}

/// affected[].versions field: each version once.
fn versions_once(affected: &At<'_>, findings: &mut Findings) {
    let what = |at: &At<'_>| at.as_text().map(str::to_owned);
    for (entry, first) in repeats(affected.each("versions"), what) {
        let text = clip(entry.as_text().unwrap_or_default()).into_owned();
        let message = format!("version `{text}` repeats entry {first}; once is enough");
        findings.say(
            "osv.versions.repeat",
            Group::Recommended,
            entry.pointer,
            message,
        );
    }
}

/// affected fields: ranges are a compact form of the list of versions, so that a version outside all of them is a
/// contradiction, though evaluation counts it as affected.
fn listed_and_ranged(
    affected: &At<'_>,
    scheme: Scheme,
    union: Vec<Interval>,
    findings: &mut Findings,
) {
    for entry in affected.each("versions") {
        let Some(text) = entry.as_text() else {
            continue;
        };
        let Some(key) = key(scheme, text) else {
            continue;
        };
        if !range::holds(&union, &key) {
            let message = format!(
                "version `{}` is listed and lies outside every range; one of the two is wrong",
                clip(text)
            );
            findings.say(
                "osv.versions.range",
                Group::Recommended,
                entry.pointer,
                message,
            );
        }
    }
}
