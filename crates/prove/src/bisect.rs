//! Bisect: the first version that has it and the first that does not any more.
//!
//! A short history is tried whole, which also shows whether it has one beginning and one end. Of a long one, versions
//! are tried by halves on either side of one that has it, and a few between as a check. A version that cannot be
//! tried here stands for nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

/// Histories up to this are tried whole.
const WHOLE_MAX: usize = 24;

/// Versions of a long history that are tried to find one that has it, and again to check what lies between.
const SAMPLES: usize = 8;

/// What an ordered history says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bisected {
    /// The first version that shows it; none where no version does.
    pub introduced: Option<Box<str>>,
    /// The first version after that which does not; none where the newest still shows it.
    pub fixed: Option<Box<str>>,
    /// Whether every version that was tried fits one beginning and one end.
    pub is_monotonic: bool,
    /// Each version that was tried, in the order of the history, and what its runs came to.
    pub tried: Vec<(Box<str>, Outcome)>,
    /// What is not certain about it, a sentence each.
    pub notes: Vec<Box<str>>,
}

/// Looks through `versions`, the oldest first. `probe` tries one.
pub fn bisect<E>(
    versions: &[Box<str>],
    probe: &mut dyn FnMut(usize) -> Result<Outcome, E>,
) -> Result<Bisected, E> {
    let mut tried = BTreeMap::new();
    let whole = versions.len() <= WHOLE_MAX;
    let first: Vec<usize> = match whole {
        true => (0..versions.len()).collect(),
        false => spread(0, versions.len() - 1),
    };
    for index in first {
        tried.insert(index, probe(index)?);
    }
    if !whole {
        search(versions.len(), &mut tried, probe)?;
    }
    Ok(told(versions, &tried))
}

/// Halves the distance between a version that has it and its nearest neighbors that do not.
fn search<E>(
    count: usize,
    tried: &mut BTreeMap<usize, Outcome>,
    probe: &mut dyn FnMut(usize) -> Result<Outcome, E>,
) -> Result<(), E> {
    // Each question halves a gap; a version that cannot be tried takes one away from it.
    for _ in 0..count {
        let known: Vec<(usize, bool)> = tried
            .iter()
            .filter_map(|(index, outcome)| Some((*index, has(*outcome)?)))
            .collect();
        let edges = known.windows(2).filter_map(|pair| match pair {
            [(one, before), (other, after)] if before != after => Some((*one, *other)),
            _ => None,
        });
        let mut open = edges.filter_map(|(one, other)| {
            let untried: Vec<usize> = (one + 1..other)
                .filter(|index| !tried.contains_key(index))
                .collect();
            untried.get(untried.len() / 2).copied()
        });
        let Some(next) = open.next() else {
            return Ok(());
        };
        tried.insert(next, probe(next)?);
    }
    Ok(())
}

/// Indices from `first` to `last`, evenly.
fn spread(first: usize, last: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..=SAMPLES)
        .map(|step| first + (last - first) * step / SAMPLES)
        .collect();
    all.dedup();
    all
}

/// Whether a version has it; none where nothing is known of it.
fn has(outcome: Outcome) -> Option<bool> {
    match outcome {
        Outcome::Proven | Outcome::Flaky => Some(true),
        Outcome::NotReproduced | Outcome::DifferentFlaw => Some(false),
        Outcome::CannotRun => None,
    }
}

fn told(versions: &[Box<str>], tried: &BTreeMap<usize, Outcome>) -> Bisected {
    let name = |index: usize| versions.get(index).cloned().unwrap_or_default();
    let known: Vec<(usize, bool)> = tried
        .iter()
        .filter_map(|(index, outcome)| Some((*index, has(*outcome)?)))
        .collect();
    let first = known.iter().position(|(_, has)| *has);
    let last = known.iter().rposition(|(_, has)| *has);
    let mut notes: Vec<Box<str>> = Vec::new();
    let mut is_monotonic = true;
    let at = |position: Option<usize>| {
        position
            .and_then(|position| known.get(position))
            .map(|(index, _)| *index)
    };
    if let (Some(first), Some(last)) = (first, last) {
        let between = known.get(first..=last).unwrap_or_default();
        for (index, _) in between.iter().filter(|(_, has)| !has) {
            is_monotonic = false;
            notes.push(
                format!(
                    "version {} does not show it, between versions that do",
                    name(*index)
                )
                .into(),
            );
        }
        gap(
            at(first.checked_sub(1)),
            at(Some(first)),
            "introduced",
            versions,
            &mut notes,
        );
        gap(
            at(Some(last)),
            at(Some(last + 1)),
            "fixed",
            versions,
            &mut notes,
        );
        if first == 0 {
            notes.push(
                format!(
                    "{} is the oldest version that could be tried; it may be older than that",
                    name(at(Some(0)).unwrap_or(0))
                )
                .into(),
            );
        }
    }
    for (index, outcome) in tried {
        if matches!(outcome, Outcome::CannotRun | Outcome::Flaky) {
            notes.push(format!("version {} came to: {outcome}", name(*index)).into());
        }
    }
    Bisected {
        introduced: at(first).map(name),
        fixed: last.and_then(|last| at(Some(last + 1))).map(name),
        is_monotonic,
        tried: tried
            .iter()
            .map(|(index, outcome)| (name(*index), *outcome))
            .collect(),
        notes,
    }
}

/// Notes versions between two neighbors of which nothing is known.
fn gap(
    one: Option<usize>,
    other: Option<usize>,
    what: &str,
    versions: &[Box<str>],
    notes: &mut Vec<Box<str>>,
) {
    let (Some(one), Some(other)) = (one, other) else {
        return;
    };
    let between = versions.get(one + 1..other).unwrap_or_default();
    if !between.is_empty() {
        let between = between.join(", ");
        notes.push(
            format!("it may have been {what} in one of these, which could not be tried: {between}")
                .into(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// A letter for each version: `m` has it, `n` does not, `x` cannot be tried, `f` is flaky.
    fn check(history: &str, expected: Expect) {
        let letters: Vec<char> = history.chars().collect();
        let versions: Vec<Box<str>> = (0..letters.len())
            .map(|number| format!("v{number}").into())
            .collect();
        let mut probe = |index: usize| -> Result<Outcome, ()> {
            Ok(match letters.get(index) {
                Some('m') => Outcome::Proven,
                Some('n') => Outcome::NotReproduced,
                Some('f') => Outcome::Flaky,
                _ => Outcome::CannotRun,
            })
        };
        let found = bisect(&versions, &mut probe).unwrap();
        let named = |version: &Option<Box<str>>| version.as_deref().unwrap_or("none").to_owned();
        let mut text = format!(
            "introduced {}, fixed {}, {}, {} of {} tried\n",
            named(&found.introduced),
            named(&found.fixed),
            if found.is_monotonic {
                "monotonic"
            } else {
                "not monotonic"
            },
            found.tried.len(),
            versions.len()
        );
        found
            .notes
            .iter()
            .for_each(|note| text.push_str(&format!("{note}\n")));
        expected.assert_eq(&text);
    }

    #[test]
    fn a_history_has_a_beginning_and_an_end_or_says_that_it_has_not() {
        check(
            "nnmmnn",
            expect![[r#"
            introduced v2, fixed v4, monotonic, 6 of 6 tried
        "#]],
        );
        check(
            "nnmmmm",
            expect![[r#"
            introduced v2, fixed none, monotonic, 6 of 6 tried
        "#]],
        );
        check(
            "mmnn",
            expect![[r#"
            introduced v0, fixed v2, monotonic, 4 of 4 tried
            v0 is the oldest version that could be tried; it may be older than that
        "#]],
        );
        check(
            "nnnn",
            expect![[r#"
            introduced none, fixed none, monotonic, 4 of 4 tried
        "#]],
        );
        check(
            "",
            expect![[r#"
            introduced none, fixed none, monotonic, 0 of 0 tried
        "#]],
        );
        check(
            "nmnmn",
            expect![[r#"
            introduced v1, fixed v4, not monotonic, 5 of 5 tried
            version v2 does not show it, between versions that do
        "#]],
        );
        check(
            "nxmmxn",
            expect![[r#"
            introduced v2, fixed v5, monotonic, 6 of 6 tried
            it may have been introduced in one of these, which could not be tried: v1
            it may have been fixed in one of these, which could not be tried: v4
            version v1 came to: cannot run here
            version v4 came to: cannot run here
        "#]],
        );
        check(
            "nfmn",
            expect![[r#"
            introduced v1, fixed v3, monotonic, 4 of 4 tried
            version v1 came to: flaky
        "#]],
        );
    }

    #[test]
    fn a_long_history_is_halved() {
        check(
            &format!("{}{}{}", "n".repeat(70), "m".repeat(120), "n".repeat(10)),
            expect![[r#"
                introduced v70, fixed v190, monotonic, 18 of 200 tried
            "#]],
        );
        check(
            &format!("{}{}", "n".repeat(199), "m"),
            expect![[r#"
            introduced v199, fixed none, monotonic, 13 of 200 tried
        "#]],
        );
        check(
            &format!("{}xx{}", "n".repeat(100), "m".repeat(98)),
            expect![[r#"
                introduced v102, fixed none, monotonic, 15 of 200 tried
                it may have been introduced in one of these, which could not be tried: v100, v101
                version v100 came to: cannot run here
                version v101 came to: cannot run here
            "#]],
        );
    }
}
