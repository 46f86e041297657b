//! Conan 2: `item{.item}[-pre][+build]`.
//!
//! Source: the Conan documentation, "Versions", and its `Version` class. Odd about it: an item may be a word;
//! trailing zeros fall away (`1` is `1.0.0`); the build counts, and none precedes any; a pre-release is a version
//! itself and may have a pre-release of its own, as may a build.
//!
//! Not a total order: a word and a number are compared as text and two numbers by value, so `3` < `20` < `2a` <
//! `3`. Decided: an item is compared by the number it begins with, then by the text behind it (`2a` follows `2` and
//! precedes `3`); an item that begins with no digit sorts after all that do if it begins with a letter,
//! and before them if with anything less.
//!
//! Key: items, `END`, a marker for a pre-release and the same again, a marker for a build and the same again.

use std::cmp::Ordering;

use crate::encode;

const END: u8 = 0x01;
const EARLY_WORD: u8 = 0x05;
const LATE_WORD: u8 = 0xE0;
const PRE: u8 = 0x01;
const NO_PRE: u8 = 0x02;
const NO_BUILD: u8 = 0x01;
const BUILD: u8 = 0x02;

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let (version, build) = split(version)?;
    items_and_pre_into(version, out);
    match build {
        None => out.push(NO_BUILD),
        Some(build) => {
            out.push(BUILD);
            items_and_pre_into(build, out);
        }
    }
    Some(())
}

/// How `a` stands to `b`: items, then pre-releases, then builds.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let ((a, a_build), (b, b_build)) = (split(a)?, split(b)?);
    let builds = || match (a_build, b_build) {
        (Some(a), Some(b)) => compare_items_and_pre(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    Some(compare_items_and_pre(a, b).then_with(builds))
}

/// Splits the build off; a word before any number (`latest`) is no version, though a pre-release may be one.
fn split(version: &str) -> Option<(&[u8], Option<&[u8]>)> {
    let good = version.bytes().all(|byte| byte.is_ascii_graphic());
    let split = match version.rsplit_once('+') {
        Some((version, build)) => (version.as_bytes(), Some(build.as_bytes())),
        None => (version.as_bytes(), None),
    };
    good.then_some(split)
}

fn items_and_pre_into(version: &[u8], out: &mut Vec<u8>) {
    for (at, level) in version.split(|byte| *byte == b'-').enumerate() {
        if at > 0 {
            out.push(PRE);
        }
        for item in trim(level).split(|byte| *byte == b'.') {
            item_into(item, out);
        }
        out.push(END);
    }
    out.push(NO_PRE);
}

fn item_into(item: &[u8], out: &mut Vec<u8>) {
    let mut rest = item;
    let digits = encode::take_digits(&mut rest);
    if !digits.is_empty() {
        encode::number(digits, out);
    } else if item.first() < Some(&b'0') {
        out.push(EARLY_WORD);
    } else {
        out.push(LATE_WORD);
    }
    encode::text(rest, out);
}

fn compare_items_and_pre(a: &[u8], b: &[u8]) -> Ordering {
    let mut a = a.split(|byte| *byte == b'-');
    let mut b = b.split(|byte| *byte == b'-');
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            // One has a pre-release where the other has none left.
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => compare_items(trim(a), trim(b)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_items(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (a.split(|byte| *byte == b'.'), b.split(|byte| *byte == b'.'));
    a.map(Item::of).cmp(b.map(Item::of))
}

/// An item taken apart, in the decided order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Item<'a> {
    Early(&'a [u8]),
    /// Digits without leading zeros, by length and then by text, and what is behind them.
    Number(usize, &'a [u8], &'a [u8]),
    Late(&'a [u8]),
}

impl Item<'_> {
    fn of(item: &[u8]) -> Item<'_> {
        let mut rest = item;
        let digits = encode::take_digits(&mut rest);
        let value = encode::strip_zeros(digits);
        match item.first() {
            _ if !digits.is_empty() => Item::Number(value.len(), value, rest),
            Some(first) if *first >= b'0' => Item::Late(rest),
            _ => Item::Early(rest),
        }
    }
}

/// `level` without its trailing zero items; the first item stays.
fn trim(level: &[u8]) -> &[u8] {
    let mut rest = level;
    while let Some(dot) = rest.iter().rposition(|byte| *byte == b'.') {
        let (head, tail) = rest.split_at(dot);
        let item = tail.split_at(1).1;
        if !encode::is_number(item) || !encode::is_zero(item) {
            break;
        }
        rest = head;
    }
    rest
}

#[cfg(test)]
mod tests {
    use crate::{Scheme, key};

    #[test]
    fn pre_releases_precede_and_builds_follow() {
        let versions = [
            "1.1-",
            "1.1-alpha.3",
            "1.1-alpha.3+b1",
            "1.1-alpha.22",
            "1.1-pre1",
            "1.1",
            "1.1+b1",
            "1.1+b2",
            "1.1.1",
            "1.1*",
            "1.2",
            "1.20",
            "1.a",
            "a.b",
        ];
        let keys: Vec<_> = versions.iter().map(|v| key(Scheme::Conan, v)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }

    #[test]
    fn trailing_zeros_fall_away_at_every_level() {
        for (a, b) in [
            ("1", "1.0.0.0"),
            ("1-pre1+b1", "1.0.0-pre1+b1"),
            ("1-a.0", "1-a"),
        ] {
            assert_eq!(key(Scheme::Conan, a), key(Scheme::Conan, b), "{a} {b}");
        }
    }
}
