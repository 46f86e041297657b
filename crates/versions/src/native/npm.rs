//! npm's ranges, exactly as node-semver 7 reads them: `^1.2.3 || >=2 <3`, `1.x`, `1.0 - 2.0`.
//!
//! What is odd: a prerelease is in a range only where one of the comparators beside it names a prerelease of the
//! same three numbers, so `>=1.0.0` has no `2.0.0-beta`; and `^1.2.3` ends before the prereleases of 2.0.0.

use std::cmp::Ordering;

use names::Problems;

use super::token::{Term, terms};
use super::{Alternatives, NATIVE_BYTES_MAX, unreadable};
use crate::vers::{Comparator, Constraint};

/// JavaScript's largest safe integer: node-semver refuses larger numbers.
const NUMBER_MAX: u64 = 9_007_199_254_740_991;

/// node-semver refuses longer versions.
const VERSION_BYTES_MAX: usize = 256;

/// A range of npm versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range(Vec<Vec<Bound>>);

/// A comparator and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    comparator: Comparator,
    version: Version,
}

/// Numbers and prerelease; build metadata means nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    main: [u64; 3],
    pre: Vec<Identifier>,
    /// The `-0` of an upper bound that a range implies rather than names.
    implied: bool,
}

/// One identifier of a prerelease: a number (its length, then its digits), or a word, which is higher.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(usize, String),
    Word(String),
}

/// A version of which only the first numbers may be given.
struct Partial {
    given: Vec<u64>,
    pre: Vec<Identifier>,
}

impl Range {
    /// Reads a range.
    pub fn parse(text: &str) -> Result<Range, Problems> {
        if text.len() > NATIVE_BYTES_MAX {
            return Err(unreadable("npm", text, "a shorter one"));
        }
        let mut problems = Problems::none();
        let mut sets = Vec::new();
        for part in text.split("||").map(str::trim) {
            match set(part) {
                Some(set) => sets.push(set),
                None => problems.extend(unreadable(
                    "npm",
                    part,
                    "`^1.2.3`, `>=1.0.0 <2.0.0` or `1.x`",
                )),
            }
        }
        problems.or(Range(sets))
    }

    /// Whether npm would install `version` for this range.
    pub fn satisfied_by(&self, version: &str) -> bool {
        Version::parse(version)
            .is_some_and(|version| self.0.iter().any(|set| admits(set, &version)))
    }

    /// Its constraints, for VERS.
    pub(super) fn alternatives(&self) -> Alternatives {
        let constraint = |bound: &Bound| Constraint::new(bound.comparator, bound.version.text());
        self.0
            .iter()
            .map(|set| set.iter().map(constraint).collect())
            .collect()
    }
}

fn admits(set: &[Bound], version: &Version) -> bool {
    let named = |bound: &Bound| !bound.version.pre.is_empty() && bound.version.main == version.main;
    set.iter().all(|bound| bound.admits(version))
        && (version.pre.is_empty() || set.iter().any(named))
}

impl Bound {
    fn new(comparator: Comparator, main: [u64; 3], pre: Vec<Identifier>) -> Bound {
        Bound {
            comparator,
            version: Version {
                main,
                pre,
                implied: false,
            },
        }
    }

    /// Below `main` and its prereleases.
    fn below(main: [u64; 3]) -> Bound {
        let pre = vec![Identifier::Number(1, "0".to_owned())];
        Bound {
            comparator: Comparator::Less,
            version: Version {
                main,
                pre,
                implied: true,
            },
        }
    }

    fn admits(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.comparator {
            Comparator::Equal => order.is_eq(),
            Comparator::NotEqual => order.is_ne(),
            Comparator::Less => order.is_lt(),
            Comparator::LessOrEqual => order.is_le(),
            Comparator::Greater => order.is_gt(),
            Comparator::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Version {
    /// Reads a full version: `1.2.3-beta.1+build`, perhaps after a `v`.
    fn parse(text: &str) -> Option<Version> {
        let text = text.trim();
        let partial = Partial::parse(text.strip_prefix('v').unwrap_or(text))?;
        let main = <[u64; 3]>::try_from(partial.given).ok()?;
        (text.len() <= VERSION_BYTES_MAX).then_some(Version {
            main,
            pre: partial.pre,
            implied: false,
        })
    }

    fn cmp(&self, other: &Version) -> Ordering {
        // A release is higher than its prereleases.
        let by_release = || self.pre.is_empty().cmp(&other.pre.is_empty());
        let by_prerelease = || by_release().then_with(|| self.pre.cmp(&other.pre));
        self.main.cmp(&other.main).then_with(by_prerelease)
    }

    fn text(&self) -> String {
        let [major, minor, patch] = self.main;
        let mut text = format!("{major}.{minor}.{patch}");
        for (index, identifier) in self.pre.iter().filter(|_| !self.implied).enumerate() {
            text.push(if index == 0 { '-' } else { '.' });
            text.push_str(match identifier {
                Identifier::Number(_, digits) => digits,
                Identifier::Word(word) => word,
            });
        }
        text
    }
}

impl Partial {
    /// Reads `1`, `1.x`, `1.2.*`, `1.2.3-beta+build`; what follows a wildcard does not count.
    fn parse(text: &str) -> Option<Partial> {
        let (text, build) = text
            .split_once('+')
            .map_or((text, None), |(text, build)| (text, Some(build)));
        let (release, pre) = text
            .split_once('-')
            .map_or((text, None), |(release, pre)| (release, Some(pre)));
        let numbers: Vec<&str> = release.split('.').collect();
        let complete = numbers.len() == 3;
        if numbers.len() > 3 || (!complete && (pre.is_some() || build.is_some())) {
            return None;
        }
        let parsed: Vec<Option<u64>> = numbers
            .iter()
            .map(|text| number(text))
            .collect::<Option<_>>()?;
        let given: Vec<u64> = parsed.into_iter().map_while(|number| number).collect();
        let pre = match pre {
            None => Vec::new(),
            Some(pre) => pre
                .split('.')
                .map(Identifier::parse)
                .collect::<Option<_>>()?,
        };
        let is_build = |build: &str| build.split('.').all(is_word);
        build.is_none_or(is_build).then_some(Partial { given, pre })
    }

    /// With zeros for what is not given.
    fn floor(&self) -> [u64; 3] {
        [0, 1, 2].map(|index| self.given.get(index).copied().unwrap_or(0))
    }

    /// The first version after all that share the numbers up to `index`.
    fn next(&self, index: usize) -> [u64; 3] {
        let floor = self.floor();
        [0, 1, 2].map(|at| match at.cmp(&index) {
            Ordering::Less => floor.get(at).copied().unwrap_or(0),
            Ordering::Equal => floor.get(at).copied().unwrap_or(0).saturating_add(1),
            Ordering::Greater => 0,
        })
    }

    fn from(&self) -> Bound {
        let pre = if self.given.len() == 3 {
            self.pre.clone()
        } else {
            Vec::new()
        };
        Bound::new(Comparator::GreaterOrEqual, self.floor(), pre)
    }
}

/// A number, `None` for a wildcard; fails for anything else.
fn number(text: &str) -> Option<Option<u64>> {
    if matches!(text, "x" | "X" | "*") {
        return Some(None);
    }
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let number = plain.then(|| text.parse::<u64>().ok()).flatten();
    number.filter(|number| *number <= NUMBER_MAX).map(Some)
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl Identifier {
    fn parse(text: &str) -> Option<Identifier> {
        let numeric = text.bytes().all(|byte| byte.is_ascii_digit());
        match (is_word(text), numeric) {
            (false, _) => None,
            (true, true) if text.len() > 1 && text.starts_with('0') => None,
            (true, true) => Some(Identifier::Number(text.len(), text.to_owned())),
            (true, false) => Some(Identifier::Word(text.to_owned())),
        }
    }
}

/// The bounds of one alternative, all of which must hold; empty for any version.
fn set(text: &str) -> Option<Vec<Bound>> {
    if let Some((low, high)) = hyphen(text) {
        return Some(span(&low, &high));
    }
    if text.contains(',') {
        return None;
    }
    let bounds: Option<Vec<Vec<Bound>>> = terms(text).into_iter().map(bounds).collect();
    Some(bounds?.into_iter().flatten().collect())
}

/// `1.0 - 2.0`, which stands alone.
fn hyphen(text: &str) -> Option<(Partial, Partial)> {
    let (low, high) = text.split_once(" - ")?;
    Some((Partial::parse(bare(low))?, Partial::parse(bare(high))?))
}

fn span(low: &Partial, high: &Partial) -> Vec<Bound> {
    let mut bounds = Vec::new();
    if !low.given.is_empty() {
        bounds.push(low.from());
    }
    match high.given.len() {
        0 => {}
        3 => bounds.push(Bound::new(
            Comparator::LessOrEqual,
            high.floor(),
            high.pre.clone(),
        )),
        count => bounds.push(Bound::below(high.next(count - 1))),
    }
    bounds
}

/// Spaces, `v` and `=` before a version mean nothing.
fn bare(text: &str) -> &str {
    text.trim()
        .trim_start_matches(|c: char| c == 'v' || c == '=' || c.is_whitespace())
}

fn bounds(term: Term<'_>) -> Option<Vec<Bound>> {
    let partial = Partial::parse(bare(term.version))?;
    let count = partial.given.len();
    Some(match term.operator {
        "^" if count == 0 => Vec::new(),
        "^" => {
            // The first number that is not zero may not change; of `^0.0` and `^0` the last that is given.
            let significant = partial.given.iter().position(|number| *number != 0);
            vec![
                partial.from(),
                Bound::below(partial.next(significant.unwrap_or(count - 1))),
            ]
        }
        "~" | "~>" if count == 0 => Vec::new(),
        "~" | "~>" => vec![
            partial.from(),
            Bound::below(partial.next((count - 1).min(1))),
        ],
        "" | "=" | "==" => same(&partial),
        "<" | "<=" | ">" | ">=" => compared(term.operator, &partial),
        _ => return None,
    })
}

/// A version, or all that share the numbers before a wildcard.
fn same(partial: &Partial) -> Vec<Bound> {
    match partial.given.len() {
        0 => Vec::new(),
        3 => vec![Bound::new(
            Comparator::Equal,
            partial.floor(),
            partial.pre.clone(),
        )],
        count => vec![partial.from(), Bound::below(partial.next(count - 1))],
    }
}

/// A wildcard after a comparator takes the end of its span that the comparator means: `<=1.x` is `<2.0.0-0`.
fn compared(operator: &str, partial: &Partial) -> Vec<Bound> {
    let (floor, count) = (partial.floor(), partial.given.len());
    let bound = match (operator, count) {
        ("<" | ">", 0) => Bound::below([0, 0, 0]), // Nothing is below or above everything.
        (_, 0) => return Vec::new(),
        ("<", 3) => Bound::new(Comparator::Less, floor, partial.pre.clone()),
        ("<", _) => Bound::below(floor),
        ("<=", 3) => Bound::new(Comparator::LessOrEqual, floor, partial.pre.clone()),
        ("<=", _) => Bound::below(partial.next(count - 1)),
        (">", 3) => Bound::new(Comparator::Greater, floor, partial.pre.clone()),
        (">", _) => Bound::new(
            Comparator::GreaterOrEqual,
            partial.next(count - 1),
            Vec::new(),
        ),
        _ => partial.from(),
    };
    vec![bound]
}
