//! Overlap: do two claims scan the same thing, and what of it?
//!
//! What is odd: "no" must be sure and "yes" need not be. Two ranges without a common order, two commits whose
//! history nobody here has, are told as an overlap that people settle; nothing is silently told apart.

use names::Place;
use versions::vers::{Comparator, Containment};
use versions::{Vers, key};

use super::{Claim, shared_scheme};

/// What two claims share.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Overlap {
    /// The places that both scan, each the narrower of the two.
    pub shared: Vec<Place>,
    /// Why they overlap, in words for both.
    pub why: Box<str>,
}

/// An overlap shows at most this many places; the words say how many there are.
const SHOWN_MAX: usize = 5;

/// What `one` and `other` share, if they do. The same whichever is asked first.
pub fn overlap(one: &Claim, other: &Claim) -> Option<Overlap> {
    let mut shared = Vec::new();
    for target in &one.scope.targets {
        let common = other
            .scope
            .targets
            .iter()
            .filter_map(|theirs| target.common(theirs));
        shared.extend(common.filter(|place| !excluded(place, one) && !excluded(place, other)));
    }
    shared.sort();
    shared.dedup();
    if shared.is_empty() {
        return None;
    }
    let versions = versions(one.scope.versions.as_ref(), other.scope.versions.as_ref())?;
    let weaknesses = weaknesses(&one.scope.weaknesses, &other.scope.weaknesses)?;
    let commits = match (&one.scope.commits, &other.scope.commits) {
        (Some(a), Some(b)) if a != b => "; their commits may share code",
        _ => "",
    };
    let shown: Vec<String> = shared
        .iter()
        .take(SHOWN_MAX)
        .map(|place| format!("`{place}`"))
        .collect();
    let more = match shared.len().saturating_sub(SHOWN_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(Overlap {
        why: format!(
            "both scan {}{more}{versions}{weaknesses}{commits}",
            shown.join(", ")
        )
        .into(),
        shared: shared.into_iter().cloned().collect(),
    })
}

/// Whether every version of `inner` is in `outer`; `false` also where nobody can tell.
pub(super) fn inside(inner: &Vers, outer: &Vers) -> bool {
    if inner == outer {
        return true;
    }
    if shared_scheme(inner, outer).is_none() || !ordered(inner) || !ordered(outer) {
        return false;
    }
    match (inner.set(), outer.set()) {
        (Some(inner), Some(outer)) => inner.intersection(&outer.complement()).is_empty(),
        _ => false,
    }
}

fn excluded(place: &Place, claim: &Claim) -> bool {
    claim.rules.exclude.iter().any(|out| out.contains(place))
}

/// In which versions, in words; none where they share no version.
fn versions(one: Option<&Vers>, other: Option<&Vers>) -> Option<String> {
    let (one, other) = match (one, other) {
        (None, None) => return Some(String::new()),
        (Some(only), None) | (None, Some(only)) => return Some(format!(" in versions `{only}`")),
        (Some(one), Some(other)) if one == other => return Some(format!(" in versions `{one}`")),
        (Some(one), Some(other)) => (one, other),
    };
    // Named in the same order whoever asks.
    let (first, second) = if one.to_string() <= other.to_string() {
        (one, other)
    } else {
        (other, one)
    };
    let unsure = format!("; nobody can tell whether `{first}` and `{second}` share a version");
    if shared_scheme(one, other).is_none() {
        return match single(one, other).or_else(|| single(other, one)) {
            Some(Containment::Outside) => None,
            Some(Containment::Inside) => {
                Some(format!(" in versions that `{first}` and `{second}` share"))
            }
            Some(Containment::Unknown) | None => Some(unsure),
        };
    }
    let (Some(a), Some(b)) = (one.set(), other.set()) else {
        return Some(unsure);
    };
    match a.intersection(&b).is_empty() {
        false => Some(format!(" in versions that `{first}` and `{second}` share")),
        true if ordered(one) && ordered(other) => None,
        true => Some(unsure),
    }
}

/// How the only version of `one` stands to `other`, where `one` is a single version of the same kind.
fn single(one: &Vers, other: &Vers) -> Option<Containment> {
    match one.points() {
        [point] if point.comparator == Comparator::Equal && one.kind == other.kind => {
            Some(other.contains(&point.version))
        }
        _ => None,
    }
}

/// Whether every point has its place in the order.
fn ordered(vers: &Vers) -> bool {
    let Some(scheme) = vers.scheme() else {
        return false;
    };
    vers.points()
        .iter()
        .all(|point| key(scheme, &point.version).is_some())
}

/// Which weaknesses both look for, in words; none where there is none.
fn weaknesses(one: &[u32], other: &[u32]) -> Option<String> {
    let named = |numbers: Vec<u32>| {
        let words: Vec<String> = numbers
            .iter()
            .map(|number| format!("CWE-{number}"))
            .collect();
        Some(format!(", looking for {}", words.join(", ")))
    };
    match (one.is_empty(), other.is_empty()) {
        (true, true) => Some(String::new()),
        (true, false) => named(other.to_vec()),
        (false, true) => named(one.to_vec()),
        (false, false) => {
            let both: Vec<u32> = one
                .iter()
                .copied()
                .filter(|number| other.contains(number))
                .collect();
            if both.is_empty() { None } else { named(both) }
        }
    }
}
