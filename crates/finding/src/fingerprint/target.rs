//! Target: what has the flaw, by every name that finders use for it.

use names::Purl;
use serde::{Deserialize, Serialize};

use super::function::cut;
use crate::report;

/// A name is compared by at most this many bytes; a purl's own bound is 16 KiB, and no registry takes 256 for a name.
const NAME_BYTES_MAX: usize = 256;

/// What has the flaw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `npm/@scope/name`, without version; empty where unknown.
    #[serde(rename = "p", default, skip_serializing_if = "str::is_empty")]
    pub package: Box<str>,
    /// `github.com/owner/name`, lower case; empty where unknown.
    #[serde(rename = "r", default, skip_serializing_if = "str::is_empty")]
    pub repository: Box<str>,
    /// `vendor/name`, lower case; empty where unknown.
    #[serde(rename = "v", default, skip_serializing_if = "str::is_empty")]
    pub product: Box<str>,
    /// The version that was looked at; empty where unknown.
    #[serde(rename = "n", default, skip_serializing_if = "str::is_empty")]
    pub version: Box<str>,
    /// The commit that was looked at; empty where unknown.
    #[serde(rename = "c", default, skip_serializing_if = "str::is_empty")]
    pub commit: Box<str>,
}

/// How two targets compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same package, repository or product.
    Same,
    /// The same repository and another package, or the same name in another registry.
    Kin,
    /// No name in common.
    Other,
}

impl Target {
    /// What a report says has the flaw.
    pub fn of(target: &report::Target) -> Target {
        let package = target.package.as_ref();
        let lower = |text: &str| cut(text.trim(), NAME_BYTES_MAX).to_lowercase();
        let repository = target.repository.as_deref().and_then(repository);
        let product = target.product.as_ref();
        let version = package.map(|package| &*package.version).unwrap_or_default();
        let commit = target.commit.as_deref().unwrap_or_default();
        Target {
            package: package.map(package_name).unwrap_or_default().into(),
            repository: repository
                .or_else(|| package.and_then(package_repository))
                .unwrap_or_default()
                .into(),
            product: product
                .map(|product| format!("{}/{}", lower(&product.vendor), lower(&product.name)))
                .unwrap_or_default()
                .into(),
            version: cut(version.trim_start_matches('v'), NAME_BYTES_MAX).into(),
            commit: lower(commit).into(),
        }
    }

    /// How `self` and `other` compare.
    pub fn relation(&self, other: &Target) -> Relation {
        let equal =
            |one: &str, other: &str| (!one.is_empty() && !other.is_empty()).then_some(one == other);
        let package = equal(&self.package, &other.package);
        let repository = equal(&self.repository, &other.repository);
        let product = equal(&self.product, &other.product);
        match (package, repository, product) {
            (Some(true), _, _) => Relation::Same,
            (None, Some(true), _) => Relation::Same,
            (None, None, Some(true)) => Relation::Same,
            (Some(false), Some(true), _) => Relation::Kin,
            _ if self.shares_name(other) => Relation::Kin,
            _ => Relation::Other,
        }
    }

    /// Whether both looked at the same build; none where one does not say.
    pub fn same_build(&self, other: &Target) -> Option<bool> {
        let said = |one: &str, other: &str| !one.is_empty() && !other.is_empty();
        if said(&self.commit, &other.commit) {
            let (one, other) = (&*self.commit, &*other.commit);
            return Some(one.starts_with(other) || other.starts_with(one));
        }
        said(&self.version, &other.version).then(|| self.version == other.version)
    }

    /// The bare names, without registry, owner and `lib`, each once.
    pub fn bare_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in [&self.package, &self.repository, &self.product] {
            let name = bare(name.rsplit('/').next().unwrap_or_default());
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The name to tell a person.
    pub fn words(&self) -> &str {
        let names = [&self.package, &self.repository, &self.product];
        names
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("nothing named", |name| name)
    }

    fn shares_name(&self, other: &Target) -> bool {
        let others = other.bare_names();
        self.bare_names().iter().any(|name| others.contains(name))
    }
}

/// Type, namespace and name of a purl.
fn package_name(purl: &Purl) -> String {
    let (namespace, name) = (
        cut(&purl.namespace, NAME_BYTES_MAX),
        cut(&purl.name, NAME_BYTES_MAX),
    );
    match namespace {
        "" => format!("{}/{name}", purl.kind),
        namespace => format!("{}/{namespace}/{name}", purl.kind),
    }
}

/// The repository that some packages are named by.
fn package_repository(purl: &Purl) -> Option<String> {
    match &*purl.kind {
        "github" => repository(&format!("github.com/{}/{}", purl.namespace, purl.name)),
        "bitbucket" => repository(&format!("bitbucket.org/{}/{}", purl.namespace, purl.name)),
        "golang" if purl.namespace.contains('.') => {
            repository(&format!("{}/{}", purl.namespace, purl.name))
        }
        _ => None,
    }
}

/// Host, owner and name of a repository's address.
fn repository(address: &str) -> Option<String> {
    let address = cut(address.trim(), 4 * NAME_BYTES_MAX).to_lowercase();
    let rest = address
        .split_once("://")
        .map_or(&*address, |(_, rest)| rest);
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let rest = rest.replacen(':', "/", 1);
    let mut parts = rest.split('/').filter(|part| !part.is_empty());
    let host = parts.next()?.trim_start_matches("www.").to_owned();
    // Forges with groups in groups end the path at `/-/`; the two large ones have owner and name.
    let depth = if host == "github.com" || host == "bitbucket.org" {
        2
    } else {
        usize::MAX
    };
    let path: Vec<&str> = parts.take_while(|part| *part != "-").take(depth).collect();
    let path = path.join("/");
    let path = path.trim_end_matches(".git");
    (!path.is_empty()).then(|| format!("{host}/{path}"))
}

/// A name as people say it: letters and digits alone, without `lib` before it.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    let name = letters.collect::<String>().to_lowercase();
    match name.strip_prefix("lib") {
        Some(rest) if rest.len() >= 3 => rest.to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(package: &str, repository: &str) -> Target {
        Target::of(&report::Target {
            package: (!package.is_empty()).then(|| package.parse().unwrap()),
            repository: (!repository.is_empty()).then(|| repository.into()),
            ..report::Target::default()
        })
    }

    fn check(one: (&str, &str), other: (&str, &str), expected: Relation) {
        let (one, other) = (target(one.0, one.1), target(other.0, other.1));
        assert_eq!(one.relation(&other), expected, "{one:?} {other:?}");
        assert_eq!(other.relation(&one), expected, "{one:?} {other:?}");
    }

    #[test]
    fn a_repository_has_one_name_whatever_its_address() {
        for address in [
            "https://github.com/Owner/Name",
            "git@github.com:owner/name.git",
            "git+https://user@www.github.com/owner/name/tree/main?x#y",
            "ssh://git@github.com/owner/name/",
        ] {
            assert_eq!(
                repository(address).as_deref(),
                Some("github.com/owner/name")
            );
        }
        check(
            ("pkg:golang/github.com/owner/name@v1", ""),
            ("", "https://github.com/owner/name"),
            Relation::Same,
        );
    }

    #[test]
    fn packages_of_one_repository_are_kin_and_not_the_same() {
        let repository = "https://github.com/owner/many";
        check(
            ("pkg:cargo/one", repository),
            ("pkg:cargo/two", repository),
            Relation::Kin,
        );
        check(
            ("pkg:cargo/one@1", ""),
            ("pkg:cargo/one@2", ""),
            Relation::Same,
        );
        check(
            ("pkg:deb/debian/libpng", ""),
            ("pkg:generic/png", ""),
            Relation::Kin,
        );
        check(
            ("pkg:cargo/one", ""),
            ("pkg:cargo/two", ""),
            Relation::Other,
        );
        check(("", ""), ("", ""), Relation::Other);
    }
}
