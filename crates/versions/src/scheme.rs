//! Which order a version follows.

use names::{Ecosystem, EcosystemKind};

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
    ///
    /// Families that rebuild other ecosystems' packages need the release as well: [`Scheme::of_ecosystem`].
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
            // apk, all of them: Alpaquita and BellSoft's containers are Alpine's relatives, the others Wolfi's.
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
            // WordPress asks PHP's `version_compare`, as Composer does.
            K::Packagist | K::WordPress => Scheme::Packagist,
            K::Hex => Scheme::Hex,
            K::Pub => Scheme::Pub,
            K::Cran | K::Bioconductor => Scheme::Cran,
            K::Hackage | K::Ghc => Scheme::Hackage,
            K::ConanCenter => Scheme::Conan,
            K::Opam => Scheme::Opam,
            // Kernel releases (`6.1-rc4`, `5.10.3`) fit the loose reading, and OSV's Linux ranges are made for it.
            K::Bitnami | K::GitHubActions | K::Julia | K::Kubernetes | K::Linux | K::SwiftUrl => {
                Scheme::SemVer
            }
            // Android: `12L` and patch levels that are dates. OSS-Fuzz: tags of a thousand projects. vcpkg lets
            // each port choose. FreeBSD and Homebrew append revisions in ways of their own. Commits have no order.
            // What the conservative order does not understand is matched by equality.
            K::Android
            | K::FreeBsd
            | K::Git
            | K::Homebrew
            | K::OssFuzz
            | K::TuxCare
            | K::Vcpkg
            | K::Other(_) => Scheme::Vendor,
        }
    }

    /// As [`Scheme::of`], with the release: `Echo:npm`, `Root:Alpine:3.18` and `Docker Hardened Images:Alpine`
    /// follow the order of what they rebuild.
    pub fn of_ecosystem(ecosystem: &Ecosystem) -> Scheme {
        use EcosystemKind as K;
        let rebuilt = match (&ecosystem.kind, &ecosystem.release) {
            (K::Echo | K::Root | K::DockerHardened | K::TuxCare, Some(release)) => {
                let name = release.split(':').next().unwrap_or(release);
                K::ALL
                    .iter()
                    .find(|kind| kind.as_str().eq_ignore_ascii_case(name))
            }
            _ => None,
        };
        match rebuilt {
            // A rebuild of a rebuild is nothing anyone publishes; it stays with the family's own order.
            Some(kind) if *kind != ecosystem.kind => Scheme::of(kind),
            _ => Scheme::of(&ecosystem.kind),
        }
    }

    /// Every order.
    pub const ALL: &'static [Scheme] = &[
        Scheme::SemVer,
        Scheme::Npm,
        Scheme::Cargo,
        Scheme::Go,
        Scheme::PyPi,
        Scheme::Maven,
        Scheme::NuGet,
        Scheme::RubyGems,
        Scheme::Packagist,
        Scheme::Hex,
        Scheme::Pub,
        Scheme::Cran,
        Scheme::Hackage,
        Scheme::Conan,
        Scheme::Deb,
        Scheme::Rpm,
        Scheme::Apk,
        Scheme::Alpm,
        Scheme::Gentoo,
        Scheme::Opam,
        Scheme::OpenSsl,
        Scheme::Nginx,
        Scheme::Intdot,
        Scheme::DateTime,
        Scheme::Lexicographic,
        Scheme::Vendor,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuild_follows_what_it_rebuilds() {
        for (name, scheme) in [
            ("Echo", Scheme::Deb),
            ("Echo:npm", Scheme::Npm),
            ("Echo:PyPI", Scheme::PyPi),
            ("Root:Alpine:3.18", Scheme::Apk),
            ("Root:Debian:12", Scheme::Deb),
            ("Docker Hardened Images:Alpine", Scheme::Apk),
            ("Debian:12", Scheme::Deb),
            ("Nobody knows", Scheme::Vendor),
        ] {
            assert_eq!(
                Scheme::of_ecosystem(&Ecosystem::parse(name)),
                scheme,
                "{name}"
            );
        }
    }
}
