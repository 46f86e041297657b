//! Cargo requirements as intervals, and what lies outside all of them.
//!
//! The Cargo Book, "Version requirement syntax": comparators joined by commas; a bare version is a caret one. Versions
//! may be partial: `>= 1.2` begins at `1.2.0`, `<= 1.2` ends before `1.3.0-0`, `> 1.2` begins at `1.3.0-0`.

use versions::Scheme;

use crate::spans::{Bound, Span};

/// The versions that satisfy a requirement.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let mut whole = Span::ALL;
    for comparator in text
        .split(',')
        .map(str::trim)
        .filter(|comparator| !comparator.is_empty())
    {
        let wrong = || format!("`{comparator}` is no version requirement; `>= 1.2.3` would be");
        whole = whole.and(one(comparator).ok_or_else(wrong)?);
    }
    Ok(whole)
}

/// The versions that satisfy one comparator.
fn one(text: &str) -> Option<Span> {
    let operators = [">=", "<=", ">", "<", "=", "^", "~"];
    let operator = operators
        .into_iter()
        .find(|operator| text.starts_with(operator))
        .unwrap_or("");
    let version = text.get(operator.len()..)?.trim();
    if version == "*" {
        return Some(Span::ALL);
    }
    let parts = Parts::read(version)?;
    let (from, to) = match operator {
        ">=" => (Some(parts.first()), None),
        "<" => (None, Some(parts.first())),
        ">" => (Some(parts.after()?), None),
        "<=" => (None, Some(parts.after()?)),
        "=" => (Some(parts.first()), Some(parts.after()?)),
        "~" => (
            Some(parts.first()),
            Some(parts.next(parts.numbers.len().min(2))?),
        ),
        _ if parts.has_wildcard => (Some(parts.first()), Some(parts.after()?)),
        _ => (Some(parts.first()), Some(parts.next(parts.caret())?)),
    };
    Some(Span {
        from: bound(from)?,
        to: bound(to)?,
    })
}

/// A bound's key; the outer `None` says that its version is none.
fn bound(version: Option<String>) -> Option<Bound> {
    match version {
        None => Some(None),
        Some(version) => Some(Some((versions::key(Scheme::Cargo, &version)?, version))),
    }
}

/// A version of one to three numbers.
struct Parts<'a> {
    numbers: Vec<u64>,
    pre_release: &'a str,
    has_wildcard: bool,
}

impl Parts<'_> {
    fn read(text: &str) -> Option<Parts<'_>> {
        let text = text.split('+').next()?;
        let (numbers, pre_release) = text.split_once('-').unwrap_or((text, ""));
        let has_wildcard = numbers.ends_with(".*") || numbers.ends_with(".x");
        let numbers = numbers.trim_end_matches(".*").trim_end_matches(".x");
        let numbers: Option<Vec<u64>> = numbers
            .split('.')
            .map(|number| number.parse().ok())
            .collect();
        let numbers = numbers.filter(|numbers| numbers.len() <= 3)?;
        Some(Parts {
            numbers,
            pre_release,
            has_wildcard,
        })
    }

    fn number(&self, at: usize) -> u64 {
        self.numbers.get(at).copied().unwrap_or(0)
    }

    /// The least version it names.
    fn first(&self) -> String {
        let version = format!("{}.{}.{}", self.number(0), self.number(1), self.number(2));
        match self.pre_release {
            "" => version,
            pre_release => format!("{version}-{pre_release}"),
        }
    }

    /// The first version after all it names.
    fn after(&self) -> Option<String> {
        match self.pre_release {
            "" => self.next(self.numbers.len()),
            _ => Some(format!("{}.0", self.first())),
        }
    }

    /// The least pre-release of the version whose `count`th number is one higher and whose later ones are zero:
    /// `0.4.0-rc.1` is of the line `0.4`, not of `0.3`.
    fn next(&self, count: usize) -> Option<String> {
        let last = self.number(count.checked_sub(1)?).checked_add(1)?;
        let (major, minor) = (self.number(0), self.number(1));
        Some(match count {
            1 => format!("{last}.0.0-0"),
            2 => format!("{major}.{last}.0-0"),
            _ => format!("{major}.{minor}.{last}-0"),
        })
    }

    /// How many numbers a caret holds fast: through the first that is not zero.
    fn caret(&self) -> usize {
        let first = self.numbers.iter().position(|number| *number > 0);
        first.map_or(self.numbers.len(), |at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use versions::{End, Interval};

    use super::*;
    use crate::spans::outside;

    fn check(safe: &[&str], expected: Expect) {
        let safe: Vec<String> = safe.iter().map(|text| (*text).to_owned()).collect();
        let shown = match safe
            .iter()
            .map(|text| span(text))
            .collect::<Result<Vec<Span>, String>>()
            .map(outside)
        {
            Ok(intervals) => intervals.iter().map(show).collect::<Vec<_>>().join(" "),
            Err(message) => message,
        };
        expected.assert_eq(&shown);
    }

    fn show(interval: &Interval<String>) -> String {
        let from = interval.introduced.as_deref().unwrap_or("");
        match &interval.end {
            End::Open => format!("[{from},)"),
            End::Fixed(to) => format!("[{from},{to})"),
            End::LastAffected(to) => format!("[{from},{to}]"),
        }
    }

    #[test]
    fn what_is_neither_patched_nor_unaffected_is_affected() {
        check(&[], expect!["[,)"]);
        check(&[">= 1.2.3"], expect!["[,1.2.3)"]);
        check(
            &[">= 0.6.14, < 1.0.0", ">= 1.6.1", "< 0.6.3"],
            expect!["[0.6.3,0.6.14) [1.0.0,1.6.1)"],
        );
        check(
            &["^0.2.5", "^0.3"],
            expect!["[,0.2.5) [0.3.0-0,0.3.0) [0.4.0-0,)"],
        );
        check(&["> 1.0.0"], expect!["[,1.0.1-0)"]);
        check(&["<= 1.0.0"], expect!["[1.0.1-0,)"]);
        check(&["= 1.0.0"], expect!["[,1.0.0) [1.0.1-0,)"]);
        check(&["<= 1.0.0-rc.1"], expect!["[1.0.0-rc.1.0,)"]);
        check(
            &["~1.2.3", "2.*"],
            expect!["[,1.2.3) [1.3.0-0,2.0.0) [3.0.0-0,)"],
        );
        check(&["*"], expect![""]);
        check(&["> 1"], expect!["[,2.0.0-0)"]);
        check(
            &["recent"],
            expect!["`recent` is no version requirement; `>= 1.2.3` would be"],
        );
        check(&[">= 2, < 1"], expect!["[,)"]);
    }
}
