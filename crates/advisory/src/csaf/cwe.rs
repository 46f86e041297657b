//! What is a weakness called, and since which edition of MITRE's list? CSAF asks for the name (2.0, test 6.1.11) and,
//! since 2.1, for an edition that has it.

use std::sync::LazyLock;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rustc_hash::FxHashMap;

/// Editions with their days, then names; lines that begin with `#` say where they are from.
const NAMES: &str = include_str!("../../data/cwe-editions.txt");

/// A name, and the editions that have it by their places in [`List::editions`].
struct Named {
    first: usize,
    last: usize,
    name: &'static str,
}

struct List {
    editions: Vec<(&'static str, Date)>,
    names: FxHashMap<&'static str, Vec<Named>>,
}

static LIST: LazyLock<List> = LazyLock::new(List::read);

/// The name of `CWE-79` in the newest edition.
pub(crate) fn name(id: &str) -> Option<&'static str> {
    LIST.of(id)?.last().map(|named| named.name)
}

/// The name of `CWE-79` and the edition that has it: the newest one published before `at`, else the first.
pub(crate) fn named(id: &str, at: Option<Timestamp>) -> Option<(&'static str, &'static str)> {
    let known = LIST.of(id)?;
    let current = LIST.current(at);
    let held = known.iter().rev().find(|named| named.first <= current);
    let named = held.or(known.first())?;
    let edition = named.last.min(current).max(named.first);
    Some((named.name, LIST.editions.get(edition)?.0))
}

/// The edition that calls it exactly so: the newest published before `at`, else the first after.
pub(crate) fn edition(id: &str, name: &str, at: Option<Timestamp>) -> Option<&'static str> {
    let current = LIST.current(at);
    let mut named = LIST.of(id)?.iter().filter(|named| named.name == name);
    let first = named.next()?;
    let last = named
        .next_back()
        .filter(|named| named.first <= current)
        .unwrap_or(first);
    LIST.editions
        .get(last.last.min(current).max(last.first))
        .map(|edition| edition.0)
}

impl List {
    fn read() -> List {
        let mut list = List {
            editions: Vec::new(),
            names: FxHashMap::default(),
        };
        for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
            let Some((first, rest)) = line.split_once(' ') else {
                continue;
            };
            let Some((second, rest)) = rest.split_once(' ') else {
                continue;
            };
            if first == "edition" {
                list.editions
                    .extend(rest.parse().ok().map(|day| (second, day)));
            } else if let Some((last, name)) = rest.split_once(' ') {
                let place = |wanted| list.editions.iter().position(|(known, _)| *known == wanted);
                if let (Some(from), Some(to)) = (place(second), place(last)) {
                    list.names.entry(first).or_default().push(Named {
                        first: from,
                        last: to,
                        name,
                    });
                }
            }
        }
        list
    }

    fn of(&self, id: &str) -> Option<&[Named]> {
        self.names.get(id.strip_prefix("CWE-")?).map(Vec::as_slice)
    }

    /// The place of the newest edition that was out at `at`.
    fn current(&self, at: Option<Timestamp>) -> usize {
        let last = self.editions.len().saturating_sub(1);
        let Some(at) = at else { return last };
        let day = at.to_zoned(TimeZone::UTC).date();
        let out = self.editions.iter().rposition(|(_, from)| *from <= day);
        out.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakness_has_the_name_of_the_list_or_none() {
        assert_eq!(name("CWE-787"), Some("Out-of-bounds Write"));
        for unknown in ["CWE-7870", "CWE-", "787", "CWE-#", "CWE-One"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_name_belongs_to_editions() {
        let at = |text: &str| Some(text.parse().expect("a time"));
        let check =
            |id, day, expected| assert_eq!(named(id, at(day)), Some(expected), "{id} {day}");
        check(
            "CWE-352",
            "2018-01-01T00:00:00Z",
            ("Cross-Site Request Forgery (CSRF)", "3.0"),
        );
        check(
            "CWE-598",
            "2026-01-01T00:00:00Z",
            (
                "Use of GET Request Method With Sensitive Query Strings",
                "4.19",
            ),
        );
        check(
            "CWE-598",
            "2026-06-01T00:00:00Z",
            ("Use of HTTP Request With Sensitive Query String", "4.20"),
        );
        // Younger than the day it is asked for.
        check(
            "CWE-1395",
            "2008-01-01T00:00:00Z",
            ("Dependency on Vulnerable Third-Party Component", "4.10"),
        );
        assert_eq!(
            edition(
                "CWE-79",
                "Failure to Preserve Web Page Structure ('Cross-site Scripting')",
                None
            ),
            Some("1.8.1"),
        );
        assert_eq!(edition("CWE-79", "Cross-site scripting", None), None);
    }
}
