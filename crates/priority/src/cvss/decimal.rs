//! Exact decimals, just enough for the equations of CVSS 2.0 and 3.x.
//!
//! Both specifications round decimal fractions up or half up, and binary floating point gets some of them
//! wrong (8.6 times 0.95 is no multiple of a tenth of anything in binary). Here a number is an integer and a
//! count of decimals, and only [`Decimal::power`] ever drops digits.
//!
//! INVARIANT: operands come from weight tables, never from outside. The longest product is the 2.0
//! environmental score with 23 digits; `i128` holds 38.

/// `units` divided by ten to the power of `scale`.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// Decimals that a power keeps. Its error is below 15 units in the last of them, and no score of any vector
/// comes nearer than 10⁻¹⁵ to a place where rounding turns; a test in `v3` walks all of them.
const POWER_DECIMALS: u32 = 18;

/// A weight as the specification prints it: `hundredths(85)` is 0.85.
pub const fn hundredths(units: i128) -> Decimal {
    Decimal { units, scale: 2 }
}

/// `thousandths(395)` is 0.395.
pub const fn thousandths(units: i128) -> Decimal {
    Decimal { units, scale: 3 }
}

/// A whole number.
pub const fn whole(units: i128) -> Decimal {
    Decimal { units, scale: 0 }
}

/// A number with any count of decimals: `decimal(9731, 4)` is 0.9731.
pub const fn decimal(units: i128, scale: u32) -> Decimal {
    Decimal { units, scale }
}

impl Decimal {
    pub const fn times(self, other: Decimal) -> Decimal {
        Decimal {
            units: self.units * other.units,
            scale: self.scale + other.scale,
        }
    }

    pub const fn plus(self, other: Decimal) -> Decimal {
        let scale = if self.scale > other.scale {
            self.scale
        } else {
            other.scale
        };
        Decimal {
            units: self.units_at(scale) + other.units_at(scale),
            scale,
        }
    }

    pub const fn minus(self, other: Decimal) -> Decimal {
        self.plus(Decimal {
            units: -other.units,
            scale: other.scale,
        })
    }

    pub const fn at_most(self, bound: Decimal) -> Decimal {
        if self.minus(bound).units > 0 {
            bound
        } else {
            self
        }
    }

    pub const fn is_positive(self) -> bool {
        self.units > 0
    }

    /// `self` to the power of `exponent`, to [`POWER_DECIMALS`] decimals.
    pub fn power(self, exponent: u32) -> Decimal {
        let one = whole(1);
        (0..exponent).fold(one, |product, _| product.times(self).cut(POWER_DECIMALS))
    }

    /// The smallest count of tenths that is not below `self`.
    pub fn tenths_up(self) -> i128 {
        let tenth = self.tenth();
        self.units.div_euclid(tenth) + i128::from(self.units.rem_euclid(tenth) != 0)
    }

    /// The nearest count of tenths, halves up.
    pub fn tenths_half_up(self) -> i128 {
        let tenth = self.tenth();
        (2 * self.units + tenth).div_euclid(2 * tenth)
    }

    /// The nearest decimal with `scale` digits, halves up.
    pub fn rounded(self, scale: u32) -> Decimal {
        match self.scale.checked_sub(scale) {
            None | Some(0) => self,
            Some(drop) => {
                let step = 10_i128.pow(drop);
                decimal((2 * self.units + step).div_euclid(2 * step), scale)
            }
        }
    }

    fn cut(self, scale: u32) -> Decimal {
        match self.scale.checked_sub(scale) {
            None | Some(0) => self,
            Some(drop) => decimal(self.units / 10_i128.pow(drop), scale),
        }
    }

    /// How many units make a tenth. Every caller has at least one decimal.
    fn tenth(self) -> i128 {
        10_i128.pow(self.scale.saturating_sub(1))
    }

    const fn units_at(self, scale: u32) -> i128 {
        self.units * 10_i128.pow(scale - self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_up_moves_only_what_is_not_a_tenth_already() {
        assert_eq!(decimal(400, 2).tenths_up(), 40);
        assert_eq!(decimal(402, 2).tenths_up(), 41);
        assert_eq!(decimal(4_000_001, 6).tenths_up(), 41);
    }

    #[test]
    fn a_half_goes_up() {
        assert_eq!(hundredths(815).tenths_half_up(), 82);
        assert_eq!(hundredths(814).tenths_half_up(), 81);
    }

    #[test]
    fn a_power_keeps_its_sign() {
        assert!(!hundredths(-2).power(15).is_positive());
        assert!(hundredths(98).power(13).is_positive());
    }
}
