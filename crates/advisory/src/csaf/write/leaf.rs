//! How is one version or one range of a target written as a leaf, so that our own reader finds the same there?
//!
//! CSAF 2.0 section 3.1.2.3: a `product_version` is one version, a `product_version_range` a VERS or what vendors
//! write. What is written here is read back before it is kept, for a range that others read differently is worse
//! than none.

use names::{Ecosystem, Purl};
use versions::vers::{Comparator, Constraint, Vers};
use versions::{End, Interval, Scheme};

use crate::csaf::version::{self, Said};
use crate::{Affected, AffectedRange, RangeScheme, Target, identify};

/// What a leaf says of the version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stated {
    /// Nothing: every version.
    Every,
    /// `product_version`.
    Version(String),
    /// `product_version_range`.
    Range(String),
}

/// Every version, in VERS.
const EVERY: &str = "vers:all/*";

/// One version, or one interval in its order.
pub(super) enum Unit<'a> {
    Every,
    Version(&'a str),
    Interval(&'a RangeScheme, &'a Interval<String>),
    Unreadable(&'a str),
}

/// All that `affected` names, one by one.
pub(super) fn units(affected: &Affected) -> Vec<Unit<'_>> {
    let mut units: Vec<Unit<'_>> = affected
        .versions
        .iter()
        .map(|text| Unit::Version(text))
        .collect();
    for range in &affected.ranges {
        if let RangeScheme::Unreadable(text) = &range.scheme {
            units.push(Unit::Unreadable(text));
        }
        units.extend(
            range
                .intervals
                .iter()
                .map(|interval| Unit::Interval(&range.scheme, interval)),
        );
    }
    if affected.versions.is_empty() && affected.ranges.is_empty() {
        units.push(Unit::Every);
    }
    units
}

/// How the unit of a target of this name is written; `Err` says why it cannot be.
pub(super) fn stated(unit: &Unit<'_>, order: Scheme, name: &str) -> Result<Stated, String> {
    match unit {
        Unit::Every => Ok(Stated::Every),
        Unit::Version(text) => one_version(text),
        Unit::Unreadable(text) => {
            let kept = AffectedRange {
                scheme: RangeScheme::Unreadable((*text).trim().to_owned()),
                intervals: Vec::new(),
            };
            let found = version::range(text);
            (!text.trim().is_empty() && found.ranges == [kept] && found.versions.is_empty())
                .then(|| Stated::Range(text.trim().to_owned()))
                .ok_or_else(|| format!("versions given as `{text}`"))
        }
        Unit::Interval(RangeScheme::Git { .. }, _) => {
            Err("ranges of commits have no field in CSAF".to_owned())
        }
        Unit::Interval(scheme, interval) => {
            let own = match scheme {
                RangeScheme::Scheme(scheme) => *scheme,
                _ => order,
            };
            if own == order && points(interval).is_empty() {
                // All versions in the order of their ecosystem are written in one way (2.1, 6.1.50).
                return Ok(Stated::Range(EVERY.to_owned()));
            }
            one_interval(own, interval, name)
        }
    }
}

fn one_version(text: &str) -> Result<Stated, String> {
    let exactly =
        |said: Said| said.versions == [text] && said.ranges.is_empty() && said.model.is_none();
    if exactly(version::exact(text)) {
        return Ok(Stated::Version(text.to_owned()));
    }
    let one = Constraint::new(Comparator::Equal, text);
    let vers = Vers::of("generic", vec![one]).to_string();
    if exactly(version::range(&vers)) {
        return Ok(Stated::Range(vers));
    }
    Err(format!(
        "version `{text}`, which readers take for something else"
    ))
}

fn one_interval(order: Scheme, interval: &Interval<String>, name: &str) -> Result<Stated, String> {
    let wanted = AffectedRange {
        scheme: RangeScheme::Scheme(order),
        intervals: vec![interval.clone()],
    };
    let read_back = |text: &String| {
        let mut said = version::range(text);
        said.ranges
            .iter_mut()
            .for_each(|range| version::anchor(name, range));
        said.ranges == [wanted.clone()] && said.versions.is_empty()
    };
    let candidates = [
        (order == Scheme::Vendor).then(|| vendor_text(interval)),
        kind(order).map(|kind| vers(kind, interval)),
    ];
    candidates
        .into_iter()
        .flatten()
        .find(read_back)
        .map(Stated::Range)
        .ok_or_else(|| {
            format!(
                "the range {}, which has no text that reads as it",
                shown(interval)
            )
        })
}

/// `>=1.0|<2.0`, as vendors write it.
fn vendor_text(interval: &Interval<String>) -> String {
    let points: Vec<String> = points(interval)
        .into_iter()
        .map(|point| format!("{}{}", point.comparator.as_str(), point.version))
        .collect();
    match points.is_empty() {
        true => Vers::any("generic").to_string(),
        false => points.join("|"),
    }
}

/// A range in VERS, in the order of `order`, where that has a name there and our own reader finds the same in it.
pub(crate) fn in_vers(order: Scheme, interval: &Interval<String>) -> Option<String> {
    let wanted = AffectedRange {
        scheme: RangeScheme::Scheme(order),
        intervals: vec![interval.clone()],
    };
    let text = vers(kind(order)?, interval);
    let said = version::range(&text);
    (said.ranges == [wanted] && said.versions.is_empty()).then_some(text)
}

fn vers(kind: &str, interval: &Interval<String>) -> String {
    match points(interval) {
        points if points.is_empty() => Vers::any(kind),
        points => Vers::of(kind, points),
    }
    .to_string()
}

fn points(interval: &Interval<String>) -> Vec<Constraint> {
    let from = interval.introduced.as_deref();
    let to = match &interval.end {
        End::Open => None,
        End::Fixed(version) => Some((Comparator::Less, version)),
        End::LastAffected(version) => Some((Comparator::LessOrEqual, version)),
    };
    let from = from.map(|version| Constraint::new(Comparator::GreaterOrEqual, version));
    let to = to.map(|(comparator, version)| Constraint::new(comparator, version.as_str()));
    from.into_iter().chain(to).collect()
}

fn shown(interval: &Interval<String>) -> String {
    let from = interval.introduced.as_deref().unwrap_or("the beginning");
    match &interval.end {
        End::Open => format!("from `{from}`"),
        End::Fixed(version) => format!("from `{from}` to before `{version}`"),
        End::LastAffected(version) => format!("from `{from}` to `{version}`"),
    }
}

/// The name that VERS has for an order.
fn kind(order: Scheme) -> Option<&'static str> {
    Some(match order {
        Scheme::SemVer => "semver",
        Scheme::Npm => "npm",
        Scheme::Cargo => "cargo",
        Scheme::Go => "golang",
        Scheme::PyPi => "pypi",
        Scheme::Maven => "maven",
        Scheme::NuGet => "nuget",
        Scheme::RubyGems => "gem",
        Scheme::Packagist => "composer",
        Scheme::Hex => "hex",
        Scheme::Pub => "pub",
        Scheme::Cran => "cran",
        Scheme::Hackage => "hackage",
        Scheme::Conan => "conan",
        Scheme::Deb => "deb",
        Scheme::Rpm => "rpm",
        Scheme::Apk => "apk",
        Scheme::Alpm => "alpm",
        Scheme::Gentoo => "gentoo",
        Scheme::Opam => "opam",
        Scheme::OpenSsl => "openssl",
        Scheme::Nginx => "nginx",
        Scheme::Intdot => "intdot",
        Scheme::DateTime => "datetime",
        Scheme::Lexicographic => "lexicographic",
        Scheme::Vendor => "generic",
    })
}

/// The purl of a package at one version, or at none; `None` where it does not read back as that package.
pub(crate) fn purl(target: &Target, version: &str) -> Option<Purl> {
    let Target::Package {
        ecosystem,
        name,
        purl,
    } = target
    else {
        return None;
    };
    let built = match purl {
        Some(purl)
            if version.is_empty()
                || *purl.version == *version
                || purl.package_version() == version =>
        {
            let mut purl = purl.clone();
            if version.is_empty() {
                purl.version = "".into();
            }
            Some(purl)
        }
        Some(purl) => Some(Purl {
            version: version.into(),
            ..purl.clone()
        }),
        None => Purl::of(ecosystem, name, version),
    }?;
    (same_package(&built, ecosystem, name) && built.package_version() == version).then_some(built)
}

fn same_package(purl: &Purl, ecosystem: &Ecosystem, name: &str) -> bool {
    let normal = names::package::normalize(&ecosystem.kind, name);
    // What is read back is what the text says, not what we hold.
    let text = purl.to_string();
    matches!(
        identify::purl(&text).as_ref().and_then(identify::package),
        Some(Target::Package { ecosystem: read, name, .. }) if read == *ecosystem && name == *normal
    )
}
