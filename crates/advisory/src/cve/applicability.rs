//! CPE names and their versions, as NVD writes them and CVE records do since 5.1 (`cpeApplicability`).
//!
//! Only what is marked vulnerable is a target; what it runs on is not told apart here.

use versions::{End, Interval, Scheme};

use super::record::{CpeMatch, Node};
use crate::{Affected, AffectedRange, Product, RangeScheme, Target, identify};

/// Targets of a configuration.
pub(crate) fn affected(nodes: &[Node]) -> impl Iterator<Item = Affected> {
    let matches = nodes
        .iter()
        .filter(|node| !node.negate)
        .flat_map(|node| &node.cpe_match);
    matches.filter(|found| found.vulnerable).filter_map(one)
}

fn one(found: &CpeMatch) -> Option<Affected> {
    let cpe = identify::cpe(&found.criteria)?;
    // cpe:2.3:part:vendor:product:version:…; a colon inside a value is quoted, and then these stay quoted too.
    let mut parts = found.criteria.split(':').skip(3);
    let mut part = || parts.next().unwrap_or_default().replace('\\', "");
    let (vendor, name, version) = (part(), part(), part());
    let range = range(found);
    let versions = match version.as_str() {
        "*" | "-" | "" => Vec::new(),
        _ if range.is_some() => Vec::new(),
        version => vec![version.to_owned()],
    };
    let all = || AffectedRange {
        scheme: RangeScheme::Scheme(Scheme::Vendor),
        intervals: vec![Interval {
            introduced: None,
            end: End::Open,
        }],
    };
    let ranges = range
        .or_else(|| (version == "*").then(all))
        .into_iter()
        .collect();
    let product = Product {
        vendor,
        name,
        cpes: vec![cpe],
        ..Product::default()
    };
    Some(Affected {
        target: Target::Product(Box::new(product)),
        versions,
        ranges,
        ..Affected::default()
    })
}

fn range(found: &CpeMatch) -> Option<AffectedRange> {
    let introduced = found
        .version_start_including
        .as_ref()
        .or(found.version_start_excluding.as_ref())
        .cloned();
    let end = match (&found.version_end_excluding, &found.version_end_including) {
        (Some(version), _) => End::Fixed(version.clone()),
        (None, Some(version)) => End::LastAffected(version.clone()),
        (None, None) => End::Open,
    };
    if introduced.is_none() && end == End::Open {
        return None;
    }
    let introduced = introduced.filter(|version| version != "0");
    Some(AffectedRange {
        scheme: RangeScheme::Scheme(Scheme::Vendor),
        intervals: vec![Interval { introduced, end }],
    })
}
