//! Trivy's own end-to-end fixtures: its small database in YAML, and what it reports for packages.
//!
//! The reports name binary packages and the database of a distribution names source packages; the reports do not
//! say which source a package is of, so it is taken to be the one under which the database has the flaw.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its data has failed"
)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use advisory::{Advisory, Affected, AffectedRange, RangeScheme, Record, Target};
use common::{NOW, component, part};
use inventory::SourcePackage;
use names::Ecosystem;
use scan::{Builder, Index};
use serde_json::Value;
use versions::{End, Interval};

/// A flaw in a package, as the database has it.
struct Flaw {
    ecosystem: String,
    package: String,
    id: String,
    intervals: Vec<Interval<String>>,
}

/// Our ecosystem for a bucket or a result's type; `None` for those we do not compare here.
fn ecosystem(bucket: &str) -> Option<String> {
    let language = bucket.split("::").next().unwrap_or_default();
    let named = match language {
        "cargo" => "crates.io",
        "npm" | "yarn" | "bun" => "npm",
        "pip" => "PyPI",
        "composer" | "composer-vendor" => "Packagist",
        "go" => "Go",
        "maven" | "sbt" | "jar" => "Maven",
        "nuget" => "NuGet",
        "rubygems" => "RubyGems",
        "pub" => "Pub",
        "swift" => "SwiftURL",
        "conan" => "ConanCenter",
        "erlang" => "Hex",
        _ => "",
    };
    if !named.is_empty() {
        return Some(named.to_owned());
    }
    let (name, release) = bucket.rsplit_once(' ')?;
    let named = match name.to_ascii_lowercase().as_str() {
        "alpine" => "Alpine",
        "debian" => "Debian",
        "ubuntu" => "Ubuntu",
        "amazon linux" | "amazon" => "Amazon Linux",
        "oracle linux" | "oracle" => "Oracle Linux",
        "photon os" | "photon" => "Photon OS",
        "opensuse leap" | "opensuse-leap" | "opensuse" | "opensuse-tumbleweed" => "openSUSE",
        "alma linux" | "alma" => "AlmaLinux",
        "rocky linux" | "rocky" => "Rocky Linux",
        _ => return None,
    };
    let release = match release {
        _ if name.ends_with("tumbleweed") => "Tumbleweed".to_owned(),
        release => release.to_owned(),
    };
    Some(format!("{named}:{release}"))
}

/// `>= 1.0, < 1.2` or `[1.0,1.2)`.
fn interval(text: &str) -> Interval<String> {
    let mut found = Interval {
        introduced: None,
        end: End::Open,
    };
    let bracketed = text.starts_with(['[', '(']);
    let inclusive = text.ends_with(']');
    let bare = text.trim_matches(['[', ']', '(', ')']);
    for (nth, bound) in bare.split(',').map(str::trim).enumerate() {
        let version = bound.trim_start_matches(['<', '>', '=', ' ']).to_owned();
        match bound {
            "" => {}
            _ if bracketed && nth == 0 => found.introduced = Some(version),
            _ if bracketed && inclusive => found.end = End::LastAffected(version),
            _ if bracketed => found.end = End::Fixed(version),
            bound if bound.starts_with("<=") => found.end = End::LastAffected(version),
            bound if bound.starts_with('<') => found.end = End::Fixed(version),
            bound if bound.starts_with(">=") && version != "0" => found.introduced = Some(version),
            _ => {}
        }
    }
    found
}

/// What lies outside of the patched ranges: RustSec's way of saying what is affected.
fn outside(patched: &[String]) -> Vec<Interval<String>> {
    let mut patched: Vec<Interval<String>> = patched.iter().map(|text| interval(text)).collect();
    let key = |version: &Option<String>| {
        let version = version.as_deref().unwrap_or("0");
        versions::key(versions::Scheme::Cargo, version)
    };
    patched.sort_by_key(|one| key(&one.introduced));
    let mut introduced = None;
    let mut affected = Vec::new();
    for one in patched {
        let fixed = one.introduced.unwrap_or_default();
        affected.push(Interval {
            introduced: introduced.take(),
            end: End::Fixed(fixed),
        });
        match one.end {
            End::Fixed(end) | End::LastAffected(end) => introduced = Some(end),
            End::Open => return affected,
        }
    }
    affected
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value[key].as_array().cloned().unwrap_or_default();
    list.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn intervals(value: &Value) -> Vec<Interval<String>> {
    let (vulnerable, patched) = (
        texts(value, "VulnerableVersions"),
        texts(value, "PatchedVersions"),
    );
    match (value["FixedVersion"].as_str(), vulnerable.is_empty()) {
        (Some(fixed), _) => vec![Interval {
            introduced: None,
            end: End::Fixed(fixed.to_owned()),
        }],
        (None, false) => vulnerable.iter().map(|text| interval(text)).collect(),
        (None, true) if !patched.is_empty() => outside(&patched),
        (None, true) => vec![interval("")],
    }
}

fn database(folder: &Path) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(buckets) = serde_saphyr::from_str::<Vec<Value>>(&text) else {
            continue;
        };
        let list = |value: &Value| value["pairs"].as_array().cloned().unwrap_or_default();
        for bucket in buckets {
            let Some(ecosystem) = ecosystem(bucket["bucket"].as_str().unwrap_or_default()) else {
                continue;
            };
            for package in list(&bucket) {
                for flaw in list(&package) {
                    flaws.push(Flaw {
                        ecosystem: ecosystem.clone(),
                        package: package["bucket"].as_str().unwrap_or_default().to_owned(),
                        id: flaw["key"].as_str().unwrap_or_default().to_owned(),
                        intervals: intervals(&flaw["value"]),
                    });
                }
            }
        }
    }
    flaws
}

fn index(flaws: &[Flaw]) -> Index {
    let mut builder = Builder::new(NOW);
    for (flaw, number) in flaws.iter().zip(0..) {
        let affected = Affected {
            target: Target::Package {
                ecosystem: Ecosystem::parse(&flaw.ecosystem),
                name: flaw.package.clone(),
                purl: None,
            },
            ranges: vec![AffectedRange {
                scheme: RangeScheme::Ecosystem,
                intervals: flaw.intervals.clone(),
            }],
            ..Affected::default()
        };
        let advisory = Advisory {
            id: flaw.id.clone(),
            document: Some(format!("{number}")),
            affected: vec![affected],
            ..Advisory::default()
        };
        builder.add("trivy", Record::Advisory(Box::new(advisory)));
    }
    Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap()
}

/// Reports that leave flaws out on purpose: they show that trivy's own ignore file works.
const FILTERED: &[&str] = &["ignore-cveids"];

/// Reports whose release is not the one their system names: this image's repositories are those of edge.
const OTHER_RELEASE: &[(&str, &str)] = &[("alpine-distroless", "Alpine:edge")];

#[test]
fn packages_have_the_flaws_that_trivy_reports_and_no_other() {
    let Some(folder) = part("e2e/trivy") else {
        return;
    };
    let flaws = database(&folder.join("fixtures/db"));
    let index = index(&flaws);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut ran = 0;
    for path in paths
        .iter()
        .filter(|path| path.to_string_lossy().ends_with(".json.golden"))
    {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let report: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let os = &report["Metadata"]["OS"];
        let os = format!(
            "{} {}",
            os["Family"].as_str().unwrap_or_default(),
            os["Name"]
                .as_str()
                .unwrap_or_default()
                .split(' ')
                .next()
                .unwrap_or_default()
        );
        for result in report["Results"].as_array().cloned().unwrap_or_default() {
            let kind = match result["Class"].as_str() {
                Some("os-pkgs") => os.as_str(),
                _ => result["Type"].as_str().unwrap_or_default(),
            };
            let other = OTHER_RELEASE
                .iter()
                .find(|(report, _)| name.contains(report));
            let ecosystem = other
                .map(|(_, other)| (*other).to_owned())
                .or(ecosystem(kind));
            if let Some(ecosystem) = ecosystem {
                ran += check(&index, &flaws, &name, &ecosystem, &result);
            }
        }
    }
    assert!(ran > 0);
    println!("vectors: trivy-matches {ran} ran, 0 listed as wrong");
}

/// Compares one result's packages; says how many flaws they have.
fn check(index: &Index, flaws: &[Flaw], name: &str, ecosystem: &str, result: &Value) -> u64 {
    let mut expected: BTreeMap<(String, String), BTreeMap<String, String>> = BTreeMap::new();
    let listed = result["Vulnerabilities"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for one in &listed {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let package = (text("PkgName"), text("InstalledVersion"));
        let flaw = (text("VulnerabilityID"), text("FixedVersion"));
        expected.entry(package).or_default().extend([flaw]);
    }
    let mut ran = 0;
    for ((package, version), theirs) in expected {
        let mut own = component(ecosystem, &package, &version);
        own.source = source(flaws, &own, &theirs);
        let mut ours: BTreeMap<String, String> = BTreeMap::new();
        for found in common::all_matches(index, &own) {
            assert!(!found.is_note(), "{name}: {package} {version}: {found:?}");
            let full = index.resolve(&found, &own).unwrap();
            ours.insert(full.advisory, full.ends.unwrap_or_default());
        }
        let ids = |flaws: &BTreeMap<String, String>| flaws.keys().cloned().collect::<BTreeSet<_>>();
        if !FILTERED.iter().any(|filtered| name.contains(filtered)) {
            assert_eq!(ids(&ours), ids(&theirs), "{name}: {package} {version}");
        }
        for (id, fixed) in &theirs {
            let ends = ours
                .get(id)
                .unwrap_or_else(|| panic!("{name}: {package} {version}: {id}"));
            // Several fixed versions, or RustSec's patched ranges, are told as they stand; ours is one of them.
            assert!(
                fixed.contains(ends.as_str()),
                "{name}: {package}: {ends} of {fixed}"
            );
            ran += 1;
        }
    }
    ran
}

/// The package under which the database has the first of these flaws, where that has another name.
fn source(
    flaws: &[Flaw],
    own: &inventory::Component,
    theirs: &BTreeMap<String, String>,
) -> Option<SourcePackage> {
    let kind = own.ecosystem.as_ref()?.kind.clone();
    let named = |flaw: &&Flaw| {
        Ecosystem::parse(&flaw.ecosystem).kind == kind && theirs.contains_key(&flaw.id)
    };
    if flaws
        .iter()
        .filter(named)
        .any(|flaw| flaw.package == own.name)
    {
        return None;
    }
    let flaw = flaws.iter().find(named)?;
    Some(SourcePackage {
        name: flaw.package.clone(),
        version: own.version.clone(),
    })
}
