//! Intervals with brackets: Maven's version ranges and NuGet's (`[1.0,2.0)`, `(,1.0]`, `[1.5]`).

use names::Problems;

use super::{Alternatives, unreadable};
use crate::vers::{Comparator, Constraint};

/// Reads intervals; a bare version is at least that for NuGet, and for Maven a wish for just that.
pub fn read(kind: &str, range: &str) -> Result<Alternatives, Problems> {
    let mut alternatives = Vec::new();
    let mut rest = range.trim();
    while !rest.is_empty() {
        if !rest.starts_with(['[', '(']) {
            let (version, after) = rest.split_once(',').unwrap_or((rest, ""));
            alternatives.push(bare(kind, version.trim()));
            rest = after.trim_start();
            continue;
        }
        let end = rest.find([']', ')']).map(|at| at + 1);
        let Some((interval, after)) = end.and_then(|end| rest.split_at_checked(end)) else {
            return Err(unreadable(kind, rest, "a closing bracket"));
        };
        alternatives
            .push(bounds(interval).ok_or_else(|| unreadable(kind, interval, "`[1.0,2.0)`"))?);
        rest = after
            .trim_start()
            .trim_start_matches([',', '|'])
            .trim_start();
    }
    Ok(alternatives)
}

fn bare(kind: &str, version: &str) -> Vec<Constraint> {
    match (kind, version) {
        (_, "*") => Vec::new(),
        ("nuget", _) => match version.strip_suffix(".*") {
            Some(stem) => vec![Constraint::new(Comparator::GreaterOrEqual, stem)],
            None => vec![Constraint::new(Comparator::GreaterOrEqual, version)],
        },
        _ => vec![Constraint::new(Comparator::Equal, version)],
    }
}

fn bounds(interval: &str) -> Option<Vec<Constraint>> {
    let open = interval.chars().next()?;
    let close = interval.chars().next_back()?;
    let inner = interval.get(1..interval.len().checked_sub(1)?)?;
    let Some((low, high)) = inner.split_once(',') else {
        let exact = (open, close) == ('[', ']') && !inner.trim().is_empty();
        return exact.then(|| vec![Constraint::new(Comparator::Equal, inner.trim())]);
    };
    let mut constraints = Vec::new();
    if !low.trim().is_empty() {
        let comparator = if open == '[' {
            Comparator::GreaterOrEqual
        } else {
            Comparator::Greater
        };
        constraints.push(Constraint::new(comparator, low.trim()));
    }
    if !high.trim().is_empty() {
        let comparator = if close == ']' {
            Comparator::LessOrEqual
        } else {
            Comparator::Less
        };
        constraints.push(Constraint::new(comparator, high.trim()));
    }
    (!high.contains(',')).then_some(constraints)
}
