//! Places: what a claim, an authorization or a maintainer's policy points at, and whether one lies in another.
//!
//! What is odd: places nest (a folder in a repository, a network in a network, a host under a domain), and they
//! nest as trees do: of two that overlap, one lies in the other. So what two places share is the narrower of them.
//! A package may *be* a repository (`pkg:github/…`, a Go module), and is then compared as one.
//! No name is resolved: a host and an address are different places, whatever DNS says today.

mod host;
mod network;
mod repository;

use std::fmt;
use std::str::FromStr;

use crate::problem::quoted;
use crate::purl::Parts;
use crate::{Problems, Purl, package};

pub use host::Host;
pub use network::Network;
pub use repository::Repository;

/// A place has at most this many bytes: a repository's address of 2,000 characters and a folder of as many.
pub const PLACE_BYTES_MAX: usize = 4096;

/// The name of a vendor, a product or an asset has at most this many bytes. The longest product title of the CPE
/// dictionary has some 200; doubled.
pub const NAME_BYTES_MAX: usize = 400;

/// Something that can be scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `pkg:npm/left-pad`: a package of any version; `#folder` inside it.
    // Invariant: no version, no qualifiers, the name in its ecosystem's one spelling.
    Package(Purl),
    /// `https://host/path`, and `#folder` inside it.
    Repository {
        repository: Repository,
        /// Segments joined by `/`; empty for the whole.
        folder: Box<str>,
    },
    /// `product:Vendor/Name`.
    Product { vendor: Box<str>, name: Box<str> },
    /// `192.0.2.0/24`, `2001:db8::1`.
    Network(Network),
    /// `host:www.example.org`, `host:*.example.org`.
    Host(Host),
    /// `asset:Pump 7`: what an operator calls something of their own.
    Asset(Box<str>),
}

impl Place {
    /// A package, whatever its version and qualifiers.
    pub fn package(purl: &Purl) -> Place {
        let name = match purl.ecosystem() {
            Some(ecosystem) => package::normalize(&ecosystem.kind, &purl.name).into_owned(),
            None => purl.name.to_string(),
        };
        let bare = Purl::build(Parts {
            kind: &purl.kind,
            namespace: &purl.namespace,
            name: &name,
            subpath: &purl.subpath,
            ..Parts::default()
        });
        // What its type's rules do not like without a version is kept as it was read.
        Place::Package(bare.unwrap_or_else(|_| Purl {
            version: "".into(),
            qualifiers: Box::default(),
            ..purl.clone()
        }))
    }

    /// A vendor's product.
    pub fn product(vendor: &str, name: &str) -> Result<Place, Problems> {
        let mut problems = Problems::none();
        let vendor = named(vendor, "vendor", &mut problems);
        let name = named(name, "product", &mut problems);
        problems.or(Place::Product { vendor, name })
    }

    /// The word for its kind, as pages say it.
    pub fn kind(&self) -> &'static str {
        match self {
            Place::Package(_) => "package",
            Place::Repository { .. } => "repository",
            Place::Product { .. } => "product",
            Place::Network(_) => "network",
            Place::Host(_) => "host",
            Place::Asset(_) => "asset",
        }
    }

    /// Whether all of `other` lies in this place.
    pub fn contains(&self, other: &Place) -> bool {
        if let (Some((one, outer)), Some((two, inner))) = (self.source(), other.source()) {
            return one == two && folder_contains(&outer, &inner);
        }
        match (self, other) {
            (Place::Package(one), Place::Package(two)) => {
                let same = (&one.kind, &one.namespace, &one.name)
                    == (&two.kind, &two.namespace, &two.name);
                same && folder_contains(&one.subpath, &two.subpath)
            }
            (
                Place::Product { vendor, name },
                Place::Product {
                    vendor: other_vendor,
                    name: other_name,
                },
            ) => folded(vendor) == folded(other_vendor) && folded(name) == folded(other_name),
            (Place::Network(one), Place::Network(two)) => one.contains(two),
            (Place::Host(one), Place::Host(two)) => one.contains(two),
            (Place::Asset(one), Place::Asset(two)) => folded(one) == folded(two),
            _ => false,
        }
    }

    /// What both places share: the narrower of them, or nothing.
    pub fn common<'a>(&'a self, other: &'a Place) -> Option<&'a Place> {
        match (self.contains(other), other.contains(self)) {
            // Two spellings of one place: the same of them, whoever is asked.
            (true, true) => Some(self.min(other)),
            (true, false) => Some(other),
            (false, true) => Some(self),
            (false, false) => None,
        }
    }

    /// The repository it is, and the folder in it; none where the name does not tell.
    pub fn source(&self) -> Option<(Repository, Box<str>)> {
        match self {
            Place::Repository { repository, folder } => Some((repository.clone(), folder.clone())),
            Place::Package(purl) => Repository::of_purl(purl),
            _ => None,
        }
    }

    /// A word that this place shares with every place that it contains or that contains it.
    ///
    /// Two places without a word in common do not overlap, so a store finds candidates by equality.
    pub fn bucket(&self) -> String {
        if let Some((repository, _)) = self.source() {
            return format!("repository {repository}");
        }
        match self {
            Place::Package(purl) => format!(
                "package {}",
                Purl {
                    subpath: "".into(),
                    ..purl.clone()
                }
            ),
            Place::Product { vendor, name } => {
                format!("product {}/{}", folded(vendor), folded(name))
            }
            Place::Asset(name) => format!("asset {}", folded(name)),
            // Networks nest to any depth, and so do hosts; an operator has few of either.
            Place::Network(network) => {
                format!("network {}", if network.is_v4() { "v4" } else { "v6" })
            }
            Place::Host(host) => format!("host {}", host.registrable()),
            Place::Repository { .. } => unreachable!("a repository is its own source"),
        }
    }
}

impl FromStr for Place {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Place, Problems> {
        let text = text.trim();
        if text.len() > PLACE_BYTES_MAX {
            return Err(Problems::one(format!(
                "a target has {} bytes, and at most {PLACE_BYTES_MAX} are read",
                text.len()
            )));
        }
        if text.starts_with("pkg:") {
            return of_purl(text);
        }
        match text.split_once(':') {
            Some(("product", rest)) => match rest.split_once('/') {
                Some((vendor, name)) => Place::product(vendor, name),
                None => Err(Problems::one(format!(
                    "{} names a vendor or a product, not both; write `product:Vendor/Name`",
                    quoted(text)
                ))),
            },
            Some(("host", rest)) => match rest.parse::<Network>() {
                Ok(network) => Ok(Place::Network(network)),
                Err(_) => rest.parse().map(Place::Host),
            },
            Some(("asset", rest)) => {
                let mut problems = Problems::none();
                let name = named(rest, "asset", &mut problems);
                problems.or(Place::Asset(name))
            }
            _ if Network::looks_like(text) => text.parse().map(Place::Network),
            _ if Repository::looks_like(text) => of_repository(text),
            _ => Err(Problems::one(format!(
                "{} is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, \
                 `192.0.2.0/24`, `host:*.example.org` or `asset:Name`",
                quoted(text)
            ))),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Package(purl) => write!(out, "{purl}"),
            Place::Repository { repository, folder } if folder.is_empty() => {
                write!(out, "{repository}")
            }
            Place::Repository { repository, folder } => write!(out, "{repository}#{folder}"),
            Place::Product { vendor, name } => write!(out, "product:{vendor}/{name}"),
            Place::Network(network) => write!(out, "{network}"),
            Place::Host(host) => write!(out, "host:{host}"),
            Place::Asset(name) => write!(out, "asset:{name}"),
        }
    }
}

impl serde::Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Place, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn of_purl(text: &str) -> Result<Place, Problems> {
    let purl: Purl = text.parse()?;
    match &*purl.version {
        "" => Ok(Place::package(&purl)),
        version => Err(Problems::one(format!(
            "{} names version {}; give versions beside the target, as in `vers:{}/{}`",
            quoted(text),
            quoted(version),
            purl.kind,
            version
        ))),
    }
}

fn of_repository(text: &str) -> Result<Place, Problems> {
    let (address, folder) = text.split_once('#').unwrap_or((text, ""));
    Ok(Place::Repository {
        repository: address.parse()?,
        folder: folder_of(folder)?,
    })
}

/// A folder's one spelling: segments joined by `/`, none of them dots.
pub fn folder_of(text: &str) -> Result<Box<str>, Problems> {
    let mut segments = Vec::new();
    for segment in text.split(['/', '\\']) {
        match segment.trim() {
            "" | "." => {}
            ".." => {
                return Err(Problems::one(format!(
                    "folder {} leaves its repository; write it from the repository's root, as in `src/parser`",
                    quoted(text)
                )));
            }
            segment => segments.push(segment),
        }
    }
    Ok(segments.join("/").into())
}

/// Whether `inner` is `outer` or lies below it.
fn folder_contains(outer: &str, inner: &str) -> bool {
    match inner.strip_prefix(outer) {
        Some(rest) => outer.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// A name with single blanks; says what is wrong with it.
fn named(text: &str, what: &str, problems: &mut Problems) -> Box<str> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        problems.add(format!("the {what} has no name"));
    }
    if name.len() > NAME_BYTES_MAX {
        problems.add(format!(
            "the {what}'s name has {} bytes, and at most {NAME_BYTES_MAX} are read",
            name.len()
        ));
    }
    if name.chars().any(char::is_control) {
        problems.add(format!(
            "the {what}'s name {} has control characters",
            quoted(&name)
        ));
    }
    name.into()
}

/// What people write differently and mean alike: letters' case, blanks, `-` and `_`.
fn folded(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_'));
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
