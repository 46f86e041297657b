//! Which version ends it?
//!
//! A row may hold several intervals, one per branch. The version to move to is the smallest that some interval
//! names as fixed, is greater than what is installed, and lies in no other interval of the row.

use std::cmp::Ordering;

use versions::Scheme;

use crate::{
    index::Index,
    layout::NONE,
    row::{Row, SpanKind},
    span::{Keys, contains, listed},
    wire::Damage,
};

/// The versions that end a row for an installed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixes {
    /// Every fixed version greater than the installed, smallest first.
    pub fixed: Vec<String>,
    /// The smallest that ends the row.
    pub ends: Option<String>,
    pub scheme: Scheme,
}

/// The fixes of `row` for `installed`. Of an installed version without a key all fixes are named, and none
/// is said to end it, for nobody knows which is greater.
pub fn fixes(index: &Index, row: &Row, installed: &str) -> Result<Fixes, Damage> {
    let mut fixed: Vec<(&[u8], &str, Scheme)> = Vec::new();
    for span in index.spans(row)? {
        let (_, span) = span?;
        if span.kind != SpanKind::Fixed || span.end == NONE {
            continue;
        }
        let version = index.version(span.end)?;
        // What cannot be compared is named, and not said to end it.
        let earlier = compare(version.text, installed, span.scheme);
        let greater = earlier.is_none_or(Ordering::is_gt);
        if greater {
            fixed.push((version.key.unwrap_or_default(), version.text, span.scheme));
        }
    }
    fixed.sort();
    fixed.dedup();
    let scheme = fixed.first().map_or(row.scheme, |(_, _, scheme)| *scheme);
    let mut ends = None;
    for (_, text, scheme) in &fixed {
        if later(installed, text, *scheme) && !holds(index, row, *scheme, text)? {
            ends = Some((*text).to_owned());
            break;
        }
    }
    Ok(Fixes {
        fixed: fixed
            .iter()
            .map(|(_, text, _)| (*text).to_owned())
            .collect(),
        ends,
        scheme,
    })
}

fn compare(a: &str, b: &str, scheme: Scheme) -> Option<Ordering> {
    match scheme {
        // These keys sort, and say nothing of which came first.
        Scheme::Vendor => versions::compare(scheme, a, b),
        _ => Some(versions::key(scheme, a)?.cmp(&versions::key(scheme, b)?)),
    }
}

fn later(installed: &str, fixed: &str, scheme: Scheme) -> bool {
    compare(fixed, installed, scheme).is_some_and(Ordering::is_gt)
}

/// Whether an interval of `row` holds `version`, or the row lists it.
fn holds(index: &Index, row: &Row, scheme: Scheme, version: &str) -> Result<bool, Damage> {
    let mut keys = Keys::new(version);
    for span in index.spans(row)? {
        let (_, span) = span?;
        if span.scheme == scheme && contains(index, &span, &mut keys)? == Some(true) {
            return Ok(true);
        }
    }
    Ok(row.scheme == scheme && listed(index, row, keys.key(scheme), version)?.is_some())
}
