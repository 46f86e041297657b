//! Ranges as each ecosystem writes them, turned into VERS.
//!
//! What is odd: every ecosystem has its own `~`, and what it says about prereleases VERS cannot say. Where the two
//! disagree the upper bound is put before the first prerelease (`<2.0.0-0`, `<2.dev0`), except for npm, conan and
//! gem, whose type definitions write the plain release; who must know what npm installs asks [`npm::Range`].

mod dialect;
mod interval;
pub mod npm;
mod product;
mod token;

use std::collections::BTreeMap;

use names::Problems;
use names::problem::quoted;

use crate::vers::{Constraint, Constraints, Set, Vers, scheme, set};
use crate::{Key, key};

/// A native range has at most this many bytes: a hundred alternatives of two bounds each, as long as the longest
/// versions are (256), rounded up.
pub const NATIVE_BYTES_MAX: usize = 64 * 1024;

/// Ranges of which one must hold; in each, constraints that all must hold. None at all: any version.
pub(crate) type Alternatives = Vec<Vec<Constraint>>;

/// Turns a range in the notation of `kind` (a VERS type) into VERS.
///
/// A kind whose notation is not known here is read as comparators: `>= 1.0, < 2.0 || = 3.0`.
pub fn from_native(kind: &str, range: &str) -> Result<Vers, Problems> {
    if range.len() > NATIVE_BYTES_MAX {
        let bytes = range.len();
        return Err(Problems::one(format!(
            "range has {bytes} bytes, and at most {NATIVE_BYTES_MAX} are read"
        )));
    }
    let alternatives = match kind {
        "npm" => npm::Range::parse(range)?.alternatives(),
        // Databases write comparators for them too: `<8.0.0||>=9.0.0,<9.0.1`.
        "maven" | "nuget" if !range.contains(['<', '>', '=']) => interval::read(kind, range)?,
        "nginx" => product::nginx(range)?,
        "openssl" => product::openssl(range),
        _ => dialect::read(kind, range)?,
    };
    Ok(flat(kind, alternatives))
}

/// All constraints in one walk, where that means the same; else the walk of what they mean.
fn flat(kind: &str, mut alternatives: Alternatives) -> Vers {
    if alternatives.iter().any(Vec::is_empty) {
        return Vers::any(kind);
    }
    // The lower alternative first, so that one may end with the version that the next begins with.
    let order = scheme(kind);
    let lowest = |alternative: &Vec<Constraint>| {
        let keys = alternative.iter().map(|point| key(order?, &point.version));
        keys.collect::<Option<Vec<Key>>>()
            .and_then(|keys| keys.into_iter().min())
    };
    alternatives.sort_by_cached_key(lowest);
    let points: Vec<Constraint> = alternatives.iter().flatten().cloned().collect();
    let vers = Vers::of(kind, points);
    match meant(kind, &alternatives) {
        Some(meant) if vers.set().is_some_and(|said| said != meant) => {
            spelled(&vers, &meant).unwrap_or(vers)
        }
        _ => vers,
    }
}

/// What the alternatives hold. One that nothing can satisfy is a list its author meant as *or*: `None`.
fn meant(kind: &str, alternatives: &Alternatives) -> Option<Set> {
    let scheme = scheme(kind)?;
    let mut spans = Vec::new();
    for alternative in alternatives {
        let mut one = Set::all();
        for constraint in alternative {
            let key = key(scheme, &constraint.version)?;
            one = one.intersection(&set::side(constraint.comparator, key));
        }
        if one.is_empty() {
            return None;
        }
        spans.extend_from_slice(one.spans());
    }
    Some(Set::of(spans))
}

/// `set` in the words of `vers`, whose versions are all its bounds.
fn spelled(vers: &Vers, set: &Set) -> Option<Vers> {
    use crate::vers::Comparator as C;
    let scheme = vers.scheme()?;
    let keyed = vers
        .points()
        .iter()
        .filter_map(|point| Some((key(scheme, &point.version)?, &point.version)));
    let names: BTreeMap<Key, &Box<str>> = keyed.collect();
    let named = |wanted: &Key| names.get(wanted).map(|version| (*version).clone());
    let mut points = Vec::new();
    for span in set.spans() {
        match (&span.low, &span.high) {
            (Some(low), Some(high)) if low.key == high.key => {
                points.push(Constraint::new(C::Equal, named(&low.key)?));
                continue;
            }
            _ => {}
        }
        if let Some(low) = &span.low {
            let comparator = if low.after {
                C::Greater
            } else {
                C::GreaterOrEqual
            };
            points.push(Constraint::new(comparator, named(&low.key)?));
        }
        if let Some(high) = &span.high {
            let comparator = if high.after { C::LessOrEqual } else { C::Less };
            points.push(Constraint::new(comparator, named(&high.key)?));
        }
    }
    let constraints = if points.is_empty() {
        Constraints::Any
    } else {
        Constraints::Points(points)
    };
    Some(Vers {
        kind: vers.kind.clone(),
        constraints,
    })
}

/// The problem with a part of a range.
pub(crate) fn unreadable(kind: &str, part: &str, right: &str) -> Problems {
    Problems::one(format!(
        "{} is no {kind} range; write {right}",
        quoted(part)
    ))
}
