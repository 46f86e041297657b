//! What does an entry of `affected` speak of: a package, a product, a repository?
//!
//! `collectionURL` and `packageName` name a package where the collection is an ecosystem's registry; since 5.2
//! `packageURL` does. Red Hat names its repositories by CPE, and OSV's `Red Hat:` ecosystems are those CPEs.
//! WordPress plugins and container catalogs are no ecosystem, so they stay products.

use names::{Ecosystem, EcosystemKind};

use super::record::Affected;
use crate::{Product, Target, identify};

/// Hosts of registries, and what they are registries of.
const REGISTRIES: &[(&str, EcosystemKind)] = &[
    ("repo.maven.apache.org", EcosystemKind::Maven),
    ("repo1.maven.org", EcosystemKind::Maven),
    ("central.sonatype.com", EcosystemKind::Maven),
    ("mvnrepository.com", EcosystemKind::Maven),
    ("pypi.python.org", EcosystemKind::PyPi),
    ("pypi.org", EcosystemKind::PyPi),
    ("npmjs.com", EcosystemKind::Npm),
    ("registry.npmjs.org", EcosystemKind::Npm),
    ("npmjs.org", EcosystemKind::Npm),
    ("pkg.go.dev", EcosystemKind::Go),
    ("proxy.golang.org", EcosystemKind::Go),
    ("crates.io", EcosystemKind::CratesIo),
    ("rubygems.org", EcosystemKind::RubyGems),
    ("packagist.org", EcosystemKind::Packagist),
    ("nuget.org", EcosystemKind::NuGet),
    ("hex.pm", EcosystemKind::Hex),
    ("repo.hex.pm", EcosystemKind::Hex),
    ("pub.dev", EcosystemKind::Pub),
    ("hackage.haskell.org", EcosystemKind::Hackage),
    ("cran.r-project.org", EcosystemKind::Cran),
];

/// Targets of an entry: one, or one for each repository of Red Hat; none where nothing is named.
pub(super) fn targets(raw: &Affected) -> Vec<Target> {
    if let Some(target) = identify::purl(&raw.package_url)
        .as_ref()
        .and_then(identify::package)
    {
        return vec![target];
    }
    let red_hat = red_hat(raw);
    if !red_hat.is_empty() {
        return red_hat;
    }
    if let Some(target) = package(raw) {
        return vec![target];
    }
    let only_commits = !raw.versions.is_empty()
        && raw
            .versions
            .iter()
            .all(|version| version.version_type == "git");
    if only_commits && !raw.repo.is_empty() {
        return vec![Target::Repository {
            url: raw.repo.clone(),
        }];
    }
    product(raw).into_iter().collect()
}

fn package(raw: &Affected) -> Option<Target> {
    let url = raw
        .collection_url
        .split_once("://")
        .map_or(raw.collection_url.as_str(), |(_, rest)| rest);
    let host = url
        .split('/')
        .next()
        .unwrap_or_default()
        .trim_start_matches("www.");
    let (_, kind) = REGISTRIES.iter().find(|(registry, _)| *registry == host)?;
    let name = raw.package_name.trim();
    let name = match kind {
        _ if name.is_empty() => return None,
        // Written `group:artifact` as a rule and `group/artifact` by some.
        EcosystemKind::Maven if !name.contains(':') => name.replacen('/', ":", 1),
        _ => name.to_owned(),
    };
    Some(Target::Package {
        ecosystem: Ecosystem::new(kind.clone()),
        name,
        purl: None,
    })
}

/// An rpm of Red Hat in each repository whose CPE is given. Modules (`nodejs:18`) and images are products.
fn red_hat(raw: &Affected) -> Vec<Target> {
    let is_rpm = raw
        .collection_url
        .contains("access.redhat.com/downloads/content/package-browser")
        && !raw.package_name.is_empty()
        && !raw.package_name.contains([':', '/']);
    let repositories = raw.cpes.iter().filter_map(|cpe| {
        let rest = cpe
            .strip_prefix("cpe:/a:redhat:")
            .or_else(|| cpe.strip_prefix("cpe:/o:redhat:"))?;
        Some(Target::Package {
            ecosystem: Ecosystem::with_release(EcosystemKind::RedHat, rest),
            name: raw.package_name.clone(),
            purl: None,
        })
    });
    repositories.filter(|_| is_rpm).collect()
}

fn product(raw: &Affected) -> Option<Target> {
    let named = |text: &str| match text.trim() {
        "n/a" | "N/A" | "-" => String::new(),
        text => text.to_owned(),
    };
    let mut name = named(&raw.product);
    if name.is_empty() {
        name = named(&raw.package_name);
    }
    let product = Product {
        vendor: named(&raw.vendor),
        name,
        cpes: raw
            .cpes
            .iter()
            .filter_map(|cpe| identify::cpe(cpe))
            .collect(),
        purls: identify::purl(&raw.package_url).into_iter().collect(),
        ..Product::default()
    };
    let says_something = !product.name.is_empty() || !product.cpes.is_empty();
    says_something.then(|| Target::Product(Box::new(product)))
}
