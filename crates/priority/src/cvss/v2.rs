//! CVSS 2.0, "A Complete Guide to the Common Vulnerability Scoring System", June 2007, section 3.2.
//!
//! What is odd: "not defined" is written `ND`; the adjusted impact is held at 10 while the impact itself may
//! slightly exceed it; each step (base, temporal, adjusted) is rounded before the next one uses it; an adjusted
//! base score can fall below zero, and the equations carry it on as it is.

use super::Score;
use super::decimal::{Decimal, decimal, hundredths, thousandths, whole};
use super::vector::{self, Group, Metric, metric};
use std::fmt;

const METRICS: [Metric; 14] = [
    metric("AV", &["N", "A", "L"], Group::Base),
    metric("AC", &["L", "M", "H"], Group::Base),
    metric("Au", &["N", "S", "M"], Group::Base),
    metric("C", &["C", "P", "N"], Group::Base),
    metric("I", &["C", "P", "N"], Group::Base),
    metric("A", &["C", "P", "N"], Group::Base),
    metric("E", &["ND", "H", "F", "POC", "U"], Group::Threat),
    metric("RL", &["ND", "U", "W", "TF", "OF"], Group::Threat),
    metric("RC", &["ND", "C", "UR", "UC"], Group::Threat),
    metric(
        "CDP",
        &["ND", "N", "L", "LM", "MH", "H"],
        Group::Environmental,
    ),
    metric("TD", &["ND", "H", "M", "L", "N"], Group::Environmental),
    metric("CR", &["ND", "H", "M", "L"], Group::Environmental),
    metric("IR", &["ND", "H", "M", "L"], Group::Environmental),
    metric("AR", &["ND", "H", "M", "L"], Group::Environmental),
];

const ACCESS_VECTOR: [Decimal; 3] = [whole(1), thousandths(646), thousandths(395)];
const ACCESS_COMPLEXITY: [Decimal; 3] = [hundredths(71), hundredths(61), hundredths(35)];
const AUTHENTICATION: [Decimal; 3] = [thousandths(704), hundredths(56), hundredths(45)];
const IMPACT: [Decimal; 3] = [thousandths(660), thousandths(275), whole(0)];
const EXPLOITABILITY: [Decimal; 5] = [
    whole(1),
    whole(1),
    hundredths(95),
    hundredths(90),
    hundredths(85),
];
const REMEDIATION: [Decimal; 5] = [
    whole(1),
    whole(1),
    hundredths(95),
    hundredths(90),
    hundredths(87),
];
const CONFIDENCE: [Decimal; 4] = [whole(1), whole(1), hundredths(95), hundredths(90)];
const COLLATERAL: [Decimal; 6] = [
    whole(0),
    whole(0),
    decimal(1, 1),
    decimal(3, 1),
    decimal(4, 1),
    decimal(5, 1),
];
const DISTRIBUTION: [Decimal; 5] = [whole(1), whole(1), hundredths(75), hundredths(25), whole(0)];
const REQUIREMENT: [Decimal; 4] = [whole(1), hundredths(151), whole(1), decimal(5, 1)];

/// A 2.0 vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct V2 {
    values: [u8; 14],
}

impl V2 {
    pub(super) fn read(pairs: &str) -> Result<V2, Vec<String>> {
        vector::read(pairs, &METRICS).map(|values| V2 { values })
    }

    /// From the base metrics alone.
    pub fn base(&self) -> Score {
        Score::from_tenths(self.base_from(self.impact()))
    }

    /// With the temporal metrics, where any is defined.
    pub fn temporal(&self) -> Option<Score> {
        vector::defines(&self.values, &METRICS, Group::Threat).then(|| {
            let base = self.base_from(self.impact());
            Score::from_tenths(self.temporal_from(base))
        })
    }

    /// With the environmental metrics, where any is defined.
    pub fn environmental(&self) -> Option<Score> {
        vector::defines(&self.values, &METRICS, Group::Environmental).then(|| self.adjusted())
    }

    fn adjusted(&self) -> Score {
        let temporal = decimal(
            self.temporal_from(self.base_from(self.adjusted_impact())),
            1,
        );
        let rest = whole(10).minus(temporal);
        let damaged = temporal.plus(rest.times(self.weight(&COLLATERAL, 9)));
        Score::from_tenths(
            damaged
                .times(self.weight(&DISTRIBUTION, 10))
                .tenths_half_up(),
        )
    }

    /// In tenths, from a base score in tenths.
    fn temporal_from(&self, base: i128) -> i128 {
        let score = decimal(base, 1)
            .times(self.weight(&EXPLOITABILITY, 6))
            .times(self.weight(&REMEDIATION, 7))
            .times(self.weight(&CONFIDENCE, 8));
        score.tenths_half_up()
    }

    /// In tenths: `((0.6 * Impact) + (0.4 * Exploitability) - 1.5) * f(Impact)`.
    fn base_from(&self, impact: Decimal) -> i128 {
        if !impact.is_positive() {
            return 0;
        }
        let exploitability = whole(20)
            .times(self.weight(&ACCESS_VECTOR, 0))
            .times(self.weight(&ACCESS_COMPLEXITY, 1))
            .times(self.weight(&AUTHENTICATION, 2));
        let sum = impact
            .times(decimal(6, 1))
            .plus(exploitability.times(decimal(4, 1)))
            .minus(decimal(15, 1));
        sum.times(thousandths(1176)).tenths_half_up()
    }

    fn impact(&self) -> Decimal {
        joint_impact([3, 4, 5].map(|place| self.weight(&IMPACT, place)))
    }

    fn adjusted_impact(&self) -> Decimal {
        let weighed = [(3, 11), (4, 12), (5, 13)].map(|(impact, requirement)| {
            self.weight(&IMPACT, impact)
                .times(self.weight(&REQUIREMENT, requirement))
        });
        joint_impact(weighed).at_most(whole(10))
    }

    fn weight<const N: usize>(&self, table: &[Decimal; N], place: usize) -> Decimal {
        table[usize::from(self.values[place])]
    }
}

/// `10.41 * (1 - (1 - C) * (1 - I) * (1 - A))`.
fn joint_impact(impacts: [Decimal; 3]) -> Decimal {
    let spared = impacts.into_iter().fold(whole(1), |spared, impact| {
        spared.times(whole(1).minus(impact))
    });
    hundredths(1041).times(whole(1).minus(spared))
}

impl fmt::Display for V2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&vector::write("", &self.values, &METRICS))
    }
}
