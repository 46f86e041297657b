//! Which ids name one flaw.
//!
//! Aliases are symmetric and transitive, so ids fall into groups, and a group is one flaw and one row. One
//! careless record can glue strangers together: a bulletin that lists several CVEs as its aliases, or a chain of
//! records that ends at another CVE. A CVE id is given to one flaw, so no group ever holds two of them: what would
//! join two is refused and told. The result depends on the set of records only, never on their order.

use rustc_hash::FxHashMap;

/// One flaw under all its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The id it goes by: its CVE, else a GHSA, else the first of the others in byte order.
    pub id: String,
    /// Every id, that one first, the others in the same order.
    pub ids: Vec<String>,
}

/// A join that was asked for and not made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The record that asked.
    pub record: String,
    /// The alias it gave, or empty where the record itself lists several CVEs and so speaks of several flaws.
    /// Such a record stays a row of its own; its CVEs are to it what `upstream` is to an erratum.
    pub alias: String,
    /// The CVEs that would have become one.
    pub cves: Vec<String>,
}

/// What [`join`] makes.
#[derive(Clone, Debug, Default)]
pub struct Flaws {
    /// Sorted by id.
    pub flaws: Vec<Flaw>,
    /// Sorted by record.
    pub refusals: Vec<Refusal>,
    by_id: FxHashMap<String, u32>,
}

impl Flaws {
    /// The flaw that `id` names.
    pub fn of(&self, id: &str) -> Option<&Flaw> {
        let at = usize::try_from(*self.by_id.get(id)?).ok()?;
        self.flaws.get(at)
    }
}

/// Joins records by their aliases. A record without aliases is a flaw with one id.
pub fn join<'a, A>(records: impl IntoIterator<Item = (&'a str, A)>) -> Flaws
where
    A: IntoIterator<Item = &'a str>,
{
    let mut links = Links::default();
    let mut bundles = Vec::new();
    for (record, aliases) in records {
        links.intern(record);
        let aliases: Vec<&str> = aliases
            .into_iter()
            .filter(|alias| !alias.is_empty() && *alias != record)
            .collect();
        let mut cves: Vec<&str> = aliases
            .iter()
            .copied()
            .chain([record])
            .filter(|id| is_cve(id))
            .collect();
        cves.sort_unstable();
        cves.dedup();
        if cves.len() > 1 {
            for alias in aliases {
                links.intern(alias);
            }
            bundles.push(refusal(record, "", &cves));
        } else {
            links
                .links
                .extend(aliases.into_iter().map(|alias| (record, alias)));
        }
    }
    let mut refusals = links.settle();
    refusals.extend(bundles);
    refusals.sort_unstable();
    refusals.dedup();
    links.flaws(refusals)
}

/// Which id a flaw goes by: lower is better.
fn rank(id: &str) -> (u8, &str) {
    match id {
        id if is_cve(id) => (0, id),
        id if id.starts_with("GHSA-") => (1, id),
        id => (2, id),
    }
}

fn is_cve(id: &str) -> bool {
    id.starts_with("CVE-")
}

fn refusal(record: &str, alias: &str, cves: &[&str]) -> Refusal {
    Refusal {
        record: record.to_owned(),
        alias: alias.to_owned(),
        cves: cves.iter().map(|cve| (*cve).to_owned()).collect(),
    }
}

/// Ids as numbers, and a forest over them.
#[derive(Default)]
struct Links<'a> {
    numbers: FxHashMap<&'a str, usize>,
    names: Vec<&'a str>,
    /// Each id's parent, itself at a root.
    parents: Vec<usize>,
    /// The CVE in the tree of a root.
    cves: Vec<Option<&'a str>>,
    links: Vec<(&'a str, &'a str)>,
}

impl<'a> Links<'a> {
    fn intern(&mut self, id: &'a str) -> usize {
        let next = self.names.len();
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.names.push(id);
            self.parents.push(next);
            self.cves.push(is_cve(id).then_some(id));
        }
        number
    }

    /// Makes every join that brings no two CVEs together: those with a CVE first, for they say most, then in
    /// the order of the ids.
    fn settle(&mut self) -> Vec<Refusal> {
        let mut links = std::mem::take(&mut self.links);
        links.sort_unstable_by_key(|(record, alias)| {
            (!is_cve(record) && !is_cve(alias), *record, *alias)
        });
        links.dedup();
        let mut refusals = Vec::new();
        for (record, alias) in links {
            let (one, other) = (self.intern(record), self.intern(alias));
            if let Some(cves) = self.union(one, other) {
                refusals.push(refusal(record, alias, &cves));
            }
        }
        refusals
    }

    /// Joins two trees, or says which two CVEs forbid it.
    fn union(&mut self, one: usize, other: usize) -> Option<[&'a str; 2]> {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return None;
        }
        match (self.cve(one), self.cve(other)) {
            (Some(first), Some(second)) => return Some([first.min(second), first.max(second)]),
            (first, second) => {
                if let Some(cve) = self.cves.get_mut(one) {
                    *cve = first.or(second);
                }
            }
        }
        if let Some(parent) = self.parents.get_mut(other) {
            *parent = one;
        }
        None
    }

    fn cve(&self, root: usize) -> Option<&'a str> {
        self.cves.get(root).copied().flatten()
    }

    /// The root of a tree, halving the path to it.
    fn root(&mut self, mut at: usize) -> usize {
        while let Some(parent) = self.parents.get(at).copied().filter(|parent| *parent != at) {
            let above = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(at) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn flaws(mut self, refusals: Vec<Refusal>) -> Flaws {
        let mut groups: FxHashMap<usize, Vec<&'a str>> = FxHashMap::default();
        for number in 0..self.names.len() {
            let root = self.root(number);
            groups
                .entry(root)
                .or_default()
                .extend(self.names.get(number));
        }
        let mut groups: Vec<Vec<&str>> = groups.into_values().collect();
        groups
            .iter_mut()
            .for_each(|group| group.sort_unstable_by_key(|id| rank(id)));
        groups.sort_unstable_by_key(|group| group.first().copied());
        let mut by_id = FxHashMap::default();
        for (at, group) in (0_u32..).zip(&groups) {
            by_id.extend(group.iter().map(|id| ((*id).to_owned(), at)));
        }
        let flaw = |group: Vec<&str>| {
            let ids: Vec<String> = group.into_iter().map(str::to_owned).collect();
            Flaw {
                id: ids.first().cloned().unwrap_or_default(),
                ids,
            }
        };
        Flaws {
            flaws: groups.into_iter().map(flaw).collect(),
            refusals,
            by_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    /// One record a line: its id and its aliases.
    fn check(records: &str, expected: Expect) {
        let records = records.lines().map(|line| {
            let mut ids = line.split_whitespace();
            (ids.next().unwrap_or_default(), ids.collect::<Vec<_>>())
        });
        let joined = join(records);
        let mut out = String::new();
        for flaw in &joined.flaws {
            let _ = writeln!(out, "{}", flaw.ids.join(" = "));
        }
        for refusal in &joined.refusals {
            let _ = writeln!(
                out,
                "{} {} not {}",
                refusal.record,
                refusal.alias,
                refusal.cves.join(" = ")
            );
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn aliases_join_transitively_and_the_cve_names_the_flaw() {
        check(
            "RUSTSEC-1 GHSA-a\nGHSA-a CVE-1\nPYSEC-9\nGO-1 GHSA-b",
            expect![[r#"
                CVE-1 = GHSA-a = RUSTSEC-1
                GHSA-b = GO-1
                PYSEC-9
            "#]],
        );
    }

    #[test]
    fn a_bundle_joins_nothing() {
        check(
            "RHSA-1 CVE-1 CVE-2\nGHSA-a CVE-1",
            expect![[r#"
                CVE-1 = GHSA-a
                CVE-2
                RHSA-1
                RHSA-1  not CVE-1 = CVE-2
            "#]],
        );
    }

    #[test]
    fn a_chain_between_two_cves_is_cut_where_it_says_least() {
        check(
            "GO-1 CVE-1 GHSA-x GHSA-y\nGHSA-x CVE-1\nGHSA-y CVE-2",
            expect![[r#"
                CVE-1 = GHSA-x = GO-1
                CVE-2 = GHSA-y
                GO-1 GHSA-y not CVE-1 = CVE-2
            "#]],
        );
    }

    proptest! {
        #[test]
        fn the_order_of_records_does_not_matter(
            records in prop::collection::vec((0_u8..12, prop::collection::vec(0_u8..12, 0..4)), 0..12),
            turn in 0_usize..12,
        ) {
            let name = |number: u8| match number % 3 {
                0 => format!("CVE-{number}"),
                1 => format!("GHSA-{number}"),
                _ => format!("X-{number}"),
            };
            let mut records: Vec<(String, Vec<String>)> =
                records.into_iter().map(|(id, aliases)| (name(id), aliases.into_iter().map(name).collect())).collect();
            let outcome = |records: &[(String, Vec<String>)]| {
                let joined = join(records.iter().map(|(id, aliases)| (id.as_str(), aliases.iter().map(String::as_str))));
                (joined.flaws, joined.refusals)
            };
            let before = outcome(&records);
            for flaw in &before.0 {
                prop_assert!(flaw.ids.iter().filter(|id| is_cve(id)).count() <= 1);
            }
            let turn = turn.min(records.len());
            records.rotate_left(turn);
            prop_assert_eq!(outcome(&records), before);
        }
    }
}
