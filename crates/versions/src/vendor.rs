//! What vendors print on devices: `V3.2 SP1`, `R12 build 7`, `15.2(7)E4`, `2.10.0.4`, `2023-05-01`.
//!
//! Nobody has defined this order, so it is ours, and conservative: a string whose shape is not understood has
//! no key, and two strings of different shape are never compared, however their bytes sort.
//!
//! Understood, without regard to case:
//! - words in front that say only "a version follows": `v`, `ver`, `version`, `fw`, `firmware`, `sw`, `software`,
//!   `rel`, `release`; `r`, `rev` or `revision` and `build` also say what is counted, and make a shape each;
//! - numbers with dots, trailing zeros not counting (`3.2` is `3.2.0`), then perhaps one letter (`1.0.3b` follows
//!   `1.0.3`);
//! - or Cisco's `10.4(3)` and `15.2(7)E4`, where the letters behind the bracket are the train, and a shape each;
//! - or an ISO date;
//! - a number without dots of five digits or more, which is a build or a date and never compared with `3.2`;
//! - then qualifiers, each with numbers: `dev`, `alpha`, `beta` and `rc` precede the plain version, in this order;
//!   `build`, `patch`, `hotfix`, `update`, `sp`, `r` and `s` follow it.
//!
//! Not compared: different shapes; different qualifiers that both follow the plain version (`3.2 SP1`, `3.2
//! Update 1`); and numbers of which one begins with a zero, where a decimal reading would turn the order round
//! (`1.05` and `1.5`: some vendors mean a half). So [`compare`] is a partial order, and keys, which sort all strings
//! somehow, must not decide a match alone: use [`crate::contains`], which answers `Unknown`, or
//! ask [`comparable`] first.
//!
//! Key: the shape, numbers and an end, a letter, the bracket, qualifiers and an end, and last the
//! leading zeros, so that `1.05` and `1.5` are not one version.

mod read;

use std::cmp::Ordering;

use crate::encode;
use read::read;

const END: u8 = 0x01;
const NOTHING: u8 = 0x01;
/// Where no further qualifier follows: between `rc` and `build`.
const NO_QUALIFIER: u8 = 0x04;

/// What a version string counts. Strings of different shape are not compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Numbers with dots.
    Numbers,
    /// `R12`, `Rev 3`.
    Revision,
    /// `Build 1234`, `20230501`.
    Build,
    /// `2023-05-01`.
    Date,
    /// `15.2(7)E4`, with the letters of its train, in lower case; empty for `10.4(3)`.
    Train(String),
}

#[derive(Debug)]
struct Parts<'a> {
    shape: Shape,
    numbers: Vec<&'a [u8]>,
    letter: Option<u8>,
    /// The numbers and letter within a bracket, and the number and letter behind its train.
    bracket: [(Vec<&'a [u8]>, Option<u8>); 2],
    qualifiers: Vec<(u8, Vec<&'a [u8]>)>,
}

/// The shape of `version`, or `None` where it is not understood.
pub fn shape(version: &str) -> Option<Shape> {
    let lower = version.trim_ascii().to_ascii_lowercase();
    Some(read(&lower)?.shape)
}

/// Whether the order of `a` and `b` means anything.
pub fn comparable(a: &str, b: &str) -> bool {
    compare(a, b).is_some()
}

/// Appends the key of `version`.
pub(crate) fn key_into(version: &str, out: &mut Vec<u8>) -> Option<()> {
    let lower = version.to_ascii_lowercase();
    let parts = read(&lower)?;
    let shape = match &parts.shape {
        Shape::Numbers => 1,
        Shape::Revision => 2,
        Shape::Build => 3,
        Shape::Date => 4,
        Shape::Train(_) => 5,
    };
    out.push(shape);
    if let Shape::Train(train) = &parts.shape {
        encode::text(train.as_bytes(), out);
    }
    numbers_into(&parts.numbers, out);
    out.push(parts.letter.unwrap_or(NOTHING));
    for (numbers, letter) in &parts.bracket {
        numbers_into(numbers, out);
        out.push(letter.unwrap_or(NOTHING));
    }
    for (place, numbers) in &parts.qualifiers {
        out.push(*place);
        numbers_into(numbers, out);
    }
    out.push(NO_QUALIFIER);
    zeros_into(&parts, out);
    Some(())
}

fn numbers_into(numbers: &[&[u8]], out: &mut Vec<u8>) {
    for digits in numbers {
        encode::number(digits, out);
    }
    out.push(END);
}

/// Writes where numbers begin with zeros, and with how many.
fn zeros_into(parts: &Parts<'_>, out: &mut Vec<u8>) {
    for (list, numbers) in parts.lists().enumerate() {
        for (at, digits) in numbers.iter().enumerate() {
            let zeros = digits.len() - encode::strip_zeros(digits).len();
            if at > 0 && zeros > 0 && !encode::is_zero(digits) {
                for value in [list, at, zeros] {
                    encode::integer(value as u64, out);
                }
            }
        }
    }
}

/// How `a` stands to `b`; `None` where either is not understood or the two must not be compared.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (
        a.trim_ascii().to_ascii_lowercase(),
        b.trim_ascii().to_ascii_lowercase(),
    );
    let (a, b) = (read(&a)?, read(&b)?);
    if a.shape != b.shape {
        return None;
    }
    let mut order = compare_lists(&a.numbers, &b.numbers)?.then(a.letter.cmp(&b.letter));
    for ((m, x), (n, y)) in a.bracket.iter().zip(&b.bracket) {
        if order.is_eq() {
            order = compare_lists(m, n)?.then(x.cmp(y));
        }
    }
    match order {
        Ordering::Equal => compare_qualifiers(&a.qualifiers, &b.qualifiers),
        order => Some(order),
    }
}

fn compare_qualifiers(a: &[(u8, Vec<&[u8]>)], b: &[(u8, Vec<&[u8]>)]) -> Option<Ordering> {
    for at in 0..=a.len().max(b.len()) {
        let (left, right) = (a.get(at), b.get(at));
        let place = |one: Option<&(u8, Vec<&[u8]>)>| one.map_or(NO_QUALIFIER, |one| one.0);
        let (x, y) = (place(left), place(right));
        if x != y {
            // Nobody said whether a hotfix or an update comes later.
            return (x.min(y) <= NO_QUALIFIER).then(|| x.cmp(&y));
        }
        if let (Some((_, left)), Some((_, right))) = (left, right) {
            let order = compare_lists(left, right)?;
            if order.is_ne() {
                return Some(order);
            }
        }
    }
    Some(Ordering::Equal)
}

/// Number by number; `None` where the first that differ begin with a zero and two readings disagree.
fn compare_lists(a: &[&[u8]], b: &[&[u8]]) -> Option<Ordering> {
    for (at, (a, b)) in a.iter().zip(b).enumerate() {
        let order = encode::compare_numbers(a, b);
        let led = |digits: &[u8]| digits.len() > 1 && digits.starts_with(b"0");
        if at > 0 && (led(a) || led(b)) && as_fraction(a).cmp(as_fraction(b)) != order {
            return None;
        }
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(a.len().cmp(&b.len()))
}

/// Digits as they stand behind a decimal point.
fn as_fraction(digits: &[u8]) -> &[u8] {
    let end = digits.iter().rposition(|byte| *byte != b'0');
    digits.split_at(end.map_or(0, |last| last + 1)).0
}

impl<'a> Parts<'a> {
    fn lists(&self) -> impl Iterator<Item = &Vec<&'a [u8]>> {
        let brackets = self.bracket.iter().map(|bracket| &bracket.0);
        let qualifiers = self.qualifiers.iter().map(|qualifier| &qualifier.1);
        std::iter::once(&self.numbers)
            .chain(brackets)
            .chain(qualifiers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scheme, key};

    fn ascends(versions: &[&str]) {
        for pair in versions.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
            assert_eq!(
                compare(pair[1], pair[0]),
                Some(Ordering::Greater),
                "{pair:?}"
            );
            assert!(
                key(Scheme::Vendor, pair[0]) < key(Scheme::Vendor, pair[1]),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn qualifiers_stand_around_the_plain_version() {
        ascends(&[
            "3.2-dev1",
            "3.2 alpha",
            "3.2 beta 1",
            "V3.2 RC1",
            "3.2",
            "3.2 SP1",
            "3.2 SP1 HF2",
            "V3.2 SP 2",
            "3.2.1",
        ]);
        ascends(&["4.2", "4.2 Update 1", "4.2 Update 3", "4.2 U10"]);
        ascends(&["R12", "R12 build 7", "r12, Build 10", "Rev. 13"]);
        ascends(&["21.4R3", "21.4R3-S5", "21.4R3-S10", "21.4R10"]);
    }

    #[test]
    fn numbers_letters_brackets_and_dates_ascend() {
        ascends(&[
            "2.9",
            "2.10.0.4",
            "FW 2.10.1",
            "Version 2.10.1a",
            "2.10.1b",
            "Firmware: 3",
        ]);
        ascends(&[
            "15.2(4)E",
            "15.2(7)E",
            "15.2(7)E4",
            "15.2(7)E10",
            "15.3(1)E",
        ]);
        ascends(&["10.3(9)", "10.4(3)", "10.4(3a)", "10.4(10)"]);
        ascends(&["2022-12-31", "2023-05-01"]);
        ascends(&["Build 999", "build 1234"]);
    }

    #[test]
    fn different_shapes_are_not_compared() {
        for (a, b) in [
            ("R12 build 7", "3.2"),
            ("Build 1234", "1.2"),
            ("2023-05-01", "2023.5"),
            ("15.2(7)E4", "15.2(7)S1"),
            ("3.2 SP1", "3.2 Update 1"),
            ("1.05", "1.5"),
            ("1.09", "1.5"),
            ("10.4(3)", "10.4.3"),
            ("20230501", "3.2"),
            ("3.2 U1", "3.2 build 5"),
        ] {
            assert!(
                key(Scheme::Vendor, a).is_some() && key(Scheme::Vendor, b).is_some(),
                "{a} {b}"
            );
            assert_eq!(compare(a, b), None, "{a} {b}");
            assert_ne!(key(Scheme::Vendor, a), key(Scheme::Vendor, b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_not_understood_has_no_key() {
        for text in [
            "",
            "latest",
            "all versions",
            "< 3.2",
            "3.2 or later",
            "15.1X49-D150",
            "1.0b2",
            "3.x",
            "3.2 SP1a",
            ".5",
            "-3.2",
            "3.2 - 4.0",
            "3.2, 3.3",
            "3.2 release",
            "3.2 SP1 and SP2",
            "α1",
        ] {
            assert_eq!(key(Scheme::Vendor, text), None, "{text}");
        }
    }

    #[test]
    fn spelling_does_not_count() {
        for (a, b) in [
            ("V3.2 SP1", "version 3.2.0 Service Pack 1"),
            ("R12 build 7", "rev12 (Build 7)"),
            ("FW 2.1", "v2.1"),
            ("3.2-HF4", "3.2 hotfix 4"),
            ("1.00.3", "1.0.3"),
            ("V20.2 Hot Fix 4", "20.2 HF4"),
            ("Build 20230501", "20230501"),
        ] {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a} {b}");
            assert_eq!(key(Scheme::Vendor, a), key(Scheme::Vendor, b), "{a} {b}");
        }
    }
}
