//! CVSS 3.0 (specification document of June 2015) and 3.1 (June 2019), section 7.
//!
//! What is odd: 3.1 changed two equations and no metric. It rounds up by way of hundred-thousandths, so that
//! 4.000002 from a sloppy multiplication stays 4.0, and the environmental impact of a changed scope has other
//! constants, so that it differs from the base impact even where nothing was modified.

use super::Score;
use super::decimal::{Decimal, decimal, hundredths, thousandths, whole};
use super::vector::{self, Group, Metric, metric};
use std::fmt;

const METRICS: [Metric; 22] = [
    metric("AV", &["N", "A", "L", "P"], Group::Base),
    metric("AC", &["L", "H"], Group::Base),
    metric("PR", &["N", "L", "H"], Group::Base),
    metric("UI", &["N", "R"], Group::Base),
    metric("S", &["U", "C"], Group::Base),
    metric("C", &["H", "L", "N"], Group::Base),
    metric("I", &["H", "L", "N"], Group::Base),
    metric("A", &["H", "L", "N"], Group::Base),
    metric("E", &["X", "H", "F", "P", "U"], Group::Threat),
    metric("RL", &["X", "U", "W", "T", "O"], Group::Threat),
    metric("RC", &["X", "C", "R", "U"], Group::Threat),
    metric("CR", &["X", "H", "M", "L"], Group::Environmental),
    metric("IR", &["X", "H", "M", "L"], Group::Environmental),
    metric("AR", &["X", "H", "M", "L"], Group::Environmental),
    metric("MAV", &["X", "N", "A", "L", "P"], Group::Environmental),
    metric("MAC", &["X", "L", "H"], Group::Environmental),
    metric("MPR", &["X", "N", "L", "H"], Group::Environmental),
    metric("MUI", &["X", "N", "R"], Group::Environmental),
    metric("MS", &["X", "U", "C"], Group::Environmental),
    metric("MC", &["X", "H", "L", "N"], Group::Environmental),
    metric("MI", &["X", "H", "L", "N"], Group::Environmental),
    metric("MA", &["X", "H", "L", "N"], Group::Environmental),
];

/// Where the modified twin of a base metric stands: `MAV` is at 0 + 14.
const MODIFIED: usize = 14;
const REQUIREMENTS: usize = 11;

const ATTACK_VECTOR: [Decimal; 4] = [
    hundredths(85),
    hundredths(62),
    hundredths(55),
    hundredths(20),
];
const ATTACK_COMPLEXITY: [Decimal; 2] = [hundredths(77), hundredths(44)];
const PRIVILEGES_SCOPE_UNCHANGED: [Decimal; 3] = [hundredths(85), hundredths(62), hundredths(27)];
const PRIVILEGES_SCOPE_CHANGED: [Decimal; 3] = [hundredths(85), hundredths(68), hundredths(50)];
const USER_INTERACTION: [Decimal; 2] = [hundredths(85), hundredths(62)];
const IMPACT: [Decimal; 3] = [hundredths(56), hundredths(22), whole(0)];
const EXPLOIT_MATURITY: [Decimal; 5] = [
    whole(1),
    whole(1),
    hundredths(97),
    hundredths(94),
    hundredths(91),
];
const REMEDIATION: [Decimal; 5] = [
    whole(1),
    whole(1),
    hundredths(97),
    hundredths(96),
    hundredths(95),
];
const CONFIDENCE: [Decimal; 4] = [whole(1), whole(1), hundredths(96), hundredths(92)];
const REQUIREMENT: [Decimal; 4] = [whole(1), decimal(15, 1), whole(1), decimal(5, 1)];

/// Which of the two documents a vector follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    V3_0,
    V3_1,
}

impl Edition {
    /// `3.1`.
    pub fn number(self) -> &'static str {
        match self {
            Edition::V3_0 => "3.0",
            Edition::V3_1 => "3.1",
        }
    }

    pub(super) fn prefix(self) -> &'static str {
        match self {
            Edition::V3_0 => "CVSS:3.0/",
            Edition::V3_1 => "CVSS:3.1/",
        }
    }

    /// The modified impact where the scope changes.
    fn modified_impact(self, miss: Decimal) -> Decimal {
        let power = match self {
            Edition::V3_0 => miss.minus(hundredths(2)).power(15),
            Edition::V3_1 => miss.times(decimal(9731, 4)).minus(hundredths(2)).power(13),
        };
        scope_changed_impact(miss, power)
    }

    fn round_up(self, value: Decimal) -> i128 {
        match self {
            Edition::V3_0 => value.tenths_up(),
            Edition::V3_1 => value.rounded(5).tenths_up(),
        }
    }
}

/// A 3.0 or 3.1 vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct V3 {
    edition: Edition,
    values: [u8; 22],
}

impl V3 {
    pub(super) fn read(edition: Edition, pairs: &str) -> Result<V3, Vec<String>> {
        vector::read(pairs, &METRICS).map(|values| V3 { edition, values })
    }

    pub fn edition(&self) -> Edition {
        self.edition
    }

    pub fn has_temporal(&self) -> bool {
        vector::defines(&self.values, &METRICS, Group::Threat)
    }

    pub fn has_environmental(&self) -> bool {
        vector::defines(&self.values, &METRICS, Group::Environmental)
    }

    /// Section 7.1.
    pub fn base(&self) -> Score {
        let changed = self.values[4] == 1;
        let iss = joint_impact([5, 6, 7].map(|place| self.weight(&IMPACT, place)));
        let impact = match changed {
            false => hundredths(642).times(iss),
            true => scope_changed_impact(iss, iss.minus(hundredths(2)).power(15)),
        };
        Score::from_tenths(self.combined(impact, self.values, changed))
    }

    /// Section 7.2. Equals the base score where nothing temporal is defined.
    pub fn temporal(&self) -> Score {
        self.weakened(i128::from(self.base().tenths()))
    }

    /// Section 7.3, computed whether or not the vector defines an environmental metric.
    pub fn environmental(&self) -> Score {
        let values = self.modified();
        let changed = values[4] == 1;
        let impacts = [5, 6, 7].map(|place| {
            let requirement = REQUIREMENT[usize::from(self.values[place - 5 + REQUIREMENTS])];
            IMPACT[usize::from(values[place])].times(requirement)
        });
        let miss = joint_impact(impacts).at_most(thousandths(915));
        let impact = match changed {
            false => hundredths(642).times(miss),
            true => self.edition.modified_impact(miss),
        };
        self.weakened(self.combined(impact, values, changed))
    }

    /// Impact and exploitability joined, in tenths rounded up.
    fn combined(&self, impact: Decimal, values: [u8; 22], changed: bool) -> i128 {
        if !impact.is_positive() {
            return 0;
        }
        self.edition.round_up(joined(impact, &values, changed))
    }

    fn weakened(&self, tenths: i128) -> Score {
        let score = decimal(tenths, 1)
            .times(self.weight(&EXPLOIT_MATURITY, 8))
            .times(self.weight(&REMEDIATION, 9))
            .times(self.weight(&CONFIDENCE, 10));
        Score::from_tenths(self.edition.round_up(score))
    }

    /// The base metrics, each replaced by its modified twin where that is defined.
    fn modified(&self) -> [u8; 22] {
        let mut values = self.values;
        for (value, modified) in values.iter_mut().zip(&self.values[MODIFIED..]) {
            *value = modified.checked_sub(1).unwrap_or(*value);
        }
        values
    }

    fn weight<const N: usize>(&self, table: &[Decimal; N], place: usize) -> Decimal {
        table[usize::from(self.values[place])]
    }
}

/// `1 - (1 - C) * (1 - I) * (1 - A)`.
fn joint_impact(impacts: [Decimal; 3]) -> Decimal {
    let spared = impacts.into_iter().fold(whole(1), |spared, impact| {
        spared.times(whole(1).minus(impact))
    });
    whole(1).minus(spared)
}

/// `7.52 * (ISS - 0.029) - 3.25 * power`.
fn scope_changed_impact(iss: Decimal, power: Decimal) -> Decimal {
    hundredths(752)
        .times(iss.minus(thousandths(29)))
        .minus(hundredths(325).times(power))
}

/// The sum of both, weighed up where the scope changes, held at 10.
fn joined(impact: Decimal, values: &[u8; 22], changed: bool) -> Decimal {
    let sum = impact.plus(exploitability(values, changed));
    let sum = match changed {
        false => sum,
        true => hundredths(108).times(sum),
    };
    sum.at_most(decimal(100, 1))
}

/// `8.22 * AV * AC * PR * UI`; privileges weigh more where the scope changes.
fn exploitability(values: &[u8; 22], changed: bool) -> Decimal {
    let privileges = match changed {
        false => PRIVILEGES_SCOPE_UNCHANGED,
        true => PRIVILEGES_SCOPE_CHANGED,
    };
    hundredths(822)
        .times(ATTACK_VECTOR[usize::from(values[0])])
        .times(ATTACK_COMPLEXITY[usize::from(values[1])])
        .times(privileges[usize::from(values[2])])
        .times(USER_INTERACTION[usize::from(values[3])])
}

impl fmt::Display for V3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&vector::write(
            self.edition.prefix(),
            &self.values,
            &METRICS,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All impacts a metric can have after its requirement weighed in.
    fn impacts() -> Vec<Decimal> {
        IMPACT
            .iter()
            .flat_map(|impact| REQUIREMENT.map(|requirement| impact.times(requirement)))
            .collect()
    }

    fn exploitabilities() -> impl Iterator<Item = [u8; 22]> {
        (0..48_u8).map(|n| {
            let mut values = [0; 22];
            values[..4].copy_from_slice(&[n % 4, n / 4 % 2, n / 8 % 3, n / 24]);
            values
        })
    }

    #[test]
    fn no_score_is_so_near_a_turn_that_the_digits_a_power_drops_could_matter() {
        let hair = decimal(1, 15);
        let mut walked = 0_u32;
        let sets = impacts();
        for (c, i, a) in sets.iter().flat_map(|c| {
            sets.iter()
                .flat_map(move |i| impacts().into_iter().map(move |a| (*c, *i, a)))
        }) {
            let miss = joint_impact([c, i, a]).at_most(thousandths(915));
            for edition in [Edition::V3_0, Edition::V3_1] {
                let impact = edition.modified_impact(miss);
                for values in exploitabilities() {
                    let sum = joined(impact, &values, true);
                    if sum.minus(decimal(100, 1)).plus(hair).is_positive() {
                        continue;
                    }
                    walked += 1;
                    assert_eq!(
                        edition.round_up(sum.plus(hair)),
                        edition.round_up(sum.minus(hair))
                    );
                }
            }
        }
        assert!(walked > 100_000);
    }
}
