//! What is a product of the tree to a scan: a package of an ecosystem, or a vendor's product?
//!
//! Red Hat's documents are about rpm packages in repositories of a release: the package stands in a purl (older
//! documents: in the name, `cri-o-0:1.25.5-16.el8.src`), the repository in the CPE of the product it is a
//! component of. OSV names that pair `Red Hat:enterprise_linux:8::appstream`, and so do we.

use names::{Ecosystem, EcosystemKind};

use super::tree::{Entry, Stated};
use super::version;
use crate::identify::package;
use crate::{AffectedRange, Target};

/// A product as a target, with the versions it is meant in.
pub(super) struct Meant {
    pub target: Target,
    pub versions: Vec<String>,
    pub ranges: Vec<AffectedRange>,
    pub module: String,
}

/// What `entry` means.
pub(super) fn meant(entry: &Entry) -> Meant {
    if let Some(meant) = red_hat(entry) {
        return meant;
    }
    let packaged = entry.product.purls.iter().find_map(package);
    if let Some(Target::Package {
        purl: Some(purl), ..
    }) = &packaged
        && !purl.version.is_empty()
    {
        let version = purl.package_version();
        return Meant {
            target: packaged.unwrap_or_default(),
            versions: vec![version],
            ranges: Vec::new(),
            module: entry.module.clone(),
        };
    }
    product(entry, packaged)
}

fn product(entry: &Entry, packaged: Option<Target>) -> Meant {
    let mut product = entry.product.clone();
    let said = match &entry.version {
        Stated::Nothing => version::Said::all(),
        Stated::Version(text) => version::exact(text),
        Stated::Range(text) => version::range(text),
    };
    if let Some(model) = said.model {
        product.models.push(model);
    }
    let mut ranges = match packaged.is_some() && is_every(&entry.version) {
        true => vec![version::everything(None)],
        false => said.ranges,
    };
    for range in &mut ranges {
        version::anchor(&product.name, range);
    }
    Meant {
        target: packaged.unwrap_or_else(|| Target::Product(Box::new(product))),
        versions: said.versions,
        ranges,
        module: entry.module.clone(),
    }
}

/// Whether it says of every version that it is meant, which is so in the order of any ecosystem.
fn is_every(version: &Stated) -> bool {
    matches!(version, Stated::Range(text) if text.trim() == "vers:all/*")
}

/// An rpm of Red Hat's, by purl or by name.
fn red_hat(entry: &Entry) -> Option<Meant> {
    let ecosystem = entry.platforms.iter().find_map(|cpe| repository(cpe));
    let rpm = entry
        .product
        .purls
        .iter()
        .find(|purl| &*purl.kind == "rpm" && &*purl.namespace == "redhat");
    let mut module = entry.module.clone();
    let (name, version) = match rpm {
        Some(purl) => {
            let stream = purl.qualifier("rpmmod").unwrap_or_default();
            if module.is_empty() && !stream.is_empty() {
                module = stream.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
            }
            (purl.name.to_string(), purl.package_version())
        }
        None => {
            let stated = named(&entry.package, ecosystem.as_ref())?;
            if !stated.module.is_empty() {
                module = stated.module;
            }
            (stated.name, stated.version)
        }
    };
    let (versions, ranges) = match (version.is_empty(), &entry.version) {
        (true, Stated::Range(text)) if !is_every(&entry.version) => {
            let said = version::range(text);
            (said.versions, said.ranges)
        }
        (true, _) => (Vec::new(), vec![version::everything(None)]),
        (false, _) => (vec![version], Vec::new()),
    };
    Some(Meant {
        target: Target::Package {
            ecosystem: ecosystem.unwrap_or(Ecosystem::new(EcosystemKind::RedHat)),
            name,
            purl: rpm.cloned(),
        },
        versions,
        ranges,
        module,
    })
}

struct Named {
    name: String,
    version: String,
    module: String,
}

/// A package written without a purl: `telnet-1:0.17-65.el7_6.src`, or of Enterprise Linux itself
/// `postgresql` and `postgresql:15/postgresql`.
fn named(text: &str, ecosystem: Option<&Ecosystem>) -> Option<Named> {
    if let Some((name, version)) = nevra(text) {
        return Some(Named {
            name,
            version,
            module: String::new(),
        });
    }
    ecosystem
        .and_then(|ecosystem| ecosystem.release.as_deref())
        .filter(|release| release.starts_with("enterprise_linux:"))?;
    let (module, name) = text.split_once('/').unwrap_or(("", text));
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-._:".contains(&b))
    };
    let modular = module.is_empty() || module.contains(':');
    (plain(name) && !name.contains(':') && modular && (module.is_empty() || plain(module))).then(
        || Named {
            name: name.to_owned(),
            version: String::new(),
            module: module.to_owned(),
        },
    )
}

/// `name-epoch:version-release.arch`.
fn nevra(text: &str) -> Option<(String, String)> {
    const ARCHES: &[&str] = &[
        "src", "noarch", "x86_64", "aarch64", "ppc64le", "ppc64", "ppc", "s390x", "s390", "i386",
        "i486", "i586", "i686", "ia64", "armv7hl",
    ];
    let (rest, arch) = text.rsplit_once('.')?;
    if !ARCHES.contains(&arch) {
        return None;
    }
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let (epoch, version) = version.split_once(':')?;
    let version = match epoch {
        "0" => format!("{version}-{release}"),
        _ => format!("{epoch}:{version}-{release}"),
    };
    let numbered = !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit());
    (numbered && !name.is_empty()).then(|| (name.to_owned(), version))
}

/// `cpe:/a:redhat:enterprise_linux:8::appstream` is `Red Hat:enterprise_linux:8::appstream`.
fn repository(cpe: &str) -> Option<Ecosystem> {
    let fields: Vec<&str> = match cpe.strip_prefix("cpe:2.3:") {
        Some(rest) => rest.split(':').collect(),
        None => cpe.strip_prefix("cpe:/")?.split(':').collect(),
    };
    let [_, "redhat", rest @ ..] = fields.as_slice() else {
        return None;
    };
    let known = rest.iter().take(4).map(|field| match *field {
        "*" => "",
        field => field,
    });
    let release: Vec<&str> = known.collect();
    let release = release.join(":");
    let release = release.trim_end_matches(':');
    (!release.is_empty()).then(|| Ecosystem::with_release(EcosystemKind::RedHat, release))
}
