//! CVSS 4.0, specification document version 1.2, sections 7 and 8.
//!
//! What is odd: there is no equation. A vector falls into one of 270 macrovectors, six digits for six
//! equivalence sets, and a table gives the score of the worst vector in each. From there the score goes down by
//! the mean, over the sets, of how far the vector is from the worst one, as a share of the way to the next lower
//! macrovector. Sets 3 and 6 are walked as one. Threat and requirements not defined count as the worst.
//! A half is rounded up; in binary floating point some halves are lost, so all is counted in integers.
//!
//! The specification wants metrics in its order. We read any order and write its order.

use super::Score;
use super::macrovector::{self, Set};
use super::vector::{self, Group, Metric, metric};
use std::fmt;

pub(super) const PREFIX: &str = "CVSS:4.0/";

/// Values stand worst first, so that a value's place is its distance from the worst, in steps of 0.1.
pub(super) const METRICS: [Metric; 32] = [
    metric("AV", &["N", "A", "L", "P"], Group::Base),
    metric("AC", &["L", "H"], Group::Base),
    metric("AT", &["N", "P"], Group::Base),
    metric("PR", &["N", "L", "H"], Group::Base),
    metric("UI", &["N", "P", "A"], Group::Base),
    metric("VC", &["H", "L", "N"], Group::Base),
    metric("VI", &["H", "L", "N"], Group::Base),
    metric("VA", &["H", "L", "N"], Group::Base),
    metric("SC", &["H", "L", "N"], Group::Base),
    metric("SI", &["H", "L", "N"], Group::Base),
    metric("SA", &["H", "L", "N"], Group::Base),
    metric("E", &["X", "A", "P", "U"], Group::Threat),
    metric("CR", &["X", "H", "M", "L"], Group::Environmental),
    metric("IR", &["X", "H", "M", "L"], Group::Environmental),
    metric("AR", &["X", "H", "M", "L"], Group::Environmental),
    metric("MAV", &["X", "N", "A", "L", "P"], Group::Environmental),
    metric("MAC", &["X", "L", "H"], Group::Environmental),
    metric("MAT", &["X", "N", "P"], Group::Environmental),
    metric("MPR", &["X", "N", "L", "H"], Group::Environmental),
    metric("MUI", &["X", "N", "P", "A"], Group::Environmental),
    metric("MVC", &["X", "H", "L", "N"], Group::Environmental),
    metric("MVI", &["X", "H", "L", "N"], Group::Environmental),
    metric("MVA", &["X", "H", "L", "N"], Group::Environmental),
    metric("MSC", &["X", "H", "L", "N"], Group::Environmental),
    metric("MSI", &["X", "S", "H", "L", "N"], Group::Environmental),
    metric("MSA", &["X", "S", "H", "L", "N"], Group::Environmental),
    metric("S", &["X", "N", "P"], Group::Supplemental),
    metric("AU", &["X", "N", "Y"], Group::Supplemental),
    metric("R", &["X", "A", "U", "I"], Group::Supplemental),
    metric("V", &["X", "D", "C"], Group::Supplemental),
    metric("RE", &["X", "L", "M", "H"], Group::Supplemental),
    metric(
        "U",
        &["X", "Clear", "Green", "Amber", "Red"],
        Group::Supplemental,
    ),
];

const E: usize = 11;
/// Where the modified twins begin: `MAV` is at 0 + 15.
const MODIFIED: usize = 15;

/// How a score is to be named, by what went into it (section 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nomenclature {
    Base,
    BaseThreat,
    BaseEnvironmental,
    BaseThreatEnvironmental,
}

impl fmt::Display for Nomenclature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Nomenclature::Base => "CVSS-B",
            Nomenclature::BaseThreat => "CVSS-BT",
            Nomenclature::BaseEnvironmental => "CVSS-BE",
            Nomenclature::BaseThreatEnvironmental => "CVSS-BTE",
        })
    }
}

/// A 4.0 vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct V4 {
    values: [u8; 32],
}

impl V4 {
    pub(super) fn read(pairs: &str) -> Result<V4, Vec<String>> {
        vector::read(pairs, &METRICS).map(|values| V4 { values })
    }

    pub fn has_threat(&self) -> bool {
        vector::defines(&self.values, &METRICS, Group::Threat)
    }

    pub fn has_environmental(&self) -> bool {
        vector::defines(&self.values, &METRICS, Group::Environmental)
    }

    pub fn nomenclature(&self) -> Nomenclature {
        match (self.has_threat(), self.has_environmental()) {
            (false, false) => Nomenclature::Base,
            (true, false) => Nomenclature::BaseThreat,
            (false, true) => Nomenclature::BaseEnvironmental,
            (true, true) => Nomenclature::BaseThreatEnvironmental,
        }
    }

    /// From all that the vector says.
    pub fn score(&self) -> Score {
        Levels::of(&self.values).score()
    }

    /// From the base metrics alone.
    pub fn base(&self) -> Score {
        self.without(&[Group::Threat, Group::Environmental]).score()
    }

    /// From base and threat metrics.
    pub fn threat(&self) -> Score {
        self.without(&[Group::Environmental]).score()
    }

    /// The six digits, `001100`.
    pub fn macrovector(&self) -> String {
        let [eq1, eq2, eq3, eq4, eq5, eq6] = Levels::of(&self.values).sets();
        format!("{eq1}{eq2}{eq3}{eq4}{eq5}{eq6}")
    }

    fn without(mut self, groups: &[Group]) -> V4 {
        for (metric, value) in METRICS.iter().zip(&mut self.values) {
            if groups.contains(&metric.group) {
                *value = 0;
            }
        }
        self
    }
}

impl fmt::Display for V4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&vector::write(PREFIX, &self.values, &METRICS))
    }
}

/// How far each metric in effect is from its worst value.
#[derive(Clone, Copy)]
pub(super) struct Levels {
    av: u8,
    ac: u8,
    at: u8,
    pr: u8,
    ui: u8,
    /// VC, VI, VA: high, low, none.
    vulnerable: [u8; 3],
    /// SC, SI, SA: safety, high, low, none.
    subsequent: [u8; 3],
    /// Attacked, proof of concept, unreported.
    e: u8,
    /// CR, IR, AR: high, medium, low.
    requirements: [u8; 3],
}

const HIGH: u8 = 0;
const SAFETY: u8 = 0;
const SUBSEQUENT_HIGH: u8 = 1;
const SUBSEQUENT_NONE: u8 = 3;
const NONE: u8 = 2;

impl Levels {
    fn of(values: &[u8; 32]) -> Levels {
        let level = |place: usize| {
            values[place + MODIFIED]
                .checked_sub(1)
                .unwrap_or(values[place])
        };
        // Safety stands before high only where the metric is modified.
        let subsequent = |place: usize| match values[place + MODIFIED].checked_sub(1) {
            Some(modified) => modified + u8::from(place == 8),
            None => values[place] + 1,
        };
        Levels {
            av: level(0),
            ac: level(1),
            at: level(2),
            pr: level(3),
            ui: level(4),
            vulnerable: [level(5), level(6), level(7)],
            subsequent: [subsequent(8), subsequent(9), subsequent(10)],
            e: values[E].saturating_sub(1),
            requirements: [12, 13, 14].map(|place| values[place].saturating_sub(1)),
        }
    }

    /// The equivalence sets, tables 24 to 29.
    pub(super) fn sets(&self) -> [u8; 6] {
        [
            self.set_1(),
            u8::from((self.ac, self.at) != (HIGH, HIGH)),
            self.set_3(),
            self.set_4(),
            self.e,
            self.set_6(),
        ]
    }

    fn set_1(&self) -> u8 {
        let worst = [self.av, self.pr, self.ui].map(|level| level == 0);
        match worst {
            [true, true, true] => 0,
            _ if self.av != 3 && worst.contains(&true) => 1,
            _ => 2,
        }
    }

    fn set_3(&self) -> u8 {
        match self.vulnerable {
            [HIGH, HIGH, _] => 0,
            impacts if impacts.contains(&HIGH) => 1,
            _ => 2,
        }
    }

    fn set_4(&self) -> u8 {
        if self.subsequent[1..].contains(&SAFETY) {
            0
        } else if self.subsequent.contains(&SUBSEQUENT_HIGH) {
            1
        } else {
            2
        }
    }

    fn set_6(&self) -> u8 {
        let worst = self.requirements.iter().zip(&self.vulnerable);
        u8::from(!worst.into_iter().any(|pair| pair == (&HIGH, &HIGH)))
    }

    fn score(&self) -> Score {
        let harmless = self.vulnerable == [NONE; 3] && self.subsequent == [SUBSEQUENT_NONE; 3];
        if harmless {
            return Score(0);
        }
        macrovector::interpolate(self)
    }

    pub(super) fn group(&self, set: Set) -> Vec<u8> {
        match set {
            Set::One => vec![self.av, self.pr, self.ui],
            Set::Two => vec![self.ac, self.at],
            Set::ThreeSix => [self.vulnerable, self.requirements].concat(),
            Set::Four => self.subsequent.to_vec(),
        }
    }
}
