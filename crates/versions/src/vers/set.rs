//! Sets of versions as spans between cuts in the timeline of keys.
//!
//! A cut lies just before or just after a key, so that `<`, `<=`, `>` and `>=` are all cuts and the rest is
//! comparing them.

use super::{Comparator, Constraint};
use crate::{End, Interval, Key, Scheme, key};

/// Just before a key, or just after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cut {
    pub(crate) key: Key,
    pub(crate) after: bool,
}

/// From a cut (from the beginning where `None`) to a cut (without end where `None`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) low: Option<Cut>,
    pub(crate) high: Option<Cut>,
}

/// A set of versions of one scheme.
// Invariant: sorted, and between two spans there is a version that is in neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set(Vec<Span>);

impl Set {
    /// No version.
    pub fn none() -> Set {
        Set(Vec::new())
    }

    /// Every version.
    pub fn all() -> Set {
        Set(vec![Span {
            low: None,
            high: None,
        }])
    }

    /// Whether no version is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a version is in it.
    pub fn contains(&self, key: &Key) -> bool {
        let here = Cut {
            key: key.clone(),
            after: false,
        };
        let at = self
            .0
            .partition_point(|span| span.low.as_ref().is_none_or(|low| *low <= here));
        let span = at.checked_sub(1).and_then(|at| self.0.get(at));
        span.is_some_and(|span| span.high.as_ref().is_none_or(|high| here < *high))
    }

    /// What is in either.
    pub fn union(self, other: Set) -> Set {
        let mut spans = self.0;
        spans.extend(other.0);
        Set::of(spans)
    }

    /// What is in both.
    pub fn intersection(&self, other: &Set) -> Set {
        let (mut one, mut two) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut spans = Vec::new();
        while let (Some(a), Some(b)) = (one.peek(), two.peek()) {
            let low = a.low.as_ref().max(b.low.as_ref()).cloned();
            let first_ends = ends_before(a.high.as_ref(), b.high.as_ref());
            let high = if first_ends { &a.high } else { &b.high };
            spans.push(Span {
                low,
                high: high.clone(),
            });
            if first_ends {
                one.next();
            } else {
                two.next();
            }
        }
        Set::of(spans)
    }

    /// What is not in it.
    pub fn complement(&self) -> Set {
        let mut spans = Vec::with_capacity(self.0.len() + 1);
        let mut low = Some(None);
        for span in &self.0 {
            if let (Some(low), Some(high)) = (low.take(), &span.low) {
                spans.push(Span {
                    low,
                    high: Some(high.clone()),
                });
            }
            low = span.high.clone().map(Some);
        }
        if let Some(low) = low {
            spans.push(Span { low, high: None });
        }
        Set::of(spans)
    }

    /// Sorts `spans`, drops the empty and joins those that touch.
    pub(crate) fn of(mut spans: Vec<Span>) -> Set {
        spans.retain(|span| match (&span.low, &span.high) {
            (Some(low), Some(high)) => low < high,
            _ => true,
        });
        spans.sort_by(|one, other| one.low.cmp(&other.low));
        let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if last.high.is_none() || last.high >= span.low => {
                    if last.high.is_some() && ends_before(last.high.as_ref(), span.high.as_ref()) {
                        last.high = span.high;
                    }
                }
                _ => joined.push(span),
            }
        }
        Set(joined)
    }

    pub(crate) fn spans(&self) -> &[Span] {
        &self.0
    }

    /// As intervals of the index.
    ///
    /// An interval's beginning is in it. Where a version itself is not, the interval begins at its key and a zero
    /// byte, the first byte string that sorts after the key.
    pub fn intervals(&self) -> Vec<Interval<Key>> {
        self.0.iter().map(interval).collect()
    }
}

fn interval(span: &Span) -> Interval<Key> {
    let introduced = span.low.as_ref().map(|low| match low.after {
        true => Key(low.key.0.iter().copied().chain([0]).collect()),
        false => low.key.clone(),
    });
    let end = match &span.high {
        None => End::Open,
        Some(high) if high.after => End::LastAffected(high.key.clone()),
        Some(high) => End::Fixed(high.key.clone()),
    };
    Interval { introduced, end }
}

/// Whether an end comes first; `None` never comes.
fn ends_before(one: Option<&Cut>, other: Option<&Cut>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one < other,
        (one, _) => one.is_some(),
    }
}

/// Where a comparator cuts the timeline.
fn cut(comparator: Comparator, key: Key) -> Cut {
    let after = matches!(comparator, Comparator::Greater | Comparator::LessOrEqual);
    Cut { key, after }
}

/// Exactly one version.
fn point(key: Key) -> Span {
    Span {
        low: Some(Cut {
            key: key.clone(),
            after: false,
        }),
        high: Some(Cut { key, after: true }),
    }
}

/// All versions that `comparator` lets stand beside `key`, alone.
pub(crate) fn side(comparator: Comparator, key: Key) -> Set {
    match comparator {
        Comparator::Equal => Set::of(vec![point(key)]),
        Comparator::NotEqual => Set::of(vec![point(key)]).complement(),
        _ if comparator.opens() => Set::of(vec![Span {
            low: Some(cut(comparator, key)),
            high: None,
        }]),
        _ => Set::of(vec![Span {
            low: None,
            high: Some(cut(comparator, key)),
        }]),
    }
}

/// The set that the points of a VERS describe, read as the specification simplifies them.
pub(crate) fn of_points(scheme: Scheme, points: &[Constraint]) -> Option<Set> {
    let (mut equal, mut unequal, mut ordered) = (Vec::new(), Vec::new(), Vec::new());
    for constraint in points {
        match (constraint.comparator, key(scheme, &constraint.version)) {
            (Comparator::Equal, Some(key)) => equal.push(point(key)),
            (Comparator::NotEqual, Some(key)) => unequal.push(point(key)),
            (Comparator::Equal | Comparator::NotEqual, None) => {}
            (comparator, key) => ordered.push((comparator, key?)),
        }
    }
    ordered.sort_by(|(_, one), (_, other)| one.cmp(other));
    let only_unequal = points
        .iter()
        .all(|point| point.comparator == Comparator::NotEqual);
    let base = match only_unequal && !points.is_empty() {
        true => Set::all(),
        false => walk(ordered),
    };
    let rest = base.intersection(&Set::of(unequal).complement());
    Some(rest.union(Set::of(equal)))
}

/// Walks sorted bounds: of openings in a row the first counts, of closings the last.
fn walk(ordered: Vec<(Comparator, Key)>) -> Set {
    let mut spans: Vec<Span> = Vec::new();
    let mut open: Option<Cut> = None;
    for (comparator, key) in ordered {
        let here = cut(comparator, key);
        if comparator.opens() {
            open.get_or_insert(here);
        } else if open.is_some() || spans.is_empty() {
            spans.push(Span {
                low: open.take(),
                high: Some(here),
            });
        } else if let Some(last) = spans.last_mut() {
            last.high = Some(here);
        }
    }
    if open.is_some() {
        spans.push(Span {
            low: open,
            high: None,
        });
    }
    Set::of(spans)
}
