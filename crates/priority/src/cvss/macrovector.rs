//! What is the score of a macrovector, and how far down from it is a vector?
//!
//! CVSS 4.0, specification document version 1.2, section 8.2. The scores, the worst vectors of each set and the
//! sets' depths are data under `data/`.

use super::Score;
use super::v4::{Levels, METRICS};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The sets within which a vector has a distance from the worst. Set 5 has one metric, so none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    One,
    Two,
    ThreeSix,
    Four,
}

/// A common multiple of all depths (1, 2, 4, 5, 6, 7, 8, 10), so that shares of them stay integers.
const PARTS: i128 = 840;

/// `data/cvss-4.0.json`, made ready.
struct Table {
    scores: BTreeMap<[u8; 6], i128>,
    worst: Vec<Worst>,
}

/// The worst vectors of one set at one place.
struct Worst {
    set: Set,
    /// One digit of the macrovector; for sets 3 and 6 both.
    digits: Vec<u8>,
    /// As levels, in the order of [`Levels::group`].
    vectors: Vec<Vec<u8>>,
    /// Steps from there to the least severe vector.
    depth: i128,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let raw: RawTable = serde_json::from_str(include_str!("../../data/cvss-4.0.json"))
        .expect("our own data, read by every test");
    Table::from(raw)
});

/// The score of a vector that is not harmless.
pub(super) fn interpolate(levels: &Levels) -> Score {
    TABLE.interpolate(levels)
}

impl Table {
    fn interpolate(&self, levels: &Levels) -> Score {
        let sets = levels.sets();
        let Some(&top) = self.scores.get(&sets) else {
            return Score(0);
        };
        let mut below = 0;
        let mut counted = 0;
        for set in [Set::One, Set::Two, Set::ThreeSix, Set::Four] {
            if let Some(next) = self.next_lower(set, sets) {
                counted += 1;
                below += (top - next) * self.share(set, sets, levels);
            }
        }
        // Set 5 is always at its worst: it counts, and takes nothing away.
        counted += i128::from(self.scores.contains_key(&lowered(sets, &[4])));
        let parts = PARTS * counted.max(1);
        Score::from_tenths((2 * (top * parts - below) + parts).div_euclid(2 * parts))
    }

    /// The score of the next lower macrovector along one set, if there is any.
    fn next_lower(&self, set: Set, sets: [u8; 6]) -> Option<i128> {
        let at = |places: &[usize]| self.scores.get(&lowered(sets, places)).copied();
        match (set, sets[2], sets[5]) {
            (Set::One, ..) => at(&[0]),
            (Set::Two, ..) => at(&[1]),
            (Set::Four, ..) => at(&[3]),
            // Two ways down: the higher score is the nearer one.
            (Set::ThreeSix, 0, 0) => at(&[2]).max(at(&[5])),
            (Set::ThreeSix, 0 | 1, 1) => at(&[2]),
            (Set::ThreeSix, 1, 0) => at(&[5]),
            (Set::ThreeSix, ..) => at(&[2, 5]),
        }
    }

    /// How much of the set's depth the vector has gone, in [`PARTS`].
    fn share(&self, set: Set, sets: [u8; 6], levels: &Levels) -> i128 {
        let digits = match set {
            Set::One => vec![sets[0]],
            Set::Two => vec![sets[1]],
            Set::ThreeSix => vec![sets[2], sets[5]],
            Set::Four => vec![sets[3]],
        };
        let here = levels.group(set);
        let known = self
            .worst
            .iter()
            .find(|worst| worst.set == set && worst.digits == digits);
        let Some(worst) = known else { return 0 };
        let steps = worst
            .vectors
            .iter()
            .find_map(|vector| distance(&here, vector));
        steps.unwrap_or(0) * PARTS / worst.depth
    }
}

fn lowered(mut sets: [u8; 6], places: &[usize]) -> [u8; 6] {
    for &place in places {
        sets[place] += 1;
    }
    sets
}

/// Steps from `worst` down to `here`; none if `here` is worse in any metric.
fn distance(here: &[u8], worst: &[u8]) -> Option<i128> {
    here.iter()
        .zip(worst)
        .map(|(here, worst)| here.checked_sub(*worst).map(i128::from))
        .sum()
}

#[derive(Deserialize)]
struct RawTable {
    scores: BTreeMap<String, i128>,
    highest: RawSets<String>,
    depth: RawDepth,
}

#[derive(Deserialize)]
struct RawSets<T> {
    eq1: Vec<Vec<T>>,
    eq2: Vec<Vec<T>>,
    eq3eq6: BTreeMap<String, Vec<T>>,
    eq4: Vec<Vec<T>>,
}

#[derive(Deserialize)]
struct RawDepth {
    eq1: Vec<i128>,
    eq2: Vec<i128>,
    eq3eq6: BTreeMap<String, i128>,
    eq4: Vec<i128>,
}

impl From<RawTable> for Table {
    fn from(raw: RawTable) -> Table {
        let scores = raw.scores.iter().filter_map(|(name, score)| {
            let digits: [u8; 6] = digits(name).try_into().ok()?;
            Some((digits, *score))
        });
        let mut all = Vec::new();
        for (set, worst, depths) in [
            (Set::One, &raw.highest.eq1, &raw.depth.eq1),
            (Set::Two, &raw.highest.eq2, &raw.depth.eq2),
            (Set::Four, &raw.highest.eq4, &raw.depth.eq4),
        ] {
            for (digit, (worst, depth)) in (0_u8..).zip(worst.iter().zip(depths)) {
                all.push(Worst::of(set, vec![digit], worst, *depth));
            }
        }
        for (name, worst) in &raw.highest.eq3eq6 {
            let depth = raw.depth.eq3eq6.get(name).copied().unwrap_or(1);
            all.push(Worst::of(Set::ThreeSix, digits(name), worst, depth));
        }
        Table {
            scores: scores.collect(),
            worst: all,
        }
    }
}

impl Worst {
    fn of(set: Set, digits: Vec<u8>, worst: &[String], depth: i128) -> Worst {
        Worst {
            set,
            digits,
            vectors: levels_of(set, worst),
            depth,
        }
    }
}

fn digits(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| byte.wrapping_sub(b'0')).collect()
}

/// Parts of vectors such as `AV:N/PR:N/UI:N` as levels.
fn levels_of(set: Set, worst: &[String]) -> Vec<Vec<u8>> {
    worst
        .iter()
        .map(|part| part.split('/').map(|pair| level_of(set, pair)).collect())
        .collect()
}

fn level_of(set: Set, pair: &str) -> u8 {
    let (name, value) = pair
        .split_once(':')
        .expect("our own data, read by every test");
    let values: &[&str] = match (set, name) {
        (Set::Four, _) => &["S", "H", "L", "N"],
        (_, "CR" | "IR" | "AR") => &["H", "M", "L"],
        _ => METRICS
            .iter()
            .find(|metric| metric.name == name)
            .map_or(&[], |metric| metric.values),
    };
    let place = values.iter().position(|known| *known == value);
    u8::try_from(place.expect("our own data, read by every test")).expect("a handful of values")
}
