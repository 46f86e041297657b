//! Which reader a file gets: the table of every list we read, by name and place.
//!
//! Nothing here opens a file. A walk asks [`of`] for each path it meets and hands the bytes of those that are
//! lists to [`read`]; a reader that needs a neighbour (an included requirements file, a parent POM) asks for it
//! through [`Beside`], so that the one who walks decides what may be reached.

use std::io::Read;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::lock::{self, Fault, List};
use crate::os;
use crate::sbom;
use crate::{Location, Problem, Sink};

/// A list we read: one name a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    // Rust.
    CargoLock,
    CargoToml,
    // JavaScript.
    PackageLock,
    PnpmLock,
    YarnLock,
    BunLock,
    DenoLock,
    DenoJson,
    DenoSource,
    PackageJson,
    // Go.
    GoMod,
    GoSum,
    GoVendor,
    // Python.
    Requirements,
    PoetryLock,
    PipfileLock,
    PdmLock,
    UvLock,
    Pylock,
    PyprojectToml,
    SetupPy,
    PythonMetadata,
    CondaMeta,
    CondaEnvironment,
    // Ruby.
    GemfileLock,
    Gemspec,
    // PHP.
    ComposerLock,
    ComposerInstalled,
    // Java.
    PomXml,
    PomProperties,
    GradleLockfile,
    GradleVerification,
    GradleCatalog,
    SbtLock,
    // .NET.
    NugetLock,
    NugetConfig,
    NugetProps,
    NugetAssets,
    DepsJson,
    Csproj,
    PaketLock,
    PaketDependencies,
    // Erlang, Elixir, Gleam.
    MixLock,
    RebarLock,
    GleamToml,
    GleamManifest,
    // Dart, Swift, C and C++.
    PubspecLock,
    SwiftResolved,
    PodfileLock,
    CartfileResolved,
    ConanLock,
    ConanfileTxt,
    VcpkgJson,
    // R, Haskell, Julia, Perl, OCaml, Lua, Nim.
    RenvLock,
    RDescription,
    StackLock,
    StackYaml,
    CabalFreeze,
    JuliaManifest,
    JuliaProject,
    CpanMeta,
    CpanSnapshot,
    Opam,
    Rockspec,
    Nimble,
    // What things are deployed and built with.
    TerraformLock,
    HelmLock,
    Compose,
    Dockerfile,
    KubernetesImages,
    GithubWorkflow,
    ToolVersions,
    MiseToml,
    NodeVersion,
    // Systems whose list is a plain text.
    Pacman,
    Portage,
    Flatpak,
    Snap,
    Cos,
    Chocolatey,
    Spack,
    Chisel,
    HomebrewReceipt,
    // Package databases of distributions.
    Dpkg,
    DpkgStatusD,
    Opkg,
    Apk,
    RpmSqlite,
    RpmNdb,
    RpmBdb,
    RpmManifest,
    OsRelease,
    // Bills of materials, recognized by content as well, see [`sniff`].
    CycloneDxJson,
    CycloneDxXml,
    SpdxJson,
    SpdxTagValue,
    Spdx3Json,
    // Lists kept by hand.
    DeviceCsv,
}

/// What each list is called and where it lies.
///
/// A pattern is one or more path components, compared with the end of a path; in each, one `*` stands for any
/// run of characters but `/`. The first line that fits decides, and lines without `*` in their last component
/// come before the others.
const TABLE: &[(&str, Kind)] = &[
    // Rust.
    ("Cargo.lock", Kind::CargoLock),
    ("Cargo.toml", Kind::CargoToml),
    // JavaScript.
    ("package-lock.json", Kind::PackageLock),
    ("node_modules/.package-lock.json", Kind::PackageLock),
    ("npm-shrinkwrap.json", Kind::PackageLock),
    ("pnpm-lock.yaml", Kind::PnpmLock),
    ("yarn.lock", Kind::YarnLock),
    ("bun.lock", Kind::BunLock),
    ("deno.lock", Kind::DenoLock),
    ("deno.json", Kind::DenoJson),
    ("deno.jsonc", Kind::DenoJson),
    ("package.json", Kind::PackageJson),
    // Go.
    ("go.mod", Kind::GoMod),
    ("go.sum", Kind::GoSum),
    ("vendor/modules.txt", Kind::GoVendor),
    // Python.
    ("*requirements*.txt", Kind::Requirements),
    ("requirements/*.txt", Kind::Requirements),
    ("poetry.lock", Kind::PoetryLock),
    ("Pipfile.lock", Kind::PipfileLock),
    ("pdm.lock", Kind::PdmLock),
    ("uv.lock", Kind::UvLock),
    ("pylock.toml", Kind::Pylock),
    ("pylock.*.toml", Kind::Pylock),
    ("pyproject.toml", Kind::PyprojectToml),
    ("setup.py", Kind::SetupPy),
    ("*.dist-info/METADATA", Kind::PythonMetadata),
    ("EGG-INFO/PKG-INFO", Kind::PythonMetadata),
    ("PKG-INFO", Kind::PythonMetadata),
    ("*.egg-info", Kind::PythonMetadata),
    ("conda-meta/*.json", Kind::CondaMeta),
    ("environment.yml", Kind::CondaEnvironment),
    ("environment.yaml", Kind::CondaEnvironment),
    // Ruby.
    ("Gemfile.lock", Kind::GemfileLock),
    ("gems.locked", Kind::GemfileLock),
    ("specifications/*.gemspec", Kind::Gemspec),
    ("*.gemspec", Kind::Gemspec),
    // PHP.
    ("composer.lock", Kind::ComposerLock),
    ("composer/installed.json", Kind::ComposerInstalled),
    // Java.
    ("pom.xml", Kind::PomXml),
    ("*.pom", Kind::PomXml),
    ("META-INF/maven/*/*/pom.properties", Kind::PomProperties),
    ("gradle.lockfile", Kind::GradleLockfile),
    ("buildscript-gradle.lockfile", Kind::GradleLockfile),
    ("gradle/dependency-locks/*.lockfile", Kind::GradleLockfile),
    ("gradle/verification-metadata.xml", Kind::GradleVerification),
    ("*.versions.toml", Kind::GradleCatalog),
    ("build.sbt.lock", Kind::SbtLock),
    // .NET.
    ("packages.lock.json", Kind::NugetLock),
    ("packages.config", Kind::NugetConfig),
    ("Directory.Packages.props", Kind::NugetProps),
    ("Packages.props", Kind::NugetProps),
    ("project.assets.json", Kind::NugetAssets),
    ("*.deps.json", Kind::DepsJson),
    ("*.csproj", Kind::Csproj),
    ("*.fsproj", Kind::Csproj),
    ("*.vbproj", Kind::Csproj),
    ("paket.lock", Kind::PaketLock),
    ("paket.dependencies", Kind::PaketDependencies),
    // Erlang, Elixir, Gleam.
    ("mix.lock", Kind::MixLock),
    ("rebar.lock", Kind::RebarLock),
    ("gleam.toml", Kind::GleamToml),
    ("manifest.toml", Kind::GleamManifest),
    // Dart, Swift, C and C++.
    ("pubspec.lock", Kind::PubspecLock),
    ("Package.resolved", Kind::SwiftResolved),
    (".package.resolved", Kind::SwiftResolved),
    ("Podfile.lock", Kind::PodfileLock),
    ("Cartfile.resolved", Kind::CartfileResolved),
    ("conan.lock", Kind::ConanLock),
    ("conanfile.txt", Kind::ConanfileTxt),
    ("vcpkg.json", Kind::VcpkgJson),
    // R, Haskell, Julia, Perl, OCaml, Lua, Nim.
    ("renv.lock", Kind::RenvLock),
    ("DESCRIPTION", Kind::RDescription),
    ("stack.yaml.lock", Kind::StackLock),
    ("stack.yaml", Kind::StackYaml),
    ("cabal.project.freeze", Kind::CabalFreeze),
    ("Manifest.toml", Kind::JuliaManifest),
    ("JuliaManifest.toml", Kind::JuliaManifest),
    ("Manifest-v*.toml", Kind::JuliaManifest),
    ("Project.toml", Kind::JuliaProject),
    ("JuliaProject.toml", Kind::JuliaProject),
    ("META.json", Kind::CpanMeta),
    ("META.yml", Kind::CpanMeta),
    ("cpanfile.snapshot", Kind::CpanSnapshot),
    ("*.opam", Kind::Opam),
    ("packages/*/opam", Kind::Opam),
    ("*.rockspec", Kind::Rockspec),
    ("*.nimble", Kind::Nimble),
    // What things are deployed and built with.
    (".terraform.lock.hcl", Kind::TerraformLock),
    ("Chart.lock", Kind::HelmLock),
    ("docker-compose*.yml", Kind::Compose),
    ("docker-compose*.yaml", Kind::Compose),
    ("compose.yml", Kind::Compose),
    ("compose.yaml", Kind::Compose),
    ("compose.*.yml", Kind::Compose),
    ("compose.*.yaml", Kind::Compose),
    ("Dockerfile", Kind::Dockerfile),
    ("Containerfile", Kind::Dockerfile),
    ("Dockerfile.*", Kind::Dockerfile),
    ("*.Dockerfile", Kind::Dockerfile),
    ("k8s/*.yml", Kind::KubernetesImages),
    ("k8s/*.yaml", Kind::KubernetesImages),
    ("kubernetes/*.yml", Kind::KubernetesImages),
    ("kubernetes/*.yaml", Kind::KubernetesImages),
    (".github/workflows/*.yml", Kind::GithubWorkflow),
    (".github/workflows/*.yaml", Kind::GithubWorkflow),
    ("action.yml", Kind::GithubWorkflow),
    ("action.yaml", Kind::GithubWorkflow),
    (".tool-versions", Kind::ToolVersions),
    ("mise.toml", Kind::MiseToml),
    (".mise.toml", Kind::MiseToml),
    (".nvmrc", Kind::NodeVersion),
    (".node-version", Kind::NodeVersion),
    // Systems whose list is a plain text.
    ("var/lib/pacman/local/*/desc", Kind::Pacman),
    ("var/db/pkg/*/*/PF", Kind::Portage),
    ("metainfo/*.metainfo.xml", Kind::Flatpak),
    ("snap/*/*/meta/snap.yaml", Kind::Snap),
    ("etc/cos-package-info.json", Kind::Cos),
    ("chocolatey/lib/*/*.nuspec", Kind::Chocolatey),
    (".spack/spec.json", Kind::Spack),
    ("var/lib/chisel/manifest.wall", Kind::Chisel),
    ("Cellar/*/*/INSTALL_RECEIPT.json", Kind::HomebrewReceipt),
    // Package databases of distributions.
    ("var/lib/dpkg/status", Kind::Dpkg),
    ("var/lib/dpkg/status.d/*", Kind::DpkgStatusD),
    ("var/lib/opkg/status", Kind::Opkg),
    ("usr/lib/opkg/status", Kind::Opkg),
    ("lib/apk/db/installed", Kind::Apk),
    ("var/lib/rpm/rpmdb.sqlite", Kind::RpmSqlite),
    ("usr/lib/sysimage/rpm/rpmdb.sqlite", Kind::RpmSqlite),
    ("usr/share/rpm/rpmdb.sqlite", Kind::RpmSqlite),
    ("var/lib/rpm/Packages.db", Kind::RpmNdb),
    ("usr/lib/sysimage/rpm/Packages.db", Kind::RpmNdb),
    ("usr/share/rpm/Packages.db", Kind::RpmNdb),
    ("var/lib/rpm/Packages", Kind::RpmBdb),
    ("usr/lib/sysimage/rpm/Packages", Kind::RpmBdb),
    ("usr/share/rpm/Packages", Kind::RpmBdb),
    ("rpmdb.sqlite", Kind::RpmSqlite),
    (
        "var/lib/rpmmanifest/container-manifest-2",
        Kind::RpmManifest,
    ),
    ("etc/os-release", Kind::OsRelease),
    ("usr/lib/os-release", Kind::OsRelease),
    // Bills of materials.
    ("bom.json", Kind::CycloneDxJson),
    ("*.cdx.json", Kind::CycloneDxJson),
    ("*.cyclonedx.json", Kind::CycloneDxJson),
    ("bom.xml", Kind::CycloneDxXml),
    ("*.cdx.xml", Kind::CycloneDxXml),
    ("*.cyclonedx.xml", Kind::CycloneDxXml),
    ("*.spdx3.json", Kind::Spdx3Json),
    ("*.spdx.json", Kind::SpdxJson),
    ("*.spdx", Kind::SpdxTagValue),
    ("*.spdx.tv", Kind::SpdxTagValue),
    // Lists kept by hand.
    ("devices.csv", Kind::DeviceCsv),
];

/// The longest list that is read whole. The longest lockfiles we know (`package-lock.json` of large monorepos)
/// have about 8 MB; eight times that, and a machine of 1 GiB still reads it.
pub const LIST_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The longest package database that is read. An rpm database of a full desktop has about 200 MB.
pub const DATABASE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// How much of a list of this kind is read.
pub fn bytes_max(kind: Kind) -> u64 {
    match kind {
        Kind::RpmSqlite | Kind::RpmNdb | Kind::RpmBdb => DATABASE_BYTES_MAX,
        _ => LIST_BYTES_MAX,
    }
}

/// What stands beside the list that is read.
pub trait Beside {
    /// The bytes of the file at `relative` (`../parent/pom.xml`), seen from the list's own folder; `None` if there
    /// is none, or none that may be reached.
    fn open(&self, relative: &str) -> Option<Vec<u8>>;

    /// Whether there is such a file.
    fn has(&self, relative: &str) -> bool {
        self.open(relative).is_some()
    }
}

/// A list that stands alone: in a pipe, in a test.
pub struct Alone;

impl Beside for Alone {
    fn open(&self, _relative: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Every pattern and the list it stands for, for those who test or explain them all.
pub fn patterns() -> &'static [(&'static str, Kind)] {
    TABLE
}

/// Every kind of list, each once.
pub fn all() -> &'static [Kind] {
    &ALL
}

static ALL: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    // Sources are not walked for what they import, so these have no name to go by.
    let mut kinds = vec![Kind::DenoSource];
    kinds.extend(TABLE.iter().map(|(_, kind)| *kind));
    kinds.sort_unstable();
    kinds.dedup();
    kinds
});

/// Which list the file at `path` is, going by its name and the folders it lies in; `/` between them.
pub fn of(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let exact = INDEX.exact.get(name).map(Vec::as_slice).unwrap_or_default();
    exact
        .iter()
        .chain(&INDEX.starred)
        .find(|(pattern, _)| fits(pattern, path))
        .map(|(_, kind)| *kind)
}

/// Which list a text is that somebody names by hand, going by how it begins.
pub fn sniff(head: &[u8]) -> Option<Kind> {
    sbom::sniff(head)
        .or_else(|| os::sniff(head))
        .or_else(|| lock::sniff(head))
}

/// Whether a list of this kind is read as a stream, and so may be larger than [`LIST_BYTES_MAX`].
pub fn streams(kind: Kind) -> bool {
    use Kind as K;
    matches!(
        kind,
        K::CycloneDxJson | K::CycloneDxXml | K::SpdxJson | K::SpdxTagValue | K::Spdx3Json
    )
}

/// Reads a list that [`streams`].
pub fn read_stream(kind: Kind, location: &Location, input: &mut dyn Read, sink: &mut dyn Sink) {
    match kind {
        Kind::CycloneDxXml => sbom::read_xml(input, location, sink),
        Kind::SpdxTagValue => spdx(input, location, sink),
        _ => sbom::read_json(input, location, sink),
    }
}

/// Bitnami calls SPDX documents `.spdx` that are JSON.
fn spdx(mut input: &mut dyn Read, location: &Location, sink: &mut dyn Sink) {
    let mut head = Vec::new();
    // What cannot be read now cannot be read then, and is said there.
    let _ = Read::by_ref(&mut input).take(64).read_to_end(&mut head);
    let begins = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let is_json = begins.trim_ascii_start().starts_with(b"{");
    let mut whole = head.as_slice().chain(input);
    match is_json {
        true => sbom::read_json(&mut whole, location, sink),
        false => sbom::read_tag_value(&mut whole, location, sink),
    }
}

/// Reads one list that stands alone.
pub fn read(kind: Kind, location: &Location, bytes: &[u8], sink: &mut dyn Sink) {
    read_beside(kind, location, bytes, &Alone, sink);
}

/// Reads one list. What cannot be read becomes a [`Problem`], after everything that could.
pub fn read_beside(
    kind: Kind,
    location: &Location,
    bytes: &[u8],
    beside: &dyn Beside,
    sink: &mut dyn Sink,
) {
    let list = List {
        bytes,
        location,
        beside,
    };
    if let Err(fault) = dispatch(kind, &list, sink) {
        sink.problem(Problem {
            location: Location {
                line: fault.line,
                ..location.clone()
            },
            message: fault.message,
            lost: true,
        });
    }
}

fn dispatch(kind: Kind, list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    match kind {
        // Package databases of distributions.
        Kind::Dpkg | Kind::DpkgStatusD | Kind::Opkg | Kind::Apk => os::read(kind, list, sink),
        Kind::RpmSqlite | Kind::RpmNdb | Kind::RpmBdb => os::read(kind, list, sink),
        Kind::RpmManifest | Kind::OsRelease => os::read(kind, list, sink),
        // Bills of materials.
        kind if streams(kind) => {
            read_stream(kind, list.location, &mut &list.bytes[..], sink);
            Ok(())
        }
        // Lists kept by hand.
        Kind::DeviceCsv => crate::device::read(list.bytes, list.location, sink),
        // Lockfiles and manifests.
        _ => lock::read(kind, list, sink),
    }
}

/// The table, sorted for looking up.
struct Index {
    /// By file name, for patterns whose last component has no `*`.
    exact: FxHashMap<&'static str, Vec<(&'static str, Kind)>>,
    starred: Vec<(&'static str, Kind)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index {
        exact: FxHashMap::default(),
        starred: Vec::new(),
    };
    for &(pattern, kind) in TABLE {
        let name = pattern.rsplit('/').next().unwrap_or(pattern);
        match name.contains('*') {
            true => index.starred.push((pattern, kind)),
            false => index.exact.entry(name).or_default().push((pattern, kind)),
        }
    }
    index
});

/// Whether the last components of `path` are those of `pattern`.
fn fits(pattern: &str, path: &str) -> bool {
    let mut components = path.rsplit('/');
    pattern.rsplit('/').all(|want| {
        components
            .next()
            .is_some_and(|have| component_fits(want, have))
    })
}

/// Compares one component; of several `*` only the first and the last stand for anything.
fn component_fits(want: &str, have: &str) -> bool {
    let Some((prefix, rest)) = want.split_once('*') else {
        return want == have;
    };
    let (middle, suffix) = rest.rsplit_once('*').unwrap_or(("", rest));
    have.len() >= prefix.len() + suffix.len()
        && have.starts_with(prefix)
        && have.ends_with(suffix)
        && have
            .get(prefix.len()..have.len() - suffix.len())
            .is_some_and(|between| between.contains(middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_its_name_and_its_folders() {
        let table = [
            ("Cargo.lock", Some(Kind::CargoLock)),
            ("a/b/Cargo.lock", Some(Kind::CargoLock)),
            ("a/Cargo.lock.orig", None),
            ("dev-requirements.txt", Some(Kind::Requirements)),
            ("requirements/base.txt", Some(Kind::Requirements)),
            ("notes/base.txt", None),
            ("rootfs/var/lib/dpkg/status", Some(Kind::Dpkg)),
            ("lib/dpkg/status", None),
            ("var/lib/dpkg/status.d/base", Some(Kind::DpkgStatusD)),
            ("var/lib/pacman/local/gawk-5.3.1-1/desc", Some(Kind::Pacman)),
            (
                "site-packages/a-1.dist-info/METADATA",
                Some(Kind::PythonMetadata),
            ),
            ("METADATA", None),
            (
                "vendor/composer/installed.json",
                Some(Kind::ComposerInstalled),
            ),
            ("sbom.spdx.json", Some(Kind::SpdxJson)),
        ];
        for (path, kind) in table {
            assert_eq!(of(path), kind, "{path}");
        }
    }

    #[test]
    fn a_star_never_counts_a_character_twice() {
        assert!(component_fits("a*a", "aa"));
        assert!(!component_fits("a*a", "a"));
        assert!(component_fits("*b*c", "abc"));
        assert!(!component_fits("*b*c", "ac"));
    }
}
