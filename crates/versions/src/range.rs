//! Ranges of versions, as intervals over keys, and whether a version lies in one.
//!
//! Odd about it: "no" and "nobody can say" are different answers. A version or a boundary without a key matches
//! by equality only, and device strings of different shape have no order ([`crate::vendor`]); where
//! that leaves the question open the answer is [`Containment::Unknown`], for a person to decide.

use std::cmp::Ordering;

use crate::{Key, Scheme, key, vendor};

/// Where an interval ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum End<V> {
    /// Nothing ends it.
    Open,
    /// The first version that is not in it.
    Fixed(V),
    /// The last version that is in it.
    LastAffected(V),
}

/// From a version on (from the beginning where `None`) to an end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interval<V> {
    /// The first version in it, or `None` from the beginning of time (OSV's `"0"`).
    pub introduced: Option<V>,
    /// Where it ends.
    pub end: End<V>,
}

/// Intervals of one scheme, sorted and disjoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Whose order the keys follow.
    pub scheme: Scheme,
    /// Sorted and disjoint.
    pub intervals: Vec<Interval<Key>>,
}

/// Whether a version lies in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Containment {
    /// It does.
    Inside,
    /// It does not.
    Outside,
    /// A version or boundary that matters cannot be compared.
    Unknown,
}

impl Interval<Key> {
    /// Whether `key` lies in this interval. Not for [`Scheme::Vendor`], whose keys sort but do not compare.
    pub fn contains(&self, key: &Key) -> bool {
        let after = self
            .introduced
            .as_ref()
            .is_none_or(|introduced| introduced <= key);
        after
            && match &self.end {
                End::Open => true,
                End::Fixed(fixed) => key < fixed,
                End::LastAffected(last) => key <= last,
            }
    }
}

/// Whether `version` lies in `interval`, whatever can be read of either.
///
/// A string without a key equals only itself. Equal to a boundary is an answer even so: to `introduced`, it is
/// the first version inside; to `Fixed`, outside; to `LastAffected`, inside. One bound that clearly excludes the
/// version is enough for [`Containment::Outside`], both must include it for [`Containment::Inside`].
pub fn contains(interval: &Interval<String>, scheme: Scheme, version: &str) -> Containment {
    let stands = |boundary: &str| compare_as_far_as_known(scheme, version, boundary);
    let after = match &interval.introduced {
        None => Some(true),
        Some(introduced) => stands(introduced).map(Ordering::is_ge),
    };
    let before = match &interval.end {
        End::Open => Some(true),
        End::Fixed(fixed) => stands(fixed).map(Ordering::is_lt),
        End::LastAffected(last) => stands(last).map(Ordering::is_le),
    };
    let first = interval.introduced.as_deref() == Some(version);
    let last = matches!(&interval.end, End::LastAffected(last) if last == version);
    match (after, before) {
        (Some(false), _) | (_, Some(false)) => Containment::Outside,
        (Some(true), Some(true)) => Containment::Inside,
        // The boundary itself, named as inside, whatever the other boundary says.
        _ if first || last => Containment::Inside,
        _ => Containment::Unknown,
    }
}

/// By keys, by [`vendor::compare`], or by equality, whichever can tell.
fn compare_as_far_as_known(scheme: Scheme, version: &str, boundary: &str) -> Option<Ordering> {
    if version == boundary {
        return Some(Ordering::Equal);
    }
    match scheme {
        Scheme::Vendor => vendor::compare(version, boundary),
        _ => Some(key(scheme, version)?.cmp(&key(scheme, boundary)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scheme: Scheme, introduced: &str, end: End<&str>, version: &str) -> Containment {
        let interval = Interval {
            introduced: (!introduced.is_empty()).then(|| introduced.to_string()),
            end: match end {
                End::Open => End::Open,
                End::Fixed(version) => End::Fixed(version.to_string()),
                End::LastAffected(version) => End::LastAffected(version.to_string()),
            },
        };
        contains(&interval, scheme, version)
    }

    #[test]
    fn a_fix_is_outside_and_a_last_affected_inside() {
        use Containment::*;
        for (end, version, want) in [
            (End::Fixed("2.0"), "1.9.9", Inside),
            (End::Fixed("2.0"), "2.0.0", Outside),
            (End::LastAffected("2.0"), "2.0.0", Inside),
            (End::LastAffected("2.0"), "2.0.1", Outside),
            (End::Open, "0.9", Outside),
            (End::Open, "1.0-rc1", Outside),
            (End::Open, "1.0", Inside),
        ] {
            assert_eq!(
                check(Scheme::SemVer, "1.0", end.clone(), version),
                want,
                "{end:?} {version}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_matches_by_equality_only() {
        use Containment::*;
        for (introduced, end, version, want) in [
            ("", End::Open, "latest", Inside),
            ("1.0", End::Open, "latest", Unknown),
            ("latest", End::Fixed("2.0"), "latest", Inside),
            ("1.0", End::Fixed("latest"), "latest", Outside),
            ("1.0", End::LastAffected("latest"), "latest", Inside),
            ("1.0", End::Fixed("next"), "0.9", Outside),
            ("1.0", End::Fixed("next"), "1.1", Unknown),
            ("next", End::Fixed("2.0"), "2.1", Outside),
            ("next", End::Fixed("2.0"), "1.1", Unknown),
        ] {
            assert_eq!(
                check(Scheme::SemVer, introduced, end.clone(), version),
                want,
                "{introduced} {end:?} {version}"
            );
        }
    }

    #[test]
    fn device_strings_of_different_shape_are_never_silently_compared() {
        use Containment::*;
        for (end, version, want) in [
            (End::Fixed("V3.2 SP1"), "V3.2", Inside),
            (End::Fixed("V3.2 SP1"), "V3.2 SP2", Outside),
            (End::Fixed("V3.2 SP1"), "R12 build 7", Unknown),
            (End::Fixed("V3.2 SP1"), "V3.2 Update 1", Unknown),
            (End::Fixed("2.10.0.4"), "2.9", Inside),
        ] {
            assert_eq!(
                check(Scheme::Vendor, "", end.clone(), version),
                want,
                "{end:?} {version}"
            );
        }
    }
}
