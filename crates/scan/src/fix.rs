//! Which version ends it?
//!
//! A row may hold several intervals, one per branch. The version to move to is the smallest that some interval
//! names as fixed, is greater than what is installed, and lies in no other interval of the row.

use versions::Scheme;

use crate::{
    index::Index,
    layout::NONE,
    matching::Keys,
    row::{Row, SpanKind},
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
    let mut keys = Keys::new(installed);
    let mut fixed: Vec<(&[u8], &str, Scheme)> = Vec::new();
    for span in index.spans(row)? {
        let (_, span) = span?;
        if span.kind != SpanKind::Fixed || span.end == NONE {
            continue;
        }
        let version = index.version(span.end)?;
        let greater = match (keys.key(span.scheme), version.key) {
            (Some(installed), Some(key)) => key > installed,
            _ => true,
        };
        if greater {
            fixed.push((version.key.unwrap_or_default(), version.text, span.scheme));
        }
    }
    fixed.sort();
    fixed.dedup();
    let scheme = fixed.first().map_or(row.scheme, |(_, _, scheme)| *scheme);
    let mut ends = None;
    for (key, text, scheme) in &fixed {
        let comparable = !key.is_empty() && keys.key(*scheme).is_some();
        if comparable && !holds(index, row, *scheme, key)? {
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

/// Whether an interval of `row` holds `key`, or the row lists it.
fn holds(index: &Index, row: &Row, scheme: Scheme, key: &[u8]) -> Result<bool, Damage> {
    for span in index.spans(row)? {
        let (_, span) = span?;
        if span.scheme == scheme && crate::matching::contains(index, &span, key)? == Some(true) {
            return Ok(true);
        }
    }
    if row.scheme != scheme {
        return Ok(false);
    }
    Ok(crate::matching::listed(index, row, Some(key), "")?.is_some())
}
