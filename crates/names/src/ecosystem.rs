//! Ecosystems, as the OSV schema names them (OSV schema 1.7.4, `affected[].package.ecosystem`).
//!
//! A name is a kind and, for some kinds, a release after the first colon: `Debian:12`, `AlmaLinux:9`,
//! `Ubuntu:22.04:LTS`, `Maven:https://repo.example/`. Kinds we do not know are kept as written, so that
//! a new database is matched by equality rather than dropped. Amazon Linux, Arch Linux, Fedora, Gentoo and
//! Oracle Linux are ours: no OSV database has them yet, and inventories do.

mod os_release;

use std::fmt;

macro_rules! kinds {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// The part of an ecosystem's name before the first colon.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EcosystemKind {
            $(#[doc = $name] $variant,)*
            /// A name the OSV schema did not list when this was written.
            Other(Box<str>),
        }

        impl EcosystemKind {
            /// Every kind that has a name of its own.
            pub const ALL: &'static [EcosystemKind] = &[$(EcosystemKind::$variant),*];

            /// The name as OSV writes it.
            pub fn as_str(&self) -> &str {
                match self { $(EcosystemKind::$variant => $name,)* EcosystemKind::Other(name) => name }
            }

            /// Never fails: an unknown name is [`EcosystemKind::Other`].
            pub fn parse(name: &str) -> EcosystemKind {
                match name { $($name => EcosystemKind::$variant,)* other => EcosystemKind::Other(other.into()) }
            }
        }
    };
}

kinds! {
    AlmaLinux = "AlmaLinux", Alpaquita = "Alpaquita", Alpine = "Alpine", Android = "Android",
    AmazonLinux = "Amazon Linux", Arch = "Arch Linux", AzureLinux = "Azure Linux",
    BellSoft = "BellSoft Hardened Containers", Bioconductor = "Bioconductor", Bitnami = "Bitnami",
    Chainguard = "Chainguard", CleanStart = "CleanStart", ConanCenter = "ConanCenter", Cran = "CRAN",
    CratesIo = "crates.io", Debian = "Debian", DockerHardened = "Docker Hardened Images", Echo = "Echo",
    Fedora = "Fedora", FreeBsd = "FreeBSD", Gentoo = "Gentoo", Ghc = "GHC", Git = "GIT", GitHubActions = "GitHub Actions",
    Go = "Go", Hackage = "Hackage", Hex = "Hex", Homebrew = "Homebrew", Julia = "Julia",
    Kubernetes = "Kubernetes", Linux = "Linux", Mageia = "Mageia", Maven = "Maven", MinimOs = "MinimOS",
    Npm = "npm", NuGet = "NuGet", Opam = "opam", OpenEuler = "openEuler", OpenSuse = "openSUSE",
    OracleLinux = "Oracle Linux", OssFuzz = "OSS-Fuzz", Packagist = "Packagist", PhotonOs = "Photon OS",
    Pub = "Pub", PyPi = "PyPI", RedHat = "Red Hat", RockyLinux = "Rocky Linux", Root = "Root",
    RubyGems = "RubyGems", Suse = "SUSE", SwiftUrl = "SwiftURL", TuxCare = "TuxCare", Ubuntu = "Ubuntu", Vcpkg = "vcpkg", VsCode = "VSCode",
    Wolfi = "Wolfi", WordPress = "WordPress",
}

/// An ecosystem and, where it has them, its release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ecosystem {
    /// Which family of packages.
    pub kind: EcosystemKind,
    /// What follows the first colon, as written: `12`, `9`, `22.04:LTS`.
    pub release: Option<Box<str>>,
}

impl Ecosystem {
    /// An ecosystem without a release.
    pub fn new(kind: EcosystemKind) -> Ecosystem {
        Ecosystem {
            kind,
            release: None,
        }
    }

    /// An ecosystem with a release.
    pub fn with_release(kind: EcosystemKind, release: &str) -> Ecosystem {
        Ecosystem {
            kind,
            release: Some(release.into()),
        }
    }

    /// Reads a name such as `Debian:12`. Never fails, see [`EcosystemKind::Other`].
    pub fn parse(name: &str) -> Ecosystem {
        match name.split_once(':') {
            Some((kind, release)) => Ecosystem::with_release(EcosystemKind::parse(kind), release),
            None => Ecosystem::new(EcosystemKind::parse(name)),
        }
    }
}

impl From<EcosystemKind> for Ecosystem {
    fn from(kind: EcosystemKind) -> Ecosystem {
        Ecosystem::new(kind)
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind.as_str())?;
        match &self.release {
            Some(release) => write!(out, ":{release}"),
            None => Ok(()),
        }
    }
}

impl serde::Serialize for Ecosystem {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Default for Ecosystem {
    /// The nameless ecosystem, which no database answers for.
    fn default() -> Ecosystem {
        Ecosystem::new(EcosystemKind::Other("".into()))
    }
}
