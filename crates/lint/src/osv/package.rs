//! Package: does an OSV record name its package as the ecosystem does, and its package URL the same one?

use names::{Ecosystem, EcosystemKind as K, Purl, package::normalize};

use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;

pub fn check(package: &At<'_>, findings: &mut Findings) {
    let ecosystem = package.text("ecosystem").map(Ecosystem::parse);
    if let (Some(ecosystem), Some(name)) = (&ecosystem, package.text("name")) {
        release(package, ecosystem, findings);
        named(package, ecosystem, name, findings);
    }
    purl(package, ecosystem.as_ref(), findings);
}

/// Defined ecosystems: some must name their release, and in one form.
fn release(package: &At<'_>, ecosystem: &Ecosystem, findings: &mut Findings) {
    let digits = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let release = ecosystem.release.as_deref();
    let example = match (&ecosystem.kind, release) {
        (K::Alpine, release)
            if !release
                .and_then(|text| text.strip_prefix('v'))
                .is_some_and(digits) =>
        {
            "Alpine:v3.20"
        }
        (K::Mageia, release) if !release.is_some_and(digits) => "Mageia:9",
        (K::PhotonOs, release) if !release.is_some_and(digits) => "Photon OS:5.0",
        (K::AlmaLinux, Some(release)) if !digits(release) => "AlmaLinux:9",
        (K::RockyLinux, Some(release)) if !digits(release) => "Rocky Linux:9",
        (K::OpenSuse | K::Suse, None) => "openSUSE:Leap 15.6",
        (K::Ubuntu, None) => "Ubuntu:24.04:LTS",
        _ => return,
    };
    let message = format!(
        "`{}` does not name its release as this ecosystem does; `{example}` would be right",
        clip(&ecosystem.to_string())
    );
    findings.say(
        "osv.package.release",
        Group::Mandatory,
        package.to("ecosystem"),
        message,
    );
}

/// Defined ecosystems: what a `name` is in each.
fn named(package: &At<'_>, ecosystem: &Ecosystem, name: &str, findings: &mut Findings) {
    let message = match &ecosystem.kind {
        K::PyPi if normalize(&K::PyPi, name) != name => {
            let right = normalize(&K::PyPi, name);
            let message = format!(
                "`{}` is not normalized; `{}` would be right (PEP 503)",
                clip(name),
                clip(&right)
            );
            return findings.say(
                "osv.package.name",
                Group::Recommended,
                package.to("name"),
                message,
            );
        }
        K::Maven if !name.contains(':') => "lacks its group; `groupId:artifactId` would be right",
        K::GitHubActions | K::Packagist if !name.contains('/') => {
            "lacks its owner; `owner/name` would be right"
        }
        K::VsCode if !name.contains('.') && !name.contains('/') => {
            "lacks its publisher; `publisher.name` would be right"
        }
        K::Linux if name != "Kernel" => "is no package of `Linux`; `Kernel` is the only one",
        _ if name.trim() != name || name.is_empty() => "is empty or has blanks around it",
        _ => return,
    };
    let message = format!("`{}` {message}", clip(name));
    findings.say(
        "osv.package.name",
        Group::Mandatory,
        package.to("name"),
        message,
    );
}

/// affected[].package field: a package URL, without a version, of this package.
fn purl(package: &At<'_>, ecosystem: Option<&Ecosystem>, findings: &mut Findings) {
    let Some(text) = package.text("purl") else {
        return;
    };
    let at = package.to("purl");
    let (purl, broken) = match Purl::read(text) {
        Ok(read) => read,
        Err(problems) => {
            return findings.say(
                "osv.package.purl",
                Group::Mandatory,
                at,
                format!("`{}` is no package URL: {problems}", clip(text)),
            );
        }
    };
    if !broken.is_empty() {
        let message = format!(
            "`{}` breaks the rules of package URLs: {broken}",
            clip(text)
        );
        findings.say("osv.package.purl", Group::Recommended, at.as_str(), message);
    }
    if !purl.version.is_empty() {
        let message = format!(
            "`purl` has the version `{}`; it names the package alone, and versions stand beside it",
            clip(&purl.version)
        );
        findings.say(
            "osv.package.purl.version",
            Group::Mandatory,
            at.as_str(),
            message,
        );
    }
    if let (Some(ecosystem), Some(name)) = (ecosystem, package.text("name"))
        && let Some(other) = disagreement(&purl, ecosystem, name)
    {
        findings.say("osv.package.purl.match", Group::Mandatory, at, other);
    }
}

/// How the package URL names another package than ecosystem and name do; `None` where nobody can tell.
fn disagreement(purl: &Purl, ecosystem: &Ecosystem, name: &str) -> Option<String> {
    let kind = &ecosystem.kind;
    let said = purl.ecosystem()?;
    if said.kind != *kind {
        // Families that rebuild others' packages keep the type and namespace of what they rebuild.
        let is_rebuilt = matches!(
            kind,
            K::Echo
                | K::Root
                | K::TuxCare
                | K::DockerHardened
                | K::Kubernetes
                | K::Bitnami
                | K::GitHubActions
                | K::Linux
                | K::Android
                | K::OssFuzz
                | K::Git
        );
        return (!is_rebuilt && Purl::of(ecosystem, name, "").is_some()).then(|| {
            format!(
                "`purl` is of `{}` and `ecosystem` is `{}`; both name one package",
                said.kind.as_str(),
                clip(&ecosystem.to_string())
            )
        });
    }
    let package = purl.package_name();
    (normalize(kind, &package) != normalize(kind, name)).then(|| {
        format!(
            "`purl` is of `{}` and `name` is `{}`; both name one package",
            clip(&package),
            clip(name)
        )
    })
}
