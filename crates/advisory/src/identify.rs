//! Identifiers inside documents: package URLs and CPE names, and the package a purl means.

use names::{Cpe, Ecosystem, EcosystemKind, Purl};

use crate::Target;

/// The CPE name, where it is one.
pub(crate) fn cpe(text: &str) -> Option<Cpe> {
    text.starts_with("cpe:").then(|| Cpe { text: text.into() })
}

/// The package URL, where it is one.
pub(crate) fn purl(text: &str) -> Option<Purl> {
    let rest = text.strip_prefix("pkg:")?;
    let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (rest, version) = rest.rsplit_once('@').unwrap_or((rest, ""));
    let (kind, path) = rest.split_once('/')?;
    let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
    let qualifiers = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Purl {
        kind: kind.to_lowercase().into(),
        namespace: namespace.into(),
        name: name.into(),
        version: version.into(),
        qualifiers: qualifiers.map(|(k, v)| (k.into(), v.into())).collect(),
        subpath: subpath.into(),
    })
}

/// The value of a qualifier.
pub(crate) fn qualifier<'a>(purl: &'a Purl, key: &str) -> &'a str {
    purl.qualifiers
        .iter()
        .find(|(name, _)| &**name == key)
        .map_or("", |(_, value)| value)
}

/// The package that a purl means, where a database answers for its type.
pub(crate) fn package(purl: &Purl) -> Option<Target> {
    let path = |separator: &str| match purl.namespace.is_empty() {
        true => purl.name.to_string(),
        false => format!("{}{separator}{}", purl.namespace, purl.name),
    };
    let (kind, name) = match &*purl.kind {
        "cargo" => (EcosystemKind::CratesIo, purl.name.to_string()),
        "npm" => (EcosystemKind::Npm, path("/")),
        "golang" => (EcosystemKind::Go, path("/")),
        "pypi" => (EcosystemKind::PyPi, purl.name.to_string()),
        "maven" => (EcosystemKind::Maven, path(":")),
        "nuget" => (EcosystemKind::NuGet, purl.name.to_string()),
        "gem" => (EcosystemKind::RubyGems, purl.name.to_string()),
        "composer" => (EcosystemKind::Packagist, path("/")),
        "hex" => (EcosystemKind::Hex, path("/")),
        "pub" => (EcosystemKind::Pub, purl.name.to_string()),
        "cran" => (EcosystemKind::Cran, purl.name.to_string()),
        "hackage" => (EcosystemKind::Hackage, purl.name.to_string()),
        "conan" => (EcosystemKind::ConanCenter, purl.name.to_string()),
        "deb" | "apk" | "rpm" => return distribution(purl),
        _ => return None,
    };
    Some(Target::Package {
        ecosystem: Ecosystem::new(kind),
        name,
        purl: Some(purl.clone()),
    })
}

/// Packages of distributions, with the release where `distro` gives it.
fn distribution(purl: &Purl) -> Option<Target> {
    let kind = match (&*purl.kind, &*purl.namespace) {
        ("deb", "debian") => EcosystemKind::Debian,
        ("deb", "ubuntu") => EcosystemKind::Ubuntu,
        ("apk", "alpine") => EcosystemKind::Alpine,
        ("apk", "wolfi") => EcosystemKind::Wolfi,
        ("apk", "chainguard") => EcosystemKind::Chainguard,
        ("rpm", "redhat") => EcosystemKind::RedHat,
        ("rpm", "almalinux") => EcosystemKind::AlmaLinux,
        ("rpm", "rocky" | "rockylinux") => EcosystemKind::RockyLinux,
        ("rpm", "suse") => EcosystemKind::Suse,
        ("rpm", "opensuse") => EcosystemKind::OpenSuse,
        ("rpm", "fedora") => EcosystemKind::Fedora,
        ("rpm", "openeuler") => EcosystemKind::OpenEuler,
        _ => return None,
    };
    let distro = qualifier(purl, "distro");
    let release = distro.rsplit('-').next().unwrap_or_default();
    let release = match kind {
        EcosystemKind::Alpine => release
            .match_indices('.')
            .nth(1)
            .map_or(release.to_owned(), |(at, _)| release[..at].to_owned()),
        EcosystemKind::RedHat => String::new(),
        _ => release.to_owned(),
    };
    let release = match kind {
        EcosystemKind::Alpine if !release.is_empty() => format!("v{release}"),
        _ => release,
    };
    let ecosystem = match release.starts_with(|c: char| c.is_ascii_digit() || c == 'v') {
        true => Ecosystem::with_release(kind, &release),
        false => Ecosystem::new(kind),
    };
    Some(Target::Package {
        ecosystem,
        name: purl.name.to_string(),
        purl: Some(purl.clone()),
    })
}
