//! Rate: a share that is committed to, decided by and shown, in whole millionths.
//!
//! Commitments hold no fractions (see [`crate::jcs`]), so a rate is written as a decimal text, `"0.3"`. Computed bounds
//! are rounded outwards: a rounded bound never claims more than the exact one.

use std::fmt;
use std::str::FromStr;

use names::Problems;
use serde::{Deserialize, Serialize};

const WHOLE: u32 = 1_000_000;

/// From 0 to 1, in millionths.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct Rate(u32);

impl Rate {
    pub const ZERO: Rate = Rate(0);
    pub const ONE: Rate = Rate(WHOLE);

    /// `value`, or the next lower millionth.
    pub fn down(value: f64) -> Rate {
        Rate::from((value * f64::from(WHOLE)).floor())
    }

    /// `value`, or the next higher millionth.
    pub fn up(value: f64) -> Rate {
        Rate::from((value * f64::from(WHOLE)).ceil())
    }

    /// The nearest millionth to `value`.
    pub fn near(value: f64) -> Rate {
        Rate::from((value * f64::from(WHOLE)).round())
    }

    fn from(millionths: f64) -> Rate {
        // A NaN becomes zero.
        Rate(millionths.clamp(0.0, f64::from(WHOLE)) as u32)
    }

    pub fn value(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }

    /// `count` of `all`, as a share.
    pub fn of(count: u32, all: u32) -> Rate {
        Rate::near(f64::from(count) / f64::from(all))
    }

    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= WHOLE {
            return out.write_str("1");
        }
        let digits = format!("{:06}", self.0);
        match digits.trim_end_matches('0') {
            "" => out.write_str("0"),
            digits => write!(out, "0.{digits}"),
        }
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> String {
        rate.to_string()
    }
}

impl TryFrom<String> for Rate {
    type Error = Problems;

    fn try_from(text: String) -> Result<Rate, Problems> {
        text.parse()
    }
}

impl FromStr for Rate {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Rate, Problems> {
        read(text).ok_or_else(|| {
            Problems::one(format!(
                "`{text}` is no rate; write a decimal from `0` to `1` with at most six digits, such as `0.3`"
            ))
        })
    }
}

fn read(text: &str) -> Option<Rate> {
    match text {
        "0" => return Some(Rate::ZERO),
        "1" => return Some(Rate::ONE),
        _ => {}
    }
    let digits = text.strip_prefix("0.")?;
    let is_decimal =
        (1..=6).contains(&digits.len()) && digits.bytes().all(|one| one.is_ascii_digit());
    is_decimal
        .then(|| format!("{digits:0<6}").parse().ok().map(Rate))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_printed() {
        for text in ["0", "1", "0.3", "0.05", "0.000001", "0.999999"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!("0.30".parse::<Rate>().unwrap().to_string(), "0.3");
        for wrong in [
            "",
            "1.0",
            "0.",
            ".3",
            "0.1234567",
            "-0.1",
            "30%",
            "0,3",
            "2",
        ] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_bound_is_rounded_outwards() {
        assert_eq!(Rate::down(0.123_456_7).to_string(), "0.123456");
        assert_eq!(Rate::up(0.123_456_1).to_string(), "0.123457");
        assert_eq!((Rate::down(-0.5), Rate::up(1.5)), (Rate::ZERO, Rate::ONE));
        assert_eq!(Rate::near(f64::NAN), Rate::ZERO);
    }
}
