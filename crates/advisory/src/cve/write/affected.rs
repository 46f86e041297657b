//! What is affected, as entries of a CVE record's `affected` (schema, `definitions/product`).

use serde_json::{Map, Value, json};
use versions::{End, Interval, Scheme};

use crate::csaf::{purl_of, version as prose};
use crate::cve::version::is_nothing;
use crate::publication::Losses;
use crate::{Advisory, Affected, AffectedRange, RangeScheme, Status, Target};

/// Schema, `definitions/version`.
const VERSION_CHARS_MAX: usize = 1024;

/// Registries by the ecosystem whose they are, as `collectionURL` names them.
const COLLECTIONS: &[(&str, &str)] = &[
    ("Maven", "https://repo.maven.apache.org/maven2"),
    ("PyPI", "https://pypi.org"),
    ("npm", "https://registry.npmjs.org"),
    ("Go", "https://pkg.go.dev"),
    ("crates.io", "https://crates.io"),
    ("RubyGems", "https://rubygems.org"),
    ("Packagist", "https://packagist.org"),
    ("NuGet", "https://nuget.org"),
    ("Hex", "https://hex.pm"),
    ("Pub", "https://pub.dev"),
    ("Hackage", "https://hackage.haskell.org"),
    ("CRAN", "https://cran.r-project.org"),
];

/// Entries for all that an advisory names.
pub(super) fn written(advisory: &Advisory, losses: &mut Losses) -> Vec<Value> {
    let mut all = Vec::new();
    for one in &advisory.affected {
        losses.add_if(
            !one.severities.is_empty() || !one.module.is_empty() || !one.arches.is_empty(),
            "severities, module streams and architectures of single products have no field in a CVE record",
        );
        match one.status {
            Status::Affected => {}
            Status::Recommended | Status::UnderInvestigation => {
                losses.add("products that are being looked into or recommended have no field in a CVE record");
                continue;
            }
            Status::Fixed | Status::NotAffected => losses.add(
                "products that are fixed or not affected are `unaffected` in a CVE record, which is not read back",
            ),
        }
        if let Some(mut entry) = named(one, losses) {
            said(one, &mut entry, losses);
            all.push(Value::Object(entry));
        }
    }
    all
}

/// An entry that names the target.
fn named(one: &Affected, losses: &mut Losses) -> Option<Map<String, Value>> {
    let entry = match &one.target {
        Target::Package {
            ecosystem,
            name,
            purl,
        } => {
            let kind = ecosystem.kind.as_str();
            let bare = purl_of(&one.target, "");
            let collection = COLLECTIONS.iter().find(|(known, _)| *known == kind);
            let mut entry = json!({"vendor": kind, "product": name});
            // The schema has one way or the other, never both.
            match (bare, collection) {
                (Some(bare), _) => {
                    entry["packageURL"] = json!(bare.to_string());
                    losses.add_if(
                        purl.as_ref().is_some_and(|purl| *purl != bare),
                        "the version of a purl is among the versions of its product",
                    );
                }
                (None, Some((_, url))) => {
                    entry["collectionURL"] = json!(url);
                    entry["packageName"] = json!(name);
                }
                (None, None) => losses.add(
                    "packages without a purl of their own stand as products of their ecosystem",
                ),
            }
            entry
        }
        Target::Product(product) => {
            let vendor = or(product.vendor.trim(), "n/a");
            let name = or(product.name.trim(), "n/a");
            let mut entry = json!({"vendor": cut(vendor, 512), "product": cut(name, 2048)});
            let mut cpes: Vec<&str> = product.cpes.iter().map(|cpe| &*cpe.text).collect();
            cpes.dedup();
            if !cpes.is_empty() {
                entry["cpes"] = json!(cpes);
            }
            if let Some(purl) = product.purls.first() {
                // The schema: without a version.
                let mut bare = purl.clone();
                losses.add_if(
                    !bare.version.is_empty(),
                    "the version of a purl has no field beside its product",
                );
                bare.version = "".into();
                entry["packageURL"] = json!(bare.to_string());
            }
            losses.add_if(
                product.purls.len() > 1,
                "a product of a CVE record has one purl",
            );
            losses.add_if(
                !product.family.is_empty()
                    || !product.models.is_empty()
                    || !product.serial_numbers.is_empty()
                    || !product.installed_on.is_empty()
                    || !product.document_id.is_empty(),
                "families, models, serial numbers, ids and what a product is installed on have no field in a CVE record",
            );
            entry
        }
        Target::Repository { url } => {
            let name = url
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or("n/a");
            json!({"vendor": "n/a", "product": or(name, "n/a"), "repo": url})
        }
        Target::Nothing => {
            losses.add("what it affects could not be read");
            return None;
        }
    };
    match entry {
        Value::Object(mut entry) => {
            if !one.symbols.is_empty() {
                let routines = one.symbols.iter();
                let routines = routines.map(|name| json!({"name": cut(name, 4096)}));
                entry.insert("programRoutines".to_owned(), routines.collect());
            }
            Some(entry)
        }
        _ => None,
    }
}

/// Adds versions with their status, and the status of all others.
fn said(one: &Affected, entry: &mut Map<String, Value>, losses: &mut Losses) {
    let (status, other) = match one.status {
        Status::Affected => ("affected", "unaffected"),
        _ => ("unaffected", "unaffected"),
    };
    let is_package = entry.contains_key("packageURL") || entry.contains_key("collectionURL");
    let order = match &one.target {
        Target::Package { ecosystem, .. } => Some(Scheme::of_ecosystem(ecosystem)),
        _ => None,
    };
    let mut versions = Vec::new();
    let mut is_all = one.versions.is_empty() && one.ranges.is_empty();
    losses.add_if(
        is_all,
        "no versions are given, which a CVE record reads as all",
    );
    for text in &one.versions {
        versions.extend(single(text, status, losses));
    }
    for range in &one.ranges {
        let Some((kind, repository)) = kind_of(range, order, is_package, losses) else {
            continue;
        };
        if let Some(repository) = repository {
            let known = entry.entry("repo").or_insert_with(|| json!(repository));
            losses.add_if(
                *known != json!(repository),
                "a product of a CVE record has one repository",
            );
        }
        for interval in &range.intervals {
            let everything = interval.introduced.is_none() && interval.end == End::Open;
            is_all |= everything && kind != "git";
            if !everything || kind == "git" {
                versions.push(ranged(interval, kind, status));
            }
        }
    }
    let default = if is_all { status } else { other };
    losses.add_if(
        is_all && !versions.is_empty(),
        "versions that are named beside all are left out",
    );
    entry.insert("defaultStatus".to_owned(), json!(default));
    let mut seen = rustc_hash::FxHashSet::default();
    versions.retain(|one: &Value| seen.insert(one.to_string()));
    if !is_all && !versions.is_empty() {
        entry.insert("versions".to_owned(), Value::Array(versions));
    }
}

/// One version, where readers find it there.
fn single(text: &str, status: &str, losses: &mut Losses) -> Option<Value> {
    let said = prose::exact(&text.replace('\\', ""));
    let is_plain = said.versions == [text] && said.ranges.is_empty() && said.model.is_none();
    if !is_plain || is_nothing(text) || text.chars().count() > VERSION_CHARS_MAX {
        losses.add(format!(
            "version `{}`, which readers take for something else",
            cut(text, 80)
        ));
        return None;
    }
    Some(json!({"version": text, "status": status}))
}

/// The word for the order of a range, and its repository; `None` where it is no range.
fn kind_of<'a>(
    range: &'a AffectedRange,
    order: Option<Scheme>,
    is_package: bool,
    losses: &mut Losses,
) -> Option<(&'static str, Option<&'a str>)> {
    let scheme = match &range.scheme {
        RangeScheme::Git { repository } => {
            return Some((
                "git",
                Some(repository.as_str()).filter(|url| !url.is_empty()),
            ));
        }
        RangeScheme::Unreadable(text) => {
            losses.add(format!(
                "versions given as `{}`, which is no range",
                cut(text, 80)
            ));
            return None;
        }
        RangeScheme::Ecosystem => order.unwrap_or(Scheme::Vendor),
        RangeScheme::Scheme(scheme) => {
            losses.add_if(
                is_package && Some(*scheme) != order,
                "a range in another order than its package's is read in that of its package",
            );
            *scheme
        }
    };
    Some((
        match scheme {
            Scheme::SemVer | Scheme::Cargo | Scheme::Go | Scheme::Hex | Scheme::Pub => "semver",
            Scheme::Npm => "npm",
            Scheme::Maven => "maven",
            Scheme::PyPi => "python",
            Scheme::Rpm => "rpm",
            Scheme::Deb => "deb",
            Scheme::Apk => "apk",
            Scheme::RubyGems => "gem",
            Scheme::DateTime => "date",
            Scheme::Vendor => "custom",
            _ if is_package => "custom",
            _ => {
                losses.add("the order of a range has no word in a CVE record");
                "custom"
            }
        },
        None,
    ))
}

fn ranged(interval: &Interval<String>, kind: &str, status: &str) -> Value {
    let from = interval.introduced.as_deref().unwrap_or("0");
    let mut entry = json!({"version": from, "status": status, "versionType": kind});
    match &interval.end {
        End::Open => entry["lessThan"] = json!("*"),
        End::Fixed(version) => entry["lessThan"] = json!(version),
        End::LastAffected(version) => entry["lessThanOrEqual"] = json!(version),
    }
    entry
}

fn cut(text: &str, chars: usize) -> &str {
    super::cut(text, chars)
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
