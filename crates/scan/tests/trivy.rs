//! A closed system of others: trivy's test database, its fixtures, and what trivy finds in them.
//!
//! The database is a tree of buckets in YAML; the reader below turns as much of it into advisories as the expected
//! results need. What an image holds is taken from its expected result, since the images are not here.

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
use common::{NOW, all_matches, part};
use inventory::{
    Component, Listing, SourcePackage,
    walk::{Options, Root, walk},
};
use names::Ecosystem;
use scan::{Builder, Index};
use serde_json::Value;
use versions::{End, Interval, Scheme};

/// One advisory of the database.
struct Known {
    ecosystem: Ecosystem,
    package: String,
    id: String,
    ranges: Vec<Interval<String>>,
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Whose advisories a bucket holds, in OSV's spelling.
fn ecosystem(bucket: &str) -> Option<Ecosystem> {
    let language = bucket.split_once("::").map(|(language, _)| language);
    if let Some(language) = language {
        return language_of(language).map(Ecosystem::parse);
    }
    let (name, release) = bucket.rsplit_once(' ')?;
    Some(Ecosystem::parse(&match name {
        "alpine" => format!("Alpine:{release}"),
        "debian" => format!("Debian:{release}"),
        "ubuntu" => format!("Ubuntu:{release}"),
        "amazon linux" => format!("Amazon Linux:{release}"),
        "Oracle Linux" => format!("Oracle Linux:{release}"),
        "CBL-Mariner" => format!("Azure Linux:{}", release.split('.').next()?),
        "Photon OS" => format!("Photon OS:{release}"),
        "alma" => format!("AlmaLinux:{release}"),
        "rocky" => format!("Rocky Linux:{release}"),
        "openSUSE Leap" => format!("openSUSE:Leap {release}"),
        "openSUSE" => format!("openSUSE:{release}"),
        _ => return None,
    }))
}

fn language_of(language: &str) -> Option<&'static str> {
    Some(match language {
        "pip" | "pipenv" | "poetry" | "uv" => "PyPI",
        "npm" | "yarn" | "pnpm" | "bun" => "npm",
        "cargo" => "crates.io",
        "composer" | "composer-vendor" => "Packagist",
        "maven" | "jar" | "pom" | "gradle" | "sbt" => "Maven",
        "nuget" => "NuGet",
        "swift" => "SwiftURL",
        "pub" => "Pub",
        "go" | "gomod" | "gobinary" => "Go",
        "rubygems" | "bundler" | "gemspec" => "RubyGems",
        "erlang" | "hex" => "Hex",
        "conan" => "ConanCenter",
        _ => return None,
    })
}

/// Which of Red Hat's products (by the database's own numbers) a release of it has by default.
fn red_hat(buckets: &Value) -> BTreeMap<String, u64> {
    let mut products = BTreeMap::new();
    for bucket in items(buckets).filter(|one| one["bucket"] == "Red Hat CPE") {
        for part in items(&bucket["pairs"]).filter(|one| one["bucket"] == "repository") {
            for pair in items(&part["pairs"]) {
                let release = word(pair, "key").split('-').nth(1);
                let number = pair["value"][0].as_u64();
                products.extend(release.map(str::to_owned).zip(number));
            }
        }
    }
    products
}

fn interval(introduced: Option<&str>, end: End<String>) -> Interval<String> {
    Interval {
        introduced: introduced.map(str::to_owned),
        end,
    }
}

/// `>= 2.39.0, < 2.39.1`, or as Maven writes it, `[2.9.0,2.9.10.7)`.
fn range(text: &str) -> Interval<String> {
    if let Some(inner) = text.strip_prefix('[') {
        let (from, to) = inner.split_once(',').unwrap();
        let to = to.strip_suffix(')').expect("this database has no other");
        return interval(Some(from), End::Fixed(to.to_owned()));
    }
    let mut found = interval(None, End::Open);
    for bound in text.split(',').map(str::trim) {
        let at = bound.find(|c: char| !"<>= ".contains(c)).unwrap();
        let (sign, version) = (bound[..at].trim(), bound[at..].to_owned());
        match sign {
            "<" => found.end = End::Fixed(version),
            "<=" => found.end = End::LastAffected(version),
            // From the beginning on.
            ">=" if version == "0" => {}
            ">=" => found.introduced = Some(version),
            other => panic!("`{other}` in {text}"),
        }
    }
    found
}

/// What lies outside of what is safe, as RustSec says it: `>= 3.1.0`, `>= 2.1.3, < 3.0.0`.
fn outside(safe: &Value) -> Vec<Interval<String>> {
    let mut safe: Vec<Interval<String>> =
        items(safe).filter_map(Value::as_str).map(range).collect();
    safe.sort_by_key(|one| versions::key(Scheme::SemVer, one.introduced.as_deref().unwrap_or("0")));
    let mut from = Some(None);
    let mut gaps = Vec::new();
    for one in safe {
        if let (Some(from), Some(to)) = (from.take(), one.introduced) {
            gaps.push(Interval {
                introduced: from,
                end: End::Fixed(to),
            });
        }
        if let End::Fixed(to) = one.end {
            from = Some(Some(to));
        }
    }
    gaps.extend(from.map(|introduced| Interval {
        introduced,
        end: End::Open,
    }));
    gaps
}

fn ranges(value: &Value) -> Vec<Interval<String>> {
    if value["VulnerableVersions"].is_array() {
        return items(&value["VulnerableVersions"])
            .filter_map(Value::as_str)
            .map(range)
            .collect();
    }
    if value["PatchedVersions"].is_array() {
        return outside(&value["PatchedVersions"]);
    }
    vec![match word(value, "FixedVersion") {
        "" => interval(None, End::Open),
        fixed => interval(None, End::Fixed(fixed.to_owned())),
    }]
}

/// Red Hat's advisories are for products by number, and each is as many as it has CVEs.
fn of_red_hat(
    pair: &Value,
    package: &str,
    products: &BTreeMap<String, u64>,
    known: &mut Vec<Known>,
) {
    for entry in items(&pair["value"]["Entries"]) {
        for (release, number) in products {
            if !items(&entry["Affected"]).any(|one| one.as_u64() == Some(*number)) {
                continue;
            }
            for cve in items(&entry["Cves"]) {
                let id = cve["ID"].as_str().unwrap_or(word(pair, "key"));
                known.push(Known {
                    ecosystem: Ecosystem::parse(&format!("Red Hat:enterprise_linux:{release}")),
                    package: package.to_owned(),
                    id: id.to_owned(),
                    ranges: ranges(entry),
                });
            }
        }
    }
}

/// The whole database.
fn database(folder: &Path) -> Vec<Known> {
    let read = |path: &Path| -> Value {
        let text = std::fs::read_to_string(path).unwrap();
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    };
    let products = match folder.join("cpe.yaml") {
        path if path.is_file() => red_hat(&read(&path)),
        _ => BTreeMap::new(),
    };
    let mut known = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        for bucket in items(&read(&entry.unwrap().path())) {
            let name = word(bucket, "bucket");
            let ecosystem = ecosystem(name);
            for package in items(&bucket["pairs"]) {
                let own = word(package, "bucket");
                for pair in items(&package["pairs"]) {
                    if name == "Red Hat" {
                        of_red_hat(pair, own, &products, &mut known);
                    } else if let Some(ecosystem) = &ecosystem {
                        known.push(Known {
                            ecosystem: ecosystem.clone(),
                            package: own.to_owned(),
                            id: word(pair, "key").trim().to_owned(),
                            ranges: ranges(&pair["value"]),
                        });
                    }
                }
            }
        }
    }
    known
}

fn index(known: &[Known]) -> Index {
    let mut builder = Builder::new(NOW);
    for (one, number) in known.iter().zip(0..) {
        builder.add("trivy", Record::Advisory(Box::new(advisory(one, number))));
    }
    let (bytes, _) = builder.finish_bytes().unwrap();
    Index::from_bytes(bytes).unwrap()
}

fn advisory(known: &Known, number: u32) -> Advisory {
    let range = AffectedRange {
        scheme: RangeScheme::Scheme(Scheme::of(&known.ecosystem.kind)),
        intervals: known.ranges.clone(),
    };
    let affected = Affected {
        target: Target::Package {
            ecosystem: known.ecosystem.clone(),
            name: known.package.clone(),
            purl: None,
        },
        ranges: vec![range],
        ..Affected::default()
    };
    Advisory {
        id: known.id.clone(),
        // The same id stands under several packages, and is another record each time.
        document: Some(number.to_string()),
        affected: vec![affected],
        ..Advisory::default()
    }
}

/// A finding as both sides write it: package, installed version, advisory, what fixes it.
type Finding = (String, String, String, String);

/// What the expected result lists.
fn theirs(result: &Value) -> BTreeSet<Finding> {
    let owned = |one: &Value, key: &str| word(one, key).to_owned();
    items(&result["Vulnerabilities"])
        .map(|one| {
            let name = owned(one, "PkgName");
            (
                name,
                owned(one, "InstalledVersion"),
                owned(one, "VulnerabilityID"),
                owned(one, "FixedVersion"),
            )
        })
        .collect()
}

/// The system that an expected result is of.
fn system(golden: &Value) -> Option<Ecosystem> {
    let os = &golden["Metadata"]["OS"];
    let id = match word(os, "Family") {
        "centos" | "redhat" => "rhel",
        "oracle" => "ol",
        "amazon" => "amzn",
        "cbl-mariner" => "mariner",
        "alma" => "almalinux",
        other => other,
    };
    let release = word(os, "Name").split(' ').next().unwrap_or_default();
    Ecosystem::of_os_release(id, release, "")
}

/// What an expected result says was installed. A distribution's advisories name source packages, which it does not
/// tell: a package is built from the one that the database has the same advisory of.
fn installed(result: &Value, ecosystem: &Ecosystem, known: &[Known]) -> Vec<Component> {
    let same = |one: &&Known| one.ecosystem.kind == ecosystem.kind;
    let mut components: BTreeMap<(String, String), Component> = BTreeMap::new();
    for one in items(&result["Vulnerabilities"]) {
        let (name, version) = (word(one, "PkgName"), word(one, "InstalledVersion"));
        let mut component = common::component(&ecosystem.to_string(), name, version);
        let mut named = known
            .iter()
            .filter(same)
            .filter(|known| known.package == name);
        if named.next().is_none() {
            let source = known
                .iter()
                .filter(same)
                .find(|known| known.id == word(one, "VulnerabilityID"));
            component.source = source.map(|source| SourcePackage {
                name: source.package.clone(),
                version: String::new(),
            });
        }
        components
            .entry((name.to_owned(), version.to_owned()))
            .or_insert(component);
    }
    components.into_values().collect()
}

/// Everything that was found in the fixture: in the folder, or else in its files, each named by hand.
fn listed(fixture: &Path) -> Vec<Component> {
    let read = |roots: &[Root]| {
        let mut listing = Listing::default();
        walk(roots, &Options::default(), &|_| {}, &mut listing);
        listing.components
    };
    let components = read(&[Root::Path(fixture.to_path_buf())]);
    if !components.is_empty() {
        return components;
    }
    let files = std::fs::read_dir(fixture).unwrap();
    let files: Vec<Root> = files.map(|file| Root::Path(file.unwrap().path())).collect();
    read(&files)
}

/// Our findings: of those that nothing ends, the fix is empty.
fn ours(index: &Index, components: &[Component]) -> BTreeSet<Finding> {
    let mut found = BTreeSet::new();
    for component in components {
        for one in all_matches(index, component)
            .iter()
            .filter(|one| !one.is_note())
        {
            let full = index.resolve(one, component).unwrap();
            found.insert((
                component.name.clone(),
                component.version.clone(),
                full.advisory,
                full.ends.unwrap_or_default(),
            ));
        }
    }
    found
}

/// Whether two findings are one: the scanner lists every fixed version, or the ranges that are safe; we say the one
/// to move to. A range that ends with the last affected version names none.
fn is_same(ours: &Finding, theirs: &Finding) -> bool {
    let name = names::package::normalize(&names::EcosystemKind::PyPi, &theirs.0);
    // NuGet's names are the same in either case; ours are in lower case.
    let same_name = ours.0.eq_ignore_ascii_case(&theirs.0) || ours.0 == name;
    // An epoch of 0 is the same as none.
    let fixed = ours.3.strip_prefix("0:").unwrap_or(&ours.3);
    let mut named = theirs.3.split([',', ' ', '>', '=', '<']);
    let same_fix = fixed.is_empty()
        || named.any(|version| version.strip_prefix("0:").unwrap_or(version) == fixed);
    same_name && (&ours.1, &ours.2) == (&theirs.1, &theirs.2) && same_fix
}

/// Results whose release is not the one their system names: this image's repositories are those of edge.
const OTHER_RELEASE: &[(&str, &str)] = &[("alpine-distroless", "Alpine:edge")];

/// The release that a result is really of, where its system names another.
fn other_release(name: &str) -> Option<Ecosystem> {
    let other = OTHER_RELEASE
        .iter()
        .find(|(result, _)| name.contains(result));
    other.map(|(_, release)| Ecosystem::parse(release))
}

/// Expected results that leave out what the scanner was told to ignore.
fn is_filtered(name: &str) -> bool {
    name.contains("ignore") || name.contains("skip")
}

#[test]
fn a_scan_finds_what_trivy_finds_in_its_fixtures() {
    let Some(folder) = part("e2e/trivy") else {
        return;
    };
    let known = database(&folder.join("fixtures/db"));
    let index = index(&known);
    let (mut ran, mut wrong) = (0, Vec::new());
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".json.golden") {
            continue;
        }
        let golden: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let artifact = word(&golden, "ArtifactName")
            .rsplit("testdata/")
            .next()
            .unwrap_or_default();
        let fixture = folder.join(artifact);
        let mut left: BTreeSet<Finding> = BTreeSet::new();
        let mut expected: BTreeSet<Finding> = BTreeSet::new();
        for result in items(&golden["Results"]) {
            expected.extend(theirs(result));
            let language = language_of(word(result, "Type")).map(Ecosystem::parse);
            if fixture.is_dir() {
                left.extend(ours(&index, &listed(&fixture)));
            } else if let Some(ecosystem) = language
                .or_else(|| other_release(&name))
                .or_else(|| system(&golden))
            {
                left.extend(ours(&index, &installed(result, &ecosystem, &known)));
            }
        }
        for theirs in &expected {
            let same = left.iter().find(|ours| is_same(ours, theirs)).cloned();
            match same {
                Some(same) => {
                    left.remove(&same);
                }
                None => wrong.push(format!("{name}: not found: {theirs:?}")),
            }
            ran += 1;
        }
        if !is_filtered(&name) {
            wrong.extend(
                left.iter()
                    .map(|more| format!("{name}: found besides: {more:?}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 0);
    println!("vectors: trivy-e2e {ran} ran, 0 listed as wrong");
}
