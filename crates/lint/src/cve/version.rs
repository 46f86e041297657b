//! Version: do the versions of a product say what a program will read in them?
//!
//! What is odd: an entry without an upper bound is one version, compared as text. A range in words (`< 1.2`) or a
//! star is then a version that nobody ever released, and the product is never found.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use versions::{Scheme, compare};

use super::product::is_filler;
use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::osv::is_semver;
use crate::place::clip;

pub fn check(product: &At<'_>, findings: &mut Findings) {
    for version in product.each("versions") {
        let is_range =
            version.get("lessThan").is_some() || version.get("lessThanOrEqual").is_some();
        match is_range {
            true => {
                typed(&version, findings);
                bounds(&version, findings);
                changes(&version, findings);
            }
            false => single(&version, findings),
        }
    }
    contradictions(product, findings);
}

/// versions: an entry with only `version` and `status` is a single version.
fn single(version: &At<'_>, findings: &mut Findings) {
    let Some(text) = version
        .text("version")
        .map(str::trim)
        .filter(|text| !is_filler(text))
    else {
        return;
    };
    let at = || version.to("version");
    if text == "*" {
        let message =
            "version `*` is one version of that name; `0` with `lessThan: \"*\"` is all of them";
        findings.say("cve.version.star", Group::Recommended, at(), message);
    } else if is_prose(text) {
        let message = format!(
            "version `{}` is said in words or signs, which programs read as the name of one version; `version` with `lessThan` or `lessThanOrEqual` says a range",
            clip(text)
        );
        findings.say("cve.version.prose", Group::Recommended, at(), message);
    }
}

/// Whether a text says a range in words or signs.
fn is_prose(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "prior to",
        "before ",
        "earlier",
        "through ",
        " and below",
        " and above",
        " and later",
        "and older",
        "up to ",
        "all version",
        "less than",
        "lower than",
        "or below",
        "or lower",
        "versions ",
        "multiple",
        " to ",
    ];
    let lower = text.to_lowercase();
    text.starts_with(['<', '>', '=', '≤', '≥'])
        || text.contains(", <")
        || lower == "all"
        || WORDS.iter().any(|word| lower.contains(word))
}

/// The order that a `versionType` names; `None` where there is none that is known.
fn scheme(version: &At<'_>) -> Option<Scheme> {
    let kind = version.text("versionType")?.to_lowercase();
    match &*kind {
        "semver" => Some(Scheme::SemVer),
        "python" => Some(Scheme::PyPi),
        "custom" | "generic" => Some(Scheme::Vendor),
        kind => versions::vers::scheme(kind),
    }
}

/// versionType: versions are of the kind that it names.
fn typed(version: &At<'_>, findings: &mut Findings) {
    let Some(kind) = version.text("versionType") else {
        return;
    };
    let scheme = scheme(version).filter(|scheme| *scheme != Scheme::Vendor);
    let is_hash = |text: &str| {
        (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    for name in ["version", "lessThan", "lessThanOrEqual"] {
        let Some(text) = version
            .text(name)
            .filter(|text| !is_open(text) && !is_filler(text))
        else {
            continue;
        };
        let is_good = match scheme {
            _ if kind.eq_ignore_ascii_case("git") => is_hash(text),
            Some(scheme) => versions::key(scheme, text).is_some(),
            None => true,
        };
        if !is_good {
            let message = format!(
                "`{name}` is `{}`, which is no version of the type `{}`",
                clip(text),
                clip(kind)
            );
            findings.say(
                "cve.version.type",
                Group::Recommended,
                version.to(name),
                message,
            );
        }
    }
}

/// `0` is the earliest of all, `*` and `1.*` reach beyond what is known.
fn is_open(text: &str) -> bool {
    text == "0" || text.ends_with('*')
}

fn ordered(scheme: Scheme, one: &str, other: &str) -> Option<Ordering> {
    if one == other {
        return Some(Ordering::Equal);
    }
    if is_open(one) || is_open(other) {
        return None;
    }
    // What is said to be SemVer and is not has no order: `2.1.0p41` is a patch to some and a prerelease to others.
    // Numbers with dots are compared as such, however many there are.
    let is_numbers = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    match scheme {
        Scheme::SemVer if is_numbers(one) && is_numbers(other) => {
            compare(Scheme::Intdot, one, other)
        }
        Scheme::SemVer if !(is_semver(one) && is_semver(other)) => None,
        scheme => compare(scheme, one, other),
    }
}

/// lessThan and lessThanOrEqual: a range ends after it begins.
fn bounds(version: &At<'_>, findings: &mut Findings) {
    let Some(from) = version.text("version") else {
        return;
    };
    let scheme = scheme(version).unwrap_or(Scheme::Vendor);
    for (name, empty) in [
        ("lessThan", Ordering::is_ge as fn(Ordering) -> bool),
        ("lessThanOrEqual", Ordering::is_gt),
    ] {
        let Some(to) = version.text(name) else {
            continue;
        };
        if ordered(scheme, from, to).is_some_and(empty) {
            let message = format!(
                "range from `{}` with `{name}: {}` holds no version",
                clip(from),
                clip(to)
            );
            findings.say(
                "cve.version.empty",
                Group::Recommended,
                version.to(name),
                message,
            );
        }
        if is_prose(from) || is_prose(to) {
            let message = "bound is written in words or with a sign; the names of the members say what it means";
            findings.say(
                "cve.version.prose",
                Group::Recommended,
                version.to(name),
                message,
            );
        }
    }
}

/// changes: sorted by `at`, within the range.
fn changes(version: &At<'_>, findings: &mut Findings) {
    let scheme = scheme(version).unwrap_or(Scheme::Vendor);
    let from = version.text("version");
    let mut before: Option<&str> = None;
    for change in version.each("changes") {
        let Some(at) = change.text("at") else {
            continue;
        };
        if before.is_some_and(|before| ordered(scheme, before, at).is_some_and(Ordering::is_gt)) {
            let message = format!(
                "change at `{}` stands after a later one; changes are sorted by `at`",
                clip(at)
            );
            findings.say(
                "cve.version.changes",
                Group::Recommended,
                change.to("at"),
                message,
            );
        }
        if from.is_some_and(|from| ordered(scheme, at, from).is_some_and(Ordering::is_lt)) {
            let message = format!(
                "change at `{}` is before the range begins at `{}`, so that none of it has the status of the range",
                clip(at),
                clip(from.unwrap_or_default())
            );
            findings.say(
                "cve.version.changes",
                Group::Recommended,
                change.to("at"),
                message,
            );
        }
        before = Some(at);
    }
}

/// versions: the first entry that fits decides; one that says otherwise of the same version is never read.
fn contradictions(product: &At<'_>, findings: &mut Findings) {
    let mut said: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (index, version) in product.each("versions").enumerate() {
        let is_single =
            version.get("lessThan").is_none() && version.get("lessThanOrEqual").is_none();
        let (true, Some(text), Some(status)) =
            (is_single, version.text("version"), version.text("status"))
        else {
            continue;
        };
        match said.get(text) {
            Some((first, place)) if *first != status => {
                let message = format!(
                    "version `{}` is `{}` here and `{first}` in entry {}, which is the one that counts",
                    clip(text),
                    clip(status),
                    place + 1
                );
                findings.say(
                    "cve.version.contradiction",
                    Group::Recommended,
                    version.to("status"),
                    message,
                );
            }
            Some(_) => {}
            None => {
                said.insert(text, (status, index));
            }
        }
    }
}
