//! Lockfiles and manifests against the lists that others expect of them.
//!
//! `lockfiles/osv-scalibr` holds, for each format, files and the packages that scanner finds in them; the other
//! folders hold files only, which must be read without a panic, and counted where the format counts itself.

use std::collections::BTreeMap;
use std::path::Path;

use crate::common;
use inventory::kind::{self, Beside, Kind};
use inventory::{Component, Listing, Location, lock};
use names::EcosystemKind;
use serde::Deserialize;
use sha2::Digest;

/// One expectation of `expected.json`.
#[derive(Deserialize)]
struct Expectation {
    file: String,
    #[serde(default)]
    test: String,
    #[serde(default)]
    packages: Vec<Package>,
    #[serde(default)]
    error: bool,
    #[serde(default)]
    other: serde_json::Value,
}

#[derive(Deserialize)]
struct Package {
    name: Option<String>,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    purl_type: Option<String>,
    #[serde(default)]
    groups: Option<Vec<String>>,
    #[serde(default)]
    commit: Option<String>,
    #[serde(default)]
    line: Option<u32>,
}

/// Which list each folder of `osv-scalibr` holds.
const EXTRACTORS: &[(&str, Kind)] = &[
    ("rust/cargolock", Kind::CargoLock),
    ("rust/cargotoml", Kind::CargoToml),
    ("javascript/packagelockjson", Kind::PackageLock),
    ("javascript/pnpmlock", Kind::PnpmLock),
    ("javascript/yarnlock", Kind::YarnLock),
    ("javascript/bunlock", Kind::BunLock),
    ("javascript/denojson", Kind::DenoJson),
    ("javascript/denotssource", Kind::DenoSource),
    ("javascript/packagejson", Kind::PackageJson),
    ("golang/gomod", Kind::GoMod),
    ("golang/vendormodules", Kind::GoVendor),
    ("python/requirements", Kind::Requirements),
    ("python/poetrylock", Kind::PoetryLock),
    ("python/pipfilelock", Kind::PipfileLock),
    ("python/pdmlock", Kind::PdmLock),
    ("python/uvlock", Kind::UvLock),
    ("python/pylock", Kind::Pylock),
    ("python/pyprojecttoml", Kind::PyprojectToml),
    ("python/setup", Kind::SetupPy),
    ("python/wheelegg", Kind::PythonMetadata),
    ("python/condameta", Kind::CondaMeta),
    ("ruby/gemfilelock", Kind::GemfileLock),
    ("ruby/gemspec", Kind::Gemspec),
    ("php/composerlock", Kind::ComposerLock),
    ("java/pomxml", Kind::PomXml),
    ("java/gradlelockfile", Kind::GradleLockfile),
    (
        "java/gradleverificationmetadataxml",
        Kind::GradleVerification,
    ),
    ("java/gradleversioncatalog", Kind::GradleCatalog),
    ("dotnet/packageslockjson", Kind::NugetLock),
    ("dotnet/packagesconfig", Kind::NugetConfig),
    ("dotnet/nugetcpm", Kind::NugetProps),
    ("dotnet/projectassetsjson", Kind::NugetAssets),
    ("dotnet/depsjson", Kind::DepsJson),
    ("dotnet/csproj", Kind::Csproj),
    ("dotnet/paketlock", Kind::PaketLock),
    ("dotnet/paketdependencies", Kind::PaketDependencies),
    ("elixir/mixlock", Kind::MixLock),
    ("erlang/mixlock", Kind::MixLock),
    ("gleam/gleamtoml", Kind::GleamToml),
    ("gleam/manifesttoml", Kind::GleamManifest),
    ("dart/pubspec", Kind::PubspecLock),
    ("swift/packageresolved", Kind::SwiftResolved),
    ("swift/podfilelock", Kind::PodfileLock),
    ("cpp/conanlock", Kind::ConanLock),
    ("r/renvlock", Kind::RenvLock),
    ("haskell/stacklock", Kind::StackLock),
    ("haskell/cabal", Kind::CabalFreeze),
    ("julia/manifesttoml", Kind::JuliaManifest),
    ("julia/projecttoml", Kind::JuliaProject),
    ("perl/cpan", Kind::CpanMeta),
    ("ocaml/opam", Kind::Opam),
    ("lua/luarocks", Kind::Rockspec),
    ("nim/nimble", Kind::Nimble),
    ("containers/dockercomposeimage", Kind::Compose),
    ("containers/dockerbaseimage", Kind::Dockerfile),
    ("containers/k8simage", Kind::KubernetesImages),
    ("runtime/asdf", Kind::ToolVersions),
    ("runtime/mise", Kind::MiseToml),
    ("nodejs/nodeversion", Kind::NodeVersion),
    ("nodejs/nvm", Kind::NodeVersion),
    ("os/pacman", Kind::Pacman),
    ("os/portage", Kind::Portage),
    ("os/flatpak", Kind::Flatpak),
    ("os/snap", Kind::Snap),
    ("os/cos", Kind::Cos),
    ("os/chocolatey", Kind::Chocolatey),
    ("os/spack", Kind::Spack),
    ("os/chisel", Kind::Chisel),
];

/// Files whose expectation we decided against, by the SHA-256 of the file, and why. Each is told in
/// `docs/accuracy.md`.
const DECIDED: &[(&str, &str)] = &[
    // monotonic-1.6-py3.10.egg
    (
        "f73e3f7962d1453a805e6a9b60e69b36996a7c31d62b98becef41ef3922216f7",
        "an egg that is a zip archive is opened by the walk, which then meets its PKG-INFO",
    ),
    // no-version.json
    (
        "068a73ea3c07465cebd61e93d618c453e700f81a03358b890a5c88587b469a1f",
        "a package from git has a commit instead of a version; we list it, for advisories with commit ranges",
    ),
    // with-mixed-sources.lock
    (
        "6873f3b8c6aa8f05864039dab69bc555b0cf2364600b1399c94fe27995e5d32b",
        "a package from GitHub is listed with its commit",
    ),
    // with-bioconductor.lock
    (
        "5c735ad1f117ba50294f3bd268a1335aca463bda9e5c497b01ee9ee515d3df9f",
        "Bioconductor is an ecosystem of OSV's, so its packages are listed",
    ),
    // docker-compose-1.yml
    (
        "6fdf23d0d0fe30f875e922dcd6cbbd9be10dce4393e2a95e65a4737e3ba1a71d",
        "one image's tag is a variable of the scanner's own environment, which says nothing of the owner's",
    ),
];

struct Folder<'a>(&'a Path);

impl Beside for Folder<'_> {
    fn open(&self, relative: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(relative)).ok()
    }
}

fn read(kind: Kind, path: &Path, shown: &str) -> Listing {
    let bytes = std::fs::read(path).unwrap_or_default();
    let location = Location {
        path: shown.to_owned(),
        ..Location::default()
    };
    let mut listing = Listing::default();
    let folder = Folder(path.parent().unwrap_or(path));
    kind::read_beside(kind, &location, &bytes, &folder, &mut listing);
    listing
}

#[test]
fn every_format_is_read_as_osv_scalibr_reads_it() {
    let Some(root) = common::data("lockfiles/osv-scalibr") else {
        return;
    };
    let (mut ran, mut passed_over, mut wrong, mut lines) = (0, 0, Vec::new(), (0, 0));
    for expected in common::files(&root) {
        if expected
            .file_name()
            .is_none_or(|name| name != "expected.json")
        {
            continue;
        }
        let folder = expected.parent().unwrap();
        let Some((_, kind)) = EXTRACTORS.iter().find(|(name, _)| folder.ends_with(name)) else {
            continue;
        };
        let mut rows: Vec<Expectation> =
            serde_json::from_slice(&std::fs::read(&expected).unwrap()).unwrap();
        for row in &mut rows {
            decided(row, *kind);
            let path = folder.join(&row.file);
            if !path.is_file() {
                continue;
            }
            let label = format!(
                "{}: {} ({})",
                folder.strip_prefix(&root).unwrap().display(),
                row.file,
                row.test
            );
            let digest = sha256(&std::fs::read(&path).unwrap());
            if DECIDED.iter().any(|(decided, _)| *decided == digest) {
                passed_over += 1;
                continue;
            }
            let listing = read(*kind, &path, &row.file);
            if listing
                .problems
                .iter()
                .any(|problem| problem.message.starts_with("no reader for"))
            {
                continue;
            }
            ran += 1;
            if let Err(difference) = compare(row, *kind, &listing, &mut lines) {
                wrong.push(format!("{label}\n{difference}"));
            }
        }
    }
    println!("lines: {} agree, {} differ", lines.0, lines.1);
    assert!(
        wrong.is_empty(),
        "{} of {ran} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(ran > 0);
    println!("vectors: lockfiles/osv-scalibr {ran} ran, {passed_over} listed as wrong");
}

fn sha256(bytes: &[u8]) -> String {
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What we decided differently for whole formats.
fn decided(row: &mut Expectation, kind: Kind) {
    for package in &mut row.packages {
        match kind {
            // A range is no version: we give its lowest.
            Kind::GleamToml => {
                let lowest = package
                    .version
                    .as_deref()
                    .and_then(|range| range.split(' ').nth(1));
                package.version = lowest.map(str::to_owned);
            }
            // What comes from deno.land is no package of npm's.
            Kind::DenoSource => package.purl_type = None,
            // A package URL without a name is none.
            Kind::GradleVerification => {
                let nameless = |name: &String| name.starts_with(':') || name.ends_with(':');
                if package.name.as_ref().is_some_and(nameless) {
                    package.purl_type = None;
                }
            }
            // What follows the version is a hash of the archive, not a commit.
            Kind::MixLock if package.version.as_deref() != Some("") => package.commit = None,
            // What is needed to run is in production, which has no group.
            Kind::PomXml => {
                if let Some(groups) = &mut package.groups {
                    groups.retain(|group| group != "runtime");
                }
            }
            // What a build requires outright is in production, which has no group.
            Kind::ConanLock => {
                if let Some(groups) = &mut package.groups {
                    groups.retain(|group| group != "requires");
                }
            }
            _ => {}
        }
    }
}

fn compare(
    row: &Expectation,
    kind: Kind,
    listing: &Listing,
    lines: &mut (u32, u32),
) -> Result<(), String> {
    let failed = listing.problems.iter().any(|problem| problem.lost);
    if failed != row.error {
        return Err(format!("  error {} but {:?}", row.error, listing.problems));
    }
    let asks = row.other.get("includeDeps").is_some();
    let found: Vec<&Component> = listing
        .components
        .iter()
        .filter(|component| {
            kind != Kind::PackageJson
                || asks
                || row
                    .packages
                    .iter()
                    .any(|package| same_name(package, component))
        })
        .collect();
    let mut counts: BTreeMap<(String, String), i32> = BTreeMap::new();
    for component in &found {
        *counts
            .entry((component.name.clone(), component.version.clone()))
            .or_default() += 1;
    }
    let mut unknown = 0;
    for package in &row.packages {
        match &package.name {
            None => unknown += 1,
            Some(_) => {
                *counts
                    .entry((normal(package), package.version.clone().unwrap_or_default()))
                    .or_default() -= 1
            }
        }
    }
    counts.retain(|_, count| *count != 0);
    let surplus: i32 = counts.values().sum();
    // Rows without a name stand for packages that the table does not spell out.
    if unknown > 0 && surplus == unknown && counts.values().all(|count| *count > 0) {
        counts.clear();
    }
    let unspoken = row.error && row.packages.is_empty();
    if !counts.is_empty() && !unspoken {
        let differences = counts.iter().map(|((name, version), count)| match count {
            1.. => format!("  + {name}@{version}"),
            _ => format!("  - {name}@{version}"),
        });
        return Err(differences.collect::<Vec<_>>().join("\n"));
    }
    details(row, &found, lines)
}

/// Package URL types that osv-scalibr calls otherwise than ECMA-427's registry.
const OTHER_TYPES: &[(&str, &str)] = &[("haskell", "hackage"), ("pacman", "alpm")];

/// Groups, commits and package URLs, where the expectation gives them.
fn details(row: &Expectation, found: &[&Component], lines: &mut (u32, u32)) -> Result<(), String> {
    let mut wrong = Vec::new();
    for package in row.packages.iter().filter(|package| package.name.is_some()) {
        let version = package.version.clone().unwrap_or_default();
        let same: Vec<_> = found
            .iter()
            .filter(|component| component.name == normal(package) && component.version == version)
            .collect();
        if let Some(groups) = &package.groups {
            let mut want = groups.clone();
            want.sort();
            let fits = same.iter().any(|component| {
                let mut have = component.groups.clone();
                have.sort();
                have == want
            });
            if !fits {
                wrong.push(format!(
                    "  {} groups {want:?} but {:?}",
                    normal(package),
                    same.iter().map(|c| &c.groups).collect::<Vec<_>>()
                ));
            }
        }
        if let Some(commit) = &package.commit
            && !same.iter().any(|component| component.commit == *commit)
        {
            wrong.push(format!(
                "  {} commit {commit} but {:?}",
                normal(package),
                same.iter().map(|c| &c.commit).collect::<Vec<_>>()
            ));
        }
        if let Some(kind) = &package.purl_type {
            let have: Vec<String> = same
                .iter()
                .filter_map(|component| Some(component.package_url()?.kind.into()))
                .collect();
            let other = OTHER_TYPES
                .iter()
                .find(|(theirs, _)| theirs == kind)
                .map_or(kind.as_str(), |(_, ours)| ours);
            if !have.iter().any(|have| have == other) {
                wrong.push(format!(
                    "  {} purl type {kind} but {have:?}",
                    normal(package)
                ));
            }
        }
        if let Some(line) = package.line.filter(|line| *line > 0) {
            match same.iter().any(|component| component.location.line == line) {
                true => lines.0 += 1,
                false => lines.1 += 1,
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n"))
    }
}

fn same_name(package: &Package, component: &Component) -> bool {
    package.name.is_some() && normal(package) == component.name
}

/// The expected name in the spelling we compare by.
fn normal(package: &Package) -> String {
    let name = package.name.as_deref().unwrap_or_default();
    let kind = match package.purl_type.as_deref().unwrap_or_default() {
        "cargo" => EcosystemKind::CratesIo,
        "pypi" => EcosystemKind::PyPi,
        "npm" => EcosystemKind::Npm,
        "golang" => EcosystemKind::Go,
        "gem" => EcosystemKind::RubyGems,
        "composer" => EcosystemKind::Packagist,
        "maven" => EcosystemKind::Maven,
        "nuget" => EcosystemKind::NuGet,
        "hex" => EcosystemKind::Hex,
        "pub" => EcosystemKind::Pub,
        "cran" => EcosystemKind::Cran,
        "conan" => EcosystemKind::ConanCenter,
        "haskell" => EcosystemKind::Hackage,
        "julia" => EcosystemKind::Julia,
        "swift" => EcosystemKind::SwiftUrl,
        _ => return name.to_owned(),
    };
    names::package::normalize(&kind, name).into_owned()
}

#[test]
fn every_lockfile_of_others_is_read_without_a_panic() {
    for family in ["osv-scanner", "real-projects", "rustsec", "syft", "trivy"] {
        let Some(root) = common::data(&format!("lockfiles/{family}")) else {
            continue;
        };
        let (mut ran, mut components, mut counted, mut problems) = (0, 0, 0, Vec::new());
        for path in common::files(&root) {
            let shown = path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            let name = shown.rsplit('/').next().unwrap_or_default();
            let kind = match kind::of(&shown) {
                Some(kind) => kind,
                None => match by_folder(&shown, name) {
                    Some(kind) => kind,
                    None => continue,
                },
            };
            let listing = read(kind, &path, &shown);
            ran += 1;
            components += listing.components.len();
            problems.extend(
                listing
                    .problems
                    .iter()
                    .map(|problem| format!("  {shown}: {}", problem.message)),
            );
            if let Some(count) = own_count(kind, &path) {
                assert_eq!(listing.components.len(), count, "{shown}");
                counted += 1;
            }
        }
        println!("{}", problems.join("\n"));
        assert!(ran > 0);
        println!(
            "{family}: {ran} files, {components} components, {counted} counted, {} problems",
            problems.len()
        );
        println!("vectors: lockfiles/{family} {ran} ran, 0 listed as wrong");
    }
}

#[test]
fn a_lock_as_its_tool_writes_it_and_as_a_person_would_are_read_alike() {
    let mut roots = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lock")];
    roots.extend(common::data("lockfiles"));
    let mut ran = 0;
    for path in roots.iter().flat_map(|root| common::files(root)) {
        let shown = path.to_string_lossy().replace('\\', "/");
        let name = shown.rsplit('/').next().unwrap_or_default();
        let Some(kind) = kind::of(&shown).or_else(|| by_folder(&shown, name)) else {
            continue;
        };
        let Some(other) = std::fs::read_to_string(&path)
            .ok()
            .and_then(|text| by_hand(kind, &text))
        else {
            continue;
        };
        let location = Location::default();
        let (mut one, mut two) = (Listing::default(), Listing::default());
        kind::read(kind, &location, &std::fs::read(&path).unwrap(), &mut one);
        kind::read(kind, &location, other.as_bytes(), &mut two);
        assert_eq!(one.components, two.components, "{shown}");
        ran += 1;
    }
    println!("{ran} locks read in both ways");
    assert!(ran > 0);
}

/// The same lock in a way that its tool would not write it, so that only a full parser reads it.
fn by_hand(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::CargoLock => Some(format!("{text}\n[by.hand]\n")),
        Kind::PnpmLock if !text.trim().is_empty() => Some(format!("{text}\n? by hand\n: yes\n")),
        Kind::PoetryLock | Kind::UvLock | Kind::PdmLock | Kind::Pylock => {
            let text = text
                .replace("wheels = [", "wheels =  [")
                .replace("files = [", "files =  [");
            Some(text.replace("sdist = {", "sdist =  {"))
        }
        _ => None,
    }
}

/// Files whose name is the test's and not the format's, by the folder they lie in.
fn by_folder(path: &str, name: &str) -> Option<Kind> {
    const FOLDERS: &[(&str, &str, Kind)] = &[
        ("golang/sum/", ".sum", Kind::GoSum),
        ("conda/environment/", ".yaml", Kind::CondaEnvironment),
        ("conda/meta/", ".json", Kind::CondaMeta),
        ("nuget/lock/", ".json", Kind::NugetLock),
        ("nuget/packagesprops/", "", Kind::NugetProps),
        ("nuget/config/", ".config", Kind::NugetConfig),
        ("hex/mix/", ".lock", Kind::MixLock),
        ("dart/pub/", ".lock", Kind::PubspecLock),
        ("python/pylock/", ".toml", Kind::Pylock),
        ("python/packaging/", "METADATA", Kind::PythonMetadata),
        ("python/packaging/", "PKG-INFO", Kind::PythonMetadata),
        ("python/pipenv/", ".lock", Kind::PipfileLock),
        ("python/pyproject/", ".toml", Kind::PyprojectToml),
        ("python/pip/", ".txt", Kind::Requirements),
        ("python/poetry/", ".lock", Kind::PoetryLock),
        ("python/uv/", ".lock", Kind::UvLock),
        ("swift/swift/", "Package.resolved", Kind::SwiftResolved),
        ("swift/cocoapods/", ".lock", Kind::PodfileLock),
        ("rust/cargo/", ".lock", Kind::CargoLock),
        ("sbt/lockfile/", ".lock", Kind::SbtLock),
        ("c/conan/", ".lock", Kind::ConanLock),
        ("nodejs/pnpm/", ".yaml", Kind::PnpmLock),
        ("nodejs/npm/", ".json", Kind::PackageLock),
        ("nodejs/yarn/", ".lock", Kind::YarnLock),
        ("nodejs/bun/", ".lock", Kind::BunLock),
        ("nodejs/packagejson/", ".json", Kind::PackageJson),
        ("ruby/bundler/", ".lock", Kind::GemfileLock),
        ("ruby/gemspec/", ".gemspec", Kind::Gemspec),
        ("php/composer/", ".lock", Kind::ComposerLock),
        ("java/pom/", ".xml", Kind::PomXml),
        ("gradle/lockfile/", ".lockfile", Kind::GradleLockfile),
    ];
    if name.starts_with("Cargo.lock.") || name.ends_with("_cargo.lock") {
        return Some(Kind::CargoLock);
    }
    let found = FOLDERS
        .iter()
        .find(|(folder, end, _)| path.contains(folder) && name.ends_with(end));
    found.map(|(.., kind)| *kind)
}

/// How many packages a file itself says it has.
fn own_count(kind: Kind, path: &Path) -> Option<usize> {
    let text = std::fs::read_to_string(path).ok()?;
    match kind {
        Kind::PackageLock => npm_count(&text),
        Kind::PnpmLock if text.contains("lockfileVersion: '9") => {
            let sections = text.split("\npackages:\n").skip(1);
            let packages = sections.filter_map(|rest| rest.split("\nsnapshots:").next());
            let is_key = |line: &&str| {
                line.starts_with("  ") && !line.starts_with("   ") && !line.contains('#')
            };
            Some(packages.flat_map(str::lines).filter(is_key).count())
        }
        Kind::GoMod if text.contains("\ngo 1.2") && !text.contains("replace ") => {
            let in_block = |line: &&str| {
                line.starts_with('\t')
                    && line
                        .split_ascii_whitespace()
                        .nth(1)
                        .is_some_and(|version| version.starts_with('v'))
            };
            let single = |line: &&str| line.starts_with("require ") && !line.contains('(');
            let required = text.split("\nexclude").next()?;
            Some(
                1 + required.lines().filter(in_block).count()
                    + required.lines().filter(single).count(),
            )
        }
        Kind::UvLock => {
            let packages = text.lines().filter(|line| *line == "[[package]]").count();
            Some(
                packages
                    - text
                        .lines()
                        .filter(|line| line.starts_with("source = { virtual"))
                        .count(),
            )
        }
        Kind::CargoLock | Kind::PoetryLock => {
            let root = usize::from(text.lines().any(|line| line == "[root]"));
            Some(root + text.lines().filter(|line| *line == "[[package]]").count())
        }
        _ => None,
    }
}

/// The packages of a `packages` section, each name, version and address once.
fn npm_count(text: &str) -> Option<usize> {
    let lock: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut seen = std::collections::BTreeSet::new();
    for (folder, package) in lock.get("packages")?.as_object()? {
        let text = |key: &str| {
            package
                .get(key)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        if folder.is_empty() || package.get("link").is_some() {
            continue;
        }
        let installed = folder.rsplit("node_modules/").next().unwrap_or(folder);
        let name = if package.get("name").is_some() {
            text("name")
        } else {
            installed.to_owned()
        };
        let commit = if text("resolved").starts_with("git") {
            text("resolved")
        } else {
            String::new()
        };
        seen.insert((name, text("version"), commit));
    }
    Some(seen.len())
}

#[test]
fn a_manifest_says_when_its_version_is_only_the_lowest_allowed() {
    let mut listing = Listing::default();
    let text = b"[project]\ndependencies = [\"a>=1.0\", \"b==2.0\"]\n";
    kind::read(
        Kind::PyprojectToml,
        &Location::default(),
        text,
        &mut listing,
    );
    let groups: Vec<_> = listing
        .components
        .iter()
        .map(|component| component.groups.clone())
        .collect();
    assert_eq!(groups, [vec![lock::LOWEST.to_owned()], vec![]]);
}
