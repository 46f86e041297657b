//! A purl and OSV's pair of ecosystem and name say the same thing: each turned into the other.
//!
//! What is odd: a purl's type is a packaging format (`deb`, `rpm`), its namespace a vendor, and the release
//! hides in the qualifier `distro`, written as `debian-12`, `12.9`, `bookworm` or `opensuse-leap-15.5`.

use super::{Parts, Purl};
use crate::{Ecosystem, EcosystemKind as K};

/// Types that are one ecosystem.
const KINDS: &[(&str, K)] = &[
    ("cargo", K::CratesIo),
    ("npm", K::Npm),
    ("pypi", K::PyPi),
    ("golang", K::Go),
    ("maven", K::Maven),
    ("nuget", K::NuGet),
    ("gem", K::RubyGems),
    ("composer", K::Packagist),
    ("hex", K::Hex),
    ("pub", K::Pub),
    ("cran", K::Cran),
    ("bioconductor", K::Bioconductor),
    ("hackage", K::Hackage),
    ("conan", K::ConanCenter),
    ("swift", K::SwiftUrl),
    ("bitnami", K::Bitnami),
    ("julia", K::Julia),
    ("opam", K::Opam),
    ("brew", K::Homebrew),
    ("vcpkg", K::Vcpkg),
    ("vscode-extension", K::VsCode),
];

/// Distributions: type, the namespaces in use (the first is written), the `ID` in os-release, ecosystem.
const DISTRIBUTIONS: &[(&str, &[&str], &str, K)] = &[
    ("deb", &["debian"], "debian", K::Debian),
    ("deb", &["ubuntu"], "ubuntu", K::Ubuntu),
    ("deb", &["echo"], "echo", K::Echo),
    ("apk", &["alpine"], "alpine", K::Alpine),
    ("apk", &["wolfi"], "wolfi", K::Wolfi),
    ("apk", &["chainguard"], "chainguard", K::Chainguard),
    ("apk", &["minimos"], "minimos", K::MinimOs),
    ("apk", &["cleanstart"], "cleanstart", K::CleanStart),
    ("apk", &["alpaquita"], "alpaquita", K::Alpaquita),
    (
        "apk",
        &["bellsoft-hardened-containers"],
        "bellsoft-hardened-containers",
        K::BellSoft,
    ),
    ("rpm", &["almalinux", "alma"], "almalinux", K::AlmaLinux),
    (
        "rpm",
        &["rocky-linux", "rocky", "rockylinux"],
        "rocky",
        K::RockyLinux,
    ),
    ("rpm", &["redhat", "rhel"], "rhel", K::RedHat),
    ("rpm", &["fedora"], "fedora", K::Fedora),
    (
        "rpm",
        &["amazon", "amzn", "amazonlinux"],
        "amzn",
        K::AmazonLinux,
    ),
    (
        "rpm",
        &["oracle", "ol", "oraclelinux"],
        "ol",
        K::OracleLinux,
    ),
    (
        "rpm",
        &["opensuse", "opensuse-leap", "opensuse.leap"],
        "opensuse-leap",
        K::OpenSuse,
    ),
    (
        "rpm",
        &["opensuse", "opensuse-tumbleweed", "opensuse.tumbleweed"],
        "opensuse-tumbleweed",
        K::OpenSuse,
    ),
    ("rpm", &["suse", "sles"], "sles", K::Suse),
    ("rpm", &["photon"], "photon", K::PhotonOs),
    ("rpm", &["openeuler"], "openeuler", K::OpenEuler),
    ("rpm", &["mageia"], "mageia", K::Mageia),
    (
        "rpm",
        &["azure-linux", "azurelinux", "mariner", "cbl-mariner"],
        "azurelinux",
        K::AzureLinux,
    ),
    ("alpm", &["arch"], "arch", K::Arch),
    // Not a registered type, but what Syft and others wrote before `apk` was one.
    ("alpine", &["", "alpine"], "alpine", K::Alpine),
];

impl Purl {
    /// The ecosystem this package is of, with its release where the purl says it.
    ///
    /// `None` where OSV has none (`pkg:generic`, `pkg:docker`, `pkg:github`: a repository need not be an Action)
    /// and for distributions that nobody publishes OSV records for.
    pub fn ecosystem(&self) -> Option<Ecosystem> {
        if let Some((_, kind)) = KINDS.iter().find(|(kind, _)| *kind == &*self.kind) {
            return Some(Ecosystem::new(kind.clone()));
        }
        let (id, version) = self.distro();
        match Ecosystem::of_os_release(&id, version, "") {
            // Tumbleweed is the only release a bare `opensuse` cannot mean.
            None if id.starts_with("opensuse") => Some(K::OpenSuse.into()),
            None if id.starts_with("sles") => Some(K::Suse.into()),
            found => found,
        }
    }

    /// The `ID` and `VERSION_ID` that the distribution would write; empty where unknown.
    fn distro(&self) -> (String, &str) {
        let mut rows = DISTRIBUTIONS
            .iter()
            .filter(|(kind, ..)| *kind == &*self.kind);
        let row = rows.find(|(_, names, ..)| names.contains(&&*self.namespace));
        let id = row.map_or("", |(_, _, id, _)| id);
        let Some(distro) = self.qualifier("distro") else {
            return (
                id.to_owned(),
                dist_tag(id, &self.version).unwrap_or_default(),
            );
        };
        let (prefix, version) = split_distro(distro);
        // The namespace decides who built it; the prefix only tells SUSE's products apart.
        let is_suse = id.contains("suse") || id == "sles";
        let id = if is_suse && !prefix.is_empty() {
            prefix
        } else {
            id
        };
        (id.to_ascii_lowercase(), version)
    }

    /// The name as OSV writes it in that ecosystem: `group:artifact`, `@scope/name`, `vendor/name`.
    pub fn package_name(&self) -> String {
        let (namespace, name) = (&self.namespace, &self.name);
        match &*self.kind {
            _ if namespace.is_empty() => name.to_string(),
            "maven" => format!("{namespace}:{name}"),
            "vscode-extension" => format!("{namespace}.{name}"),
            "deb" | "rpm" | "apk" | "alpm" | "alpine" | "conan" | "brew" | "hex" => {
                name.to_string()
            }
            _ => format!("{namespace}/{name}"),
        }
    }

    /// The version as the ecosystem compares it: an rpm's epoch, a qualifier in purls, is put before it.
    pub fn package_version(&self) -> String {
        match (&*self.kind, self.qualifier("epoch")) {
            ("rpm", Some(epoch)) if epoch != "0" && !self.version.contains(':') => {
                format!("{epoch}:{}", self.version)
            }
            _ => self.version.to_string(),
        }
    }

    /// The purl of `name` in `ecosystem`; `version` may be empty.
    ///
    /// `None` where the ecosystem has no purl type, or the name is none of its kind.
    pub fn of(ecosystem: &Ecosystem, name: &str, version: &str) -> Option<Purl> {
        let kind = &ecosystem.kind;
        if *kind == K::GitHubActions {
            let (owner, repository) = name.split_once('/')?;
            let (repository, subpath) = repository.split_once('/').unwrap_or((repository, ""));
            let parts = Parts {
                kind: "github",
                namespace: owner,
                name: repository,
                version,
                subpath,
                ..Parts::default()
            };
            return Purl::build(parts).ok();
        }
        if let Some((_, vendors, _, _)) = DISTRIBUTIONS.iter().find(|(.., held)| held == kind) {
            return of_distribution(ecosystem, vendors.first()?, name, version);
        }
        let (kind, _) = KINDS.iter().find(|(_, held)| held == kind)?;
        let bare = crate::package::normalize(&ecosystem.kind, name);
        let (namespace, name) = match *kind {
            "maven" => name.split_once(':')?,
            "vscode-extension" => name.split_once('.')?,
            "swift" => bare.rsplit_once('/')?,
            "composer" => name.split_once('/')?,
            "npm" | "golang" | "brew" => name.rsplit_once('/').unwrap_or(("", name)),
            _ => ("", name),
        };
        let parts = Parts {
            kind,
            namespace,
            name,
            version,
            ..Parts::default()
        };
        // Go's own modules (`stdlib`, `toolchain`) have no host, and advisories name them all the same.
        match (*kind, namespace) {
            ("golang", "") => Purl::read(&format!("pkg:golang/{}", Encoded(name, version)))
                .ok()
                .map(|(purl, _)| purl),
            _ => Purl::build(parts).ok(),
        }
    }
}

/// A name and a version for the inside of a purl.
struct Encoded<'a>(&'a str, &'a str);

impl std::fmt::Display for Encoded<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        super::percent::write(out, self.0)?;
        if !self.1.is_empty() {
            out.write_str("@")?;
            super::percent::write(out, self.1)?;
        }
        Ok(())
    }
}

fn of_distribution(ecosystem: &Ecosystem, vendor: &str, name: &str, version: &str) -> Option<Purl> {
    let mut rows = DISTRIBUTIONS
        .iter()
        .filter(|(.., kind)| *kind == ecosystem.kind);
    let (kind, _, id, _) = rows.next()?;
    let distro = distro_of(id, ecosystem.release.as_deref().unwrap_or_default());
    let mut qualifiers: Vec<(&str, &str)> = Vec::new();
    let mut bare = version;
    if *kind == "rpm"
        && let Some((epoch, rest)) = version.split_once(':')
    {
        bare = rest;
        qualifiers.push(("epoch", epoch));
    }
    if let Some(distro) = &distro {
        qualifiers.push(("distro", distro));
    }
    let parts = Parts {
        kind,
        namespace: vendor,
        name,
        version: bare,
        qualifiers: &qualifiers,
        subpath: "",
    };
    Purl::build(parts).ok()
}

/// `Ubuntu:Pro:18.04:LTS` → `ubuntu-18.04`, `Alpine:v3.19` → `alpine-3.19`, `openSUSE:Leap 15.5` → `opensuse-leap-15.5`.
fn distro_of(id: &str, release: &str) -> Option<String> {
    if release.starts_with("Tumbleweed") {
        return Some("opensuse-tumbleweed".to_owned());
    }
    let plain = match id {
        "ubuntu" => release.trim_start_matches("Pro:").trim_end_matches(":LTS"),
        "alpine" => release.trim_start_matches('v'),
        "opensuse-leap" => release.strip_prefix("Leap ")?,
        "rhel" => release
            .strip_prefix("enterprise_linux:")?
            .split(':')
            .next()?,
        "sles" => return None,
        _ => release,
    };
    (!plain.is_empty()).then(|| format!("{id}-{plain}"))
}

/// The release that an rpm's own version ends in: 8 of `1.2-3.el8_6`, 39 of `1.2-3.fc39`.
fn dist_tag<'a>(id: &str, version: &'a str) -> Option<&'a str> {
    let tags: &[&str] = match id {
        "rhel" | "almalinux" | "rocky" | "ol" => &["el"],
        "fedora" => &["fc"],
        "amzn" => &["amzn"],
        "mageia" => &["mga"],
        "azurelinux" => &["azl", "cm"],
        _ => return None,
    };
    let mut words = version.split(['.', '_', '+', '-']);
    let release = words.find_map(|word| tags.iter().find_map(|tag| word.strip_prefix(tag)))?;
    let is_number = !release.is_empty() && release.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(release)
}

/// `debian-12.9` → (`debian`, `12.9`); a bare `3.15.6` or `bookworm` is all version.
fn split_distro(distro: &str) -> (&str, &str) {
    if distro.ends_with("tumbleweed") {
        return (distro, "");
    }
    let is_version = |text: &str| {
        text.trim_start_matches('v')
            .starts_with(|c: char| c.is_ascii_digit())
    };
    let mut dashes = distro.match_indices('-').map(|(at, _)| distro.split_at(at));
    match dashes.find(|(_, rest)| is_version(rest.trim_start_matches('-'))) {
        Some((prefix, version)) => (prefix, version.trim_start_matches('-')),
        None => match distro.split_once('-') {
            Some((prefix, codename)) if matches!(prefix, "debian" | "ubuntu") => (prefix, codename),
            _ => ("", distro),
        },
    }
}
