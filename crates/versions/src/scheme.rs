//! Which order a version follows.

use names::EcosystemKind;

/// One order of versions. Several ecosystems may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Scheme {
    /// Semantic Versioning 2.0.0, read loosely as OSV's SEMVER ranges are.
    SemVer = 1,
    /// node-semver.
    Npm = 2,
    /// Cargo.
    Cargo = 3,
    /// Go modules, `v` prefix or not, pseudo-versions, `go1.21rc2` of the toolchain.
    Go = 4,
    /// PEP 440, with the legacy forms before it.
    PyPi = 5,
    /// Maven's ComparableVersion.
    Maven = 6,
    /// NuGet: four numbers, case-insensitive labels.
    NuGet = 7,
    /// RubyGems.
    RubyGems = 8,
    /// Composer.
    Packagist = 9,
    /// Hex (Elixir `Version`).
    Hex = 10,
    /// Dart pub.
    Pub = 11,
    /// R `package_version`.
    Cran = 12,
    /// Haskell PVP.
    Hackage = 13,
    /// Conan.
    Conan = 14,
    /// dpkg: epochs and tildes.
    Deb = 15,
    /// rpm: epochs, tildes and carets.
    Rpm = 16,
    /// apk-tools.
    Apk = 17,
    /// pacman's vercmp.
    Alpm = 18,
    /// Gentoo PMS chapter 3.
    Gentoo = 19,
    /// opam (dpkg's order without its epoch).
    Opam = 20,
    /// OpenSSL up to 1.1.1 (`1.0.2zh`) and from 3.0.
    OpenSsl = 21,
    /// nginx as VERS has it.
    Nginx = 22,
    /// Dotted integers of any length.
    Intdot = 23,
    /// RFC 3339 dates and times.
    DateTime = 24,
    /// Plain byte order.
    Lexicographic = 25,
    /// What vendors print on devices: `V3.2 SP1`, `R12 build 7`. Conservative: see `vendor.rs`.
    Vendor = 26,
}

impl Scheme {
    /// The order that `kind`'s versions follow; [`Scheme::Vendor`] where nobody has defined one.
    pub fn of(kind: &EcosystemKind) -> Scheme {
        use EcosystemKind as K;
        match kind {
            K::AlmaLinux
            | K::AmazonLinux
            | K::AzureLinux
            | K::Fedora
            | K::Mageia
            | K::OpenEuler
            | K::OpenSuse
            | K::OracleLinux
            | K::PhotonOs
            | K::RedHat
            | K::RockyLinux
            | K::Suse => Scheme::Rpm,
            K::Alpine
            | K::Alpaquita
            | K::BellSoft
            | K::Chainguard
            | K::CleanStart
            | K::MinimOs
            | K::Wolfi => Scheme::Apk,
            K::Debian | K::Ubuntu | K::Echo | K::DockerHardened | K::Root => Scheme::Deb,
            K::Arch => Scheme::Alpm,
            K::Gentoo => Scheme::Gentoo,
            K::CratesIo => Scheme::Cargo,
            K::Npm | K::VsCode => Scheme::Npm,
            K::Go => Scheme::Go,
            K::PyPi => Scheme::PyPi,
            K::Maven => Scheme::Maven,
            K::NuGet => Scheme::NuGet,
            K::RubyGems => Scheme::RubyGems,
            K::Packagist => Scheme::Packagist,
            K::Hex => Scheme::Hex,
            K::Pub => Scheme::Pub,
            K::Cran | K::Bioconductor => Scheme::Cran,
            K::Hackage | K::Ghc => Scheme::Hackage,
            K::ConanCenter => Scheme::Conan,
            K::Opam => Scheme::Opam,
            K::Bitnami | K::GitHubActions | K::Julia | K::Kubernetes | K::SwiftUrl => {
                Scheme::SemVer
            }
            _ => Scheme::Vendor,
        }
    }
}
