//! Lockfiles and manifests: what a build resolved to, or asks for.
//!
//! A file a family of formats. A lockfile's entry has the version that is used; a manifest's has what it asks
//! for, and where that is a range, the component stands in the group [`LOWEST`] and bears the lowest version
//! the range allows.

use names::purl::Parts;
use names::{Ecosystem, EcosystemKind, Purl};

use crate::kind::{Beside, Kind, LIST_BYTES_MAX};
use crate::{Component, Location, Sink};

mod apple;
mod beam;
mod bun;
mod cargo;
mod conan;
mod deploy;
mod dotnet;
mod go;
mod gradle;
mod installed;
mod json;
mod manifest;
mod maven;
mod merged;
mod npm;
mod php;
mod pnpm;
mod pnpm_text;
mod python;
mod requirement;
mod ruby;
mod science;
mod small;
mod system;
mod table;
mod text;
mod tools;
mod xml;
mod yaml;
mod yarn;

/// The group of a component whose version is the lowest that a manifest allows: what runs may be newer.
pub const LOWEST: &str = "lowest allowed";

/// How many folders above a manifest may hold the lock of its workspace.
const FOLDERS_ABOVE_MAX: usize = 4;

/// A list as its reader gets it.
pub struct List<'a> {
    pub bytes: &'a [u8],
    pub location: &'a Location,
    pub beside: &'a dyn Beside,
}

/// Why a list cannot be read, or not to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// From 1; 0 where lines mean nothing.
    pub line: u32,
    pub message: String,
}

impl From<String> for Fault {
    fn from(message: String) -> Fault {
        Fault { line: 0, message }
    }
}

impl From<&str> for Fault {
    fn from(message: &str) -> Fault {
        Fault::from(message.to_owned())
    }
}

impl<'a> List<'a> {
    /// The list as text, without a byte order mark.
    pub fn text(&self) -> Result<&'a str, Fault> {
        let bytes = self
            .bytes
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(self.bytes);
        std::str::from_utf8(bytes).map_err(|_| Fault::from("not UTF-8 text"))
    }

    /// A component of this list, its name normalized.
    pub fn component(
        &self,
        kind: EcosystemKind,
        name: &str,
        version: &str,
        line: u32,
    ) -> Component {
        Component {
            name: names::package::normalize(&kind, name).into_owned(),
            ecosystem: Some(Ecosystem::new(kind)),
            version: version.to_owned(),
            location: self.line(line),
            ..Component::default()
        }
    }

    /// A component that no ecosystem of OSV's answers for; only its package URL says what it is.
    pub fn stranger(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        version: &str,
        line: u32,
    ) -> Component {
        let parts = Parts {
            kind,
            namespace,
            name,
            version,
            ..Parts::default()
        };
        let purl = Purl::build(parts).ok();
        Component {
            name: name.to_owned(),
            version: version.to_owned(),
            purl,
            location: self.line(line),
            ..Component::default()
        }
    }

    /// The same package from a registry of its own, of which the public one's advisories do not speak.
    fn elsewhere(&self, component: Component, kind: &str, registry: &str) -> Component {
        let Component {
            name,
            version,
            location,
            ..
        } = component;
        let mut stranger = self.stranger(kind, "", &name, &version, location.line);
        if let Some(purl) = &mut stranger.purl {
            purl.qualifiers = [("repository_url".into(), registry.into())].into();
        }
        stranger
    }

    fn line(&self, line: u32) -> Location {
        Location {
            line,
            ..self.location.clone()
        }
    }

    /// Whether this lock stands beside this manifest.
    fn is_locked_here(&self, lock: &str) -> bool {
        self.beside.has(lock)
    }

    /// Whether one of these locks stands beside this manifest, or in a folder above it.
    fn is_locked(&self, locks: &[&str]) -> bool {
        (0..=FOLDERS_ABOVE_MAX).any(|above| {
            locks
                .iter()
                .any(|lock| self.beside.has(&format!("{}{lock}", "../".repeat(above))))
        })
    }
}

/// Whether this is a lockfile or manifest, which [`read`] reads.
pub fn reads(kind: Kind) -> bool {
    kind <= Kind::HomebrewReceipt
}

/// Reads a lockfile or manifest.
pub fn read(kind: Kind, list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    if list.bytes.len() as u64 > LIST_BYTES_MAX {
        return Err(Fault::from(format!(
            "more than {LIST_BYTES_MAX} bytes, which no list of its kind has"
        )));
    }
    match kind {
        Kind::CargoLock => cargo::lock(list, sink),
        Kind::CargoToml => cargo::manifest(list, sink),
        Kind::PackageLock => npm::lock(list, sink),
        Kind::PackageJson => npm::manifest(list, sink),
        Kind::GoMod => go::module(list, sink),
        Kind::GoSum => go::sum(list, sink),
        Kind::GoVendor => go::vendor(list, sink),
        Kind::Requirements => requirement::requirements(list, sink),
        Kind::PyprojectToml => requirement::pyproject(list, sink),
        Kind::SetupPy => requirement::setup(list, sink),
        Kind::CondaEnvironment => requirement::environment(list, sink),
        Kind::PoetryLock => python::poetry(list, sink),
        Kind::PipfileLock => python::pipfile(list, sink),
        Kind::PdmLock => python::pdm(list, sink),
        Kind::UvLock => python::uv(list, sink),
        Kind::Pylock => python::pylock(list, sink),
        Kind::PythonMetadata => installed::python(list, sink),
        Kind::CondaMeta => installed::conda(list, sink),
        Kind::RDescription => installed::r(list, sink),
        Kind::PomProperties => installed::maven(list, sink),
        Kind::HomebrewReceipt => installed::homebrew(list, sink),
        Kind::YarnLock => yarn::lock(list, sink),
        Kind::PnpmLock => pnpm::lock(list, sink),
        Kind::BunLock => bun::lock(list, sink),
        Kind::DenoLock => bun::deno(list, sink),
        Kind::DenoJson => bun::deno_json(list, sink),
        Kind::DenoSource => bun::deno_source(list, sink),
        Kind::GemfileLock => ruby::lock(list, sink),
        Kind::Gemspec => ruby::gemspec(list, sink),
        Kind::ComposerLock => php::lock(list, sink),
        Kind::ComposerInstalled => php::installed(list, sink),
        Kind::PomXml => maven::pom(list, sink),
        Kind::GradleLockfile => gradle::lock(list, sink),
        Kind::GradleVerification => gradle::verification(list, sink),
        Kind::GradleCatalog => gradle::catalog(list, sink),
        Kind::SbtLock => gradle::sbt(list, sink),
        Kind::NugetLock => dotnet::lock(list, sink),
        Kind::NugetConfig => dotnet::config(list, sink),
        Kind::NugetProps | Kind::Csproj => dotnet::project(list, sink),
        Kind::NugetAssets => dotnet::assets(list, sink),
        Kind::DepsJson => dotnet::deps(list, sink),
        Kind::PaketLock => dotnet::paket_lock(list, sink),
        Kind::PaketDependencies => dotnet::paket_dependencies(list, sink),
        Kind::MixLock => beam::mix(list, sink),
        Kind::RebarLock => beam::rebar(list, sink),
        Kind::GleamToml => beam::gleam(list, sink),
        Kind::GleamManifest => beam::gleam_manifest(list, sink),
        Kind::PubspecLock => apple::pubspec(list, sink),
        Kind::SwiftResolved => apple::swift(list, sink),
        Kind::PodfileLock => apple::pods(list, sink),
        Kind::CartfileResolved => apple::carthage(list, sink),
        Kind::ConanLock => conan::lock(list, sink),
        Kind::ConanfileTxt => conan::file(list, sink),
        Kind::RenvLock => science::renv(list, sink),
        Kind::StackLock => science::stack(list, sink),
        Kind::CabalFreeze => science::cabal(list, sink),
        Kind::JuliaManifest => science::julia(list, sink),
        Kind::JuliaProject => science::julia_project(list, sink),
        Kind::CpanMeta => small::cpan(list, sink),
        Kind::CpanSnapshot => small::snapshot(list, sink),
        Kind::Opam => small::opam(list, sink),
        Kind::Rockspec => small::rockspec(list, sink),
        Kind::Nimble => small::nimble(list, sink),
        Kind::TerraformLock => deploy::terraform(list, sink),
        Kind::HelmLock => deploy::helm(list, sink),
        Kind::Compose => deploy::compose(list, sink),
        Kind::Dockerfile => deploy::dockerfile(list, sink),
        Kind::KubernetesImages => deploy::kubernetes(list, sink),
        Kind::GithubWorkflow => deploy::workflow(list, sink),
        Kind::ToolVersions => tools::asdf(list, sink),
        Kind::MiseToml => tools::mise(list, sink),
        Kind::NodeVersion => tools::node(list, sink),
        Kind::Pacman => system::pacman(list, sink),
        Kind::Portage => system::portage(list, sink),
        Kind::Flatpak => system::flatpak(list, sink),
        Kind::Snap => system::snap(list, sink),
        Kind::Cos => system::cos(list, sink),
        Kind::Chocolatey => system::chocolatey(list, sink),
        Kind::Spack => system::spack(list, sink),
        Kind::Chisel => system::chisel(list, sink),
        _ => Err(Fault::from(format!("no reader for `{kind:?}` yet"))),
    }
}
