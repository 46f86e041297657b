//! Overlap: are sibling version ranges, or a version within one, of contradicting or of the same status?
//! (6.2.50.1 to .3, 6.3.19.1 to .5)

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;
use versions::{
    Scheme, Vers, key,
    vers::{Constraints, Set, scheme},
};

use super::{Written, read};
use crate::{
    csaf::view::{Say, View, each, items, string, strings},
    place::clip,
};

/// The most ranges or versions side by side that are held against each other.
const SIBLINGS_MAX: usize = 500;

/// The most overlaps times vulnerabilities that are looked at: a second's work.
const WORK_MAX: usize = 5_000_000;

/// 6.2.50.1: overlapping VERS ranges are not in contradicting product status groups.
pub fn test_6_2_50_1(view: &View<'_>, say: &mut Say<'_>) {
    status(view, say, Sort::Vers, false);
}

/// 6.2.50.2: overlapping vers-like ranges are not in contradicting product status groups.
pub fn test_6_2_50_2(view: &View<'_>, say: &mut Say<'_>) {
    status(view, say, Sort::Vls, false);
}

/// 6.2.50.3: a range and a version within it are not in contradicting product status groups.
pub fn test_6_2_50_3(view: &View<'_>, say: &mut Say<'_>) {
    status(view, say, Sort::Version, false);
}

/// 6.3.19.1: overlapping VERS ranges are not in the same product status group.
pub fn test_6_3_19_1(view: &View<'_>, say: &mut Say<'_>) {
    status(view, say, Sort::Vers, true);
}

/// 6.3.19.2: overlapping vers-like ranges are not in the same product status group.
pub fn test_6_3_19_2(view: &View<'_>, say: &mut Say<'_>) {
    status(view, say, Sort::Vls, true);
}

/// 6.3.19.3: a range and a version within it are not in the same product status group.
pub fn test_6_3_19_3(view: &View<'_>, say: &mut Say<'_>) {
    status(view, say, Sort::Version, true);
}

/// 6.3.19.4: ranges that branch further do not overlap with a range of a product with a status.
pub fn test_6_3_19_4(view: &View<'_>, say: &mut Say<'_>) {
    branched(view, say, &[Sort::Vers, Sort::Vls]);
}

/// 6.3.19.5: versions that branch further are not within a range of a product with a status.
pub fn test_6_3_19_5(view: &View<'_>, say: &mut Say<'_>) {
    branched(view, say, &[Sort::Version]);
}

/// What a sibling is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sort {
    Vers,
    Vls,
    Version,
}

/// A branch among its siblings.
struct Sibling<'v> {
    pointer: String,
    name: &'v str,
    sort: Sort,
    range: Option<Vers>,
    /// The product it is, where it branches no further.
    leaf: Option<&'v str>,
    /// The products at and below it.
    products: Vec<&'v str>,
}

/// Two siblings that overlap: the first is a range.
struct Overlap<'s, 'v> {
    range: &'s Sibling<'v>,
    other: &'s Sibling<'v>,
}

fn status(view: &View<'_>, say: &mut Say<'_>, sort: Sort, same: bool) {
    let families = families(view, say);
    let vulnerabilities: Vec<(String, HashMap<&str, BTreeSet<Group>>)> = view
        .each("/vulnerabilities/*/product_status")
        .into_iter()
        .map(|(pointer, status)| (pointer, groups(status)))
        .collect();
    let overlaps = overlaps(&families, &[sort], say);
    if overlaps.len().saturating_mul(vulnerabilities.len()) > WORK_MAX {
        return say.untested(format!(
            "{} ranges overlap, in too many vulnerabilities to hold against each",
            overlaps.len()
        ));
    }
    for overlap in overlaps {
        let Some(leaf) = overlap.other.leaf else {
            continue;
        };
        for (pointer, groups) in &vulnerabilities {
            let Some(theirs) = groups.get(leaf) else {
                continue;
            };
            for product in overlap
                .range
                .products
                .iter()
                .filter(|product| **product != leaf)
            {
                let Some(ours) = groups.get(product) else {
                    continue;
                };
                let common = ours.intersection(theirs).next().is_some();
                let differ = ours
                    .iter()
                    .any(|one| theirs.iter().any(|other| one != other));
                if if same { common } else { differ } {
                    let kind = if same {
                        "the same product status group"
                    } else {
                        "contradicting product status groups"
                    };
                    let (one, other) = (clip(product), clip(leaf));
                    let (first, second) = (clip(overlap.range.name), clip(overlap.other.name));
                    let what = format!("products `{one}` of `{first}` and `{other}` of `{second}`");
                    say.at(pointer.clone(), format!("{what} overlap and are in {kind}"));
                }
            }
        }
    }
}

fn branched(view: &View<'_>, say: &mut Say<'_>, sorts: &[Sort]) {
    let families = families(view, say);
    let statuses = view.each("/vulnerabilities/*/product_status");
    let named: HashSet<&str> = statuses
        .iter()
        .flat_map(|(_, status)| groups(status).into_keys())
        .collect();
    let mut told = HashSet::new();
    for overlap in overlaps(&families, sorts, say) {
        let counted = overlap
            .range
            .products
            .iter()
            .any(|product| named.contains(product));
        if counted && overlap.other.leaf.is_none() && told.insert(&overlap.other.pointer) {
            let (name, range) = (clip(overlap.other.name), clip(overlap.range.name));
            say.at(
                format!("{}/name", overlap.other.pointer),
                format!("`{name}` overlaps with its sibling `{range}`"),
            );
        }
    }
}

/// The status groups of clause 3.2.4.12 that contradict each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Affected,
    NotAffected,
    Fixed,
    UnderInvestigation,
    Unknown,
}

fn groups(status: &Value) -> HashMap<&str, BTreeSet<Group>> {
    let mut groups: HashMap<&str, BTreeSet<Group>> = HashMap::new();
    for (name, group) in [
        ("first_affected", Group::Affected),
        ("known_affected", Group::Affected),
        ("last_affected", Group::Affected),
        ("known_not_affected", Group::NotAffected),
        ("first_fixed", Group::Fixed),
        ("fixed", Group::Fixed),
        ("under_investigation", Group::UnderInvestigation),
        ("unknown", Group::Unknown),
    ] {
        for product in strings(status, name) {
            groups.entry(product).or_default().insert(group);
        }
    }
    groups
}

/// Every list of siblings that has a range among them.
fn families<'v>(view: &View<'v>, say: &mut Say<'_>) -> Vec<Vec<Sibling<'v>>> {
    let mut lists: Vec<(String, &Value)> = view.each("/product_tree");
    lists.extend(view.each("/product_tree/branches+"));
    let mut families = Vec::new();
    for (pointer, parent) in lists {
        let siblings: Vec<Sibling<'_>> = items(parent, "branches")
            .enumerate()
            .filter_map(|(index, branch)| sibling(format!("{pointer}/branches/{index}"), branch))
            .collect();
        if siblings.len() > SIBLINGS_MAX {
            say.untested(format!(
                "`{}` has {} versions and ranges; up to {SIBLINGS_MAX} are compared",
                clip(&pointer),
                siblings.len()
            ));
        } else if siblings.iter().any(|sibling| sibling.range.is_some()) {
            families.push(siblings);
        }
    }
    families
}

fn sibling(pointer: String, branch: &Value) -> Option<Sibling<'_>> {
    let name = string(branch, "name")?;
    let (sort, range) = match string(branch, "category")? {
        "product_version" => (Sort::Version, None),
        "product_version_range" => match read(name) {
            (Written::Vers(range), None) => (Sort::Vers, Some(range)),
            (Written::Vls(range), None) => (Sort::Vls, Some(range)),
            _ => return None,
        },
        _ => return None,
    };
    let leaf = branch
        .pointer("/product/product_id")
        .and_then(Value::as_str);
    let below = each(branch, "/branches+/product/product_id");
    let products = leaf
        .into_iter()
        .chain(below.iter().filter_map(|(_, id)| id.as_str()))
        .collect();
    Some(Sibling {
        pointer,
        name,
        sort,
        range,
        leaf,
        products,
    })
}

/// The pairs of siblings that overlap, of which the other is of one of `sorts`.
fn overlaps<'s, 'v>(
    families: &'s [Vec<Sibling<'v>>],
    sorts: &[Sort],
    say: &mut Say<'_>,
) -> Vec<Overlap<'s, 'v>> {
    let mut found = Vec::new();
    for family in families {
        for (index, range) in family
            .iter()
            .enumerate()
            .filter(|(_, sibling)| sibling.range.is_some())
        {
            let others = family
                .iter()
                .enumerate()
                .filter(|(_, other)| sorts.contains(&other.sort));
            for (at, other) in others {
                let twice = other.range.is_some() && (other.sort != range.sort || at == index);
                if twice
                    || (other.leaf.is_some()
                        && range.leaf.is_some()
                        && other.range.is_some()
                        && at < index)
                {
                    continue;
                }
                match overlap(range, other) {
                    Some(true) => found.push(Overlap { range, other }),
                    Some(false) => {}
                    None => say.untested(format!(
                        "`{}` and `{}` cannot be compared",
                        clip(range.name),
                        clip(other.name)
                    )),
                }
            }
        }
    }
    found
}

/// Whether the two have a version in common; `None` where there is no order that knows.
fn overlap(range: &Sibling<'_>, other: &Sibling<'_>) -> Option<bool> {
    let ours = range.range.as_ref()?;
    let versions = other.range.is_none().then_some(other.name);
    let scheme = order(ours, other.range.as_ref(), versions)?;
    let ours = set(ours, scheme)?;
    match &other.range {
        Some(theirs) => Some(!ours.intersection(&set(theirs, scheme)?).is_empty()),
        None => Some(ours.contains(&key(scheme, other.name)?)),
    }
}

/// The order of both: that of their common type, or for constraints without one the first that reads all versions.
fn order(one: &Vers, other: Option<&Vers>, version: Option<&str>) -> Option<Scheme> {
    let kinds = [Some(one), other];
    if let Some(scheme) = scheme(&one.kind) {
        let same = other
            .is_none_or(|other| other.kind == one.kind || matches!(&*other.kind, "all" | "none"));
        return same.then_some(scheme);
    }
    if matches!(&*one.kind, "all" | "none") {
        return other.map_or(Some(Scheme::Vendor), |other| {
            scheme(&other.kind).or(Some(Scheme::Vendor))
        });
    }
    let points = kinds
        .into_iter()
        .flatten()
        .flat_map(Vers::points)
        .map(|point| &*point.version);
    let versions: Vec<&str> = points.chain(version).collect();
    if &*one.kind != super::VLS {
        return None;
    }
    let reads = |scheme: Scheme| {
        versions
            .iter()
            .all(|version| key(scheme, version).is_some())
    };
    let comparable = || {
        versions
            .iter()
            .all(|version| versions::compare(Scheme::Vendor, versions[0], version).is_some())
    };
    [Scheme::Intdot, Scheme::SemVer]
        .into_iter()
        .find(|scheme| reads(*scheme))
        .or_else(|| (reads(Scheme::Vendor) && comparable()).then_some(Scheme::Vendor))
}

/// The versions of `range` in the order of `scheme`.
fn set(range: &Vers, scheme: Scheme) -> Option<Set> {
    match (&*range.kind, &range.constraints) {
        ("none", _) => Some(Set::none()),
        (_, Constraints::Any) => Some(Set::all()),
        (super::VLS, Constraints::Points(points)) => Vers::of(kind(scheme), points.clone()).set(),
        _ => range.set(),
    }
}

/// A type whose order is `scheme`.
fn kind(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Intdot => "intdot",
        Scheme::SemVer => "semver",
        _ => "generic",
    }
}
