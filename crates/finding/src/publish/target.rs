//! A product as a coordinator writes it, as what formats and scans go by.

use advisory::{Affected, AffectedRange, Product, RangeScheme, Status, Target};
use names::{Cpe, Purl, Refusal};
use versions::vers::{Comparator, Vers};
use versions::{End, Interval, Scheme};

use crate::verdict::{self, Word};

/// What `word` says, or what of it names nothing.
pub(super) fn affected(word: &Word) -> Result<Affected, Refusal> {
    let (target, version) = target(&word.product)?;
    let (versions, ranges) = match (&*word.versions, version) {
        ("", Some(version)) => (vec![version], Vec::new()),
        ("", None) => (Vec::new(), vec![everything(&target)]),
        (text, _) => versions(text, &target),
    };
    Ok(Affected {
        target,
        versions,
        ranges,
        status: match word.status {
            verdict::Status::Affected | verdict::Status::Disputed => Status::Affected,
            verdict::Status::Fixed => Status::Fixed,
            verdict::Status::NotAffected => Status::NotAffected,
            verdict::Status::UnderInvestigation => Status::UnderInvestigation,
        },
        ..Affected::default()
    })
}

/// A purl, a CPE name, or `Vendor: Product`; with the version that a purl names.
fn target(text: &str) -> Result<(Target, Option<String>), Refusal> {
    let text = text.trim();
    if text.starts_with("pkg:") {
        let mut purl: Purl = text.parse().map_err(|problems| {
            let mut refusal = Refusal::none();
            refusal.extend("product", &problems);
            refusal
        })?;
        let version = Some(purl.package_version()).filter(|version| !version.is_empty());
        purl.version = "".into();
        return Ok((packaged(purl), version));
    }
    if text.starts_with("cpe:") {
        let cpe = Cpe::read(text).map_err(|_| {
            Refusal::of(
                "product",
                "is no CPE name; write `cpe:2.3:a:vendor:product:*:*:*:*:*:*:*:*`",
            )
        })?;
        let product = Product {
            name: text.to_owned(),
            cpes: vec![cpe],
            ..Product::default()
        };
        return Ok((Target::Product(Box::new(product)), None));
    }
    let (vendor, name) = text.split_once(": ").unwrap_or(("", text));
    let product = Product {
        vendor: vendor.trim().to_owned(),
        name: name.trim().to_owned(),
        ..Product::default()
    };
    Ok((Target::Product(Box::new(product)), None))
}

fn packaged(purl: Purl) -> Target {
    match purl.ecosystem() {
        Some(ecosystem) => Target::Package {
            name: purl.package_name(),
            ecosystem,
            purl: Some(purl),
        },
        None => Target::Product(Box::new(Product {
            name: purl.package_name(),
            purls: vec![purl],
            ..Product::default()
        })),
    }
}

fn order(target: &Target) -> Scheme {
    match target {
        Target::Package { ecosystem, .. } => Scheme::of_ecosystem(ecosystem),
        _ => Scheme::Vendor,
    }
}

fn in_order(target: &Target, scheme: Scheme, intervals: Vec<Interval<String>>) -> AffectedRange {
    let own = matches!(target, Target::Package { .. }) && order(target) == scheme;
    AffectedRange {
        scheme: if own {
            RangeScheme::Ecosystem
        } else {
            RangeScheme::Scheme(scheme)
        },
        intervals,
    }
}

fn everything(target: &Target) -> AffectedRange {
    let all = Interval {
        introduced: None,
        end: End::Open,
    };
    in_order(target, order(target), vec![all])
}

/// A VERS, or versions one by one; anything else is kept as the words it is.
fn versions(text: &str, target: &Target) -> (Vec<String>, Vec<AffectedRange>) {
    let text = text.trim();
    if text.starts_with("vers:") {
        if let Some(read) = vers(text, target) {
            return read;
        }
    } else {
        let parts: Vec<&str> = text.split([',', '|']).map(str::trim).collect();
        let is_version = |part: &&str| {
            !part.contains([' ', '<', '>', '=', '*']) && part.contains(|c: char| c.is_ascii_digit())
        };
        if parts.iter().all(is_version) {
            return (parts.into_iter().map(str::to_owned).collect(), Vec::new());
        }
    }
    let unreadable = AffectedRange {
        scheme: RangeScheme::Unreadable(text.to_owned()),
        intervals: Vec::new(),
    };
    (Vec::new(), vec![unreadable])
}

/// Pairs the points of the timeline. `>` holds its bound too, as intervals have no other: one version too many
/// rather than one too few.
fn vers(text: &str, target: &Target) -> Option<(Vec<String>, Vec<AffectedRange>)> {
    let vers = Vers::read(text).ok()?;
    let scheme = vers.scheme()?;
    let mut named = Vec::new();
    let mut intervals = Vec::new();
    let mut open: Option<Option<String>> = None;
    for point in vers.points() {
        let version = point.version.to_string();
        match point.comparator {
            Comparator::Equal => named.push(version),
            Comparator::NotEqual => return None,
            Comparator::Greater | Comparator::GreaterOrEqual => {
                open = Some(open.flatten().or(Some(version)))
            }
            Comparator::Less => intervals.push(Interval {
                introduced: open.take().flatten(),
                end: End::Fixed(version),
            }),
            Comparator::LessOrEqual => intervals.push(Interval {
                introduced: open.take().flatten(),
                end: End::LastAffected(version),
            }),
        }
    }
    let all = vers.points().is_empty();
    if let Some(introduced) = open.or(all.then_some(None)) {
        intervals.push(Interval {
            introduced,
            end: End::Open,
        });
    }
    let ranges = match intervals.is_empty() {
        true => Vec::new(),
        false => vec![in_order(target, scheme, intervals)],
    };
    Some((named, ranges))
}
